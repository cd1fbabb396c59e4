// Doubles and floats to pips, exactly or not at all (MODEL section 1).
//
// A double stands for the shortest decimal text that reads back as it. Where the pips k stay below
// 2^52 that is the only integer with f64(k) / 10^s == value, so one division proves it; above, the
// text is found by integer arithmetic (lib/decimal).
import { DECIMALS_MAX, DECIMALS_MAX_ABS, DECIMALS_TOO_MANY } from "../src/abi/scale";
import { SCALE_MAX } from "../src/abi/limits";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import {
  fitsInt64,
  int64Limit,
  pow10,
  setBit,
  shortestDigits,
  shortestFraction,
  shortestInteger,
} from "./lib/decimal";

/** 2^52 + 2^51: adding it to |x| < 2^51 rounds x to an integer, found in the sum's low bits. */
export const ROUNDER: f64 = 6755399441055744.0;
export const ROUNDER_BITS: i64 = 0x4338000000000000;
export const TWO_51: f64 = 2251799813685248.0;
const TWO_53: f64 = 9007199254740992.0;
/** Somewhat above 2^63: products at or above this overflow however they were rounded. */
const SURELY_TOO_LARGE: f64 = 9.3e18;

const GROUP_BYTES: usize = 64;
const PAIR_BYTES: usize = 16;

/** Pips of the last value that scaleOne or scaleExactly accepted; per instance. */
let pipsFound: i64 = 0;

// @ts-ignore: decorator
@inline
export function isNoScale(scale: i32): bool {
  return scale < 0 || scale > SCALE_MAX;
}

// @ts-ignore: decorator
@inline
function accept(digits: u64, power: u64, negative: bool): bool {
  if (!fitsInt64(digits, power, negative)) return false;
  const magnitude = <i64>(digits * power);
  pipsFound = negative ? 0 - magnitude : magnitude;
  return true;
}

/**
 * Pips of mantissa * 2^exponent, by the shortest text of that binary format. `unit` is 10^scale.
 * The value times unit is below SURELY_TOO_LARGE.
 */
function scaleBinary(
  mantissa: u64,
  exponent: i32,
  narrowBelow: bool,
  negative: bool,
  scale: i32,
  unit: u64,
): bool {
  if (exponent > 0) {
    return accept(shortestInteger(mantissa, exponent, narrowBelow), unit, negative);
  }
  if (exponent == 0) return accept(mantissa, unit, negative);
  // Below 2^-74 there is nothing that 18 decimals can say.
  if (exponent < -127) return false;
  const decimals = shortestFraction(mantissa, -exponent, narrowBelow, 0, scale);
  return decimals >= 0 && accept(shortestDigits, pow10(scale - decimals), negative);
}

/** Any double, where one division proves nothing. */
function scaleExactly(value: f64, scale: i32, unit: u64): bool {
  const magnitude = Math.abs(value);
  // Written so that NaN fails it too.
  if (!(magnitude * <f64>unit < SURELY_TOO_LARGE)) return false;
  // Whole numbers below 2^53 are their own shortest text: quantities of meme coins go this way.
  if (magnitude < TWO_53 && Math.floor(magnitude) == magnitude) {
    return accept(<u64>magnitude, unit, value < 0);
  }
  const bits = reinterpret<u64>(magnitude);
  const biased = <i32>(bits >> 52);
  const fraction = bits & 0xfffffffffffff;
  // A value this large is never subnormal.
  return scaleBinary(
    fraction | 0x10000000000000,
    biased - 1075,
    fraction == 0,
    value < 0,
    scale,
    unit,
  );
}

// @ts-ignore: decorator
@inline
function scaleOne(value: f64, scale: i32, unit: u64): bool {
  const product = value * <f64>unit;
  if (!(Math.abs(product) < TWO_51)) return scaleExactly(value, scale, unit);
  const rounded = nearest<f64>(product);
  pipsFound = <i64>rounded;
  // An equality of numbers, not of bits: -0.0 is 0 pips.
  return rounded / <f64>unit == value;
}

/** Values [from, to) one by one; returns how many are bad. */
function scaleEach(
  valuesPtr: usize,
  from: i32,
  to: i32,
  scale: i32,
  unit: u64,
  badBitmapPtr: usize,
): i32 {
  let badCount = 0;
  for (let i = from; i < to; i++) {
    const ptr = valuesPtr + (<usize>i << 3);
    if (scaleOne(load<f64>(ptr), scale, unit)) {
      store<i64>(ptr, pipsFound);
    } else {
      setBit(badBitmapPtr, i);
      badCount++;
    }
  }
  return badCount;
}

/**
 * Eight values at once at a coarser scale, for groups whose pips would not stay below 2^51: whole
 * and half units of meme coins. Their pips at that scale, proven, times the rest of the unit.
 * Nothing is stored unless all eight are proven and fit int64.
 */
function scaleGroupCoarsely(ptr: usize, coarseUnit: u64, factor: u64): bool {
  const units = f64x2.splat(<f64>coarseUnit);
  const rounder = f64x2.splat(ROUNDER);
  const limit = f64x2.splat(min(TWO_51, <f64>(<u64>i64.MAX_VALUE / factor)));
  const factors = i64x2.splat(factor);
  let proven = i64x2.splat(-1);
  for (let at: usize = 0; at < 64; at += 16) {
    const values = v128.load(ptr + at);
    const products = f64x2.mul(values, units);
    const rounded = f64x2.sub(f64x2.add(products, rounder), rounder);
    const same = f64x2.eq(f64x2.div(rounded, units), values);
    proven = v128.and(proven, v128.and(same, f64x2.lt(f64x2.abs(products), limit)));
  }
  if (!i64x2.all_true(proven)) return false;
  for (let at: usize = 0; at < 64; at += 16) {
    const products = f64x2.mul(v128.load(ptr + at), units);
    const pips = i64x2.sub(f64x2.add(products, rounder), i64x2.splat(ROUNDER_BITS));
    v128.store(ptr + at, i64x2.mul(pips, factors));
  }
  return true;
}

/**
 * Scales groups of eight until one is not proven; returns where that one begins, or `end`.
 * Nothing of that group is stored. No call in this loop: with one, V8 keeps the constants in
 * memory and the loop takes twice as long.
 *
 *   8 values = 4 vectors:  | v0 v1 | v2 v3 | v4 v5 | v6 v7 |   one division each is the proof
 */
function scaleGroups(ptr: usize, end: usize, unit: u64): usize {
  const units = f64x2.splat(<f64>unit);
  const rounder = f64x2.splat(ROUNDER);
  const rounderBits = i64x2.splat(ROUNDER_BITS);
  const limit = f64x2.splat(TWO_51);
  for (; ptr < end; ptr += GROUP_BYTES) {
    const v0 = v128.load(ptr);
    const v1 = v128.load(ptr, 16);
    const v2 = v128.load(ptr, 32);
    const v3 = v128.load(ptr, 48);
    const p0 = f64x2.mul(v0, units);
    const p1 = f64x2.mul(v1, units);
    const p2 = f64x2.mul(v2, units);
    const p3 = f64x2.mul(v3, units);
    const r0 = f64x2.add(p0, rounder);
    const r1 = f64x2.add(p1, rounder);
    const r2 = f64x2.add(p2, rounder);
    const r3 = f64x2.add(p3, rounder);
    const same01 = v128.and(
      f64x2.eq(f64x2.div(f64x2.sub(r0, rounder), units), v0),
      f64x2.eq(f64x2.div(f64x2.sub(r1, rounder), units), v1),
    );
    const same23 = v128.and(
      f64x2.eq(f64x2.div(f64x2.sub(r2, rounder), units), v2),
      f64x2.eq(f64x2.div(f64x2.sub(r3, rounder), units), v3),
    );
    // NaN may be lost by pmax, but is never equal to itself above.
    const largest = f64x2.pmax(
      f64x2.pmax(f64x2.abs(p0), f64x2.abs(p1)),
      f64x2.pmax(f64x2.abs(p2), f64x2.abs(p3)),
    );
    const proven = v128.and(v128.and(same01, same23), f64x2.lt(largest, limit));
    if (i64x2.bitmask(proven) != 3) break;
    v128.store(ptr, i64x2.sub(r0, rounderBits));
    v128.store(ptr, i64x2.sub(r1, rounderBits), 16);
    v128.store(ptr, i64x2.sub(r2, rounderBits), 32);
    v128.store(ptr, i64x2.sub(r3, rounderBits), 48);
  }
  return ptr;
}

/**
 * As scaleGroups at half the scale, the pips found there times the rest of the unit: for values
 * whose pips would not stay below 2^51, such as whole and half units of meme coins.
 */
function scaleGroupsCoarsely(ptr: usize, end: usize, scale: i32): usize {
  const coarseScale = scale >> 1;
  const finerDigits = scale - coarseScale;
  const units = f64x2.splat(<f64>pow10(coarseScale));
  const rounder = f64x2.splat(ROUNDER);
  const rounderBits = i64x2.splat(ROUNDER_BITS);
  // The second limit is exact as a double where it is the smaller one.
  const limit = f64x2.splat(min(TWO_51, <f64>int64Limit(finerDigits)));
  const factors = i64x2.splat(pow10(finerDigits));
  for (; ptr < end; ptr += PAIR_BYTES) {
    const values = v128.load(ptr);
    const products = f64x2.mul(values, units);
    const sum = f64x2.add(products, rounder);
    const same = f64x2.eq(f64x2.div(f64x2.sub(sum, rounder), units), values);
    const proven = v128.and(same, f64x2.lt(f64x2.abs(products), limit));
    if (i64x2.bitmask(proven) != 3) break;
    v128.store(ptr, i64x2.mul(i64x2.sub(sum, rounderBits), factors));
  }
  return ptr;
}

/**
 * Turns doubles into pips where they lie.
 *
 * valuesPtr: f64 in, i64 out, 8-byte aligned; a bad value keeps its bits, so that the host can say
 * what it was. badBitmapPtr: one bit a value from bit 0, set for a bad one; bits are only ever set,
 * the host clears. No over-read, no aliasing of the two.
 * Returns the number of bad values, or -STATUS_BAD_ARGUMENT (alignment, scale outside 0..18).
 */
export function scaleF64(valuesPtr: usize, rowCount: i32, scale: i32, badBitmapPtr: usize): i32 {
  if (valuesPtr & 7 || rowCount < 0 || isNoScale(scale)) return -STATUS_BAD_ARGUMENT;
  const unit = pow10(scale);
  const groupsEnd = valuesPtr + (<usize>(rowCount & ~7) << 3);
  let badCount = 0;
  let ptr = scaleGroups(valuesPtr, groupsEnd, unit);
  while (ptr < groupsEnd) {
    // Even pairs only, so that a group boundary comes again; what the pairs cannot prove goes one
    // by one, and then the fast loop has its chance again.
    const resume = scaleGroupsCoarsely(ptr, groupsEnd, scale);
    const row = <i32>((resume - valuesPtr) >> 3);
    const slowEnd = (row + 8) & ~7;
    badCount += scaleEach(valuesPtr, row, min(slowEnd, rowCount & ~7), scale, unit, badBitmapPtr);
    ptr = scaleGroups(valuesPtr + (<usize>slowEnd << 3), groupsEnd, unit);
  }
  return badCount + scaleEach(valuesPtr, rowCount & ~7, rowCount, scale, unit, badBitmapPtr);
}

/** Pips of a float by the shortest text that reads back as the *float*: 0.1f is 0.1. */
function scaleFloat(value: f32, scale: i32, unit: u64): bool {
  const magnitude = <f64>(value < 0 ? -value : value);
  if (!(magnitude * <f64>unit < SURELY_TOO_LARGE)) return false;
  const bits = reinterpret<u32>(value) & 0x7fffffff;
  const biased = <i32>(bits >> 23);
  const fraction = bits & 0x7fffff;
  if (biased == 0) {
    // Zero, or subnormal: far below any scale.
    pipsFound = 0;
    return fraction == 0;
  }
  return scaleBinary(fraction | 0x800000, biased - 150, fraction == 0, value < 0, scale, unit);
}

/**
 * Turns floats (f32, 4-byte aligned) into pips (i64, 8-byte aligned), not in place: outPtr must
 * lie apart. A float is taken as the shortest text that reads back as that float; widened to a
 * double first, 0.1f would be 0.10000000149011612. A bad value gives 0 pips and its bit.
 * Bitmap, result and statuses as scaleF64.
 */
export function scaleF32(
  valuesPtr: usize,
  rowCount: i32,
  scale: i32,
  outPtr: usize,
  badBitmapPtr: usize,
): i32 {
  if (valuesPtr & 3 || outPtr & 7 || rowCount < 0 || isNoScale(scale)) {
    return -STATUS_BAD_ARGUMENT;
  }
  const unit = pow10(scale);
  let badCount = 0;
  for (let i = 0; i < rowCount; i++) {
    const accepted = scaleFloat(load<f32>(valuesPtr + (<usize>i << 2)), scale, unit);
    store<i64>(outPtr + (<usize>i << 3), accepted ? pipsFound : 0);
    if (accepted) continue;
    setBit(badBitmapPtr, i);
    badCount++;
  }
  return badCount;
}

/** Decimals of the shortest text of magnitude (finite, >= 0) if more than `known`, else `known`. */
function decimalsBeyond(magnitude: f64, known: i32): i32 {
  // Nothing at or above 2^53 has decimals.
  if (magnitude >= TWO_53) return known;
  let unit = <f64>pow10(known);
  let decimals = known;
  // Below 2^51 one division tells, as in scaleF64; 10^18 is exact as a double.
  for (; magnitude * unit < TWO_51; decimals++, unit *= 10) {
    if (nearest<f64>(magnitude * unit) / unit == magnitude) return decimals;
    if (decimals == SCALE_MAX) return DECIMALS_TOO_MANY;
  }
  // 17 digits always suffice, so a value of 10^17 units needs none beyond `known`.
  if (magnitude * unit >= 1e17) return decimals;
  const bits = reinterpret<u64>(magnitude);
  const fraction = bits & 0xfffffffffffff;
  const shift = 1075 - <i32>(bits >> 52);
  if (shift <= 0) return known;
  const found = shortestFraction(fraction | 0x10000000000000, shift, fraction == 0, decimals, SCALE_MAX);
  return found < 0 ? DECIMALS_TOO_MANY : found;
}

/**
 * What a column of doubles asks of a scale: the most decimals that the shortest text of any finite
 * value has (DECIMALS_TOO_MANY: more than 18), and the largest magnitude. NaN and infinities are
 * passed over. valuesPtr: f64, 8-byte aligned, read only. outPtr: the DECIMALS_ block, read and
 * written: values are added to what stands there, so that a column may come in pieces; the host
 * clears it before the first. Returns the number of finite values, or -STATUS_BAD_ARGUMENT.
 */
export function f64Decimals(valuesPtr: usize, rowCount: i32, outPtr: usize): i32 {
  if (valuesPtr & 7 || outPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let decimals = load<i32>(outPtr, DECIMALS_MAX);
  let largest = load<f64>(outPtr, DECIMALS_MAX_ABS);
  let finiteCount = 0;
  for (let i = 0; i < rowCount; i++) {
    const magnitude = Math.abs(load<f64>(valuesPtr + (<usize>i << 3)));
    if (!(magnitude < Infinity)) continue;
    finiteCount++;
    largest = magnitude > largest ? magnitude : largest;
    if (decimals <= SCALE_MAX) decimals = decimalsBeyond(magnitude, decimals);
  }
  store<i32>(outPtr, decimals, DECIMALS_MAX);
  store<f64>(outPtr, largest, DECIMALS_MAX_ABS);
  return finiteCount;
}
