// Plain twins of assembly/scale.ts, decimal-text.ts and rescale.ts: BigInt and String only.

const INT64_MAX = 2n ** 63n - 1n;
const fits = (pips: bigint): bigint | null =>
  pips >= -INT64_MAX - 1n && pips <= INT64_MAX ? pips : null;

/** digits / 10^decimals as pips, or null. `decimals` may be negative. */
export function scaleRatio(digits: bigint, decimals: number, scale: number): bigint | null {
  if (decimals <= scale) return fits(digits * 10n ** BigInt(scale - decimals));
  const divisor = 10n ** BigInt(decimals - scale);
  return digits % divisor === 0n ? fits(digits / divisor) : null;
}

/** Decimal text (as JavaScript or a vendor writes it) as digits / 10^decimals. */
export function readText(text: string): { digits: bigint; decimals: number } | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return null;
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('+', '').split('.');
  const digits =
    BigInt(`${whole.replace('-', '')}${fraction}`) * (whole.startsWith('-') ? -1n : 1n);
  return { digits, decimals: fraction.length - Number(exponent) };
}

export function textPips(text: string, scale: number): bigint | null {
  const value = readText(text);
  if (value === null) return null;
  if (value.digits === 0n) return 0n;
  // BigInt has no room for 10^1000, and int64 none for what such texts say.
  if (Math.abs(value.decimals) > 1_000) return null;
  return scaleRatio(value.digits, value.decimals, scale);
}

/** MODEL section 1 to the letter: one rule below 2^52 pips, the shortest text from there on. */
export function doublePips(value: number, scale: number): bigint | null {
  const near = Math.round(value * 10 ** scale);
  for (const pips of [near - 1, near, near + 1]) {
    if (Math.abs(pips) < 2 ** 52 && pips / 10 ** scale === value) return BigInt(pips);
  }
  const pips = Number.isFinite(value) ? textPips(String(value), scale) : null;
  return pips !== null && (pips >= 2n ** 52n || pips <= -(2n ** 52n)) ? pips : null;
}

/** Decimals that a number needs, trailing zeros not counted. */
export function decimalsOf(text: string): number {
  const value = readText(text);
  if (value === null || value.digits === 0n) return 0;
  let { digits, decimals } = value;
  for (; digits % 10n === 0n; digits /= 10n) decimals--;
  return Math.max(0, decimals);
}

/** A finite float as numerator / 2^150. */
function floatNumerator(value: number): bigint {
  let [scaled, power] = [value, 0];
  for (; !Number.isInteger(scaled); power++) scaled *= 2;
  return BigInt(scaled) << BigInt(150 - power);
}

/**
 * Pips by the shortest text that reads back as the float: tries ever more decimals, and among the
 * decimals around the value takes the nearest that is nearer to it than to its neighbours.
 */
export function floatPips(value: number, scale: number): bigint | null {
  if (!Number.isFinite(value)) return null;
  if (value === 0) return 0n;
  const bits = new Uint32Array(new Float32Array([Math.abs(value)]).buffer);
  const neighbour = (step: number): bigint =>
    floatNumerator(new Float32Array(new Uint32Array([bits[0]! + step]).buffer)[0]!);
  const even = bits[0]! % 2 === 0;
  const exact = floatNumerator(Math.abs(value));
  // Twice the numerators, so that the middles between neighbours are whole.
  const [low, high] = [exact + neighbour(-1), exact + neighbour(1)];
  const denominator = 2n << 150n;
  for (let decimals = -40; decimals <= scale; decimals++) {
    const up = 10n ** BigInt(Math.max(0, decimals));
    const down = 10n ** BigInt(Math.max(0, -decimals));
    const floor = (2n * exact * up) / (denominator * down);
    const candidates = [floor, floor + 1n].filter((digits) => {
      const at = digits * denominator * down;
      return even ? at >= low * up && at <= high * up : at > low * up && at < high * up;
    });
    const distance = (digits: bigint): bigint => {
      const off = digits * denominator * down - 2n * exact * up;
      return off < 0n ? -off : off;
    };
    if (candidates.length === 0) continue;
    const nearest = candidates.reduce((a, b) =>
      distance(a) < distance(b) || (distance(a) === distance(b) && a % 2n === 0n) ? a : b,
    );
    return scaleRatio(value < 0 ? -nearest : nearest, decimals, scale);
  }
  return null;
}
