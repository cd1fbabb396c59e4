import { STATUS_BOOK_FULL, STATUS_OUTPUT_FULL } from '../abi/status.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw exports of assembly/book/; pointers are addresses in the shared memory. */
export interface BookKernels {
  bookBytesMin(): number;
  bookInit(book: number, bytes: number): number;
  bookClear(book: number): number;
  bookMove(from: number, to: number, bytes: number): number;
  bookApply(book: number, run: number): number;
  bookFollow(book: number, run: number, witnesses: number): number;
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
 * Applies the rows of a run block, and goes across the witnesses between them that agree with the
 * book. @returns as bookApply, or STOP_HOST in front of what the host has to look at: a witness that
 * does not simply agree, the end of the given ones, or what follows a crossing
 */
export function bookFollow(
  core: Core,
  bookPtr: number,
  runPtr: number,
  witnessesPtr: number,
): number {
  return countOf('bookFollow', core.kernels.bookFollow(bookPtr, runPtr, witnessesPtr));
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
