import { createUnitPrng } from '../prng.js';

/** Prices around a mean, in steps of a tick of a million pips: some 7,000 distinct ones. */
export function pricesOf(valueCount: number): BigInt64Array {
  const unit = createUnitPrng(21);
  return BigInt64Array.from({ length: valueCount }, () => {
    const ticks = Math.floor((unit() + unit() + unit()) * 2_500);
    return 6_000_000_000_000n + BigInt(ticks) * 1_000_000n;
  });
}

/** Stamps of messages of 20 rows on average. */
export function stampsOf(valueCount: number): BigInt64Array {
  const unit = createUnitPrng(22);
  let stampNs = 1_723_000_000_000_000_000n;
  return BigInt64Array.from({ length: valueCount }, () => {
    if (unit() < 0.05) stampNs += BigInt(Math.floor(unit() * 1e7));
    return stampNs;
  });
}
