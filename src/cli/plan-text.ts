import type { InputPlan } from '../dialects/plan.js';
import type { InstrumentDay, PlannedFile, Scales } from '../dialects/types.js';
import { PipelineError } from '../errors/errors.js';
import type { RunPlan } from '../worker/plan-run.js';
import { estimateRun, type RunEstimate } from './estimate.js';
import { formatBytes, formatCount, formatSeconds } from './format.js';
import { oneLine } from './one-line.js';
import { renderTable, type TableColumn } from './table.js';

/** What a run would read, for one instrument and day. */
export interface PlannedDay {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly dialect: string;
  readonly policy: string;
  readonly scales: Scales;
  readonly files: number;
  /** Rows of the row groups that would be read, at most. */
  readonly depth_rows: number;
  readonly trade_rows: number;
  /** Rows of the tables that the book is compared with. */
  readonly witness_rows: number;
  readonly bytes: number;
}

/** A plan as `run --dry-run --json` prints it. */
export interface PlanFacts {
  readonly schema: 'depthmill-plan/1';
  readonly days: readonly PlannedDay[];
  readonly rows: number;
  readonly bytes: number;
  /** Output and time, about. */
  readonly expected: RunEstimate;
  /** Free bytes where the output would lie; null where that cannot be told. */
  readonly free_bytes: number | null;
  readonly missing_days: InputPlan['missingDays'];
  readonly holes: InputPlan['holes'];
  readonly truncations: InputPlan['truncations'];
  readonly skipped: InputPlan['skipped'];
  readonly failures: readonly {
    readonly path: string;
    readonly code: string;
    readonly message: string;
  }[];
}

export function planFacts(
  plan: RunPlan,
  options: Parameters<typeof estimateRun>[1],
  freeBytes: number | null,
): PlanFacts {
  const { missingDays, holes, truncations, skipped, failures } = plan.input;
  const days = plan.days.map(({ day, scales }) => plannedDay(day, scales));
  const rows = days.reduce((sum, day) => sum + day.depth_rows + day.trade_rows, 0);
  return {
    schema: 'depthmill-plan/1',
    days,
    rows,
    bytes: days.reduce((sum, day) => sum + day.bytes, 0),
    expected: estimateRun(rows, options),
    free_bytes: freeBytes,
    missing_days: missingDays,
    holes,
    truncations,
    skipped,
    failures: [
      ...failures.map(({ path, error }) => failureOf(path, error)),
      ...plan.failures.map(({ day, error }) =>
        failureOf(`${day.exchange} ${day.symbol} ${day.dt}`, error),
      ),
    ],
  };
}

function failureOf(path: string, error: unknown): PlanFacts['failures'][number] {
  const code = error instanceof PipelineError ? error.code : 'ERR_INVARIANT';
  return { path, code, message: error instanceof Error ? error.message : String(error) };
}

function plannedDay(day: InstrumentDay, scales: Scales): PlannedDay {
  const { depth, snapshots, trades, book, deep_book: deepBook, quotes } = day.files;
  const all = Object.values(day.files).flat();
  return {
    exchange: day.exchange,
    symbol: day.symbol,
    dt: day.dt,
    dialect: day.dialect,
    policy: day.policy,
    scales,
    files: all.length,
    depth_rows: rowsOf([...depth, ...snapshots]),
    trade_rows: rowsOf(trades),
    witness_rows: rowsOf([...book, ...deepBook, ...quotes]),
    bytes: all.reduce((sum, file) => sum + bytesOf(file), 0),
  };
}

function rowsOf(files: readonly PlannedFile[]): number {
  return files.reduce((sum, file) => sum + file.rowCountMax, 0);
}

/** A text that is used up to where it breaks off. */
export function truncationLine({ path, offset, reason }: InputPlan['truncations'][number]): string {
  return `truncated: ${path} at byte ${offset} of its text: ${reason}`;
}

function bytesOf(file: PlannedFile): number {
  return file.rowGroupIndexes.reduce(
    (sum, index) => sum + (file.footer.rowGroupBytes[index] ?? 0),
    0,
  );
}

const PLAN_COLUMNS: readonly TableColumn[] = [
  { header: 'instrument', align: 'left' },
  { header: 'day', align: 'left' },
  { header: 'dialect', align: 'left' },
  { header: 'policy', align: 'left' },
  { header: 'scales', align: 'left' },
  { header: 'files', align: 'right' },
  { header: 'depth rows', align: 'right' },
  { header: 'trades', align: 'right' },
  { header: 'witness rows', align: 'right' },
  { header: 'bytes', align: 'right' },
];

export function renderPlan(facts: PlanFacts, width: number | null): string {
  const rows = facts.days.map((day) => [
    `${day.exchange} ${day.symbol}`,
    day.dt,
    day.dialect,
    day.policy,
    `${day.scales.price} ${day.scales.qty}`,
    formatCount(day.files),
    formatCount(day.depth_rows),
    formatCount(day.trade_rows),
    formatCount(day.witness_rows),
    formatCount(day.bytes),
  ]);
  const lines: string[] = [];
  lines.push(`${formatCount(facts.rows)} rows to read, ${formatBytes(facts.bytes)} of input.`);
  const { bytes, seconds } = facts.expected;
  lines.push(`Expected: about ${formatBytes(bytes)} of output in about ${formatSeconds(seconds)}.`);
  if (facts.free_bytes !== null) {
    const warning = facts.free_bytes < bytes ? ': TOO LITTLE' : '';
    lines.push(`${formatBytes(facts.free_bytes)} are free where it would lie${warning}.`);
  }
  for (const { exchange, symbol, days } of facts.missing_days) {
    lines.push(`missing days: ${exchange} ${symbol}: ${days.join(', ')}`);
  }
  for (const { exchange, symbol, dt, table, missingFirst, missingLast } of facts.holes) {
    const numbers = missingFirst === missingLast ? missingFirst : `${missingFirst}-${missingLast}`;
    lines.push(`missing shards: ${exchange} ${symbol} ${dt} ${table}: ${numbers}`);
  }
  for (const truncation of facts.truncations) lines.push(truncationLine(truncation));
  for (const { path, reason } of facts.skipped) lines.push(`skipped: ${path}: ${reason}`);
  for (const { path, code, message } of facts.failures) {
    lines.push(`would fail: ${path}: ${code} ${message}`);
  }
  return [renderTable(PLAN_COLUMNS, rows, width), '', ...lines.map(oneLine)].join('\n');
}
