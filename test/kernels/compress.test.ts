import { crc32 } from 'node:zlib';
import { snappyUncompress } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { CRC_TABLE_BYTES } from '#src/core/crc32.js';
import { SNAPPY_TABLE_BYTES, snappyBytesMax } from '#src/core/snappy-compress.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

const LENGTHS = [
  0, 1, 3, 4, 14, 15, 16, 17, 31, 63, 64, 65, 100, 1000, 65_535, 65_536, 65_537, 200_000,
];

/** From noise to one byte, by way of columns of little-endian integers. */
const CONTENTS: Readonly<Record<string, (prng: Prng, i: number) => number>> = {
  noise: (prng) => prng.u32(),
  zeros: () => 0,
  period: (_prng, i) => i % 7,
  integers: (prng, i) => (i % 8 < 2 ? prng.u32() : i % 8),
  text: (prng) => prng.int(97, 101),
};

function contentOf(name: string, byteLength: number, prng: Prng): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, i) => CONTENTS[name]!(prng, i));
}

describe.each(BUILDS)('snappy ($build)', ({ module }) => {
  test.each(Object.keys(CONTENTS))('%s is read as it was', (name) => {
    const prng = createPrng();
    for (const byteLength of LENGTHS) {
      const sandbox = new Sandbox(module);
      const { kernels, views } = sandbox.core;
      const content = contentOf(name, byteLength, prng);
      const ptr = sandbox.put(content, { skew: 5 });
      const table = sandbox.buffer(SNAPPY_TABLE_BYTES);
      const out = sandbox.buffer(snappyBytesMax(byteLength), { skew: 3 });
      const compressedBytes = kernels.snappyCompressInto(ptr, byteLength, out, table);
      const found = new Uint8Array(byteLength);
      if (byteLength > 0) snappyUncompress(views.bytes(out, compressedBytes).slice(), found);
      const note = `${byteLength} bytes, seed ${prng.seed}`;
      expect(Buffer.compare(found, content), note).toBe(0);
      expect(compressedBytes, note).toBeLessThanOrEqual(32 + byteLength + byteLength / 6);
      if (name === 'zeros' && byteLength >= 1000) {
        expect(compressedBytes, note).toBeLessThan(byteLength / 15);
      }
      expect(sandbox.trespasses(), note).toEqual([]);
    }
  });
});

describe.each(BUILDS)('crc32 ($build)', ({ module }) => {
  test("is zlib's, at once and in pieces", () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    const { kernels } = sandbox.core;
    const tables = sandbox.buffer(CRC_TABLE_BYTES);
    kernels.crc32Init(tables);
    // All ends of the first vectors, too, from where vectors begin.
    const shortLengths = Array.from({ length: 160 }, (_, i) => 90 + i);
    for (const byteLength of [...LENGTHS, ...shortLengths]) {
      const content = contentOf('noise', byteLength, prng);
      const ptr = sandbox.put(content, { skew: byteLength % 16 });
      const wanted = crc32(content);
      const note = `${byteLength} bytes, seed ${prng.seed}`;
      expect(kernels.crc32(tables, ptr, byteLength, 0) >>> 0, note).toBe(wanted);
      const cut = prng.int(0, byteLength + 1);
      const first = kernels.crc32(tables, ptr, cut, 0);
      expect(kernels.crc32(tables, ptr + cut, byteLength - cut, first) >>> 0, note).toBe(wanted);
    }
    expect(sandbox.trespasses()).toEqual([]);
  });
});
