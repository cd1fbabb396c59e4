/**
 * The dense window of one side: quantities by index, and which indices are in use as three levels
 * of bitmaps, 64 to 1. Bit i of a word at one level says whether word i below it is other than 0.
 */
import { S_BEST, S_BITS0, S_BITS1, S_BITS2, S_DENSE_COUNT, S_QTY } from "./layout";

/** Highest bit that is set; `word` is not 0. */
@inline
export function topBit(word: u64): i32 {
  return 63 - <i32>clz<u64>(word);
}

@inline
function wordAt(bits: usize, index: i32): usize {
  return bits + (<usize>index << 3);
}

/** Greatest index in use below `index` (0 to the window's ticks), or -1. */
export function windowBelow(side: usize, index: i32): i32 {
  const bits0 = load<usize>(side, S_BITS0);
  let word = index >> 6;
  let rest: u64 = 0;
  if (index & 63) {
    rest = load<u64>(wordAt(bits0, word)) & ((<u64>1 << (index & 63)) - 1);
    if (rest != 0) return (word << 6) + topBit(rest);
  }
  const bits1 = load<usize>(side, S_BITS1);
  let group = word >> 6;
  if (word & 63) {
    rest = load<u64>(wordAt(bits1, group)) & ((<u64>1 << (word & 63)) - 1);
    if (rest != 0) {
      word = (group << 6) + topBit(rest);
      return (word << 6) + topBit(load<u64>(wordAt(bits0, word)));
    }
  }
  if (group == 0) return -1;
  rest = load<u64>(load<usize>(side, S_BITS2));
  // 64 groups are the whole window: nothing to mask off.
  if (group < 64) rest &= (<u64>1 << group) - 1;
  if (rest == 0) return -1;
  group = topBit(rest);
  word = (group << 6) + topBit(load<u64>(wordAt(bits1, group)));
  return (word << 6) + topBit(load<u64>(wordAt(bits0, word)));
}

/**
 * Turns the mark of an index if `turns` is 1, and leaves it alone if that is 0; `isInsert` (1 or 0)
 * says which way it turns. The caller writes the quantity. Hardly a branch on the way, because
 * whether a row adds, changes or removes a level cannot be foreseen.
 */
@inline
export function windowTurn(side: usize, index: i32, turns: i32, isInsert: i32): void {
  const at = wordAt(load<usize>(side, S_BITS0), index >> 6);
  const before = load<u64>(at);
  const after = before ^ (<u64>turns << (index & 63));
  store<u64>(at, after);
  store<i32>(side, load<i32>(side, S_DENSE_COUNT) + turns * (2 * isInsert - 1), S_DENSE_COUNT);
  if ((before == 0) != (after == 0)) summarise(side, index >> 6, isInsert);
  if (turns & i32(index >= load<i32>(side, S_BEST))) {
    store<i32>(side, isInsert ? index : windowBelow(side, index), S_BEST);
  }
}

/** Word `word` of the lowest level became 0, or is no longer. */
function summarise(side: usize, word: i32, isInsert: i32): void {
  if (isInsert) raise(side, word);
  else lower(side, word);
}

/** Word `word` of the lowest level became other than 0. */
function raise(side: usize, word: i32): void {
  const group = word >> 6;
  const at = wordAt(load<usize>(side, S_BITS1), group);
  store<u64>(at, load<u64>(at) | (<u64>1 << (word & 63)));
  const top = load<usize>(side, S_BITS2);
  store<u64>(top, load<u64>(top) | (<u64>1 << group));
}

/** Word `word` of the lowest level became 0. */
function lower(side: usize, word: i32): void {
  const group = word >> 6;
  const at = wordAt(load<usize>(side, S_BITS1), group);
  const rest = load<u64>(at) & ~(<u64>1 << (word & 63));
  store<u64>(at, rest);
  if (rest != 0) return;
  const top = load<usize>(side, S_BITS2);
  store<u64>(top, load<u64>(top) & ~(<u64>1 << group));
}

/** Empties the window, at a cost that follows the levels in it. */
export function windowClear(side: usize): void {
  const qtys = load<usize>(side, S_QTY);
  for (let index = load<i32>(side, S_BEST); index >= 0; index = windowBelow(side, index)) {
    store<i64>(wordAt(qtys, index), 0);
    const at = wordAt(load<usize>(side, S_BITS0), index >> 6);
    const word = load<u64>(at) & ~(<u64>1 << (index & 63));
    store<u64>(at, word);
    if (word == 0) lower(side, index >> 6);
  }
  store<i32>(side, -1, S_BEST);
  store<i32>(side, 0, S_DENSE_COUNT);
}
