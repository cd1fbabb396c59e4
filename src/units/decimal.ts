// Exact decimals on the host: for messages, rejects, plans and tests. Columns go through
// core/scale, which follows the same rules (MODEL section 1).

/** The number `digits / 10^decimals`, exactly; no trailing zeros beyond the point. */
export interface Decimal {
  readonly digits: bigint;
  /** How many decimals the number needs: 0 or more. */
  readonly decimals: number;
}

export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Exponents beyond this are no market data; refusing them bounds the work on hostile text. */
const EXPONENT_MAX = 400;

/**
 * Reads decimal text: optional sign, digits with an optional point, optional exponent
 * (`5.825e-05`). No blanks, no grouping, no `NaN`.
 * @returns null when the text is no such number, or its exponent lies beyond ±400
 */
export function decimalOfText(text: string): Decimal | null {
  const match = DECIMAL_TEXT.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  if (whole.length + fraction.length === 0) return null;
  const significant = (whole + fraction).replace(/^0+/, '');
  const stripped = significant.replace(/0+$/, '');
  if (stripped === '') return { digits: 0n, decimals: 0 };
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > EXPONENT_MAX) return null;
  const decimals = fraction.length - (significant.length - stripped.length) - exponent;
  const magnitude = BigInt(stripped) * 10n ** BigInt(Math.max(0, -decimals));
  return { digits: sign === '-' ? -magnitude : magnitude, decimals: Math.max(0, decimals) };
}

/**
 * The decimal that a double stands for: the shortest text that reads back as it, taken exactly.
 * @returns null for NaN and infinities
 */
export function decimalOfDouble(value: number): Decimal | null {
  return Number.isFinite(value) ? decimalOfText(String(value)) : null;
}

/** Plain text without an exponent: `0.00005825`. */
export function textOfDecimal({ digits, decimals }: Decimal): string {
  const magnitude = (digits < 0n ? -digits : digits).toString().padStart(decimals + 1, '0');
  const point = magnitude.length - decimals;
  const fraction = decimals === 0 ? '' : `.${magnitude.slice(point)}`;
  return `${digits < 0n ? '-' : ''}${magnitude.slice(0, point)}${fraction}`;
}

/**
 * `value * 10^scale` as an int64.
 * @returns null when the value needs more decimals than `scale`, or the result is outside int64
 */
export function pipsOfDecimal(value: Decimal, scale: number): bigint | null {
  if (value.decimals > scale) return null;
  const pips = value.digits * 10n ** BigInt(scale - value.decimals);
  return pips > INT64_MAX || pips < INT64_MIN ? null : pips;
}

/** The number that pips stand for, as plain text without trailing zeros. */
export function textOfPips(pips: bigint, scale: number): string {
  let [digits, decimals] = [pips, scale];
  while (decimals > 0 && digits % 10n === 0n) {
    digits /= 10n;
    decimals--;
  }
  return textOfDecimal({ digits, decimals });
}

/**
 * The largest scale, at most 18, at which the value still fits int64; -1 when not even scale 0
 * holds it. Says nothing about the decimals that the value needs.
 */
export function scaleMaxOf(value: Decimal): number {
  for (let scale = 18; scale >= 0; scale--) {
    // Compared as numerators over 10^decimals, so that nothing is rounded.
    const scaled = value.digits * 10n ** BigInt(scale);
    const unit = 10n ** BigInt(value.decimals);
    if (scaled <= INT64_MAX * unit && scaled >= INT64_MIN * unit) return scale;
  }
  return -1;
}
