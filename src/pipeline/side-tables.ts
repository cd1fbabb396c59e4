import type { GapFinding, InstrumentAudit } from '../audit/types.js';
import { BYTE_DIGEST_BYTES, ByteDigest } from '../core/byte-digest.js';
import type { Core } from '../core/core.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import type { ByteSink } from '../io/byte-sink.js';
import type { Arena } from '../memory/arena.js';
import { type SmallColumn, type SmallRow, writeSmallTable } from '../parquet/small-table.js';
import { dayMetadata } from './day-paths.js';
import type { JobResult } from './instrument-job.js';
import { instrumentRow } from './instrument-row.js';
import { type NumberFormat, plainColumns, plainRow } from './plain-numbers.js';
import type { Silence } from './silences.js';
import type { DaySilences } from './silent-days.js';
import type { FileReject } from './table-accounts.js';
import type { WrittenPart } from './table-writer.js';

/** Tables of few rows, which the host writes once a day is done. */
export type SideTable = 'gaps' | 'quality' | 'instruments' | 'calendar' | 'rejects';

const column = (name: string, type: SmallColumn['type'], nullable = false): SmallColumn => ({
  name,
  type,
  nullable,
  statistics: true,
});

/** MODEL section 6; `reason` of gaps says in words why the gap is believed. */
const COLUMNS: Readonly<Record<SideTable, readonly SmallColumn[]>> = {
  gaps: [
    column('kind', 'string'),
    column('proven', 'bool'),
    column('sequence_before', 'int64', true),
    column('sequence_after', 'int64', true),
    column('missing', 'int64', true),
    column('ts_recv_before', 'int64', true),
    column('ts_recv_after', 'int64', true),
    column('file', 'string'),
    column('row', 'int64'),
    column('reason', 'string'),
  ],
  quality: [
    column('ts_recv_from', 'int64'),
    column('ts_recv_to', 'int64'),
    column('state', 'string'),
    column('reason', 'string'),
    column('sequence_from', 'int64', true),
    column('sequence_to', 'int64', true),
  ],
  instruments: [
    column('tick_pips', 'int64', true),
    column('lot_pips', 'int64', true),
    column('tick_since', 'int64', true),
    column('price_min_pips', 'int64', true),
    column('price_max_pips', 'int64', true),
    column('price_decimals', 'int32', true),
    column('qty_decimals', 'int32', true),
    column('price_scale', 'int32'),
    column('qty_scale', 'int32'),
    column('qty_unit', 'string', true),
    column('first_ts_recv', 'int64', true),
    column('first_ts_event', 'int64', true),
    column('first_sequence', 'int64', true),
    column('last_ts_recv', 'int64', true),
    column('last_ts_event', 'int64', true),
    column('last_sequence', 'int64', true),
    column('digest', 'string'),
  ],
  calendar: [
    column('verdict', 'string'),
    column('reasons', 'string'),
    column('rows', 'int64'),
    column('rows_trusted', 'int64'),
    column('messages', 'int64'),
    column('gaps_proven', 'int64'),
    column('gaps_suspected', 'int64'),
    column('missing_ns', 'int64'),
    column('crossed_ns', 'int64'),
  ],
  rejects: [
    column('file', 'string'),
    column('row_group', 'int32'),
    column('row', 'int64'),
    column('reason', 'string'),
    column('column', 'string'),
    column('value', 'string'),
  ],
};

export function isSideTable(table: string): table is SideTable {
  return Object.hasOwn(COLUMNS, table);
}

/** Its columns; prices and quantities as pips. */
export function sideColumns(table: SideTable): readonly SmallColumn[] {
  return COLUMNS[table];
}

const rejectRow = (reject: FileReject): SmallRow => ({
  file: reject.path,
  row_group: reject.rowGroupIndex,
  row: BigInt(reject.row),
  reason: reject.reason,
  column: reject.column,
  value: reject.value,
});

const calendarRow = (report: InstrumentAudit): SmallRow => {
  const proven = report.gaps.filter((gap) => gap.proven).length;
  return {
    verdict: report.verdict,
    reasons: report.reasons.join('; '),
    rows: BigInt(report.accounting.rows_out),
    rows_trusted: BigInt(report.rows_trusted),
    messages: BigInt(report.messages),
    gaps_proven: BigInt(proven),
    gaps_suspected: BigInt(report.gaps.length - proven),
    missing_ns: report.missing.ns,
    crossed_ns: report.crossed.ns,
  };
};

/** The row of `calendar` for a day between an instrument's first and last that has no file. */
export function missingDayRow(): SmallRow {
  const none = { rows: 0n, rows_trusted: 0n, messages: 0n, gaps_proven: 0n, gaps_suspected: 0n };
  const dayNs = 86_400_000_000_000n;
  return { verdict: 'missing', reasons: 'no file', ...none, missing_ns: dayNs, crossed_ns: 0n };
}

const gapRow = (gap: GapFinding): SmallRow => ({ ...gap, row: BigInt(gap.row) });

/** They prove nothing, so they are no findings; but who looks for holes finds them here. */
const quietRow = (
  kind: 'silence' | 'outage',
  { fromNs, toNs, origin }: Silence,
  reason: string,
): SmallRow => ({
  kind,
  proven: false,
  sequence_before: null,
  sequence_after: null,
  missing: null,
  ts_recv_before: fromNs,
  ts_recv_after: toNs,
  file: origin.file,
  row: BigInt(origin.row),
  reason,
});

function quietRows({ silences, outages }: DaySilences, exchange: string): SmallRow[] {
  return [
    ...silences.map((each) => quietRow('silence', each, 'no message came')),
    ...outages.map((each) =>
      quietRow(
        'outage',
        each,
        `no message came of any of the ${each.instrumentCount} instruments of ${exchange}`,
      ),
    ),
  ];
}

/**
 * Rows of each table for a day. `gaps`, `quality`, `instruments` and `calendar` are always there,
 * so that a query over all days finds them; `rejects` only where a row was refused.
 */
export function sideRows(
  result: JobResult,
  report: InstrumentAudit,
  silences: DaySilences,
): ReadonlyMap<SideTable, readonly SmallRow[]> {
  const rows = new Map<SideTable, readonly SmallRow[]>([
    ['gaps', [...report.gaps.map(gapRow), ...quietRows(silences, report.exchange)]],
    ['quality', report.quality.map((interval) => ({ ...interval }))],
    ['calendar', [calendarRow(report)]],
  ]);
  if (result.grid !== null) rows.set('instruments', [instrumentRow(result.grid, report)]);
  const { depth, snapshots, trades } = result;
  const rejects = [depth, snapshots, trades].flatMap((table) => table.rejects);
  if (rejects.length > 0) rows.set('rejects', rejects.map(rejectRow));
  return rows;
}

export interface SideTableHost {
  readonly core: Core;
  readonly arena: Arena;
  readonly numbers: NumberFormat;
  openSink(table: SideTable, day: InstrumentDay): Promise<ByteSink>;
}

/** A side table that is written and has no final name yet. */
export interface SidePart {
  readonly table: SideTable;
  readonly part: WrittenPart;
  readonly sink: ByteSink;
}

/** Writes one side table of a day; the caller publishes its sink, or aborts it. */
export async function writeSideTable(
  host: SideTableHost,
  table: SideTable,
  day: InstrumentDay,
  scales: Scales,
  rows: readonly SmallRow[],
): Promise<SidePart> {
  const sink = await host.openSink(table, day);
  const digestPtr = host.arena.allocate(BYTE_DIGEST_BYTES);
  try {
    const digest = new ByteDigest(host.core, digestPtr);
    const { numbers } = host;
    const keyValue = dayMetadata(table, day, scales, numbers);
    const columns = plainColumns(COLUMNS[table], numbers, scales);
    const plain = rows.map((row) => plainRow(row, numbers, scales));
    const written = await writeSmallTable(sink, columns, plain, { digest, keyValue });
    await sink.close();
    const { byteLength: bytes, xxh64 } = written;
    return { table, part: { path: sink.name, rows: rows.length, bytes, xxh64: xxh64! }, sink };
  } catch (error) {
    await sink.abort();
    throw error;
  } finally {
    host.arena.free(digestPtr, BYTE_DIGEST_BYTES);
  }
}
