import type { Machine } from './machine.js';
import type { BenchRow } from './suite.js';

export interface SuiteReport {
  readonly name: string;
  readonly rows: readonly BenchRow[];
  readonly notes: readonly string[];
}

/** What a run of the bench writes with --json and to bench/results/, and reads with --compare. */
export interface BenchReport {
  readonly schema: 'depthmill-bench/1';
  readonly size: string;
  /** When it was written, UTC, ISO 8601. */
  readonly takenAt: string;
  readonly machine: Machine;
  readonly suites: readonly SuiteReport[];
}

/** A ratio may fall, or a time ratio grow, by this share before a comparison fails. */
const FALL_MAX = 0.1;

export function cell(value: number | undefined): string {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** Names of the columns that any row has, and each row's cells: figures and then ratios. */
export function cellsOf(rows: readonly BenchRow[]): { columns: string[]; cells: string[][] } {
  const namesOf = (of: (row: BenchRow) => Readonly<Record<string, number>> | undefined) => [
    ...new Set(rows.flatMap((row) => Object.keys(of(row) ?? {}))),
  ];
  const figures = namesOf((row) => row.figures);
  const ratios = namesOf((row) => row.ratios);
  const timeRatios = namesOf((row) => row.timeRatios);
  const cells = rows.map((row) => [
    row.name,
    ...figures.map((name) => cell(row.figures[name])),
    ...ratios.map((name) => cell(row.ratios[name])),
    ...timeRatios.map((name) => cell(row.timeRatios?.[name])),
  ]);
  return { columns: ['', ...figures, ...ratios, ...timeRatios], cells };
}

/** The rows as a table of plain text: a line each. */
export function tableOf(rows: readonly BenchRow[]): string {
  const { columns, cells } = cellsOf(rows);
  const lines = [columns, ...cells];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * A sentence for each ratio of `before` that is gone or fell by more than a tenth, and for each
 * time ratio that grew so. What noise took away now is no fall: its suite's notes name it.
 */
export function fallenRatios(before: BenchReport, after: BenchReport): string[] {
  const found: string[] = [];
  for (const suite of before.suites) {
    const suiteAfter = after.suites.find(({ name }) => name === suite.name);
    // A run of some suites (--only) says nothing about the others.
    if (suiteAfter === undefined) continue;
    for (const row of suite.rows) {
      const rowAfter = suiteAfter.rows.find(({ name }) => name === row.name);
      const where = `${suite.name}: ${row.name}`;
      const isNoisy = suiteAfter.notes.some((note) => note.startsWith(`${row.name}: the machine`));
      const isFallen = (was: number, now: number): boolean => now < was * (1 - FALL_MAX);
      const isGrown = (was: number, now: number): boolean => now > was * (1 + FALL_MAX);
      const compare = (
        was: Readonly<Record<string, number>>,
        now: Readonly<Record<string, number>>,
        isWorse: (was: number, now: number) => boolean,
        verb: string,
      ): void => {
        for (const [name, value] of Object.entries(was)) {
          const other = now[name];
          if (other === undefined) {
            if (isNoisy) continue;
            found.push(`${where}: ${name} was ${cell(value)} and is not measured now.`);
          } else if (isWorse(value, other)) {
            found.push(`${where}: ${name} ${verb} from ${cell(value)} to ${cell(other)}.`);
          }
        }
      };
      compare(row.ratios, rowAfter?.ratios ?? {}, isFallen, 'fell');
      compare(row.timeRatios ?? {}, rowAfter?.timeRatios ?? {}, isGrown, 'grew');
    }
  }
  return found;
}
