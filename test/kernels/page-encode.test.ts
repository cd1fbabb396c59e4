import { describe, expect, test } from 'vitest';
import { STATUS_BAD_ARGUMENT } from '#src/abi/status.js';
import {
  DELTA_SCRATCH_BYTES,
  deltaBytesMax,
  hybridBytesMax,
  runBytesMax,
} from '#src/core/page-encode.js';
import { deltaBinaryPacked, hybridBytes, hybridDecoded } from '../oracle/page-encode.js';
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
        expect(hybridBytes([...values.subarray(0, count)], width), at).toBe(byteLength);
      }
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  test('is read as it was where everything is a run', () => {
    const prng = createPrng();
    for (let width = 0; width <= 16; width++) {
      const sandbox = new Sandbox(module);
      for (const count of [...COUNTS, 9_000]) {
        const values = u16Values(prng, count, width).subarray(0, count);
        const at = `width ${width}, ${count} values, seed ${prng.seed}`;
        const runs = runLengths(values);
        const ptr = sandbox.put(values, { skew: 2, capacityBytes: count * 2 + 128 });
        const out = sandbox.buffer(runBytesMax(runs.length), { skew: 3 });
        const { kernels, views } = sandbox.core;
        const byteLength = kernels.runEncodeU16Into(ptr, count, width, out);
        const bytes = views.bytes(out, byteLength);
        expect(hybridDecoded(bytes, width, count), at).toEqual([...values]);
        const headerBytes = runs.map((run) => (run < 64 ? 1 : run < 8192 ? 2 : 3));
        const wanted = headerBytes.reduce((sum, bytes) => sum + bytes + Math.ceil(width / 8), 0);
        expect(byteLength, at).toBe(wanted);
      }
      expect(sandbox.trespasses()).toEqual([]);
    }
    const { kernels } = new Sandbox(module).core;
    expect(kernels.runEncodeU16Into(70_001, 1, 3, 80_000)).toBe(-STATUS_BAD_ARGUMENT);
    expect(kernels.runEncodeU16Into(70_000, 1, 17, 80_000)).toBe(-STATUS_BAD_ARGUMENT);
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

function runLengths(values: Uint16Array): number[] {
  const starts = [...values.keys()].filter((i) => i === 0 || values[i] !== values[i - 1]);
  return starts.map((start, k) => (starts[k + 1] ?? values.length) - start);
}

/** Bits in whole words, with ones behind the last: what stands there must not matter. */
function bitsOf(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 64) * 8 + 8).fill(0xff);
  values.forEach((value, i) => {
    if (value === 0) bytes[i >> 3] = bytes[i >> 3]! & ~(1 << (i & 7));
  });
  return bytes;
}
