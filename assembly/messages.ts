// Where messages end (MODEL section 2): rows with the same key are one message.
import { FLAG_LAST } from "../src/abi/flags";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";

/** Lanes of 64 bits: which of `two` keys equal the one behind, the last the first of `behind`. */
// @ts-ignore: decorator
@inline
function sameAsNext(two: v128, behind: v128): v128 {
  return i64x2.eq(two, v128.shuffle<i64>(two, behind, 1, 2));
}

/** Rows have the same key as the next, for four rows, of which these are six keys: 32 bits each. */
// @ts-ignore: decorator
@inline
function sameFour(keys01: v128, keys23: v128, keys45: v128): v128 {
  return v128.shuffle<i32>(sameAsNext(keys01, keys23), sameAsNext(keys23, keys45), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function isLast(key1Ptr: usize, key2Ptr: usize, row: i32): bool {
  const offset = <usize>row << 3;
  if (load<i64>(key1Ptr + offset) != load<i64>(key1Ptr + offset, 8)) return true;
  return key2Ptr != 0 && load<i64>(key2Ptr + offset) != load<i64>(key2Ptr + offset, 8);
}

// @ts-ignore: decorator
@inline
function setLast(flagsPtr: usize, row: i32): void {
  const ptr = flagsPtr + (<usize>row << 2);
  store<i32>(ptr, load<i32>(ptr) | FLAG_LAST);
}

/**
 * Sets FLAG_LAST in the flags of each row where the key of the next row differs; other flags, such
 * as those that decoding has set, stay.
 *
 * key1Ptr, key2Ptr: i64 columns, 8-byte aligned, read only; key2Ptr 0: one column is the key.
 * flagsPtr: i32, 4-byte aligned, read and written, apart from the keys; LAST where it is set already
 * stays, and is not counted. The key
 * of the row behind the last one is given; hasNext 0 says that there is no such row: the last row
 * is LAST. No over-read. Returns the number of messages that end, or -STATUS_BAD_ARGUMENT.
 *
 *   keys   | k0 k1 | k2 k3 |   against   | k1 k2 | k3 k4 |   ->   4 lanes of flags
 */
export function markMessages(
  key1Ptr: usize,
  key2Ptr: usize,
  rowCount: i32,
  nextKey1: i64,
  nextKey2: i64,
  hasNext: i32,
  flagsPtr: usize,
): i32 {
  if (key1Ptr == 0 || (key1Ptr | key2Ptr) & 7 || flagsPtr & 3 || rowCount < 0) {
    return -STATUS_BAD_ARGUMENT;
  }
  if (rowCount == 0) return 0;
  const lasts = i32x4.splat(FLAG_LAST);
  const lastRow = rowCount - 1;
  let continued = i32x4.splat(0);
  let row = 0;
  const otherPtr = key2Ptr == 0 ? key1Ptr : key2Ptr;
  let key1 = rowCount > 5 ? v128.load(key1Ptr) : continued;
  let key2 = rowCount > 5 ? v128.load(otherPtr) : continued;
  for (; row + 5 <= lastRow; row += 4) {
    const at1 = key1Ptr + (<usize>row << 3);
    const at2 = otherPtr + (<usize>row << 3);
    const next1 = v128.load(at1, 32);
    const next2 = v128.load(at2, 32);
    const same = v128.and(
      sameFour(key1, v128.load(at1, 16), next1),
      sameFour(key2, v128.load(at2, 16), next2),
    );
    key1 = next1;
    key2 = next2;
    continued = i32x4.sub(continued, same);
    const ptr = flagsPtr + (<usize>row << 2);
    v128.store(ptr, v128.or(v128.load(ptr), v128.andnot(lasts, same)));
  }
  let ended =
    row -
    i32x4.extract_lane(continued, 0) -
    i32x4.extract_lane(continued, 1) -
    i32x4.extract_lane(continued, 2) -
    i32x4.extract_lane(continued, 3);
  for (; row < lastRow; row++) {
    const last = isLast(key1Ptr, key2Ptr, row);
    if (last) setLast(flagsPtr, row);
    ended += i32(last);
  }
  const offset = <usize>lastRow << 3;
  const last =
    hasNext == 0 ||
    load<i64>(key1Ptr + offset) != nextKey1 ||
    (key2Ptr != 0 && load<i64>(key2Ptr + offset) != nextKey2);
  if (last) setLast(flagsPtr, lastRow);
  return ended + i32(last);
}

/**
 * The row behind the first LAST row of [rowStart, rowEnd), or -1 when no message ends there.
 * flagsPtr: i32 of row 0, 4-byte aligned. -1 for a wrong argument too: there is nothing to end.
 */
export function messageEnd(flagsPtr: usize, rowStart: i32, rowEnd: i32): i32 {
  for (let row = rowStart; row < rowEnd; row++) {
    if (load<i32>(flagsPtr + (<usize>row << 2)) & FLAG_LAST) return row + 1;
  }
  return -1;
}
