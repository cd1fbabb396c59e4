import { createUnitPrng } from '../prng.js';

/** Plain int64 quantities, as a page has them: two or three low bytes differ, the rest repeats. */
export function pageContent(byteLength: number): Uint8Array {
  const unit = createUnitPrng(23);
  const values = BigInt64Array.from({ length: Math.ceil(byteLength / 8) }, () =>
    unit() < 0.3 ? 0n : BigInt(Math.floor(Math.exp(unit() * 10))) * 100_000n,
  );
  return new Uint8Array(values.buffer, 0, byteLength);
}
