import { FLAG_CLEAR } from '#src/abi/flags.js';

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** Range and greatest common divisors, one row after the other; `tickRow` -1: no row changed it. */
export function gridOf(
  rows: readonly { price: bigint; qty: bigint; flags: number }[],
  before = { tick: 0n, lot: 0n },
) {
  let { tick, lot } = before;
  let tickRow = -1;
  let priceMin: bigint | null = null;
  let priceMax: bigint | null = null;
  for (const [row, { price, qty, flags }] of rows.entries()) {
    if ((flags & FLAG_CLEAR) !== 0) continue;
    if (priceMin === null || price < priceMin) priceMin = price;
    if (priceMax === null || price > priceMax) priceMax = price;
    const next = gcd(tick, abs(price));
    if (next !== tick) tickRow = row;
    tick = next;
    lot = gcd(lot, abs(qty));
  }
  return { priceMin, priceMax, tick, lot, tickRow: tickRow < 0 ? null : tickRow };
}
