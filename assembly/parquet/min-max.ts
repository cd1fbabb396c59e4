// Smallest and largest value of a page, for its statistics.
//
// minMaxI64, minMaxI32, minMaxF64 (values, count, out, widen): 1, or 0 where there is no such value
//   (no rows; doubles: nothing but NaN)
//   values   count values, naturally aligned, read
//   out      min at out, max at out + 8 (i64, i32 or f64 in the low bytes), 8-byte aligned, written
//   widen    0, or 1: out holds what a call over other values of the page left there (whatever its
//            result), and these count too
// Doubles follow the Parquet rule: NaN is skipped, a smallest zero is written as -0 and a largest
// one as +0. Misaligned addresses or a count below 0 give -STATUS_BAD_ARGUMENT.
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";

export function minMaxI64(values: usize, count: i32, out: usize, widen: i32): i32 {
  if (((values | out) & 7) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  let low0 = i64x2.splat(widen != 0 ? load<i64>(out) : i64.MAX_VALUE);
  let high0 = i64x2.splat(widen != 0 ? load<i64>(out, 8) : i64.MIN_VALUE);
  let low1 = low0;
  let high1 = high0;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const from = values + ((<usize>i) << 3);
    const a = v128.load(from);
    const b = v128.load(from, 16);
    low0 = v128.bitselect(a, low0, i64x2.gt_s(low0, a));
    low1 = v128.bitselect(b, low1, i64x2.gt_s(low1, b));
    high0 = v128.bitselect(a, high0, i64x2.gt_s(a, high0));
    high1 = v128.bitselect(b, high1, i64x2.gt_s(b, high1));
  }
  low0 = v128.bitselect(low1, low0, i64x2.gt_s(low0, low1));
  high0 = v128.bitselect(high1, high0, i64x2.gt_s(high1, high0));
  let low = min(i64x2.extract_lane(low0, 0), i64x2.extract_lane(low0, 1));
  let high = max(i64x2.extract_lane(high0, 0), i64x2.extract_lane(high0, 1));
  for (; i < count; i++) {
    const value = load<i64>(values + ((<usize>i) << 3));
    low = min(low, value);
    high = max(high, value);
  }
  store<i64>(out, low);
  store<i64>(out, high, 8);
  return low <= high ? 1 : 0;
}

/**
 * Whether no i64 is below the one before it; stops at the first 64 values among which one is. Half the
 * work of min and max, and ids and stamps mostly ascend.
 */
export function ascendsI64(values: usize, count: i32): bool {
  let i = 1;
  for (; i + 64 <= count; i += 64) {
    const from = values + ((<usize>i) << 3);
    let falls = i64x2.splat(0);
    for (let at = from; at < from + 512; at += 32) {
      const low = i64x2.gt_s(v128.load(at - 8), v128.load(at));
      const high = i64x2.gt_s(v128.load(at + 8), v128.load(at, 16));
      falls = v128.or(falls, v128.or(low, high));
    }
    if (v128.any_true(falls)) return false;
  }
  for (; i < count; i++) {
    const at = values + ((<usize>i) << 3);
    if (load<i64>(at) < load<i64>(at - 8)) return false;
  }
  return true;
}

export function minMaxI32(values: usize, count: i32, out: usize, widen: i32): i32 {
  if ((values & 3) != 0 || (out & 7) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  let lows = i32x4.splat(widen != 0 ? load<i32>(out) : i32.MAX_VALUE);
  let highs = i32x4.splat(widen != 0 ? load<i32>(out, 8) : i32.MIN_VALUE);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const a = v128.load(values + ((<usize>i) << 2));
    lows = i32x4.min_s(lows, a);
    highs = i32x4.max_s(highs, a);
  }
  let low = min(
    min(i32x4.extract_lane(lows, 0), i32x4.extract_lane(lows, 1)),
    min(i32x4.extract_lane(lows, 2), i32x4.extract_lane(lows, 3)),
  );
  let high = max(
    max(i32x4.extract_lane(highs, 0), i32x4.extract_lane(highs, 1)),
    max(i32x4.extract_lane(highs, 2), i32x4.extract_lane(highs, 3)),
  );
  for (; i < count; i++) {
    const value = load<i32>(values + ((<usize>i) << 2));
    low = min(low, value);
    high = max(high, value);
  }
  store<i32>(out, low);
  store<i32>(out, high, 8);
  return low <= high ? 1 : 0;
}

export function minMaxF64(values: usize, count: i32, out: usize, widen: i32): i32 {
  if (((values | out) & 7) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  // pmin(a, b) is b < a ? b : a: a NaN in b leaves a as it is.
  let lows = f64x2.splat(widen != 0 ? load<f64>(out) : f64.POSITIVE_INFINITY);
  let highs = f64x2.splat(widen != 0 ? load<f64>(out, 8) : f64.NEGATIVE_INFINITY);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const a = v128.load(values + ((<usize>i) << 3));
    lows = f64x2.pmin(lows, a);
    highs = f64x2.pmax(highs, a);
  }
  let low = f64x2.extract_lane(lows, 0);
  let high = f64x2.extract_lane(highs, 0);
  const low1 = f64x2.extract_lane(lows, 1);
  const high1 = f64x2.extract_lane(highs, 1);
  if (low1 < low) low = low1;
  if (high1 > high) high = high1;
  if (i < count) {
    const value = load<f64>(values + ((<usize>i) << 3));
    if (value < low) low = value;
    if (value > high) high = value;
  }
  store<f64>(out, low == 0.0 ? -0.0 : low);
  store<f64>(out, high == 0.0 ? 0.0 : high, 8);
  return low <= high ? 1 : 0;
}
