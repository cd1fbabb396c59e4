// Rows of whole books (Lake `book`, `deep_book_1m`): which of them can be believed.
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";

/**
 * Looks at one level of one side of many rows: it is good where price and quantity are above 0, all
 * better levels are good, and the price is worse than the one before. Good: the row's count rises;
 * else the row is invalid.
 *
 * pricePtr, qtyPtr, betterPtr: i64, 8-byte aligned, read only; betterPtr: the prices of the level
 * before, 0 for level 0. countsPtr: i32, 4-byte aligned, read and written. invalidPtr: a byte a
 * row, set to 1. No over-read; nothing may overlap. Returns how many rows are not good, or
 * -STATUS_BAD_ARGUMENT.
 */
export function witnessLevel(
  pricePtr: usize,
  qtyPtr: usize,
  betterPtr: usize,
  isBid: i32,
  level: i32,
  rowCount: i32,
  countsPtr: usize,
  invalidPtr: usize,
): i32 {
  if ((pricePtr | qtyPtr | betterPtr) & 7 || countsPtr & 3 || rowCount < 0 || level < 0) {
    return -STATUS_BAD_ARGUMENT;
  }
  let badCount = 0;
  for (let row = 0; row < rowCount; row++) {
    const offset = <usize>row << 3;
    const price = load<i64>(pricePtr + offset);
    let isGood = i32(price > 0) & i32(load<i64>(qtyPtr + offset) > 0);
    if (betterPtr != 0) {
      const better = load<i64>(betterPtr + offset);
      isGood &= isBid ? i32(price < better) : i32(price > better);
    }
    const countPtr = countsPtr + (<usize>row << 2);
    const count = load<i32>(countPtr);
    isGood &= i32(count == level);
    store<i32>(countPtr, count + isGood);
    store<u8>(invalidPtr + row, load<u8>(invalidPtr + row) | <u8>(isGood ^ 1));
    badCount += isGood ^ 1;
  }
  return badCount;
}
