/** Reading a book: its levels in order from the best, out of window and spill together. */
import { STATUS_BAD_ARGUMENT, STATUS_BAD_STATE } from "../../src/abi/status";
import {
  K_TICK,
  MAGIC,
  S_BASE,
  S_BEST,
  S_BITS,
  S_DENSE_COUNT,
  S_DIR_COUNT,
  S_FLIP,
  S_QTY,
  S_SPILL_BEST,
  S_SPILL_COUNT,
  SPILL_QTYS,
  levelCount,
  sideOf,
} from "./layout";
import { blockCount, blockOf, entryOf, positionOf } from "./spill";
import { topBit, windowBelow } from "./window";

@inline
export function windowKey(book: usize, side: usize, index: i32): i64 {
  return load<i64>(side, S_BASE) + <i64>index * load<i64>(book, K_TICK);
}

/** Key of the best level; the side is not empty. */
@inline
export function bestKey(book: usize, side: usize): i64 {
  const spillBest = load<i64>(side, S_SPILL_BEST);
  const index = load<i32>(side, S_BEST);
  if (index < 0) return spillBest;
  const key = windowKey(book, side, index);
  return key > spillBest ? key : spillBest;
}

/** Quantity of the best level; the side is not empty. */
export function bestQty(book: usize, side: usize): i64 {
  const index = load<i32>(side, S_BEST);
  const spillBest = load<i64>(side, S_SPILL_BEST);
  const spilled = load<i32>(side, S_SPILL_COUNT) > 0;
  if (index >= 0 && !(spilled && spillBest > windowKey(book, side, index))) {
    return load<i64>(load<usize>(side, S_QTY) + (<usize>index << 3));
  }
  const last = load<i32>(side, S_DIR_COUNT) - 1;
  return load<i64>(blockOf(side, last) + (<usize>(blockCount(side, last) - 1) << 3), SPILL_QTYS);
}

/** Greatest index in use whose key is at most `key`, or -1. */
function indexAtOrBelow(book: usize, side: usize, key: i64): i32 {
  const best = load<i32>(side, S_BEST);
  if (best < 0 || windowKey(book, side, best) <= key) return best;
  const base = load<i64>(side, S_BASE);
  if (key < base) return -1;
  const index = <u64>(key - base) / load<u64>(book, K_TICK);
  return windowBelow(side, <i32>index + 1);
}

/**
 * Writes the prices and quantities of up to `max` levels, from the best at or below `fromKey` on,
 * to pricePtr + k * stride and qtyPtr + k * stride. Returns how many.
 */
export function readLevels(
  book: usize, side: usize, fromKey: i64, max: i32, pricePtr: usize, qtyPtr: usize, stride: usize,
): i32 {
  const flip = load<i64>(side, S_FLIP);
  const qtys = load<usize>(side, S_QTY);
  const wordsPtr = load<usize>(side, S_BITS);
  const base = load<i64>(side, S_BASE);
  const tick = load<i64>(book, K_TICK);
  // The window's next level, and the bits of its word below it.
  let index = load<i32>(side, S_DENSE_COUNT) > 0 ? indexAtOrBelow(book, side, fromKey) : -1;
  let bits = index >= 0 ? bitsBelow(wordsPtr, index) : 0;
  // The spill's next level lies before spillAt, in a block that begins at spillFirst.
  let entry = load<i32>(side, S_DIR_COUNT) > 0 ? entryOf(side, fromKey) : -1;
  let spillFirst: usize = 0;
  let spillAt: usize = 0;
  if (entry >= 0) {
    spillFirst = blockOf(side, entry);
    spillAt = spillFirst + (<usize>countUpTo(side, entry, fromKey) << 3);
  }
  let written = 0;
  while (written < max) {
    while (spillAt == spillFirst && entry >= 0) {
      entry--;
      if (entry < 0) break;
      spillFirst = blockOf(side, entry);
      spillAt = spillFirst + (<usize>blockCount(side, entry) << 3);
    }
    const denseKey = base + <i64>index * tick;
    let key: i64 = 0;
    let qty: i64 = 0;
    if (index >= 0 && (entry < 0 || denseKey > load<i64>(spillAt - 8))) {
      key = denseKey;
      qty = load<i64>(qtys + (<usize>index << 3));
      if (bits != 0) {
        index = (index & ~63) + topBit(bits);
        bits ^= <u64>1 << (index & 63);
      } else {
        index = windowBelow(side, index & ~63);
        if (index >= 0) bits = bitsBelow(wordsPtr, index);
      }
    } else if (entry >= 0) {
      spillAt -= 8;
      key = load<i64>(spillAt);
      qty = load<i64>(spillAt, SPILL_QTYS);
    } else {
      break;
    }
    store<i64>(pricePtr, key ^ flip);
    store<i64>(qtyPtr, qty);
    pricePtr += stride;
    qtyPtr += stride;
    written++;
  }
  return written;
}

@inline
function bitsBelow(wordsPtr: usize, index: i32): u64 {
  return load<u64>(wordsPtr + (<usize>(index >> 6) << 3)) & ((<u64>1 << (index & 63)) - 1);
}

/** How many keys of a block are at or below `key`. */
function countUpTo(side: usize, entry: i32, key: i64): i32 {
  const block = blockOf(side, entry);
  const count = blockCount(side, entry);
  const position = positionOf(block, count, key);
  const isThere = position < count && load<i64>(block + (<usize>position << 3)) == key;
  return isThere ? position + 1 : position;
}

/**
 * Writes up to `max` levels of one side from the best on: prices (i64) to pricePtr, quantities
 * (i64) to qtyPtr, both 8-byte aligned. `isBid` is 1 or 0.
 * Returns how many; -STATUS_BAD_STATE, -STATUS_BAD_ARGUMENT.
 */
export function bookLevels(book: usize, isBid: i32, max: i32, pricePtr: usize, qtyPtr: usize): i32 {
  if (load<u64>(book) != MAGIC) return -STATUS_BAD_STATE;
  if (max < 0 || ((pricePtr | qtyPtr) & 7) != 0 || (isBid & ~1) != 0) return -STATUS_BAD_ARGUMENT;
  return readLevels(book, sideOf(book, isBid), i64.MAX_VALUE, max, pricePtr, qtyPtr, 8);
}

/** Levels of one side; -STATUS_BAD_STATE. */
export function bookLevelCount(book: usize, isBid: i32): i32 {
  if (load<u64>(book) != MAGIC) return -STATUS_BAD_STATE;
  return levelCount(sideOf(book, isBid & 1));
}

/** Price of the best level of a side that bookLevelCount says is not empty; else 0. */
export function bookBestPrice(book: usize, isBid: i32): i64 {
  const side = sideOf(book, isBid & 1);
  return levelCount(side) == 0 ? 0 : bestKey(book, side) ^ load<i64>(side, S_FLIP);
}

/** Quantity of the best level of a side that bookLevelCount says is not empty; else 0. */
export function bookBestQty(book: usize, isBid: i32): i64 {
  const side = sideOf(book, isBid & 1);
  return levelCount(side) == 0 ? 0 : bestQty(book, side);
}
