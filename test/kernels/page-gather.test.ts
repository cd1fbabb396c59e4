import { describe, expect, test } from 'vitest';
import { STATUS_BAD_ARGUMENT } from '#src/abi/status.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const bitAt = (bytes: Uint8Array, bit: number): number => (bytes[bit >> 3]! >> (bit & 7)) & 1;

/** Bytes for `count` bits from `offset` on, padded to whole words behind. */
function randomBits(prng: Prng, offset: number, count: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((offset + count) / 64) * 8 + 16);
  const density = prng.pick([0, 0.03, 0.5, 0.97, 1]);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    if (prng.chance(density)) bytes[bit >> 3] = bytes[bit >> 3]! | (1 << (bit & 7));
  }
  return bytes;
}

describe.each(BUILDS)('gathering a page ($build)', ({ module }) => {
  test('copies bits between all offsets and keeps what stands before them', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    for (let from = 0; from < 8; from++) {
      for (let to = 0; to < 8; to++) {
        for (const count of [0, 1, 7, 8, 9, 47, 48, 49, 63, 64, 65, 200]) {
          const source = randomBits(prng, from, count);
          const target = randomBits(prng, to, count);
          const ptr = sandbox.put(source);
          const out = sandbox.put(target, { capacityBytes: target.length + 8 });
          sandbox.core.kernels.gatherBits(ptr, from, count, out, to);
          const found = sandbox.core.views.bytes(out, target.length);
          const wanted = (bit: number): number =>
            bit < to ? bitAt(target, bit) : bitAt(source, from + bit - to);
          const wrong = Array.from({ length: to + count }, (_, bit) => bit).filter(
            (bit) => bitAt(found, bit) !== wanted(bit),
          );
          expect(wrong, `${count} bits from ${from} to ${to}, seed ${prng.seed}`).toEqual([]);
        }
      }
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  test('takes the missing values out', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    const { kernels, views } = sandbox.core;
    for (const count of [...LENGTHS, 191, 192, 193, 640]) {
      const validity = randomBits(prng, 0, count);
      const there = Array.from({ length: count }, (_, i) => i).filter((i) => bitAt(validity, i));
      const note = `${count} rows, seed ${prng.seed}`;
      const validityPtr = sandbox.put(validity);
      expect(kernels.countBits(validityPtr, count), note).toBe(there.length);

      const longs = BigInt64Array.from({ length: count }, () => prng.i64());
      const longsPtr = sandbox.put(longs, { skew: 8 });
      expect(kernels.compactI64(longsPtr, validityPtr, count), note).toBe(there.length);
      const foundLongs = [...views.i64At(longsPtr, there.length)];
      expect(foundLongs, note).toEqual(there.map((i) => longs[i]));

      const ints = Int32Array.from({ length: count }, () => prng.u32());
      const intsPtr = sandbox.put(ints, { skew: 4 });
      expect(kernels.compactI32(intsPtr, validityPtr, count), note).toBe(there.length);
      const foundInts = [...views.i32At(intsPtr, there.length)];
      expect(foundInts, note).toEqual(there.map((i) => ints[i]));

      const bits = randomBits(prng, 0, count);
      const bitsPtr = sandbox.put(bits);
      expect(kernels.compactBits(bitsPtr, validityPtr, count), note).toBe(there.length);
      const foundBits = views.bytes(bitsPtr, bits.length);
      expect(
        there.findIndex((row, i) => bitAt(foundBits, i) !== bitAt(bits, row)),
        note,
      ).toBe(-1);
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  test('finds min and max', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    const { kernels, views } = sandbox.core;
    const out = sandbox.buffer(16);
    for (const count of LENGTHS) {
      const longs = BigInt64Array.from({ length: count }, () => prng.i64());
      const sorted = longs.toSorted();
      const has = count > 0 ? 1 : 0;
      expect(kernels.minMaxI64(sandbox.put(longs, { skew: 8 }), count, out, 0)).toBe(has);
      if (has) expect([...views.i64At(out, 2)]).toEqual([sorted[0], sorted.at(-1)]);

      const ints = Int32Array.from({ length: count }, () => prng.u32());
      expect(kernels.minMaxI32(sandbox.put(ints, { skew: 4 }), count, out, 0)).toBe(has);
      const intExtent = [Math.min(...ints), Math.max(...ints)];
      if (has) expect([views.i32[out / 4], views.i32[out / 4 + 2]]).toEqual(intExtent);

      const doubles = Float64Array.from({ length: count }, () =>
        prng.chance(0.2) ? Number.NaN : prng.pick([prng.unit() - 0.5, 0, -0, Infinity, -Infinity]),
      );
      const numbers = doubles.filter((value) => !Number.isNaN(value)).sort();
      const found = kernels.minMaxF64(sandbox.put(doubles, { skew: 8 }), count, out, 0);
      expect(found).toBe(numbers.length > 0 ? 1 : 0);
      const [min, max] = [numbers[0], numbers.at(-1)];
      // A smallest zero is -0, a largest +0.
      const extent = [min === 0 ? -0 : min, max === 0 ? 0 : max];
      if (found) expect([...views.f64At(out, 2)]).toEqual(extent);
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  test('finds min and max of values in two places', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    const { kernels, views } = sandbox.core;
    const [out, out2] = [sandbox.buffer(16), sandbox.buffer(16)];
    for (const name of ['minMaxI64', 'minMaxI32', 'minMaxF64'] as const) {
      for (const count of LENGTHS) {
        const cut = prng.int(0, count + 1);
        const valueBytes = name === 'minMaxI32' ? 4 : 8;
        const values =
          name === 'minMaxF64'
            ? Float64Array.from({ length: count }, () =>
                prng.pick([Number.NaN, prng.unit(), 0, -0]),
              )
            : BigInt64Array.from({ length: count }, () => prng.i64());
        const ptr = sandbox.put(values);
        const note = `${name}, ${cut} of ${count}, seed ${prng.seed}`;
        const wanted = kernels[name](ptr, count, out, 0);
        kernels[name](ptr, cut, out2, 0);
        const found = kernels[name](ptr + cut * valueBytes, count - cut, out2, 1);
        expect(found, note).toBe(wanted);
        if (found) expect(views.bytes(out2, 16), note).toEqual(views.bytes(out, 16));
      }
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  test('copies bytes', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    const { kernels, views } = sandbox.core;
    for (const byteLength of LENGTHS) {
      const content = Uint8Array.from({ length: byteLength }, () => prng.u32());
      const to = sandbox.buffer(byteLength, { skew: 5 });
      expect(kernels.copyBytes(sandbox.put(content, { skew: 3 }), to, byteLength)).toBe(byteLength);
      expect(views.bytes(to, byteLength).slice()).toEqual(content);
    }
    expect(kernels.copyBytes(65_536, 70_000, -1)).toBe(-STATUS_BAD_ARGUMENT);
    expect(sandbox.trespasses()).toEqual([]);
  });

  test('fills bytes', () => {
    const sandbox = new Sandbox(module);
    const { kernels, views } = sandbox.core;
    for (const byteLength of LENGTHS) {
      const to = sandbox.buffer(byteLength, { skew: 5, fill: 1 });
      expect(kernels.fillBytes(to, byteLength, 0xfe)).toBe(byteLength);
      expect(views.bytes(to, byteLength).every((byte) => byte === 0xfe)).toBe(true);
    }
    expect(kernels.fillBytes(70_000, -1, 0)).toBe(-STATUS_BAD_ARGUMENT);
    expect(sandbox.trespasses()).toEqual([]);
  });
});
