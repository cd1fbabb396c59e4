import {
  BOOK_ASK_COUNT,
  BOOK_BID_COUNT,
  BOOK_BYTES,
  BOOK_CROSS_SINCE,
  BOOK_CROSS_STATE,
  BOOK_CROSSED_MESSAGES,
  BOOK_CROSSED_NS,
  BOOK_DELETES,
  BOOK_DELETES_UNKNOWN,
  BOOK_DEPTH_UNKNOWN,
  BOOK_FIRST_CROSS_ROW,
  BOOK_FIRST_CROSS_SEQUENCE,
  BOOK_FIRST_CROSS_TS,
  BOOK_KNOWN_ASK,
  BOOK_KNOWN_BID,
  BOOK_LAST_MARKS,
  BOOK_LAST_SEQUENCE,
  BOOK_LAST_TS_EVENT,
  BOOK_LAST_TS_RECV,
  BOOK_LOCKED_MESSAGES,
  BOOK_LOCKED_NS,
  BOOK_MESSAGES,
  BOOK_NEXT_BOUNDARY,
  BOOK_ROWS_APPLIED,
  BOOK_ROWS_OFF_WINDOW,
  BOOK_ROWS_TRUSTED,
  BOOK_STATE,
  BOOK_TICK_PIPS,
  BOOK_WINDOW_TICKS,
} from '../abi/book.js';
import { STATUS_BOOK_FULL, STATUS_OUTPUT_FULL } from '../abi/status.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw exports of assembly/book/; pointers are addresses in the shared memory. */
export interface BookKernels {
  bookBytesMin(): number;
  bookInit(book: number, bytes: number): number;
  bookClear(book: number): number;
  bookMove(from: number, to: number, bytes: number): number;
  bookApply(book: number, run: number): number;
  bookFill(book: number, run: number, untilNs: bigint): number;
  bookLevels(book: number, isBid: number, max: number, pricePtr: number, qtyPtr: number): number;
  bookLevelCount(book: number, isBid: number): number;
  bookBestPrice(book: number, isBid: number): bigint;
  bookBestQty(book: number, isBid: number): bigint;
  bookDiff(
    book: number,
    bidPtr: number,
    bidCount: number,
    askPtr: number,
    askCount: number,
    levelStride: number,
    qtyOffset: number,
    bidLimit: bigint,
    askLimit: bigint,
    outPricePtr: number,
    outQtyPtr: number,
    outIsBidPtr: number,
    outCapacity: number,
    resultPtr: number,
  ): number;
  bookDigest(book: number): bigint;
}

/** Known bounds that mean: the whole side is known. */
export const KNOWN_ALL_BIDS = -(2n ** 63n);
export const KNOWN_ALL_ASKS = 2n ** 63n - 1n;

/** A block that holds a thin book well: a window of 4,096 ticks and 1,500 to 3,000 levels off it. */
export const BOOK_BLOCK_BYTES = 131_072;
/** The block with the largest window, 2^18 ticks a side. More only adds room for far levels. */
export const BOOK_BLOCK_BYTES_WIDE = 8_388_608;

/**
 * Formats a block of the shared memory (64-byte aligned, owned by the caller) as an empty, unseeded
 * book. The block's size decides the window: 4,096 ticks a side in 128 KiB, twice as many for each
 * doubling.
 * @throws KernelError ERR_KERNEL when the block is misaligned or smaller than bookBytesMin()
 */
export function bookInit(core: Core, bookPtr: number, byteLength: number): void {
  countOf('bookInit', core.kernels.bookInit(bookPtr, byteLength));
}

/** Removes all levels. State, known range, counters and tick stay. */
export function bookClear(core: Core, bookPtr: number): void {
  countOf('bookClear', core.kernels.bookClear(bookPtr));
}

/**
 * Applies the rows of a run block. @returns STOP_END, STOP_OUT_FULL or STOP_BOOK_FULL; after the
 * last two the same call goes on where it stopped, once there is a fresh output slot or the book
 * was moved.
 */
export function bookApply(core: Core, bookPtr: number, runPtr: number): number {
  return countOf('bookApply', core.kernels.bookApply(bookPtr, runPtr));
}

/**
 * CADENCE_INTERVAL at the end of the input: writes the rows of the boundaries up to and including
 * `untilNs`. @returns STOP_END or STOP_OUT_FULL
 */
export function bookFill(core: Core, bookPtr: number, runPtr: number, untilNs: bigint): number {
  return countOf('bookFill', core.kernels.bookFill(bookPtr, runPtr, untilNs));
}

/**
 * Moves a book into another block, which must not overlap. The old block is left as it was and
 * belongs to the caller again.
 * @returns false when the levels do not fit the new block; the book is then still the old one
 */
export function bookMove(core: Core, bookPtr: number, toPtr: number, byteLength: number): boolean {
  const status = core.kernels.bookMove(bookPtr, toPtr, byteLength);
  if (status === -STATUS_BOOK_FULL) return false;
  countOf('bookMove', status);
  return true;
}

/** XXH64 of the whole book (MODEL section 4), as 16 hex digits. Equal digests mean equal books. */
export function bookDigestHex(core: Core, bookPtr: number): string {
  return BigInt.asUintN(64, core.kernels.bookDigest(bookPtr)).toString(16).padStart(16, '0');
}

/**
 * Whether a larger block, and so a wider window, would speed this book up: more than one row in
 * sixteen missed the window. Decide on enough rows, such as one slot of them.
 */
export function wantsWiderWindow(rows: { applied: bigint; offWindow: bigint }): boolean {
  return rows.offWindow * 16n > rows.applied;
}

/** Levels given to bookDiff, sorted from the best on; addresses in the shared memory. */
export interface GivenLevels {
  readonly bidPtr: number;
  readonly bidCount: number;
  readonly askPtr: number;
  readonly askCount: number;
  /** Bytes from one level's price to the next one's. */
  readonly levelStride: number;
  /** Bytes from a level's price to its quantity. */
  readonly qtyOffset: number;
  /** Bids at and above, asks at and below these prices are compared; KNOWN_ALL_…: whole sides. */
  readonly bidLimitPips: bigint;
  readonly askLimitPips: bigint;
}

/** Where bookDiff writes its rows; addresses in the shared memory, 8-byte aligned. */
export interface DiffOutput {
  readonly pricePtr: number;
  readonly qtyPtr: number;
  /** Bits; row 0 is bit 0. */
  readonly isBidPtr: number;
  readonly capacity: number;
  /** 4 bytes. */
  readonly resultPtr: number;
}

/**
 * Writes the rows that make the book equal to the given levels inside the limits.
 * @returns the number of rows, and how many of them lie inside the book's known range; null when
 *   there are more rows than `out.capacity`
 */
export function bookDiffInto(
  core: Core,
  bookPtr: number,
  given: GivenLevels,
  out: DiffOutput,
): { rowCount: number; insideKnownCount: number } | null {
  const rowCount = core.kernels.bookDiff(
    bookPtr,
    given.bidPtr,
    given.bidCount,
    given.askPtr,
    given.askCount,
    given.levelStride,
    given.qtyOffset,
    given.bidLimitPips,
    given.askLimitPips,
    out.pricePtr,
    out.qtyPtr,
    out.isBidPtr,
    out.capacity,
    out.resultPtr,
  );
  if (rowCount === -STATUS_OUTPUT_FULL) return null;
  countOf('bookDiff', rowCount);
  return { rowCount, insideKnownCount: core.views.i32[out.resultPtr / 4]! };
}

/** One level: price and quantity in pips. */
export interface BookLevel {
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
}

/** The best level of a side, or null where the side is empty. */
export function bookBest(core: Core, bookPtr: number, isBid: boolean): BookLevel | null {
  const side = isBid ? 1 : 0;
  if (countOf('bookLevelCount', core.kernels.bookLevelCount(bookPtr, side)) === 0) return null;
  return {
    pricePips: core.kernels.bookBestPrice(bookPtr, side),
    qtyPips: core.kernels.bookBestQty(bookPtr, side),
  };
}

/**
 * Writes up to `max` levels from the best on as int64 prices and quantities.
 * @returns how many were written
 */
export function bookLevelsInto(
  core: Core,
  bookPtr: number,
  isBid: boolean,
  out: { pricePtr: number; qtyPtr: number; max: number },
): number {
  const side = isBid ? 1 : 0;
  const { pricePtr, qtyPtr, max } = out;
  return countOf('bookLevels', core.kernels.bookLevels(bookPtr, side, max, pricePtr, qtyPtr));
}

/** The head of a book's block by name (src/abi/book.ts says what each field means). */
export class BookHead {
  readonly #views: MemoryViews;
  readonly ptr: number;

  constructor(views: MemoryViews, bookPtr: number) {
    this.#views = views;
    this.ptr = bookPtr;
  }

  #i32(offset: number): number {
    return this.#views.i32[(this.ptr + offset) / 4]!;
  }

  #i64(offset: number): bigint {
    return this.#views.i64[(this.ptr + offset) / 8]!;
  }

  /** BOOK_UNSEEDED, BOOK_LIVE or BOOK_SUSPECT. */
  get state(): number {
    return this.#i32(BOOK_STATE);
  }
  set state(state: number) {
    this.#views.i32[(this.ptr + BOOK_STATE) / 4] = state;
  }

  /** Bids are known at and above this price; KNOWN_ALL_BIDS: all. */
  get knownBidPips(): bigint {
    return this.#i64(BOOK_KNOWN_BID);
  }
  set knownBidPips(pips: bigint) {
    this.#views.i64[(this.ptr + BOOK_KNOWN_BID) / 8] = pips;
  }

  /** Asks are known at and below this price; KNOWN_ALL_ASKS: all. */
  get knownAskPips(): bigint {
    return this.#i64(BOOK_KNOWN_ASK);
  }
  set knownAskPips(pips: bigint) {
    this.#views.i64[(this.ptr + BOOK_KNOWN_ASK) / 8] = pips;
  }

  /** ts_recv of the first crossed message end since this was last set to 0; 0: none. */
  get firstCrossTs(): bigint {
    return this.#i64(BOOK_FIRST_CROSS_TS);
  }
  set firstCrossTs(ns: bigint) {
    this.#views.i64[(this.ptr + BOOK_FIRST_CROSS_TS) / 8] = ns;
  }

  /** Row of its slot at which that message begins. */
  get firstCrossRow(): number {
    return this.#views.i32[(this.ptr + BOOK_FIRST_CROSS_ROW) / 4]!;
  }
  get firstCrossSequence(): bigint {
    return this.#i64(BOOK_FIRST_CROSS_SEQUENCE);
  }

  /** 1 while the last message end was crossed, 2 while it was locked, else 0. */
  get crossState(): number {
    return this.#i32(BOOK_CROSS_STATE);
  }
  get crossSince(): bigint {
    return this.#i64(BOOK_CROSS_SINCE);
  }
  get messages(): bigint {
    return this.#i64(BOOK_MESSAGES);
  }
  get crossedMessages(): bigint {
    return this.#i64(BOOK_CROSSED_MESSAGES);
  }
  get crossedNs(): bigint {
    return this.#i64(BOOK_CROSSED_NS);
  }
  get lockedMessages(): bigint {
    return this.#i64(BOOK_LOCKED_MESSAGES);
  }
  get lockedNs(): bigint {
    return this.#i64(BOOK_LOCKED_NS);
  }
  get deletes(): bigint {
    return this.#i64(BOOK_DELETES);
  }
  get deletesUnknown(): bigint {
    return this.#i64(BOOK_DELETES_UNKNOWN);
  }
  get rowsTrusted(): bigint {
    return this.#i64(BOOK_ROWS_TRUSTED);
  }
  get depthUnknown(): bigint {
    return this.#i64(BOOK_DEPTH_UNKNOWN);
  }
  get tickPips(): bigint {
    return BigInt.asUintN(64, this.#i64(BOOK_TICK_PIPS));
  }
  get lastTsRecv(): bigint {
    return this.#i64(BOOK_LAST_TS_RECV);
  }
  get lastTsEvent(): bigint {
    return this.#i64(BOOK_LAST_TS_EVENT);
  }
  get lastSequence(): bigint {
    return this.#i64(BOOK_LAST_SEQUENCE);
  }
  get lastMarks(): number {
    return this.#i32(BOOK_LAST_MARKS);
  }
  get nextBoundary(): bigint {
    return this.#i64(BOOK_NEXT_BOUNDARY);
  }
  get bidCount(): number {
    return this.#i32(BOOK_BID_COUNT);
  }
  get askCount(): number {
    return this.#i32(BOOK_ASK_COUNT);
  }
  get byteLength(): number {
    return this.#i32(BOOK_BYTES);
  }
  get rowsApplied(): bigint {
    return this.#i64(BOOK_ROWS_APPLIED);
  }
  get rowsOffWindow(): bigint {
    return this.#i64(BOOK_ROWS_OFF_WINDOW);
  }
  get windowTicks(): number {
    return this.#i32(BOOK_WINDOW_TICKS);
  }
}
