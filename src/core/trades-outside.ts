import * as abi from '../abi/tops.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signature of assembly/trades-outside.ts. */
export interface TradesOutsideKernels {
  tradesOutside(
    tsPtr: number,
    pricePtr: number,
    flagsPtr: number,
    row: number,
    rowEnd: number,
    topsPtr: number,
  ): number;
}

/** Columns of trades for row 0; addresses in the shared memory. */
export interface TradeColumns {
  readonly tsRecvPtr: number;
  readonly pricePtr: number;
  readonly flagsPtr: number;
}

/** Columns of the book's rows; addresses in the shared memory. */
export interface TopColumns {
  readonly tsRecvPtr: number;
  readonly bidPtr: number;
  readonly askPtr: number;
  readonly flagsPtr: number;
}

export interface TradesOutsideCounts {
  readonly compared: number;
  readonly outside: number;
  readonly passed: number;
}

const I64_MIN = -(2n ** 63n);

/**
 * Best prices of the book by time, over TOPS_BYTES bytes (8-byte aligned) of the shared memory that
 * the caller owns; and what was found of trades by them.
 */
export class Tops {
  readonly #views: MemoryViews;
  readonly ptr: number;

  constructor(views: MemoryViews, ptr: number, columns: TopColumns, windowNs: bigint) {
    this.#views = views;
    this.ptr = ptr;
    views.u8.fill(0, ptr, ptr + abi.TOPS_BYTES);
    const { i32, i64 } = views;
    i32[(ptr + abi.TOPS_TS_PTR) / 4] = columns.tsRecvPtr;
    i32[(ptr + abi.TOPS_BID_PTR) / 4] = columns.bidPtr;
    i32[(ptr + abi.TOPS_ASK_PTR) / 4] = columns.askPtr;
    i32[(ptr + abi.TOPS_FLAGS_PTR) / 4] = columns.flagsPtr;
    i32[(ptr + abi.TOPS_LAST_BAD) / 4] = -1;
    i64[(ptr + abi.TOPS_WINDOW_NS) / 8] = windowNs;
    i64[(ptr + abi.TOPS_TIME) / 8] = I64_MIN;
  }

  /** Rows that are in the columns. */
  get count(): number {
    return this.#get(abi.TOPS_COUNT);
  }
  set count(rowCount: number) {
    this.#set(abi.TOPS_COUNT, rowCount);
  }

  /** Rows below it are not needed any more. */
  get low(): number {
    return this.#get(abi.TOPS_LOW);
  }

  /** No more rows will come; the last message was received then. */
  end(tsRecv: bigint): void {
    this.#set(abi.TOPS_IS_END, 1);
    this.#views.i64[(this.ptr + abi.TOPS_END_TIME) / 8] = tsRecv;
  }

  /** The first `rowCount` rows were taken out of the columns. */
  dropped(rowCount: number): void {
    this.count -= rowCount;
    this.#set(abi.TOPS_LOW, Math.max(0, this.low - rowCount));
    this.#set(abi.TOPS_HIGH, Math.max(0, this.#get(abi.TOPS_HIGH) - rowCount));
    this.#set(abi.TOPS_LAST_BAD, Math.max(-1, this.#get(abi.TOPS_LAST_BAD) - rowCount));
  }

  get counts(): TradesOutsideCounts {
    return {
      compared: this.#get(abi.TOPS_COMPARED),
      outside: this.#get(abi.TOPS_OUTSIDE),
      passed: this.#get(abi.TOPS_PASSED),
    };
  }

  #get(offset: number): number {
    return this.#views.i32[(this.ptr + offset) / 4]!;
  }

  #set(offset: number, value: number): void {
    this.#views.i32[(this.ptr + offset) / 4] = value;
  }
}

/**
 * Judges trades [row, rowEnd) by the best prices that held within the window of each.
 * @returns the first row that needs more of the book than is here, or `rowEnd`
 */
export function tradesOutside(
  core: Core,
  { tsRecvPtr, pricePtr, flagsPtr }: TradeColumns,
  row: number,
  rowEnd: number,
  tops: Tops,
): number {
  const { kernels } = core;
  return countOf(
    'tradesOutside',
    kernels.tradesOutside(tsRecvPtr, pricePtr, flagsPtr, row, rowEnd, tops.ptr),
  );
}
