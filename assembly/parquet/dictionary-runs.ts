// Where runs of equal values start, in a batch of rows of a dictionary (dictionary-encode.ts).

/**
 * Writes index to indices[row .. end) and up to 32 bytes further: most runs are short, and two stores
 * without a question cost less than a branch that cannot be foreseen.
 */
// @ts-ignore: decorator
@inline
export function fill(indices: usize, row: i32, end: i32, index: i32): void {
  const word = v128.splat<i16>(<i16>index);
  const at = indices + ((<usize>row) << 1);
  v128.store(at, word);
  v128.store(at, word, 16);
  for (row += 16; row < end; row += 8) v128.store(indices + ((<usize>row) << 1), word);
}

/** Notes the rows whose value is not the one before; `last` comes before row 0. */
// @ts-ignore: decorator
@inline
export function runStarts<T>(values: usize, rows: i32, last: T, starts: usize): i32 {
  let at = starts;
  if (load<T>(values) != last) {
    store<u16>(at, 0);
    at += 2;
  }
  let row = 1;
  for (; row + 64 <= rows; row += 64) {
    let changes: u64 = 0;
    for (let shift: u64 = 0; shift < 64; shift += 8) {
      const equal = equalToBefore<T>(values + <usize>(<u64>row + shift) * sizeof<T>());
      changes |= (<u64>(equal ^ 0xff)) << shift;
    }
    for (; changes != 0; changes &= changes - 1) {
      store<u16>(at, <u16>(row + <i32>ctz<u64>(changes)));
      at += 2;
    }
  }
  for (; row < rows; row++) {
    const value = values + (<usize>row) * sizeof<T>();
    store<u16>(at, <u16>row);
    at += load<T>(value) != load<T>(value - sizeof<T>()) ? 2 : 0;
  }
  return <i32>((at - starts) >> 1);
}

/** 8 bits, one for each of the 8 values from here on: it is the one before it. */
// @ts-ignore: decorator
@inline
function equalToBefore<T>(at: usize): i32 {
  if (sizeof<T>() == 4) {
    const low = i32x4.eq(v128.load(at), v128.load(at - 4));
    const high = i32x4.eq(v128.load(at, 16), v128.load(at - 4, 16));
    return i16x8.bitmask(i16x8.narrow_i32x4_s(low, high));
  }
  const before = at - 8;
  const a = i64x2.eq(v128.load(at), v128.load(before));
  const b = i64x2.eq(v128.load(at, 16), v128.load(before, 16));
  const c = i64x2.eq(v128.load(at, 32), v128.load(before, 32));
  const d = i64x2.eq(v128.load(at, 48), v128.load(before, 48));
  const low = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
  const high = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
  return i16x8.bitmask(i16x8.narrow_i32x4_s(low, high));
}

/**
 * How many of the rows after the first have another index than the row before; the same, less 2^31,
 * where an index is 0xffff.
 */
// @ts-ignore: decorator
@inline
export function changes(indices: usize, rows: i32): i32 {
  if (rows == 0) return 0;
  let highest = i16x8.splat(load<i16>(indices));
  let count = 0;
  let row = 1;
  for (; row + 8 <= rows; row += 8) {
    const at = indices + ((<usize>row) << 1);
    const here = v128.load(at);
    highest = i16x8.max_u(highest, here);
    count += 8 - popcnt<i32>(i16x8.bitmask(i16x8.eq(here, v128.load(at - 2))));
  }
  for (; row < rows; row++) {
    const at = indices + ((<usize>row) << 1);
    highest = i16x8.max_u(highest, i16x8.splat(load<i16>(at)));
    count += i32(load<u16>(at) != load<u16>(at - 2));
  }
  return v128.any_true(i16x8.eq(highest, i16x8.splat(-1))) ? count | i32.MIN_VALUE : count;
}
