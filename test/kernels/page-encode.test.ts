import { describe, expect, test } from 'vitest';
import {
  DICTIONARY_BYTES,
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_ENTRIES_MAX,
  DICTIONARY_RUNS,
  DICTIONARY_SORTED,
} from '#src/abi/dictionary.js';
import { STATUS_BAD_ARGUMENT } from '#src/abi/status.js';
import { DELTA_SCRATCH_BYTES, deltaBytesMax, hybridBytesMax } from '#src/core/page-encode.js';
import { deltaBinaryPacked, dictionaryOf, hybridDecoded } from '../oracle/page-encode.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const COUNTS = [...LENGTHS, 32, 255, 256, 257, 258, 287, 288, 289, 513, 3000];

/** Values whose deltas need about `width` bits. */
function i64Values(prng: Prng, count: number, width: number): BigInt64Array {
  let value = prng.i64();
  return BigInt64Array.from({ length: count }, () => {
    value = BigInt.asIntN(64, value + BigInt.asIntN(width, prng.i64()));
    return value;
  });
}

describe.each(BUILDS)('delta encoding ($build)', ({ module }) => {
  test('gives the bytes of the oracle at every bit width', () => {
    const prng = createPrng();
    for (let width = 0; width <= 64; width++) {
      const sandbox = new Sandbox(module);
      for (const count of [0, 1, 2, 33, 34, 256, 257, 258, 290, 600]) {
        const values = i64Values(prng, count, width);
        const found = deltaEncodedI64(sandbox, values);
        const wanted = deltaBinaryPacked([...values], 64);
        expect(found, `width ${width}, ${count} values, seed ${prng.seed}`).toEqual(wanted);
      }
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  test('gives the bytes of the oracle for i32, whose deltas wrap at 32 bits', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    for (const count of COUNTS) {
      const values = Int32Array.from({ length: count }, () =>
        prng.pick([-(2 ** 31), 2 ** 31 - 1, 0, prng.u32() | 0, prng.int(0, 3)]),
      );
      const ptr = sandbox.put(values, { skew: 4 });
      const scratch = sandbox.buffer(DELTA_SCRATCH_BYTES);
      const out = sandbox.buffer(deltaBytesMax(count, 4));
      const { kernels, views } = sandbox.core;
      const byteLength = kernels.deltaEncodeI32Into(ptr, count, out, scratch);
      const found = views.bytes(out, byteLength).slice();
      const at = `${count} values, seed ${prng.seed}`;
      expect(found, at).toEqual(deltaBinaryPacked([...values].map(BigInt), 32));
      expect(kernels.deltaBytesI32(ptr, count, scratch), at).toBe(byteLength);
      expect(byteLength, at).toBeLessThanOrEqual(deltaBytesMax(count, 4));
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  test('wraps between the ends of int64', () => {
    const sandbox = new Sandbox(module);
    const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n];
    const values = BigInt64Array.from({ length: 700 }, (_, i) => (i % 2 === 0 ? low : high));
    expect(deltaEncodedI64(sandbox, values)).toEqual(deltaBinaryPacked([...values], 64));
  });

  test('refuses addresses that are not aligned', () => {
    const { kernels } = new Sandbox(module).core;
    expect(kernels.deltaEncodeI64Into(65_540, 1, 70_000, 80_000)).toBe(-STATUS_BAD_ARGUMENT);
    expect(kernels.deltaBytesI32(65_537, 1, 80_000)).toBe(-STATUS_BAD_ARGUMENT);
  });
});

function deltaEncodedI64(sandbox: Sandbox, values: BigInt64Array): Uint8Array {
  const { kernels, views } = sandbox.core;
  const ptr = sandbox.put(values, { skew: 8 });
  const scratch = sandbox.buffer(DELTA_SCRATCH_BYTES);
  const out = sandbox.buffer(deltaBytesMax(values.length, 8), { skew: 3 });
  const byteLength = kernels.deltaEncodeI64Into(ptr, values.length, out, scratch);
  expect(kernels.deltaBytesI64(ptr, values.length, scratch)).toBe(byteLength);
  return views.bytes(out, byteLength).slice();
}

/** Values below 2^width: noise, runs of all lengths, or both in turn. */
function u16Values(prng: Prng, count: number, width: number): Uint16Array {
  const values = new Uint16Array(count + 8);
  const runChance = prng.pick([0, 0.1, 0.9]);
  for (let i = 0; i < count; ) {
    const value = prng.int(0, 2 ** width);
    const run = prng.chance(runChance) ? prng.int(1, 60) : 1;
    for (let end = Math.min(count, i + run); i < end; i++) values[i] = value;
  }
  return values;
}

describe.each(BUILDS)('the hybrid of runs and bit packing ($build)', ({ module }) => {
  test('is read as it was at every width', () => {
    const prng = createPrng();
    for (let width = 0; width <= 16; width++) {
      const sandbox = new Sandbox(module);
      for (const count of COUNTS) {
        const values = u16Values(prng, count, width);
        const at = `width ${width}, ${count} values, seed ${prng.seed}`;
        const ptr = sandbox.put(values);
        const out = sandbox.buffer(hybridBytesMax(count, width));
        const { kernels, views } = sandbox.core;
        const byteLength = kernels.hybridEncodeU16Into(ptr, count, width, out);
        const found = hybridDecoded(views.bytes(out, byteLength), width, count);
        expect(found.slice(0, count), at).toEqual([...values.subarray(0, count)]);
        // Padding is zero, so that the same values always give the same bytes.
        expect(
          found.slice(count).every((value) => value === 0),
          at,
        ).toBe(true);
        expect(kernels.hybridBytesU16(ptr, count, width), at).toBe(byteLength);
      }
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  test('takes bits: the definition levels', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    for (const count of [...COUNTS, 16_384]) {
      const values = u16Values(prng, count, 1);
      const ptr = sandbox.put(bitsOf([...values.subarray(0, count)]));
      const out = sandbox.buffer(hybridBytesMax(count, 1));
      const byteLength = sandbox.core.kernels.hybridEncodeBitsInto(ptr, count, out);
      const found = hybridDecoded(sandbox.core.views.bytes(out, byteLength), 1, count);
      const at = `${count} bits, seed ${prng.seed}`;
      expect(found.slice(0, count), at).toEqual([...values.subarray(0, count)]);
    }
    expect(sandbox.trespasses()).toEqual([]);
  });

  test('says a run once', () => {
    const sandbox = new Sandbox(module);
    const ptr = sandbox.put(new Uint16Array(16_392).fill(5));
    const out = sandbox.buffer(hybridBytesMax(16_384, 3));
    expect(sandbox.core.kernels.hybridEncodeU16Into(ptr, 16_384, 3, out)).toBe(4);
  });
});

/** Bits in whole words, with ones behind the last: what stands there must not matter. */
function bitsOf(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 64) * 8 + 8).fill(0xff);
  values.forEach((value, i) => {
    if (value === 0) bytes[i >> 3] = bytes[i >> 3]! & ~(1 << (i & 7));
  });
  return bytes;
}

describe.each(BUILDS)('the dictionary ($build)', ({ module }) => {
  test('holds the distinct values, and sorts them', () => {
    const prng = createPrng();
    for (const distinct of [1, 2, 700, 40_000]) {
      const sandbox = new Sandbox(module);
      const choices = Array.from({ length: distinct }, () =>
        prng.chance(0.5) ? prng.i64() : BigInt(prng.int(-1000, 1000)) * 1_000_000n,
      );
      const values = BigInt64Array.from({ length: 60_000 }, () => prng.pick(choices));
      const { entries, indices } = dictionaryOf([...values], DICTIONARY_ENTRIES_MAX);
      const { kernels, views } = sandbox.core;
      const block = sandbox.buffer(DICTIONARY_BYTES, { fill: 0x77 });
      const [ptr, indicesPtr] = [sandbox.put(values), sandbox.buffer(values.length * 2)];
      kernels.dictionaryInit(block);
      for (let at = 0; at < values.length; at += 20_000) {
        const to = indicesPtr + at * 2;
        expect(kernels.dictionaryAddI64(block, ptr + at * 8, 20_000, to)).toBe(20_000);
      }
      const note = `${distinct} choices, seed ${prng.seed}`;
      const found = new Uint16Array(views.bytes(indicesPtr, values.length * 2).slice().buffer);
      expect([...found], note).toEqual(indices);
      expect(views.i32[(block + DICTIONARY_COUNT) / 4], note).toBe(entries.length);
      expect([...views.i64At(block + DICTIONARY_ENTRIES, entries.length)], note).toEqual(entries);

      expect(kernels.dictionarySortI64(block, indicesPtr, values.length)).toBe(entries.length);
      const sorted = BigInt64Array.from(entries).sort();
      expect(views.i64At(block + DICTIONARY_SORTED, entries.length).slice(), note).toEqual(sorted);
      const ranks = new Uint16Array(views.bytes(indicesPtr, values.length * 2).slice().buffer);
      expect(
        values.findIndex((value, i) => sorted[ranks[i]!] !== value),
        note,
      ).toBe(-1);
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  test('takes i32, counts runs, and sorts by the sign', () => {
    const sandbox = new Sandbox(module);
    const { kernels, views } = sandbox.core;
    const values = Int32Array.of(7, 7, -1, -1, -1, 0, 7, 2 ** 31 - 1, -(2 ** 31));
    const block = sandbox.buffer(DICTIONARY_BYTES);
    const [ptr, indicesPtr] = [sandbox.put(values), sandbox.buffer(values.length * 2)];
    kernels.dictionaryInit(block);
    expect(kernels.dictionaryAddI32(block, ptr, values.length, indicesPtr)).toBe(values.length);
    expect(views.i32[(block + DICTIONARY_RUNS) / 4]).toBe(6);
    kernels.dictionarySortI32(block, indicesPtr, values.length);
    const sorted = [-(2 ** 31), -1, 0, 7, 2 ** 31 - 1];
    expect([...views.i32At(block + DICTIONARY_SORTED, 5)]).toEqual(sorted);
  });

  test('stops where it is full, and still knows what it holds', () => {
    const sandbox = new Sandbox(module);
    const { kernels, views } = sandbox.core;
    const count = DICTIONARY_ENTRIES_MAX + 10;
    const values = BigInt64Array.from({ length: count }, (_, i) => BigInt(i) << 40n);
    const block = sandbox.buffer(DICTIONARY_BYTES);
    const [ptr, indicesPtr] = [sandbox.put(values), sandbox.buffer(count * 2)];
    kernels.dictionaryInit(block);
    const taken = kernels.dictionaryAddI64(block, ptr, count, indicesPtr);
    expect(taken).toBe(DICTIONARY_ENTRIES_MAX);
    expect(kernels.dictionaryAddI64(block, ptr, 1000, indicesPtr)).toBe(1000);
    expect(views.i32[(block + DICTIONARY_COUNT) / 4]).toBe(DICTIONARY_ENTRIES_MAX);
    expect(sandbox.trespasses()).toEqual([]);
  });
});
