// XXH64 on the host, where no kernel is at hand. BigInt arithmetic makes it slow (some 75 MB/s);
// a run hashes everything with core/digest and core/byte-digest, the footers of its inputs too.
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotateLeft = (value: bigint, bits: bigint): bigint =>
  u64(value << bits) | (value >> (64n - bits));
const round = (lane: bigint, word: bigint): bigint =>
  u64(rotateLeft(u64(lane + word * PRIME_2), 31n) * PRIME_1);
const merge = (hash: bigint, lane: bigint): bigint =>
  u64((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4);

/** @returns hash of the whole stripes of 32 bytes, and where they end */
function stripesOf(view: DataView): { hash: bigint; at: number } {
  let [lane0, lane1, lane2, lane3] = [u64(PRIME_1 + PRIME_2), PRIME_2, 0n, u64(-PRIME_1)];
  let at = 0;
  for (; at + 32 <= view.byteLength; at += 32) {
    lane0 = round(lane0, view.getBigUint64(at, true));
    lane1 = round(lane1, view.getBigUint64(at + 8, true));
    lane2 = round(lane2, view.getBigUint64(at + 16, true));
    lane3 = round(lane3, view.getBigUint64(at + 24, true));
  }
  if (at === 0) return { hash: PRIME_5, at };
  let hash = u64(
    rotateLeft(lane0, 1n) + rotateLeft(lane1, 7n) + rotateLeft(lane2, 12n) + rotateLeft(lane3, 18n),
  );
  for (const lane of [lane0, lane1, lane2, lane3]) hash = merge(hash, lane);
  return { hash, at };
}

/** XXH64 (seed 0) of the bytes, as an unsigned 64-bit number. */
export function xxh64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stripes = stripesOf(view);
  let at = stripes.at;
  let hash = u64(stripes.hash + BigInt(bytes.byteLength));
  for (; at + 8 <= bytes.byteLength; at += 8) {
    const mixed = rotateLeft(hash ^ round(0n, view.getBigUint64(at, true)), 27n);
    hash = u64(mixed * PRIME_1 + PRIME_4);
  }
  if (at + 4 <= bytes.byteLength) {
    const mixed = rotateLeft(hash ^ u64(BigInt(view.getUint32(at, true)) * PRIME_1), 23n);
    hash = u64(mixed * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < bytes.byteLength; at++) {
    hash = u64(rotateLeft(hash ^ u64(BigInt(view.getUint8(at)) * PRIME_5), 11n) * PRIME_1);
  }
  hash = u64((hash ^ (hash >> 33n)) * PRIME_2);
  hash = u64((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}

/** 16 lower-case hex digits of 64 bits, whether they are given as signed or unsigned. */
export function hex16(bits: bigint): string {
  return u64(bits).toString(16).padStart(16, '0');
}

/** XXH64 (seed 0) of the bytes as depthmill writes digests: 16 lower-case hex digits. */
export function xxh64Hex(bytes: Uint8Array): string {
  return hex16(xxh64(bytes));
}
