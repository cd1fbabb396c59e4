import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CodecDefect, type PageCodec, pageCodecs } from '#src/parquet/decompress.js';
import { nodeCodecs } from '#src/parquet/load-node.js';
import { createPrng } from '../prng.js';

const QUICK = { [constants.BROTLI_PARAM_QUALITY]: 4 };

const COMPRESS: Readonly<Record<PageCodec, (content: Uint8Array) => Uint8Array>> = {
  GZIP: (content) => Uint8Array.from(gzipSync(content)),
  BROTLI: (content) => Uint8Array.from(brotliCompressSync(content, { params: QUICK })),
};
const CODECS = Object.keys(COMPRESS) as PageCodec[];

const codecs = pageCodecs(nodeCodecs);

/** Integers of few bytes, as pages hold them. */
function contentOf(byteLength: number): Uint8Array {
  const prng = createPrng();
  return Uint8Array.from({ length: byteLength }, (_, i) => (i % 8 < 2 ? prng.u32() : 0));
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** The bytes that come out, or null for a CodecDefect; any other error is the test's. */
function attempt(codec: PageCodec, source: Uint8Array, outBytes: number): Uint8Array | null {
  try {
    return codecs.decompress(codec, source, outBytes);
  } catch (error) {
    if (error instanceof CodecDefect) return null;
    throw error;
  }
}

describe.each(CODECS)('%s', (codec) => {
  test('gives back pages of any size, also out of shared memory', () => {
    for (const byteLength of [0, 1, 63, 64, 65, 1_000, 80_000, 70_000, 1_000_000]) {
      const content = contentOf(byteLength);
      const compressed = COMPRESS[codec](content);
      const shared = new Uint8Array(new SharedArrayBuffer(compressed.byteLength + 10));
      shared.set(compressed, 7);
      const source = shared.subarray(7, 7 + compressed.byteLength);
      expect(isSame(codecs.decompress(codec, source, byteLength), content)).toBe(true);
    }
  });

  test('refuses a page of another length than announced, whatever it would make', () => {
    const content = contentOf(5_000);
    const compressed = COMPRESS[codec](content);
    for (const announced of [0, 1, 63, 4_999, 5_001, 20_000]) {
      expect(() => codecs.decompress(codec, compressed, announced)).toThrow(CodecDefect);
    }
    const bomb = COMPRESS[codec](new Uint8Array(50_000_000));
    expect(bomb.byteLength).toBeLessThan(60_000);
    expect(() => codecs.decompress(codec, bomb, 1_000)).toThrow(CodecDefect);
    expect(isSame(codecs.decompress(codec, compressed, 5_000), content)).toBe(true);
  });

  test('refuses a page that is cut at any byte, or has bytes behind it', () => {
    const content = contentOf(1_500);
    const compressed = COMPRESS[codec](content);
    for (let cut = 0; cut < compressed.byteLength; cut++) {
      expect(attempt(codec, compressed.subarray(0, cut), 1_500), `cut at ${cut}`).toBeNull();
    }
    for (const tail of [[0], [0, 0, 0], [1, 2, 3], [0x1f, 0x8b]]) {
      expect(attempt(codec, joined(compressed, Uint8Array.from(tail)), 1_500)).toBeNull();
    }
  });

  test('makes nothing but an error, or as many bytes, of 3,000 mutated pages', () => {
    const prng = createPrng();
    const content = contentOf(600);
    const compressed = COMPRESS[codec](content);
    let refused = 0;
    for (let i = 0; i < 3_000; i++) {
      const mutated = compressed.slice();
      for (let n = prng.int(1, 4); n > 0; n--) mutated[prng.int(0, mutated.length)] = prng.u32();
      const bytes = attempt(codec, mutated, content.byteLength);
      if (bytes === null) refused++;
      else expect(bytes.byteLength, `seed ${prng.seed}`).toBe(content.byteLength);
    }
    expect(refused).toBeGreaterThan(codec === 'GZIP' ? 2_800 : 300);
    expect(isSame(codecs.decompress(codec, compressed, 600), content)).toBe(true);
  });
});

test('GZIP is gzip in one or more members, or zlib, but no bare deflate', () => {
  const content = contentOf(3_000);
  const members = joined(gzipSync(content.subarray(0, 1_000)), gzipSync(content.subarray(1_000)));
  for (const source of [members, deflateSync(content)]) {
    expect(isSame(codecs.decompress('GZIP', source, 3_000), content)).toBe(true);
  }
  expect(() => codecs.decompress('GZIP', deflateRawSync(content), 3_000)).toThrow(CodecDefect);
  const tail = joined(deflateSync(content), Uint8Array.from([9]));
  expect(() => codecs.decompress('GZIP', tail, 3_000)).toThrow('1 bytes are left over');
});

test('a host without codecs says so', () => {
  const bare = pageCodecs(null);
  expect(['GZIP', 'BROTLI', 'ZSTD'].map((codec) => bare.has(codec))).toEqual([false, false, false]);
  expect(() => bare.decompress('GZIP', gzipSync('x'), 1)).toThrow(CodecDefect);
});
