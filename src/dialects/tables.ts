import { SLOT_BYTES } from '../abi/limits.js';
import {
  COLUMN_SKEW_BYTES,
  type ColumnSpec,
  type TableLayout,
  tableLayout,
} from '../memory/column-layout.js';
import type { IdColumns } from './types.js';

/** Columns of a slot of depth rows, in the order of the `depth` table: MODEL section 6. */
export function depthColumns(ids: IdColumns): readonly ColumnSpec[] {
  return [
    int64('ts_recv'),
    int64('ts_event'),
    ...(ids.sequence ? [int64('sequence')] : []),
    ...(ids.sequenceFirst ? [int64('sequence_first')] : []),
    ...(ids.sequencePrev ? [int64('sequence_prev')] : []),
    { name: 'is_bid', type: 'bool', nullable: false },
    int64('price_pips'),
    int64('qty_pips'),
    { name: 'flags', type: 'int32', nullable: false },
  ];
}

/** Columns of a slot of trades, in the order of the `trades` table. `is_buy` is the taker's side. */
export const TRADES_COLUMNS: readonly ColumnSpec[] = [
  int64('ts_recv'),
  int64('ts_event'),
  { name: 'trade_id', type: 'int64', nullable: true },
  { name: 'is_buy', type: 'bool', nullable: true },
  int64('price_pips'),
  int64('qty_pips'),
  { name: 'flags', type: 'int32', nullable: false },
];

/** `bid_count` of a witness row that must neither seed nor be compared. */
export const WITNESS_INVALID = -1;
/**
 * The same of a row that may be true, but says too little: a side is empty, or the book locked. It
 * cannot seed; a table that is only compared with is none the worse for it.
 */
export const WITNESS_SILENT = -2;

/**
 * The most levels a side that a witness slot holds: what leaves room for 64 rows, the fewest that
 * a layout takes. Levels beyond it are not read, so such a row only proves a narrower range.
 */
export const WITNESS_LEVELS_MAX = Math.floor(
  (SLOT_BYTES - 3 * slotColumnBytes(8) - 2 * slotColumnBytes(4)) / (4 * slotColumnBytes(8)),
);

/** Bytes of a column of 64 values in a slot. */
function slotColumnBytes(valueBytes: number): number {
  return 64 * valueBytes + COLUMN_SKEW_BYTES;
}

/**
 * Columns of a slot of witness rows (Lake `book`, `deep_book_1m`). `bid_count` and `ask_count` say
 * how many levels from the best are there (negative, WITNESS_...: the row is not to be used); level
 * columns beyond them hold 0. The level columns follow one another at an equal stride, in the
 * order of the `book` table.
 */
export function witnessColumns(levelCount: number): readonly ColumnSpec[] {
  const columns = [
    int64('ts_recv'),
    int64('ts_event'),
    int64('sequence'),
    { name: 'bid_count', type: 'int32', nullable: false } as const,
    { name: 'ask_count', type: 'int32', nullable: false } as const,
  ];
  for (const side of ['bid', 'ask']) {
    for (let level = 0; level < levelCount; level++) {
      columns.push(int64(`${side}_${level}_price_pips`), int64(`${side}_${level}_qty_pips`));
    }
  }
  return columns;
}

/** How depth rows lie in a slot; the same for every slot of an instrument's day. */
export function depthLayout(ids: IdColumns): TableLayout {
  return tableLayout(depthColumns(ids));
}

export function tradesLayout(): TableLayout {
  return tableLayout(TRADES_COLUMNS);
}

export function witnessLayout(levelCount: number): TableLayout {
  return tableLayout(witnessColumns(Math.min(levelCount, WITNESS_LEVELS_MAX)));
}

function int64(name: string): { name: string; type: 'int64'; nullable: false } {
  return { name, type: 'int64', nullable: false };
}
