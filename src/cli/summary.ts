import type { AuditReport, InstrumentAudit } from '../audit/types.js';
import { dayAfter } from '../dialects/time-units.js';
import { countAll, gapsProven, gapsSuspected, rowsRejected } from './findings.js';
import { formatBytes, formatCount, formatPercent, formatRate, formatSeconds } from './format.js';
import { oneLine } from './one-line.js';
import { truncationLine } from './plan-text.js';
import { renderTable, type TableColumn } from './table.js';

/** Figures of a finished run that the report does not hold. */
export interface RunFigures {
  readonly out: string;
  readonly outputs: readonly {
    readonly table: string;
    readonly path: string;
    readonly bytes: number;
  }[];
  readonly seconds: number;
  readonly rssBytesMax: number;
}

type Cell = (instrument: InstrumentAudit) => string;

const SUMMARY_CELLS: readonly (TableColumn & { readonly cell: Cell })[] = [
  left('instrument', (each) => `${each.exchange} ${each.symbol}`),
  left('day', (each) => each.dt),
  right('rows in', (each) => formatCount(each.accounting.rows_in)),
  right('rejected', (each) => formatCount(countAll(each.accounting.rejected))),
  right('dropped', (each) => formatCount(countAll(each.accounting.dropped))),
  right('synthetic', (each) => formatCount(each.accounting.synthetic)),
  right('rows out', (each) => formatCount(each.accounting.rows_out)),
  right('trades', (each) => formatCount(each.trades_accounting.rows_out)),
  right('messages', (each) => formatCount(each.messages)),
  right('trusted %', (each) => formatPercent(each.rows_trusted, each.accounting.rows_out)),
  right('gaps', (each) => formatCount(gapsProven(each))),
  right('suspected', (each) => formatCount(gapsSuspected(each))),
  right('crossed', (each) => formatCount(each.crossed.messages)),
  left('verdict', (each) => each.verdict),
];

function left(header: string, cell: Cell): TableColumn & { readonly cell: Cell } {
  return { header, align: 'left', cell };
}

function right(header: string, cell: Cell): TableColumn & { readonly cell: Cell } {
  return { header, align: 'right', cell };
}

/** One line for each instrument and day: `gaps` are proven by ids, `suspected` are not. */
export function renderInstruments(
  instruments: readonly InstrumentAudit[],
  width: number | null,
): string {
  return renderTable(
    SUMMARY_CELLS,
    instruments.map((instrument) => SUMMARY_CELLS.map(({ cell }) => cell(instrument))),
    width,
  );
}

/** What failed, what was skipped, and what needs the reader's eye; nothing if nothing does. */
export function renderRemarks(report: AuditReport): string[] {
  const lines: string[] = [];
  for (const failure of report.failures) {
    const where = [failure.exchange, failure.symbol, failure.dt].filter((part) => part !== '');
    const place = where.length > 0 ? where.join(' ') : failure.input;
    lines.push(`failed: ${place}: ${failure.code} ${failure.message}`);
  }
  for (const { name, from, to, count } of missingRuns(report.missing_days)) {
    const days = count === 1 ? from : `${from} to ${to} (${formatCount(count)} days)`;
    lines.push(`missing: ${name} ${days}: no file, between days that have some`);
  }
  for (const truncation of report.truncated) lines.push(truncationLine(truncation));
  for (const { path, reason } of report.skipped) lines.push(`skipped: ${path}: ${reason}`);
  const rejected = report.instruments.reduce((sum, each) => sum + rowsRejected(each), 0);
  if (rejected > 0) {
    lines.push(`warning: ${formatCount(rejected)} rows were rejected; see the table rejects.`);
  }
  return lines.map(oneLine);
}

/** Missing days of an instrument that follow one another, as one. */
function missingRuns(days: AuditReport['missing_days']) {
  const runs: { name: string; from: string; to: string; count: number }[] = [];
  for (const { exchange, symbol, dt } of days) {
    const name = `${exchange} ${symbol}`;
    const run = runs.at(-1);
    if (run?.name === name && dayAfter(run.to) === dt) {
      run.to = dt;
      run.count++;
    } else runs.push({ name, from: dt, to: dt, count: 1 });
  }
  return runs;
}

/** Totals, where the outputs lie, and a query to begin with. */
export function renderTotals(report: AuditReport, figures: RunFigures): string {
  const rowsIn = report.instruments.reduce(
    (sum, each) => sum + each.accounting.rows_in + each.trades_accounting.rows_in,
    0,
  );
  const rowsOut = report.instruments.reduce(
    (sum, each) => sum + each.accounting.rows_out + each.trades_accounting.rows_out,
    0,
  );
  const bytes = figures.outputs.reduce((sum, output) => sum + output.bytes, 0);
  const perEvent = rowsOut > 0 ? `${(bytes / rowsOut).toFixed(2)} B/event` : 'no events';
  return [
    `${formatCount(rowsIn)} events in ${formatSeconds(figures.seconds)}: ` +
      `${formatRate(rowsIn / figures.seconds)} events/s, peak memory ${formatBytes(figures.rssBytesMax)}.`,
    `${formatCount(figures.outputs.length)} ${figures.outputs.length === 1 ? 'file' : 'files'}, ${formatBytes(bytes)} (${perEvent}) in ${figures.out}`,
    // The line asks the table book.
    ...(figures.outputs.some(({ table }) => table === 'book')
      ? [`Try: ${duckdbLine(figures.out)}`]
      : []),
  ]
    .map(oneLine)
    .join('\n');
}

/** Share of book rows that can be trusted, per symbol, straight from the output. */
function duckdbLine(out: string): string {
  const glob = `${out}/book/**/*.parquet`.replaceAll("'", "''");
  const query =
    `SELECT symbol, count(*) AS messages, round(100 * avg((flags & 16388 = 0)::INT), 2) AS trusted ` +
    `FROM '${glob}' GROUP BY symbol`;
  return `duckdb -c "${query}"`;
}
