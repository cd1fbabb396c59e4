import { type BenchReport, cell, cellsOf } from './report.js';
import type { BenchRow } from './suite.js';

/** What a line of the README says: a figure or ratio of a row, in words. */
interface Line {
  readonly what: string;
  readonly suite: string;
  readonly row: string;
  /** In the order of the table's columns behind the first. */
  readonly columns: readonly (readonly [kind: 'figures' | 'ratios' | 'timeRatios', name: string])[];
}

const JOB_COLUMNS = [
  ['figures', 'M events/s'],
  ['ratios', 'x DuckDB'],
  ['ratios', 'x parquet-wasm'],
  ['ratios', 'x hyparquet'],
  ['figures', 'peak RSS MB'],
] as const;
const WARM_COLUMNS = [['figures', 'M events/s warm']] as const;

const HEAD = ['', 'M events/s', 'x DuckDB', 'x parquet-wasm', 'x hyparquet', 'peak MB'];

const LINES: readonly Line[] = [
  { what: 'generated, snappy', suite: 'main-job-tape', row: 'depthmill', columns: JOB_COLUMNS },
  { what: 'recorded, snappy', suite: 'main-job-real', row: 'depthmill', columns: JOB_COLUMNS },
  { what: 'generated, zstd', suite: 'main-job-zstd', row: 'depthmill', columns: JOB_COLUMNS },
  { what: 'generated, warm', suite: 'warm', row: 'tape: 2 workers', columns: WARM_COLUMNS },
  { what: 'recorded, warm', suite: 'warm', row: 'real: 2 workers', columns: WARM_COLUMNS },
];

/** Between `<!-- bench:NAME -->` and `<!-- /bench -->`. */
const MARKED = /(<!-- bench:([\w-]+) -->\n)[\s\S]*?(<!-- \/bench -->)/g;

/**
 * The text with what stands between its markers made from a report: `summary`, `machine`, or the
 * name of a suite. Nothing is invented: what the report does not have stays empty.
 */
export function withTables(text: string, report: BenchReport | null): string {
  return text.replaceAll(MARKED, (_, start: string, name: string, end: string) => {
    const made = report === null ? 'No results yet.' : blockOf(report, name);
    return `${start}\n${made}\n\n${end}`;
  });
}

function blockOf(report: BenchReport, name: string): string {
  if (name === 'summary') return summaryOf(report);
  if (name === 'machine') return machineOf(report);
  const suite = report.suites.find((each) => each.name === name);
  if (suite === undefined) return 'Not measured.';
  const notes = suite.notes.map((note) => `- ${note}`).join('\n');
  return [tableOf(suite.rows), notes].filter((part) => part !== '').join('\n\n');
}

function summaryOf(report: BenchReport): string {
  const rows = LINES.map(({ what, suite, row, columns }) => {
    const found = report.suites
      .find((each) => each.name === suite)
      ?.rows.find((each) => each.name === row);
    const cells = columns.map(([kind, name]) => cell(found?.[kind]?.[name]));
    return [what, ...cells, ...HEAD.slice(cells.length + 1).map(() => '')];
  });
  return `${markdown(HEAD, rows)}\n\n${machineOf(report)}`;
}

function machineOf({ machine, takenAt }: BenchReport): string {
  const { cpu, cores, memoryGib, node, commit, versions } = machine;
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return (
    `Commit ${commit}, ${takenAt.slice(0, 10)}, ${cores} cores of ${cpu}, ${memoryGib} GiB, ` +
    `Node ${node}, ${peers.join(', ')}.`
  );
}

function tableOf(rows: readonly BenchRow[]): string {
  if (rows.length === 0) return '';
  const { columns, cells } = cellsOf(rows);
  return markdown(columns, cells);
}

/** Columns padded to equal widths, so that the text can be read as it is. */
function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!),
      )
      .join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
