/** The life of a book's block: made, emptied, moved into a larger one. */
import {
  BOOK_ASK_COUNT,
  BOOK_BID_COUNT,
  BOOK_BYTES,
  BOOK_DEPTH_MAX,
  BOOK_HEAD_BYTES,
  BOOK_KNOWN_ASK,
  BOOK_KNOWN_BID,
  BOOK_MAGIC,
  BOOK_NEXT_BOUNDARY,
  BOOK_WINDOW_TICKS,
} from "../../src/abi/book";
import { STATUS_BAD_ARGUMENT, STATUS_BAD_STATE, STATUS_BOOK_FULL } from "../../src/abi/status";
import {
  K_CREDIT,
  K_GRID_CHECK_EVERY,
  K_GRID_CHECK_IN,
  K_INVERSE,
  K_LIMIT,
  K_PENDING_MARKS,
  K_PENDING_ROWS,
  K_SHIFT,
  K_TICK,
  K_TOP_DEPTH,
  K_WINDOW_BITS,
  K_WRITTEN_FLAGS,
  MAGIC,
  S_BASE,
  S_BEST,
  S_FLIP,
  S_QTY,
  S_TOP,
  S_TOP_COUNT,
  S_TOP_DIRTY,
  S_TOP_KEY,
  SCRATCH,
  bytesMin,
  formatBlock,
  levelCount,
  sideOf,
} from "./layout";
import { bestKey, readLevels } from "./levels";
import { baseFor, setGrid, windowIndex } from "./retune";
import { SPILL_FULL, spillReset, spillSet } from "./spill";
import { windowClear, windowInsert } from "./window";

/** Bytes of the smallest block that bookInit takes (a window of 128 ticks). */
export function bookBytesMin(): i32 {
  return <i32>bytesMin();
}

/**
 * Formats `bytes` bytes at `book` (64-byte aligned) as an empty, unseeded book that is known
 * whole. The window takes up to five eighths of the block: 2^12 ticks a side in 128 KiB, 2^17 in
 * 4 MiB, at most 2^18. Returns 0; -STATUS_BAD_ARGUMENT.
 */
export function bookInit(book: usize, bytes: i32): i32 {
  if ((book & 63) != 0 || <u32>bytes < bytesMin()) return -STATUS_BAD_ARGUMENT;
  formatBlock(book, bytes);
  store<i64>(book, i64.MIN_VALUE, BOOK_KNOWN_BID);
  store<i64>(book, i64.MAX_VALUE, BOOK_KNOWN_ASK);
  store<i64>(book, i64.MIN_VALUE, BOOK_NEXT_BOUNDARY);
  store<i32>(book, bytes, BOOK_BYTES);
  store<i32>(book, 1 << load<i32>(book, K_WINDOW_BITS), BOOK_WINDOW_TICKS);
  store<i32>(book, 1, K_GRID_CHECK_EVERY);
  store<i32>(book, -1, K_WRITTEN_FLAGS);
  const ask = sideOf(book, 0);
  const bid = sideOf(book, 1);
  store<i32>(ask, -1, S_BEST);
  store<i32>(bid, -1, S_BEST);
  store<i64>(ask, i64.MAX_VALUE, S_TOP_KEY);
  store<i64>(bid, i64.MAX_VALUE, S_TOP_KEY);
  spillReset(book, ask, bid);
  store<u64>(book, MAGIC);
  return 0;
}

/** Removes all levels; state, counters, grid and window stay. Returns 0; -STATUS_BAD_STATE. */
export function bookClear(book: usize): i32 {
  if (load<u64>(book) != MAGIC) return -STATUS_BAD_STATE;
  clearLevels(book);
  store<i32>(book, 0, BOOK_BID_COUNT);
  store<i32>(book, 0, BOOK_ASK_COUNT);
  return 0;
}

export function clearLevels(book: usize): void {
  const ask = sideOf(book, 0);
  const bid = sideOf(book, 1);
  windowClear(ask);
  windowClear(bid);
  spillReset(book, ask, bid);
  store<i32>(ask, 1, S_TOP_DIRTY);
  store<i32>(bid, 1, S_TOP_DIRTY);
}

/**
 * Formats `bytes` bytes at `to` (64-byte aligned, not overlapping `from`) and moves the book at
 * `from` there, with its state, its counters and whatever a stopped bookApply needs to go on.
 * `from` stays as it was, and is the book still when -STATUS_BOOK_FULL says that the levels do not
 * fit. Returns 0; -STATUS_BAD_STATE, -STATUS_BAD_ARGUMENT, -STATUS_BOOK_FULL.
 */
export function bookMove(from: usize, to: usize, bytes: i32): i32 {
  if (load<u64>(from) != MAGIC) return -STATUS_BAD_STATE;
  const status = bookInit(to, bytes);
  if (status != 0) return status;
  // Until all levels are in, the new block is no book.
  store<u64>(to, 0);
  setGrid(to, load<u64>(from, K_TICK));
  for (let isBid: usize = 0; isBid < 2; isBid++) {
    if (!moveSide(from, to, isBid)) return -STATUS_BOOK_FULL;
  }
  const windowTicks = load<i32>(to, BOOK_WINDOW_TICKS);
  memory.copy(to + BOOK_MAGIC + 8, from + BOOK_MAGIC + 8, BOOK_HEAD_BYTES - 8);
  store<i32>(to, bytes, BOOK_BYTES);
  store<i32>(to, windowTicks, BOOK_WINDOW_TICKS);
  copyField(from, to, K_CREDIT);
  copyField(from, to, K_GRID_CHECK_IN);
  copyField(from, to, K_GRID_CHECK_EVERY);
  copyField(from, to, K_TOP_DEPTH);
  copyField(from, to, K_WRITTEN_FLAGS);
  copyField(from, to, K_PENDING_MARKS);
  copyField(from, to, K_PENDING_ROWS);
  store<u64>(to, MAGIC);
  return 0;
}

@inline
function copyField(from: usize, to: usize, field: usize): void {
  store<i32>(to + field, load<i32>(from + field));
}

/** Returns false when the levels do not fit. */
function moveSide(fromBook: usize, toBook: usize, isBid: usize): bool {
  const from = sideOf(fromBook, isBid);
  const to = sideOf(toBook, isBid);
  copyField(from, to, S_TOP_COUNT);
  copyField(from, to, S_TOP_DIRTY);
  store<i64>(to, load<i64>(from, S_TOP_KEY), S_TOP_KEY);
  const topBytes = <usize>load<i32>(from, S_TOP_COUNT) << 4;
  memory.copy(load<usize>(to, S_TOP), load<usize>(from, S_TOP), topBytes);
  if (levelCount(from) == 0) return true;
  const best = bestKey(fromBook, from);
  if (load<u64>(toBook, K_LIMIT) != 0) store<i64>(to, baseFor(toBook, to, best), S_BASE);
  const scratch = toBook + SCRATCH;
  const flip = load<i64>(from, S_FLIP);
  let key = best;
  while (true) {
    const count = readLevels(fromBook, from, key, BOOK_DEPTH_MAX, scratch, scratch + 8, 16);
    for (let at = scratch; at < scratch + (<usize>count << 4); at += 16) {
      key = load<i64>(at) ^ flip;
      if (!place(toBook, to, key, load<i64>(at, 8))) return false;
    }
    if (count < BOOK_DEPTH_MAX || key == i64.MIN_VALUE) return true;
    key--;
  }
}

/** Puts a level that the book does not hold yet where it belongs; false: no room. */
function place(book: usize, side: usize, key: i64, qty: i64): bool {
  const index = windowIndex(
    key, load<i64>(side, S_BASE), load<u64>(book, K_INVERSE), load<u64>(book, K_SHIFT),
  );
  if (index >= load<u64>(book, K_LIMIT)) return spillSet(book, side, key, qty) != SPILL_FULL;
  store<i64>(load<usize>(side, S_QTY) + (<usize>index << 3), qty);
  windowInsert(side, <i32>index);
  return true;
}
