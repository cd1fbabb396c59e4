import { describe, expect, it } from 'vitest';
import { DIGEST_STATE_BYTES } from '#src/abi/digest.js';
import { DigestStream, xxh64Hex as xxh64HexOfMemory } from '#src/core/digest.js';
import { xxh64, xxh64Hex } from '#src/units/xxh64.js';
import { createPrng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

/** The bytes of xxHash's own sanity check (cli/xsum_sanity_check.c). */
function sanityBytes(byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let state = 2654435761n;
  for (let i = 0; i < byteLength; i++) {
    bytes[i] = Number(state >> 56n);
    state = BigInt.asUintN(64, state * 11400714785074694797n);
  }
  return bytes;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Published digests with seed 0: xxHash's sanity check, and those that its ports agree on. */
const VECTORS: [Uint8Array, string][] = [
  [text(''), 'ef46db3751d8e999'],
  [text('a'), 'd24ec4f1a98c6e5b'],
  [text('abc'), '44bc2cf5ad770999'],
  [text('xxhash'), '32dd38952c4bc720'],
  [text('Nobody inspects the spammish repetition'), 'fbcea83c8a378bf1'],
  [sanityBytes(1), 'e934a84adb052768'],
  [sanityBytes(14), '8282dcc4994e35c8'],
  [sanityBytes(222), 'b641ae8cb691c174'],
];

describe('xxh64 on the host', () => {
  it.each(VECTORS)('gives the published digest (vector %#)', (bytes, digest) => {
    expect(xxh64Hex(bytes)).toBe(digest);
  });

  it('reads a view that does not begin at its buffer', () => {
    const bytes = sanityBytes(100);
    expect(xxh64(bytes.subarray(3, 90))).toBe(xxh64(bytes.slice(3, 90)));
  });
});

describe.each(BUILDS)('xxh64 kernel ($build)', ({ module }) => {
  it.each(VECTORS)('gives the published digest (vector %#)', (bytes, digest) => {
    const sandbox = new Sandbox(module);
    expect(xxh64HexOfMemory(sandbox.core, sandbox.put(bytes, { skew: 1 }), bytes.length)).toBe(
      digest,
    );
  });

  it('equals the host at every length, one-shot and in random pieces', () => {
    const sandbox = new Sandbox(module);
    const prng = createPrng();
    const statePtr = sandbox.buffer(DIGEST_STATE_BYTES);
    const all = sanityBytes(300);
    const ptr = sandbox.put(all, { skew: 5 });
    for (let length = 0; length <= all.length; length++) {
      const expected = xxh64Hex(all.subarray(0, length));
      expect(xxh64HexOfMemory(sandbox.core, ptr, length)).toBe(expected);
      const stream = new DigestStream(sandbox.core, statePtr);
      for (let at = 0; at < length; ) {
        const piece = Math.min(prng.int(0, 50), length - at);
        stream.update(ptr + at, piece);
        at += piece;
      }
      expect(stream.hex(), `seed ${prng.seed}, length ${length}`).toBe(expected);
      expect(stream.hex(), 'finish changes nothing').toBe(expected);
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  it('takes words as it takes their bytes', () => {
    const sandbox = new Sandbox(module);
    const { kernels } = sandbox.core;
    const prng = createPrng();
    const statePtr = sandbox.buffer(DIGEST_STATE_BYTES);
    for (let count = 0; count < 40; count++) {
      const words = BigInt64Array.from({ length: count }, () => prng.i64());
      kernels.xxh64Init(statePtr);
      for (const word of words) kernels.xxh64Word(statePtr, word);
      expect(BigInt.asUintN(64, kernels.xxh64Finish(statePtr)), `seed ${prng.seed}`).toBe(
        xxh64(new Uint8Array(words.buffer)),
      );
    }
    expect(sandbox.trespasses()).toEqual([]);
  });
});
