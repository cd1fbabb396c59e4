import type { Level } from './price-levels.js';

const MASK = (1n << 64n) - 1n;
const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const mul = (a: bigint, b: bigint): bigint => (a * b) & MASK;
const add = (a: bigint, b: bigint): bigint => (a + b) & MASK;
const rotl = (a: bigint, bits: bigint): bigint => ((a << bits) | (a >> (64n - bits))) & MASK;
const round = (lane: bigint, word: bigint): bigint =>
  mul(rotl(add(lane, mul(word, PRIME_2)), 31n), PRIME_1);

/** XXH64 with seed 0 as its specification words it, on BigInt. */
export function xxh64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash = PRIME_5;
  if (bytes.length >= 32) {
    const lanes = [add(PRIME_1, PRIME_2), PRIME_2, 0n, (MASK + 1n - PRIME_1) & MASK];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getBigUint64(at + 8 * i, true));
    }
    const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
    hash = add(add(rotl(a, 1n), rotl(b, 7n)), add(rotl(c, 12n), rotl(d, 18n)));
    for (const lane of lanes) hash = add(mul(hash ^ round(0n, lane), PRIME_1), PRIME_4);
  }
  hash = add(hash, BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    hash ^= round(0n, view.getBigUint64(at, true));
    hash = add(mul(rotl(hash, 27n), PRIME_1), PRIME_4);
  }
  if (at + 4 <= bytes.length) {
    hash ^= mul(BigInt(view.getUint32(at, true)), PRIME_1);
    hash = add(mul(rotl(hash, 23n), PRIME_2), PRIME_3);
    at += 4;
  }
  for (; at < bytes.length; at++) {
    hash ^= mul(BigInt(bytes[at]!), PRIME_5);
    hash = mul(rotl(hash, 11n), PRIME_1);
  }
  hash = mul(hash ^ (hash >> 33n), PRIME_2);
  hash = mul(hash ^ (hash >> 29n), PRIME_3);
  return hash ^ (hash >> 32n);
}

/** The digest of a book as MODEL section 4 words it: 16 hex digits. Levels from the best. */
export function bookDigest(bids: readonly Level[], asks: readonly Level[]): string {
  const bytes = new Uint8Array(8 + 16 * (bids.length + asks.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bids.length, true);
  view.setUint32(4, asks.length, true);
  let at = 8;
  for (const { pricePips, qtyPips } of [...bids, ...asks]) {
    view.setBigInt64(at, pricePips, true);
    view.setBigInt64(at + 8, qtyPips, true);
    at += 16;
  }
  return xxh64(bytes).toString(16).padStart(16, '0');
}
