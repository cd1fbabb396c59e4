import type { BenchRow } from './suite.js';

/** What a run of the bench writes with --json and reads with --compare. */
export interface BenchReport {
  readonly size: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly suites: readonly { readonly name: string; readonly rows: readonly BenchRow[] }[];
}

/** A ratio may fall by this share before a comparison fails. */
const FALL_MAX = 0.1;

function cell(value: number | undefined): string {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** The rows as a table: a line each, figures and then ratios. */
export function tableOf(rows: readonly BenchRow[]): string {
  const figureNames = [...new Set(rows.flatMap((row) => Object.keys(row.figures)))];
  const ratioNames = [...new Set(rows.flatMap((row) => Object.keys(row.ratios)))];
  const lines = [
    ['', ...figureNames, ...ratioNames],
    ...rows.map((row) => [
      row.name,
      ...figureNames.map((name) => cell(row.figures[name])),
      ...ratioNames.map((name) => cell(row.ratios[name])),
    ]),
  ];
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length)),
  );
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!),
        )
        .join('  '),
    )
    .join('\n');
}

/** A sentence for each ratio of `before` that is gone or fell by more than a tenth. */
export function fallenRatios(before: BenchReport, after: BenchReport): string[] {
  const found: string[] = [];
  for (const suite of before.suites) {
    const suiteAfter = after.suites.find(({ name }) => name === suite.name);
    // A run of some suites (--only) says nothing about the others.
    if (suiteAfter === undefined) continue;
    for (const row of suite.rows) {
      const rowAfter = suiteAfter.rows.find(({ name }) => name === row.name);
      for (const [name, ratio] of Object.entries(row.ratios)) {
        const now = rowAfter?.ratios[name];
        const where = `${suite.name}: ${row.name}: ${name}`;
        if (now === undefined) found.push(`${where} was ${cell(ratio)} and is not measured now.`);
        else if (now < ratio * (1 - FALL_MAX)) {
          found.push(`${where} fell from ${cell(ratio)} to ${cell(now)}.`);
        }
      }
    }
  }
  return found;
}
