// Times to nanoseconds since the epoch (MODEL section 1).
import { STATUS_BAD_ARGUMENT, STATUS_NOT_EXACT } from "../src/abi/status";
import { setBit } from "./lib/decimal";
import { multiplyExactly } from "./rescale";

const UNIT_EXPONENT_MAX = 9;

/**
 * Nanoseconds a unit by the digits of a stamp: seconds have 10 (2001 to 2286), milliseconds 13,
 * microseconds 16, nanoseconds 19; 0 for anything else.
 */
// @ts-ignore: decorator
@inline
function unitOf(value: i64): i32 {
  if (value >= 1000000000000000000) return 1;
  if (value >= 1000000000000000) return value < 10000000000000000 ? 1000 : 0;
  if (value >= 1000000000000) return value < 10000000000000 ? 1000000 : 0;
  if (value >= 1000000000) return value < 10000000000 ? 1000000000 : 0;
  return 0;
}

/**
 * The unit that all stamps of a column have by their digits: nanoseconds of one, 1 to 10^9.
 * valuesPtr: i64, 8-byte aligned, read only. badBitmapPtr: the bit of a value whose digits fit no
 * unit is set; the host clears. Returns 0 where no value has a unit, -STATUS_NOT_EXACT where two
 * values have different ones, or -STATUS_BAD_ARGUMENT.
 */
export function timeUnitByDigits(valuesPtr: usize, rowCount: i32, badBitmapPtr: usize): i32 {
  if (valuesPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let unitNs = 0;
  for (let i = 0; i < rowCount; i++) {
    const found = unitOf(load<i64>(valuesPtr + (<usize>i << 3)));
    if (found == 0) {
      setBit(badBitmapPtr, i);
    } else if (found != unitNs) {
      if (unitNs != 0) return -STATUS_NOT_EXACT;
      unitNs = found;
    }
  }
  return unitNs;
}

/**
 * Turns stamps into nanoseconds, in place. valuesPtr: i64, 8-byte aligned. unitNs: nanoseconds of
 * a unit, a power of ten up to 10^9. badBitmapPtr: the bit of a value that does not fit int64 then is set (the value
 * stays); the host clears. Returns the number of bad values, or -STATUS_BAD_ARGUMENT.
 */
export function timesToNs(
  valuesPtr: usize,
  rowCount: i32,
  unitNs: i32,
  badBitmapPtr: usize,
): i32 {
  if (valuesPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let exponent = 0;
  let power = 1;
  for (; power < unitNs && exponent < UNIT_EXPONENT_MAX; power *= 10) exponent++;
  if (power != unitNs) return -STATUS_BAD_ARGUMENT;
  return exponent == 0 ? 0 : multiplyExactly(valuesPtr, rowCount, exponent, badBitmapPtr);
}

/** Nanoseconds from here on have 19 digits; the same as TIME_NS_MIN of the host. */
export const NS_MIN: i64 = 1000000000000000000;

// @ts-ignore: decorator
@inline
function tooEarly(ptr: usize): v128 {
  return i64x2.lt_s(v128.load(ptr), i64x2.splat(NS_MIN));
}

/**
 * The first stamp that is no plain time in nanoseconds (19 digits), or rowCount. valuesPtr: i64,
 * 8-byte aligned, read only. No over-read. -STATUS_BAD_ARGUMENT.
 */
export function timesPlain(valuesPtr: usize, rowCount: i32): i32 {
  if (valuesPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let row = 0;
  for (; row + 8 <= rowCount; row += 8) {
    const ptr = valuesPtr + (<usize>row << 3);
    const early = v128.or(
      v128.or(tooEarly(ptr), tooEarly(ptr + 16)),
      v128.or(tooEarly(ptr + 32), tooEarly(ptr + 48)),
    );
    if (v128.any_true(early)) break;
  }
  while (row < rowCount && load<i64>(valuesPtr + (<usize>row << 3)) >= NS_MIN) row++;
  return row;
}
