import { describe, expect, it } from 'vitest';
import { rescalePips, scaleDecimals, widenInt32 } from '#src/core/rescale.js';
import { scaleRatio } from '../oracle/scale.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT128_MAX = 2n ** 127n - 1n;

/** Integers of every length, many of them multiples of powers of ten. */
function randomInteger(prng: Prng, bits: number): bigint {
  const raw = (prng.i64() << 64n) | BigInt.asUintN(64, prng.i64());
  const value = BigInt.asIntN(bits, raw) >> BigInt(prng.int(0, bits));
  const power = 10n ** BigInt(prng.int(0, 12));
  return prng.chance(0.5) ? value : (value / power) * power;
}

describe.each(BUILDS)('decimal128ToPips ($build)', ({ module }) => {
  it('is exact or bad, apart from its input and over it', () => {
    const prng = createPrng();
    const edges = [0n, 1n, -1n, INT64_MAX, INT64_MAX + 1n, -INT64_MAX - 1n, -INT64_MAX - 2n];
    const values = [...edges, INT128_MAX, -INT128_MAX - 1n, 10n ** 38n, -(10n ** 37n)];
    for (let i = 0; i < 1_000; i++) values.push(randomInteger(prng, 128));
    const words = BigInt64Array.from(
      values.flatMap((value) => [BigInt.asIntN(64, value), BigInt.asIntN(64, value >> 64n)]),
    );
    for (const decimals of [0, 2, 8, 9, 17, 18, 19, 27, 38]) {
      for (const inPlace of [false, true]) {
        const scale = prng.int(0, 19);
        const sandbox = new Sandbox(module);
        const valuesPtr = sandbox.put(words, { skew: 8 });
        const outPtr = inPlace ? valuesPtr : sandbox.buffer(8 * values.length);
        const badBitmapPtr = sandbox.buffer(Math.ceil(values.length / 8));
        const source = { valuesPtr, rowCount: values.length, decimals };
        const badCount = scaleDecimals(sandbox.core, source, { scale, outPtr, badBitmapPtr });
        const expected = values.map((value) => scaleRatio(value, decimals, scale));
        const note = `seed ${prng.seed}, ${decimals} decimals to ${scale}`;
        expect(Array.from(sandbox.core.views.i64At(outPtr, values.length)), note).toEqual(
          expected.map((value) => value ?? 0n),
        );
        expect(badCount).toBe(expected.filter((value) => value === null).length);
        const bitmap = sandbox.core.views.bytes(badBitmapPtr, Math.ceil(values.length / 8));
        expect(
          expected.every((value, i) => (value === null) === !!((bitmap[i >> 3]! >> (i & 7)) & 1)),
        ).toBe(true);
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });
});

describe.each(BUILDS)('int64Rescale ($build)', ({ module }) => {
  it('is exact or leaves the value and marks it', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const values = BigInt64Array.from({ length }, () => randomInteger(prng, 64));
      if (length > 3) values.set([INT64_MAX, -INT64_MAX - 1n, 0n, -1n]);
      const scales = { from: prng.int(0, 19), to: prng.int(0, 19) };
      const sandbox = new Sandbox(module);
      const valuesPtr = sandbox.put(values);
      const bitmapPtr = sandbox.buffer(Math.ceil(length / 8));
      const source = { valuesPtr, rowCount: length };
      const badCount = rescalePips(sandbox.core, source, scales, bitmapPtr);
      const expected = Array.from(values, (value) => scaleRatio(value, scales.from, scales.to));
      expect(Array.from(sandbox.core.views.i64At(valuesPtr, length))).toEqual(
        expected.map((value, i) => value ?? values[i]),
      );
      expect(badCount, `seed ${prng.seed}`).toBe(expected.filter((v) => v === null).length);
      expect(sandbox.trespasses()).toEqual([]);
    }
  });
});

describe.each(BUILDS)('int32ToInt64 ($build)', ({ module }) => {
  it('widens, apart from its input and over it', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const values = Int32Array.from({ length }, () => prng.u32());
      for (const inPlace of [false, true]) {
        const sandbox = new Sandbox(module);
        const valuesPtr = sandbox.put(values, { capacityBytes: 8 * length });
        const outPtr = inPlace ? valuesPtr : sandbox.buffer(8 * length);
        widenInt32(sandbox.core, valuesPtr, length, outPtr);
        expect(Array.from(sandbox.core.views.i64At(outPtr, length))).toEqual(
          Array.from(values, BigInt),
        );
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });
});
