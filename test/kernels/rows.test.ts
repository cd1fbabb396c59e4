import { describe, expect, it } from 'vitest';
import { keptRows, packBits, unpackBits } from '../oracle/rows.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const DENSITIES = [0, 0.002, 0.1, 0.5, 0.98, 1];

const randomBits = (prng: Prng, count: number, density: number): boolean[] =>
  Array.from({ length: count }, () => prng.chance(density));

describe.each(BUILDS)('compactColumn ($build)', ({ module }) => {
  it('keeps exactly the rows without a bit, in order', () => {
    const prng = createPrng();
    for (const length of [...LENGTHS, 5_000]) {
      for (const density of DENSITIES) {
        const note = `seed ${prng.seed}, length ${length}, density ${density}`;
        const drop = randomBits(prng, length, density);
        const wide = Array.from({ length }, () => prng.i64());
        const narrow = Array.from({ length }, () => prng.u32() | 0);
        const bits = randomBits(prng, length, 0.5);
        const sandbox = new Sandbox(module);
        const { kernels, views } = sandbox.core;
        // Bits behind the last row are no rows: set, they must not count.
        const dropBytes = packBits(drop);
        const padding = (8 - (length & 7)) & 7;
        if (padding > 0) dropBytes[dropBytes.length - 1]! |= 0xff << (8 - padding);
        const dropPtr = sandbox.put(dropBytes, { skew: 1 });
        const widePtr = sandbox.put(BigInt64Array.from(wide), { skew: 8 });
        const narrowPtr = sandbox.put(Int32Array.from(narrow), { skew: 4 });
        const bitsPtr = sandbox.put(packBits(bits), { skew: 3 });
        const kept = keptRows(wide, drop);
        expect(kernels.compactColumn64(widePtr, length, dropPtr), note).toBe(kept.length);
        expect(Array.from(views.i64At(widePtr, kept.length)), note).toEqual(kept);
        expect(kernels.compactColumn32(narrowPtr, length, dropPtr), note).toBe(kept.length);
        expect(Array.from(views.i32At(narrowPtr, kept.length)), note).toEqual(
          keptRows(narrow, drop),
        );
        expect(kernels.compactColumnBits(bitsPtr, length, dropPtr), note).toBe(kept.length);
        const bytes = views.bytes(bitsPtr, Math.ceil(length / 8));
        expect(unpackBits(bytes, kept.length), note).toEqual(keptRows(bits, drop));
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });
});

describe.each(BUILDS)('copyBits ($build)', ({ module }) => {
  it('copies between any offsets and leaves the bits around them', () => {
    const prng = createPrng();
    for (const count of LENGTHS) {
      for (let round = 0; round < 20; round++) {
        const [targetBit, sourceBit] = [prng.int(0, 40), prng.int(0, 40)];
        const source = randomBits(prng, sourceBit + count, 0.5);
        const target = randomBits(prng, targetBit + count + prng.int(0, 20), 0.5);
        const sandbox = new Sandbox(module);
        const sourcePtr = sandbox.put(packBits(source), { skew: 1 });
        const targetPtr = sandbox.put(packBits(target), { skew: 5 });
        const { kernels, views } = sandbox.core;
        expect(kernels.copyBits(targetPtr, targetBit, sourcePtr, sourceBit, count)).toBe(count);
        const expected = [...target];
        expected.splice(targetBit, count, ...source.slice(sourceBit));
        const bytes = views.bytes(targetPtr, Math.ceil(target.length / 8));
        const note = `seed ${prng.seed}: ${count} bits from ${sourceBit} to ${targetBit}`;
        expect(unpackBits(bytes, target.length), note).toEqual(expected);
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });

  it('moves bits down within one bitmap', () => {
    const prng = createPrng();
    for (let round = 0; round < 200; round++) {
      const bits = randomBits(prng, 700, 0.5);
      const targetBit = prng.int(0, 100);
      const sourceBit = targetBit + prng.int(0, 100);
      const count = prng.int(0, 700 - sourceBit);
      const sandbox = new Sandbox(module);
      const ptr = sandbox.put(packBits(bits));
      sandbox.core.kernels.copyBits(ptr, targetBit, ptr, sourceBit, count);
      const found = unpackBits(sandbox.core.views.bytes(ptr, 88), count, targetBit);
      expect(found, `seed ${prng.seed}`).toEqual(bits.slice(sourceBit, sourceBit + count));
    }
  });
});

describe.each(BUILDS)('marks ($build)', ({ module }) => {
  it('orInto32 touches its rows only', () => {
    for (let rowStart = 0; rowStart < 7; rowStart++) {
      for (let rowEnd = rowStart; rowEnd <= 21; rowEnd++) {
        const sandbox = new Sandbox(module);
        const ptr = sandbox.put(Int32Array.from({ length: 21 }, (_, i) => i));
        expect(sandbox.core.kernels.orInto32(ptr, rowStart, rowEnd, 0x1100)).toBe(
          rowEnd - rowStart,
        );
        expect(Array.from(sandbox.core.views.i32At(ptr, 21))).toEqual(
          Array.from({ length: 21 }, (_, i) => (i >= rowStart && i < rowEnd ? i | 0x1100 : i)),
        );
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });

  it('negativeBitmap finds each value below 0', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      for (const density of DENSITIES) {
        const values = Array.from({ length }, () => {
          const magnitude = prng.i64() & (2n ** 63n - 1n);
          return prng.chance(density) ? -magnitude - 1n : magnitude;
        });
        const sandbox = new Sandbox(module);
        const bitmapPtr = sandbox.buffer(Math.ceil(length / 8));
        const ptr = sandbox.put(BigInt64Array.from(values), { skew: 8 });
        const found = sandbox.core.kernels.negativeBitmap(ptr, length, bitmapPtr);
        const expected = values.map((value) => value < 0n);
        expect(found).toBe(expected.filter(Boolean).length);
        const bitmap = sandbox.core.views.bytes(bitmapPtr, Math.ceil(length / 8));
        expect(unpackBits(bitmap, length), `seed ${prng.seed}`).toEqual(expected);
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });

  it('matchLevel wants price and side', () => {
    const sandbox = new Sandbox(module);
    const pricePtr = sandbox.put(BigInt64Array.from([5n, 7n, 5n, 7n, 5n]));
    const isBidPtr = sandbox.put(packBits([true, false, false, true, true]));
    const match = (price: bigint, isBid: number, from: number, to: number): number =>
      sandbox.core.kernels.matchLevel(pricePtr, isBidPtr, price, isBid, from, to);
    expect(match(5n, 1, 0, 5)).toBe(0);
    expect(match(5n, 1, 1, 5)).toBe(4);
    expect(match(5n, 0, 0, 5)).toBe(2);
    expect(match(7n, 1, 0, 3)).toBe(-1);
    expect(match(6n, 1, 0, 5)).toBe(-1);
  });
});
