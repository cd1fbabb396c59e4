// Decimal text of int64 out of its two words, without a bigint for each value: a table of a hundred
// million integers as text takes seconds this way, and minutes the other.

const TEN_TO_9 = 1_000_000_000;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;

/** Most bytes of pips as text: a sign, 19 digits, a point, and a zero before it. */
export const PIPS_TEXT_BYTES = 22;

/**
 * Writes an int64 as decimal text.
 *
 * @param lo lower word, unsigned
 * @param hi upper word, unsigned: the sign is its top bit
 * @returns the place behind the last byte
 */
export function writeInt64Into(out: Uint8Array, at: number, lo: number, hi: number): number {
  if (hi >= 0x8000_0000) {
    out[at] = MINUS;
    const lower = -lo >>> 0;
    return writeMagnitude(out, at + 1, lower, (~hi + (lower === 0 ? 1 : 0)) >>> 0);
  }
  return writeMagnitude(out, at, lo, hi);
}

/** Writes an int32 as decimal text; returns the place behind it. */
export function writeInt32Into(out: Uint8Array, at: number, value: number): number {
  return writeInt64Into(out, at, value >>> 0, value < 0 ? 0xffff_ffff : 0);
}

/**
 * Writes `pips / 10^scale` as plain decimal text without trailing zeros (as textOfPips).
 *
 * @param scale 0 to 18
 * @returns the place behind the last byte
 */
export function writePipsInto(
  out: Uint8Array,
  at: number,
  lo: number,
  hi: number,
  scale: number,
): number {
  const end = writeInt64Into(out, at, lo, hi);
  if (scale === 0) return end;
  const start = out[at] === MINUS ? at + 1 : at;
  let pointAt = end - scale;
  let last = end;
  if (pointAt <= start) {
    // 0.00…digits: the digits move behind as many zeros as are missing.
    const missing = start - pointAt + 1;
    out.copyWithin(start + missing, start, end);
    out.fill(ZERO, start, start + missing);
    pointAt += missing;
    last += missing;
  }
  while (last > pointAt && out[last - 1] === ZERO) last--;
  if (last === pointAt) return last;
  out.copyWithin(pointAt + 1, pointAt, last);
  out[pointAt] = POINT;
  return last + 1;
}

/** A magnitude of up to 2^63, at most 19 digits. */
function writeMagnitude(out: Uint8Array, at: number, lo: number, hi: number): number {
  if (hi === 0) return writeDigits(out, at, lo);
  // Long division by 10^9 in digits of 16 bits: every product stays below 2^53.
  const q1 = Math.floor(hi / TEN_TO_9);
  const t2 = (hi - q1 * TEN_TO_9) * 0x1_0000 + (lo >>> 16);
  const q2 = Math.floor(t2 / TEN_TO_9);
  const t3 = (t2 - q2 * TEN_TO_9) * 0x1_0000 + (lo & 0xffff);
  const q3 = Math.floor(t3 / TEN_TO_9);
  const behind = writeDigits(out, at, (q1 * 0x1_0000 + q2) * 0x1_0000 + q3);
  // Never a quotient of 0, which would stand as a leading zero: 2^32 is more than 10^9.
  return writeNine(out, behind, t3 - q3 * TEN_TO_9);
}

/** A number below 10^10. */
function writeDigits(out: Uint8Array, at: number, value: number): number {
  if (value >= TEN_TO_9) {
    const top = Math.floor(value / TEN_TO_9);
    out[at] = ZERO + top;
    return writeNine(out, at + 1, value - top * TEN_TO_9);
  }
  let count = 1;
  for (let power = 10; power <= value; power *= 10) count++;
  writeBack(out, at + count, value, count);
  return at + count;
}

function writeNine(out: Uint8Array, at: number, value: number): number {
  writeBack(out, at + 9, value, 9);
  return at + 9;
}

/** `count` digits of a number below 10^9 in front of `end`. */
function writeBack(out: Uint8Array, end: number, value: number, count: number): void {
  let rest = value | 0;
  for (let i = 1; i <= count; i++) {
    const quotient = (rest / 10) | 0;
    out[end - i] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
}
