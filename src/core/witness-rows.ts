import * as abi from '../abi/witnesses.js';
import type { MemoryViews } from '../memory/shared-memory.js';

/** Rows of a witness table in one slot; addresses of the columns for row 0, in the shared memory. */
export interface WitnessColumns {
  readonly tsRecvPtr: number;
  readonly tsEventPtr: number;
  readonly sequencePtr: number;
  /** Levels from the best (int32): negative for a row that must not be used. */
  readonly bidCountPtr: number;
  readonly askCountPtr: number;
  /** Prices of the best bid and the best ask. */
  readonly bidPtr: number;
  readonly askPtr: number;
  /** Bytes from a level's price to the next level's, and from a price to its quantity. */
  readonly levelStride: number;
  readonly qtyOffset: number;
  /** Levels a side that the table has: with fewer, a side of a row is known whole. */
  readonly levelCount: number;
}

/** Rows [row, rowEnd) of a slot, in the order of their keys. */
export interface WitnessRange {
  readonly row: number;
  readonly rowEnd: number;
  /** Keys are ids, else ts_recv. */
  readonly bySequence: boolean;
  /** A row whose key is above it has a row of another table before it. */
  readonly keyMax: bigint;
}

/**
 * The witnesses that bookFollow gets, over WITNESSES_BYTES bytes (8-byte aligned) of the shared
 * memory that the caller owns.
 */
export class WitnessRows {
  readonly #views: MemoryViews;
  readonly ptr: number;

  constructor(views: MemoryViews, ptr: number) {
    this.#views = views;
    this.ptr = ptr;
  }

  set(columns: WitnessColumns, range: WitnessRange): void {
    const { i32, i64 } = this.#views;
    const base = this.ptr / 4;
    const { bySequence } = range;
    i32[base + abi.WITNESSES_KEY_PTR / 4] = bySequence ? columns.sequencePtr : columns.tsRecvPtr;
    i32[base + abi.WITNESSES_BID_COUNT_PTR / 4] = columns.bidCountPtr;
    i32[base + abi.WITNESSES_ASK_COUNT_PTR / 4] = columns.askCountPtr;
    i32[base + abi.WITNESSES_BID_PTR / 4] = columns.bidPtr;
    i32[base + abi.WITNESSES_ASK_PTR / 4] = columns.askPtr;
    i32[base + abi.WITNESSES_LEVEL_STRIDE / 4] = columns.levelStride;
    i32[base + abi.WITNESSES_QTY_OFFSET / 4] = columns.qtyOffset;
    i32[base + abi.WITNESSES_LEVEL_COUNT / 4] = columns.levelCount;
    i32[base + abi.WITNESSES_ROW / 4] = range.row;
    i32[base + abi.WITNESSES_ROW_END / 4] = range.rowEnd;
    i32[base + abi.WITNESSES_BY_SEQUENCE / 4] = bySequence ? 1 : 0;
    i64[(this.ptr + abi.WITNESSES_KEY_MAX) / 8] = range.keyMax;
  }

  /** The row that comes next: all before it were used. */
  get row(): number {
    return this.#views.i32[(this.ptr + abi.WITNESSES_ROW) / 4]!;
  }
}

/** How many of the rows have fewer levels on a side than their table has. */
export function thinRowCount(
  views: MemoryViews,
  { bidCountPtr, askCountPtr, levelCount }: WitnessColumns,
  rowStart: number,
  rowEnd: number,
): number {
  const { i32 } = views;
  let count = 0;
  for (let row = rowStart; row < rowEnd; row++) {
    const levels = Math.min(i32[bidCountPtr / 4 + row]!, i32[askCountPtr / 4 + row]!);
    if (levels < levelCount) count++;
  }
  return count;
}
