// Integers to pips: decimals of Parquet, pips at another scale, narrower integers.
import { SCALE_MAX } from "../src/abi/limits";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import { fitsInt64, int64Limit, pow10, setBit } from "./lib/decimal";

/** Decimals that a 128-bit integer can have. */
const DECIMAL128_SCALE_MAX = 38;
const CHUNK_DIGITS = 9;

/** Quotient of the last divide128, and whether it was exact; per instance. */
let quotientHigh: u64 = 0;
let quotientLow: u64 = 0;

/** Divides high:low by a divisor below 2^32, by long division in 32-bit digits; the remainder. */
function divide128(high: u64, low: u64, divisor: u64): u64 {
  const digit3 = high >> 32;
  let rest = digit3 % divisor;
  const digit2 = (rest << 32) | (high & 0xffffffff);
  quotientHigh = ((digit3 / divisor) << 32) | (digit2 / divisor);
  rest = digit2 % divisor;
  const digit1 = (rest << 32) | (low >> 32);
  rest = digit1 % divisor;
  const digit0 = (rest << 32) | (low & 0xffffffff);
  quotientLow = ((digit1 / divisor) << 32) | (digit0 / divisor);
  return digit0 % divisor;
}

/** high:low / 10^exponent into quotientHigh:quotientLow; false when a remainder is left. */
function divideByPower(high: u64, low: u64, exponent: i32): bool {
  quotientHigh = high;
  quotientLow = low;
  for (; exponent > 0; exponent -= CHUNK_DIGITS) {
    const divisor = pow10(min(exponent, CHUNK_DIGITS));
    if (divide128(quotientHigh, quotientLow, divisor) != 0) return false;
  }
  return true;
}

/**
 * Turns 128-bit decimals into pips.
 *
 * valuesPtr: 16 bytes each, little-endian two's complement, 8-byte aligned: value / 10^decimals.
 * outPtr: i64, 8-byte aligned; may be valuesPtr itself, for each value is read before its place is
 * written. badBitmapPtr as in scaleF64. Bad, with 0 pips: a remainder, or outside int64.
 * Returns the number of bad values, or -STATUS_BAD_ARGUMENT (decimals outside 0..38).
 */
export function decimal128ToPips(
  valuesPtr: usize,
  rowCount: i32,
  decimals: i32,
  scale: i32,
  outPtr: usize,
  badBitmapPtr: usize,
): i32 {
  if (valuesPtr & 7 || outPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  if (scale < 0 || scale > SCALE_MAX) return -STATUS_BAD_ARGUMENT;
  if (decimals < 0 || decimals > DECIMAL128_SCALE_MAX) return -STATUS_BAD_ARGUMENT;
  const dividing = max(0, decimals - scale);
  const factor = pow10(max(0, scale - decimals));
  let badCount = 0;
  for (let i = 0; i < rowCount; i++) {
    const ptr = valuesPtr + (<usize>i << 4);
    let low = load<u64>(ptr);
    let high = load<u64>(ptr, 8);
    const negative = <i64>high < 0;
    if (negative) {
      low = 0 - low;
      high = ~high + u64(low == 0);
    }
    let accepted = true;
    if (dividing > 0) {
      accepted = divideByPower(high, low, dividing);
      high = quotientHigh;
      low = quotientLow;
    }
    accepted = accepted && high == 0 && fitsInt64(low, factor, negative);
    const magnitude = <i64>(low * factor);
    store<i64>(outPtr + (<usize>i << 3), accepted ? (negative ? 0 - magnitude : magnitude) : 0);
    if (accepted) continue;
    setBit(badBitmapPtr, i);
    badCount++;
  }
  return badCount;
}

/** Multiplies pairs of values until one does not fit; returns where that pair begins, or `end`. */
function multiplyPairs(ptr: usize, end: usize, exponent: i32): usize {
  const limit = int64Limit(exponent);
  const highest = i64x2.splat(limit);
  const lowest = i64x2.splat(-limit);
  const factors = i64x2.splat(pow10(exponent));
  for (; ptr < end; ptr += 16) {
    const values = v128.load(ptr);
    const outside = v128.or(i64x2.gt_s(values, highest), i64x2.lt_s(values, lowest));
    if (v128.any_true(outside)) break;
    v128.store(ptr, i64x2.mul(values, factors));
  }
  return ptr;
}

/**
 * Multiplies i64 in place by 10^exponent, exponent in [1, 18]; a value whose product is outside
 * int64 stays and is bad. Returns the number of bad values.
 */
export function multiplyExactly(
  valuesPtr: usize,
  rowCount: i32,
  exponent: i32,
  badBitmapPtr: usize,
): i32 {
  const limit = int64Limit(exponent);
  const factor = <i64>pow10(exponent);
  const pairsEnd = valuesPtr + (<usize>(rowCount & ~1) << 3);
  let badCount = 0;
  let row = 0;
  while (row < rowCount) {
    const ptr = multiplyPairs(valuesPtr + (<usize>row << 3), pairsEnd, exponent);
    row = <i32>((ptr - valuesPtr) >> 3);
    // The pair that stopped the vectors, or the odd value at the end.
    const end = min(row + 2, rowCount);
    for (; row < end; row++) {
      const at = valuesPtr + (<usize>row << 3);
      const value = load<i64>(at);
      if (value <= limit && value >= -limit) {
        store<i64>(at, value * factor);
      } else {
        setBit(badBitmapPtr, row);
        badCount++;
      }
    }
  }
  return badCount;
}

/** Divides in place by divisor > 0; a value that leaves a remainder stays and is bad. */
function divideExactly(valuesPtr: usize, rowCount: i32, divisor: i64, badBitmapPtr: usize): i32 {
  let badCount = 0;
  for (let i = 0; i < rowCount; i++) {
    const ptr = valuesPtr + (<usize>i << 3);
    const value = load<i64>(ptr);
    const quotient = value / divisor;
    if (quotient * divisor == value) {
      store<i64>(ptr, quotient);
    } else {
      setBit(badBitmapPtr, i);
      badCount++;
    }
  }
  return badCount;
}

/**
 * Turns pips at one scale into pips at another, in place, exactly.
 *
 * valuesPtr: i64, 8-byte aligned. A bad value (a remainder, or outside int64) keeps its bits.
 * badBitmapPtr as in scaleF64. Returns the number of bad values, or -STATUS_BAD_ARGUMENT.
 */
export function int64Rescale(
  valuesPtr: usize,
  rowCount: i32,
  scaleFrom: i32,
  scaleTo: i32,
  badBitmapPtr: usize,
): i32 {
  if (valuesPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  if (scaleFrom < 0 || scaleFrom > SCALE_MAX) return -STATUS_BAD_ARGUMENT;
  if (scaleTo < 0 || scaleTo > SCALE_MAX) return -STATUS_BAD_ARGUMENT;
  if (scaleTo == scaleFrom) return 0;
  if (scaleTo > scaleFrom) {
    return multiplyExactly(valuesPtr, rowCount, scaleTo - scaleFrom, badBitmapPtr);
  }
  return divideExactly(valuesPtr, rowCount, <i64>pow10(scaleFrom - scaleTo), badBitmapPtr);
}

/**
 * Widens i32 (4-byte aligned) to i64 (8-byte aligned). outPtr may be valuesPtr: it goes from the
 * end, so that each value is read before its place is written; else the two lie apart.
 * Returns rowCount, or -STATUS_BAD_ARGUMENT.
 */
export function int32ToInt64(valuesPtr: usize, rowCount: i32, outPtr: usize): i32 {
  if (valuesPtr & 3 || outPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let i = rowCount;
  for (; i & 3; i--) {
    store<i64>(outPtr + (<usize>(i - 1) << 3), load<i32>(valuesPtr + (<usize>(i - 1) << 2)));
  }
  for (; i > 0; i -= 4) {
    const four = v128.load(valuesPtr + (<usize>(i - 4) << 2));
    const ptr = outPtr + (<usize>(i - 4) << 3);
    v128.store(ptr, i64x2.extend_high_i32x4_s(four), 16);
    v128.store(ptr, i64x2.extend_low_i32x4_s(four));
  }
  return rowCount;
}
