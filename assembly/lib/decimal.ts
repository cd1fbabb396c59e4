// Exact decimal arithmetic in u64 and u128, without tables: static data is forbidden in the core.

/** Distances at or above this are "too far": capped, so that four times one fits u64. */
const FAR: u64 = 1 << 61;

/** k of the last successful shortestFraction; per instance, so per thread. */
export let shortestDigits: u64 = 0;

/** 10^exponent, exponent in [0, 19]. */
export function pow10(exponent: i32): u64 {
  let power: u64 = 1;
  for (; exponent > 0; exponent--) power *= 10;
  return power;
}

/**
 * The largest magnitude that times 10^exponent fits int64, exponent in [0, 18]; for exponents
 * above 0 it holds for both signs. Divided step by step on purpose: V8 moves the division of a
 * single step into the loop that uses the result, and such loops took ten times as long.
 */
export function int64Limit(exponent: i32): i64 {
  let limit = i64.MAX_VALUE;
  for (; exponent > 0; exponent--) limit /= 10;
  return limit;
}

/** The upper 64 bits of a * b. */
// @ts-ignore: decorator
@inline
export function mulHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const carry = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (carry >> 32);
}

/**
 * The shortest decimal that reads back as a binary float, where it has decimals.
 *
 * The float is mantissa * 2^-shift, shift in [1, 127]. It owns the reals within half an ulp:
 *
 *      previous float        the float            next float
 *   --------|---------(----------|----------)---------|--------
 *                     `-- 1/2 ulp below, 1/4 where the float is a power of two (narrowBelow)
 *
 * and both ends too when its mantissa is even. The first number of decimals d in [from, to] for
 * which some k / 10^d lies in there wins; of two such k the nearer one, of two equally near ones
 * the even one, as in JavaScript's String(). k goes to shortestDigits, d is returned; -1: none.
 * The caller sees to value * 10^d < 2^64 for all d that are tried, and 10^to < 2^60.
 */
export function shortestFraction(
  mantissa: u64,
  shift: i32,
  narrowBelow: bool,
  from: i32,
  to: i32,
): i32 {
  const oddMantissa = mantissa & 1;
  let power = pow10(from);
  for (let decimals = from; decimals <= to; decimals++, power *= 10) {
    // value * 10^d = high:low / 2^shift; floor and the distances to the integers around it, in
    // units of 2^-shift. An ulp times 10^d is `power` in these units.
    const low = mantissa * power;
    const high = mulHigh(mantissa, power);
    let floor: u64;
    let below: u64;
    let above: u64;
    if (shift < 64) {
      const one = (<u64>1) << shift;
      floor = (high << (64 - shift)) | (low >> shift);
      below = low & (one - 1);
      above = one - below;
    } else {
      const one = (<u64>1) << (shift - 64);
      const rest = high & (one - 1);
      floor = high >> (shift - 64);
      below = rest == 0 ? low : FAR;
      above = one - rest - u64(low != 0) == 0 ? 0 - low : FAR;
    }
    below = min(below, FAR);
    above = min(above, FAR);
    const reach = power - oddMantissa;
    const floorReads = narrowBelow ? 4 * below <= power : 2 * below <= reach;
    const ceilReads = 2 * above <= reach;
    if (!floorReads && !ceilReads) continue;
    const floorNearer = below < above || (below == above && (floor & 1) == 0);
    shortestDigits = floorReads && (floorNearer || !ceilReads) ? floor : floor + 1;
    return decimals;
  }
  return -1;
}

/**
 * The shortest decimal that reads back as mantissa * 2^exponent, exponent in [1, 40], the value
 * below 1.7e19: an integer that can end in zeros. As shortestFraction, for negative decimals.
 */
export function shortestInteger(mantissa: u64, exponent: i32, narrowBelow: bool): u64 {
  const value = mantissa << exponent;
  const ulp = (<u64>1) << exponent;
  const reach = ulp - (mantissa & 1);
  for (let power: u64 = 1000000000000000000; power > 1; power /= 10) {
    const floor = (value / power) * power;
    const below = value - floor;
    const above = power - below;
    const floorReads = narrowBelow ? 4 * below <= ulp : 2 * below <= reach;
    const ceilReads = 2 * above <= reach;
    if (floorReads && (below <= above || !ceilReads)) return floor;
    if (ceilReads) return floor + power;
  }
  return value;
}

/** Whether digits * power, negated if `negative`, fits int64. */
// @ts-ignore: decorator
@inline
export function fitsInt64(digits: u64, power: u64, negative: bool): bool {
  return digits <= (<u64>i64.MAX_VALUE + u64(negative)) / power;
}

/** Sets bit `index` of a bitmap, least significant bit first. */
// @ts-ignore: decorator
@inline
export function setBit(bitmapPtr: usize, index: i32): void {
  const ptr = bitmapPtr + (index >>> 3);
  store<u8>(ptr, load<u8>(ptr) | ((<u8>1) << <u8>(index & 7)));
}
