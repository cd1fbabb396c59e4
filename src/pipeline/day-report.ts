import { type DaySpan, missingTime } from '../audit/missing-time.js';
import type { Interval } from '../audit/outages.js';
import { provesOf } from '../audit/proves.js';
import { joinFaults } from '../audit/row-faults.js';
import type {
  Accounting,
  CountByReason,
  DayFindings,
  GapFinding,
  InstrumentAudit,
  VerdictThresholds,
} from '../audit/types.js';
import { verdictOf } from '../audit/verdict.js';
import type { Selection } from '../dialects/options.js';
import type { InstrumentDay } from '../dialects/types.js';
import { OutputError } from '../errors/errors.js';
import type { InstrumentJob, JobResult } from './instrument-job.js';
import type { BookResult } from './protocol.js';
import type { DaySilences } from './silent-days.js';
import type { TableAccounts } from './table-accounts.js';
import { tradeIdsOf } from './trade-checks.js';
import { truncatedInputs } from './truncated-inputs.js';

function countByReason(...tables: readonly TableAccounts[]): CountByReason {
  const counts: CountByReason = {};
  for (const { reason } of tables.flatMap(({ rejects }) => rejects))
    counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

const total = (counts: CountByReason): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/**
 * Checks that every row is accounted for: rows out = rows in - rejected - dropped + synthetic.
 * @throws OutputError ERR_OUTPUT_ACCOUNTING; then nothing of the day may be published
 */
function checkAccounts(job: InstrumentJob, table: string, accounting: Accounting): void {
  const { rows_in, rejected, dropped, synthetic, rows_out } = accounting;
  const expected = rows_in - total(rejected) - total(dropped) + synthetic;
  if (expected === rows_out) return;
  const { exchange, symbol, dt } = job.day;
  throw new OutputError(
    'ERR_OUTPUT_ACCOUNTING',
    `The ${table} rows of ${exchange} ${symbol} ${dt} do not add up: ${rows_in} in - ` +
      `${total(rejected)} rejected - ${total(dropped)} dropped + ${synthetic} synthetic = ${expected}, ` +
      `but ${rows_out} came out. This is a bug in depthmill; nothing of this day was published.`,
    { details: { exchange, symbol, dt, table, expected, found: rows_out } },
  );
}

/**
 * What the rows of an instrument's day tell the audit.
 * @throws OutputError ERR_OUTPUT_ACCOUNTING; then nothing of the day may be published
 */
export function dayFindings(
  job: InstrumentJob,
  result: JobResult,
  selection: Selection,
): DayFindings {
  const { day, scales } = job;
  const { book } = result;
  const accounting: Accounting = {
    rows_in: result.depth.rowsIn + result.snapshots.rowsIn,
    rejected: countByReason(result.depth, result.snapshots),
    dropped: book.accounting.dropped,
    synthetic: book.accounting.synthetic,
    rows_out: result.rowsOut.depth,
  };
  const tradesAccounting: Accounting = {
    rows_in: result.trades.rowsIn,
    rejected: countByReason(result.trades),
    dropped: {},
    synthetic: 0,
    rows_out: result.rowsOut.trades,
  };
  checkAccounts(job, 'depth', accounting);
  checkAccounts(job, 'trades', tradesAccounting);
  const checksums = { checked: 0, matched: 0 };
  const { proves, words } = provesOf(day.policy, checksums.checked);
  const hasTradeIds = day.files.trades.some(({ rows }) => rows?.tradeId != null);
  const tradeIds = hasTradeIds ? tradeIdsOf(day) : 'none';
  return {
    exchange: day.exchange,
    symbol: day.symbol,
    dt: day.dt,
    dialect: day.dialect,
    policy: day.policy,
    proves,
    proves_words: words,
    scales: { price: scales.price, qty: scales.qty },
    first: book.first,
    last: book.last,
    messages: book.messages,
    accounting,
    trades_accounting: tradesAccounting,
    trade_ids: tradeIds,
    gaps: [
      ...gapsOf(day, book),
      ...result.tradeChecks.gaps,
      ...truncatedInputs(day, book, selection),
    ],
    row_faults: joinFaults(
      result.depth.faults,
      result.snapshots.faults,
      book.rowFaults,
      result.trades.faults,
      result.tradeChecks.times.faults,
    ),
    duplicates: book.duplicates,
    out_of_order: book.outOfOrder,
    resets: book.resets,
    reconnects: book.reconnects,
    crossed: book.crossed,
    locked: book.locked,
    witness: book.witness,
    trades_outside: result.tradesOutside,
    day_before: null,
    deletes: book.deletes,
    deletes_unknown: book.deletesUnknown,
    latency_ns: book.latencyNs,
    checksums,
    rows_trusted: book.rowsTrusted,
    depth_unknown: result.rowsOut.book > 0 ? book.depthUnknown : 0,
    book_rows: result.rowsOut.book,
    digest: book.digest,
    quality: book.quality,
  };
}

/** All that the audit says of an instrument's day, whose rows should cover `span`. */
export function dayReport(
  findings: DayFindings,
  { silences, outages }: DaySilences,
  { thresholds, span }: { thresholds: VerdictThresholds; span: DaySpan },
): InstrumentAudit {
  const whole = {
    ...findings,
    silences: silences.map(timesOf),
    outages: outages.map((outage) => ({
      ...timesOf(outage),
      instruments: outage.instrumentCount,
    })),
  };
  const audit = { ...whole, missing: missingOf(whole, span) };
  return { ...audit, ...verdictOf(audit, thresholds) };
}

/**
 * Without changes the books of a witness, one behind the other, differ as the market moves: nothing
 * is suspected then.
 */
function gapsOf({ files }: InstrumentDay, { gaps }: BookResult): GapFinding[] {
  const hasChanges = files.depth.length > 0;
  return hasChanges ? gaps : gaps.filter(({ proven }) => proven);
}

const timesOf = ({ fromNs, toNs }: Interval) => ({ ts_recv_from: fromNs, ts_recv_to: toNs });

function missingOf(
  { first, last, gaps, outages }: Omit<InstrumentAudit, 'missing' | 'verdict' | 'reasons'>,
  span: DaySpan,
): InstrumentAudit['missing'] {
  if (first === null || last === null) return { ns: 0n, of_ns: 0n };
  return missingTime({ firstNs: first.ts_recv, lastNs: last.ts_recv }, gaps, outages, span);
}
