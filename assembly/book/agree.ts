/**
 * Whether a book agrees with given levels: nearly always it does, and has all of them in its window.
 * Then each is compared where it lies, in a loop so short that the processor is ahead by many levels
 * of the columns that they come from, each of which is a line of the cache of its own. What the loop
 * cannot tell is left to the merge of bookDiff.
 */
import {
  K_TICK,
  S_BASE,
  S_BEST,
  S_BITS,
  S_FLIP,
  S_QTY,
  S_SPILL_BEST,
  S_SPILL_COUNT,
  sideOf,
} from "./layout";
import { sideAgrees } from "./diff";
import { topBit, windowBelow } from "./window";

/**
 * Whether bookDiff would give no row. Arguments as there, and right ones: nothing is checked. The
 * given levels lie inside the limits.
 */
export function levelsAgree(
  book: usize, bidPtr: usize, bidCount: i32, askPtr: usize, askCount: i32,
  levelStride: i32, qtyOffset: i32, bidLimit: i64, askLimit: i64,
): bool {
  return (
    agrees(book, 1, bidPtr, bidCount, levelStride, qtyOffset, bidLimit) &&
    agrees(book, 0, askPtr, askCount, levelStride, qtyOffset, ~askLimit)
  );
}

function agrees(
  book: usize, isBid: usize, given: usize, givenCount: i32, stride: usize, qtyOffset: usize,
  limitKey: i64,
): bool {
  const side = sideOf(book, isBid);
  const inWindow = load<i32>(side, S_SPILL_COUNT) == 0 || load<i64>(side, S_SPILL_BEST) < limitKey;
  if (inWindow && windowAgrees(book, side, given, givenCount, stride, qtyOffset, limitKey)) {
    return true;
  }
  return sideAgrees(book, isBid, given, givenCount, stride, qtyOffset, limitKey);
}

/** Whether the window's levels down to the limit are the given ones, none of which is empty. */
function windowAgrees(
  book: usize, side: usize, given: usize, givenCount: i32, stride: usize, qtyOffset: usize,
  limitKey: i64,
): bool {
  const flip = load<i64>(side, S_FLIP);
  const base = load<i64>(side, S_BASE);
  const tick = load<i64>(book, K_TICK);
  const qtys = load<usize>(side, S_QTY);
  const words = load<usize>(side, S_BITS);
  const end = given + <usize>givenCount * stride;
  let index = load<i32>(side, S_BEST);
  let bits: u64 = index < 0 ? 0 : bitsBelow(words, index);
  for (; given < end; given += stride) {
    if (index < 0) return false;
    const key = base + <i64>index * tick;
    if (load<i64>(given) != (key ^ flip)) return false;
    // The window has no level of quantity 0, so a given one is not equal either.
    if (load<i64>(given + qtyOffset) != load<i64>(qtys + (<usize>index << 3))) return false;
    if (bits != 0) {
      const top = topBit(bits);
      index = (index & ~63) + top;
      bits ^= <u64>1 << top;
    } else {
      index = windowBelow(side, index & ~63);
      if (index >= 0) bits = bitsBelow(words, index);
    }
  }
  return index < 0 || base + <i64>index * tick < limitKey;
}

@inline
function bitsBelow(words: usize, index: i32): u64 {
  return load<u64>(words + (<usize>(index >> 6) << 3)) & ((<u64>1 << (index & 63)) - 1);
}
