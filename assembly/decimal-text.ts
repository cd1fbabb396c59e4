// Decimal text to pips, exactly or not at all (MODEL section 1).
//
//   [+-] digits [. digits] [e [+-] digits]        at least one digit before the exponent
//
// A number is kept as coefficient * 10^exponent, the coefficient without trailing zeros, so that
// "0.10" asks for one decimal and "1e3" for none.
import { SCALE_MAX } from "../src/abi/limits";
import { DECIMALS_MAX, DECIMALS_SCALE_LOST, DECIMALS_TOO_MANY } from "../src/abi/scale";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import { fitsInt64, pow10, setBit } from "./lib/decimal";
import { eightValues } from "./text/integer";

/** Significant digits that u64 holds whatever they are. More of them never fit int64 pips. */
const DIGITS_MAX = 19;
/** Exponents are clamped here: far outside anything that has pips, and no sum overflows. */
const EXPONENT_CLAMP = 1000000;

/** The last number that parseDecimal understood; per instance. */
export let coefficient: u64 = 0;
export let exponent: i32 = 0;
let negative: bool = false;
/** The coefficient has more than DIGITS_MAX digits and stands for none. */
export let tooLong: bool = false;

// @ts-ignore: decorator
@inline
function isDigit(byte: u32): bool {
  return byte - 48 <= 9;
}

/** Reads the exponent behind its `e` into `exponent`; false when it is none. */
function parseExponent(ptr: usize, end: usize): bool {
  if (ptr == end) return false;
  const sign: u32 = load<u8>(ptr);
  if (sign == 43 || sign == 45) ptr++;
  if (ptr == end) return false;
  let value = 0;
  for (; ptr < end; ptr++) {
    const byte: u32 = load<u8>(ptr);
    if (!isDigit(byte)) return false;
    value = min(value * 10 + <i32>(byte - 48), EXPONENT_CLAMP);
  }
  exponent += sign == 45 ? -value : value;
  return true;
}

/** Bytes from the first to the last, each its own place. */
// @ts-ignore: decorator
@inline
function places(): v128 {
  return i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/**
 * Reads what most numbers are, up to 16 digits and a point; false for anything else. The digits that
 * count are put behind one another at the end of sixteen, without the point and the zeros at the end:
 *
 *   text     6 1 8 3 7 . 6 3 0 0 0 0 0 0
 *   digits   0 0 0 0 0 0 0 0 0 6 1 8 3 7 6 3     exponent -2
 */
// @ts-ignore: decorator
@inline
function parseShort(ptr: usize, length: i32): bool {
  const values = i8x16.sub(v128.load(ptr), i8x16.splat(48));
  const digits = i8x16.bitmask(i8x16.le_u(values, i8x16.splat(9)));
  const points = i8x16.bitmask(i8x16.eq(values, i8x16.splat(46 - 48)));
  const all = (1 << length) - 1;
  const point = points & all;
  if (((digits | points) & all) != all || point & (point - 1) || point == all) return false;
  const zeros = i8x16.bitmask(i8x16.eq(values, i8x16.splat(0)));
  const counting = all & ~(zeros | point);
  const pointAt = point == 0 ? length : ctz<i32>(point);
  if (counting == 0) {
    exponent = pointAt;
    return true;
  }
  const last = 31 - clz<i32>(counting);
  const digitCount = last + i32(last < pointAt);
  exponent = pointAt - digitCount;
  const digit = i8x16.sub(places(), i8x16.splat(<i8>(16 - digitCount)));
  // One more for digits behind the point; a place below 0 gives 0.
  const from = i8x16.sub(digit, i8x16.ge_s(digit, i8x16.splat(<i8>pointAt)));
  const sixteen = i8x16.swizzle(values, from);
  coefficient =
    eightValues(i64x2.extract_lane(sixteen, 0)) * 100000000 +
    eightValues(i64x2.extract_lane(sixteen, 1));
  return true;
}

/** Reads the text [ptr, end); false when it is no number. Reads up to 16 bytes behind it. */
export function parseDecimal(ptr: usize, end: usize): bool {
  coefficient = 0;
  exponent = 0;
  tooLong = false;
  const sign: u32 = ptr < end ? load<u8>(ptr) : 0;
  negative = sign == 45;
  if (negative || sign == 43) ptr++;
  const length = end - ptr;
  if (length - 1 < 16 && parseShort(ptr, <i32>length)) return true;
  let digitCount = 0;
  // Zeros are held back until another digit follows them.
  let zeros = 0;
  let significant = 0;
  let inFraction = false;
  for (; ptr < end; ptr++) {
    const byte: u32 = load<u8>(ptr);
    if (byte == 46) {
      if (inFraction) return false;
      inFraction = true;
      continue;
    }
    if (!isDigit(byte)) break;
    digitCount++;
    if (inFraction) exponent--;
    if (byte == 48) {
      zeros++;
      continue;
    }
    if (significant > 0) significant += zeros;
    significant++;
    tooLong = significant > DIGITS_MAX;
    if (!tooLong) {
      if (coefficient > 0) for (; zeros > 0; zeros--) coefficient *= 10;
      coefficient = coefficient * 10 + <u64>(byte - 48);
    }
    zeros = 0;
  }
  exponent += zeros;
  if (digitCount == 0) return false;
  if (ptr < end) {
    if ((load<u8>(ptr) | 32) != 101) return false;
    if (!parseExponent(ptr + 1, end)) return false;
  }
  return true;
}

/**
 * Turns decimal texts into pips.
 *
 * textPtr: UTF-8 bytes, up to 16 behind the last are read; offsetsPtr: rowCount + 1 offsets into them (i32, 4-byte aligned, rising);
 * outPtr: i64, 8-byte aligned, apart from both. badBitmapPtr as in scaleF64: bits are only set.
 * Bad, with 0 pips: empty, no number, more decimals than `scale` (trailing zeros count for
 * nothing), outside int64. Returns the number of bad rows, or -STATUS_BAD_ARGUMENT.
 */
export function decimalTextToPips(
  textPtr: usize,
  offsetsPtr: usize,
  rowCount: i32,
  scale: i32,
  outPtr: usize,
  badBitmapPtr: usize,
): i32 {
  if (offsetsPtr & 3 || outPtr & 7 || rowCount < 0 || scale < 0 || scale > SCALE_MAX) {
    return -STATUS_BAD_ARGUMENT;
  }
  let badCount = 0;
  let start = textPtr + load<u32>(offsetsPtr);
  for (let i = 0; i < rowCount; i++) {
    const end = textPtr + load<u32>(offsetsPtr + (<usize>i << 2), 4);
    let pips: i64 = 0;
    let accepted = parseDecimal(start, end);
    if (accepted && coefficient > 0) {
      const shift = exponent + scale;
      accepted = !tooLong && shift >= 0 && shift <= SCALE_MAX;
      if (accepted) {
        const power = pow10(shift);
        accepted = fitsInt64(coefficient, power, negative);
        const magnitude = <i64>(coefficient * power);
        if (accepted) pips = negative ? 0 - magnitude : magnitude;
      }
    }
    store<i64>(outPtr + (<usize>i << 3), pips);
    if (!accepted) {
      setBit(badBitmapPtr, i);
      badCount++;
    }
    start = end;
  }
  return badCount;
}

/** 18 less the largest scale at which coefficient * 10^exponent fits int64; 19: none. */
export function scaleLost(): i32 {
  if (coefficient == 0) return 0;
  if (tooLong) return DECIMALS_TOO_MANY;
  let scale = min(SCALE_MAX, SCALE_MAX - exponent);
  for (; scale >= 0 && scale + exponent >= 0; scale--) {
    if (fitsInt64(coefficient, pow10(scale + exponent), negative)) break;
  }
  return min(SCALE_MAX - scale, DECIMALS_TOO_MANY);
}

/**
 * What a column of decimal texts asks of a scale: the most decimals of any, and the largest scale
 * at which all fit int64. Rows that are no number are passed over. Texts as decimalTextToPips.
 * outPtr: the DECIMALS_ block (8-byte aligned), read and written, so that a column may come in
 * pieces. Returns the number of rows that are numbers, or -STATUS_BAD_ARGUMENT.
 */
export function decimalTextDecimals(
  textPtr: usize,
  offsetsPtr: usize,
  rowCount: i32,
  outPtr: usize,
): i32 {
  if (offsetsPtr & 3 || outPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let decimals = load<i32>(outPtr, DECIMALS_MAX);
  let lost = load<i32>(outPtr, DECIMALS_SCALE_LOST);
  let numberCount = 0;
  let start = textPtr + load<u32>(offsetsPtr);
  for (let i = 0; i < rowCount; i++) {
    const end = textPtr + load<u32>(offsetsPtr + (<usize>i << 2), 4);
    if (parseDecimal(start, end)) {
      numberCount++;
      if (coefficient > 0) decimals = max(decimals, min(-exponent, DECIMALS_TOO_MANY));
      lost = max(lost, scaleLost());
    }
    start = end;
  }
  store<i32>(outPtr, decimals, DECIMALS_MAX);
  store<i32>(outPtr, lost, DECIMALS_SCALE_LOST);
  return numberCount;
}
