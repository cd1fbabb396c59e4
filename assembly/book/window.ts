/**
 * The dense window of one side: quantities by index, a bit for each index that is in use, and a
 * byte for each word of 64 such bits: 0 only if the word is 0. A byte is set whenever its word is
 * touched, which takes no look at it, and cleared by the search that finds its word empty: so a
 * search looks at no empty word twice, and a row pays for no summary.
 */
import { S_BEST, S_BITS, S_DENSE_COUNT, S_QTY, S_TOUCHED } from "./layout";

/** Highest bit that is set; `word` is not 0. */
@inline
export function topBit(word: u64): i32 {
  return 63 - <i32>clz<u64>(word);
}

@inline
function wordAt(bits: usize, index: i32): usize {
  return bits + (<usize>index << 3);
}

/** Greatest index in use at or below `index` (-1 to the window's ticks less 1), or -1. */
@inline
export function windowAtOrBelow(side: usize, index: i32): i32 {
  if (index < 0) return -1;
  const word = load<u64>(wordAt(load<usize>(side, S_BITS), index >> 6)) << (63 - (index & 63));
  return word != 0 ? index - <i32>clz<u64>(word) : windowBelow(side, index & ~63);
}

/** Greatest index in use below `index` (0 to the window's ticks), or -1. */
export function windowBelow(side: usize, index: i32): i32 {
  const bits = load<usize>(side, S_BITS);
  const word = index >> 6;
  if (index & 63) {
    const rest = load<u64>(wordAt(bits, word)) & ((<u64>1 << (index & 63)) - 1);
    if (rest != 0) return (word << 6) + topBit(rest);
  }
  const touched = load<usize>(side, S_TOUCHED);
  let end = word;
  while (end > 0) {
    // Words [first, end), 16 of them or as many as there are.
    const first = max(end - 16, 0);
    let marks = touchedMarks(touched, first, end);
    while (marks != 0) {
      const found = first + 31 - clz<i32>(marks);
      const rest = load<u64>(wordAt(bits, found));
      if (rest != 0) return (found << 6) + topBit(rest);
      store<u8>(touched + found, 0);
      marks ^= 1 << (found - first);
    }
    end = first;
  }
  return -1;
}

/** Bit k: word first + k was touched; for words [first, end), at most 16. */
@inline
function touchedMarks(touched: usize, first: i32, end: i32): i32 {
  if (end - first == 16) {
    return i8x16.bitmask(i8x16.ne(v128.load(touched + first), i8x16.splat(0)));
  }
  let marks = 0;
  for (let word = first; word < end; word++) {
    marks |= i32(load<u8>(touched + word) != 0) << (word - first);
  }
  return marks;
}

/** Puts an index into use that is not; the caller writes the quantity. */
export function windowInsert(side: usize, index: i32): void {
  const at = wordAt(load<usize>(side, S_BITS), index >> 6);
  store<u64>(at, load<u64>(at) | (<u64>1 << (index & 63)));
  store<u8>(load<usize>(side, S_TOUCHED) + (index >> 6), 1);
  store<i32>(side, load<i32>(side, S_DENSE_COUNT) + 1, S_DENSE_COUNT);
  if (index > load<i32>(side, S_BEST)) store<i32>(side, index, S_BEST);
}

/** Empties the window, at a cost that follows the levels in it. */
export function windowClear(side: usize): void {
  const qtys = load<usize>(side, S_QTY);
  const bits = load<usize>(side, S_BITS);
  for (let index = load<i32>(side, S_BEST); index >= 0; index = windowBelow(side, index)) {
    store<i64>(wordAt(qtys, index), 0);
    const at = wordAt(bits, index >> 6);
    store<u64>(at, load<u64>(at) & ~(<u64>1 << (index & 63)));
  }
  store<i32>(side, -1, S_BEST);
  store<i32>(side, 0, S_DENSE_COUNT);
}
