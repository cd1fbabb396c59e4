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
import { dictionaryOf } from '../oracle/page-encode.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

/** Bytes behind the indices that the kernel may write. */
const INDICES_PAD = 32;

/** Columns of what the kernel treats apart, and of what it might stumble over. */
const SHAPES: Readonly<Record<string, (prng: Prng) => () => bigint>> = {
  constant: () => () => 0n,
  // Ascending runs, then a step back now and then.
  stamps: (prng) => {
    let value = -(2n ** 62n);
    return () => {
      if (prng.chance(0.1)) value += BigInt(prng.int(1, 1_000_000));
      return value;
    };
  },
  'stamps that go back': (prng) => {
    let value = 1_723_000_000_000_000_000n;
    return () => {
      if (prng.chance(0.1)) value += BigInt(prng.int(-20, 1_000));
      return value;
    };
  },
  flags: (prng) => () => BigInt(prng.pick([0, 0, 0, 128, 4224])),
  'flags, ever more': (prng) => {
    let known = 1;
    return () => {
      if (prng.chance(0.001)) known++;
      return BigInt(prng.int(0, known) - 2);
    };
  },
  prices: (prng) => () => BigInt(6_000_000 + prng.int(0, 700)) * 1_000_000n,
  // 0 first and often, a dense start, a thin rest: lots.
  quantities: (prng) => () =>
    BigInt(prng.chance(0.3) ? 0 : prng.int(0, prng.chance(0.7) ? 3_000 : 2_000_000)) * 100_000n,
  'quantities in runs and alone': (prng) => {
    let value = 0n;
    let left = 0;
    let chance = 1;
    return () => {
      if (left-- <= 0) {
        left = prng.int(1, 3_000);
        chance = prng.pick([0.01, 0.3, 1]);
      }
      if (prng.chance(chance)) value = BigInt(prng.int(0, 9_000));
      return value;
    };
  },
  // The step of the first entries is not that of all, and some lie far from them.
  'prices, then finer ones': (prng) => {
    let row = 0;
    return () => {
      const step = row++ < 5_000 ? 1_000n : prng.pick([1_000n, 250n, 10n]);
      const ticks = prng.chance(0.001) ? prng.int(0, 2 ** 40) : prng.int(0, 20_000);
      return 60_000_000n + BigInt(ticks) * step;
    };
  },
  // What the quick look at a free slot of the grid takes for its own.
  'prices, and what reads as a free slot': (prng) => {
    let row = 0;
    return () => {
      const ticks = prng.int(0, 30_000);
      if (row++ < 2_000 || prng.chance(0.99)) return (row === 1 ? 0n : BigInt(ticks)) * 1_000n;
      return (BigInt(ticks) + 0xffff_0000n - 2n ** 30n) * 1_000n;
    };
  },
  'prices below and above zero': (prng) => () => BigInt(prng.int(-9_000, 9_000)) * 250n,
  // No common step, and products that clash.
  'powers of two': (prng) => () => 1n << BigInt(prng.int(0, 64)),
  'high bits': (prng) => () => BigInt(prng.int(0, 5_000)) << 50n,
  noise: (prng) => () => prng.i64(),
};

interface Added {
  taken: number;
  entryCount: number;
  runCount: number;
  entries: bigint[];
  indices: number[];
}

/** Adds values in calls of `callRows()` each. */
function added(
  module: WebAssembly.Module,
  values: BigInt64Array | Int32Array,
  callRows: () => number,
): Added {
  const sandbox = new Sandbox(module, 16 * 2 ** 20);
  const { kernels, views } = sandbox.core;
  const { BYTES_PER_ELEMENT: valueBytes, length } = values;
  const add = valueBytes === 8 ? kernels.dictionaryAddI64 : kernels.dictionaryAddI32;
  const block = sandbox.buffer(DICTIONARY_BYTES, { fill: 0x77 });
  const ptr = sandbox.put(values, { skew: valueBytes });
  const indicesPtr = sandbox.buffer(length * 2 + INDICES_PAD, { skew: 2 });
  kernels.dictionaryInit(block);
  let taken = 0;
  while (taken < length) {
    const rows = Math.min(callRows(), length - taken);
    const got = add(block, ptr + taken * valueBytes, rows, indicesPtr + taken * 2);
    taken += got;
    if (got < rows) break;
  }
  expect(sandbox.trespasses()).toEqual([]);
  const entryCount = views.i32[(block + DICTIONARY_COUNT) / 4]!;
  const entriesPtr = block + DICTIONARY_ENTRIES;
  const entries =
    valueBytes === 8
      ? [...views.i64At(entriesPtr, entryCount)]
      : Array.from(views.i32At(entriesPtr, entryCount), BigInt);
  const indices = [...new Uint16Array(views.bytes(indicesPtr, taken * 2).slice().buffer)];
  const runCount = views.i32[(block + DICTIONARY_RUNS) / 4]!;
  return { taken, entryCount, runCount, entries, indices };
}

function runsOf(values: readonly bigint[]): number {
  return values.filter((value, i) => i === 0 || value !== values[i - 1]).length;
}

describe.each(BUILDS)('the dictionary ($build)', ({ module }) => {
  test.each(Object.keys(SHAPES))('is that of the oracle, in one call or many: %s', (shape) => {
    const prng = createPrng();
    for (const count of [1, 2, 7, 511, 512, 513, 40_000]) {
      const next = SHAPES[shape]!(prng);
      const longs = BigInt64Array.from({ length: count }, next);
      const ints = Int32Array.from(longs, (value) => Number(BigInt.asIntN(32, value)));
      for (const values of [longs, ints]) {
        const plain = Array.from<bigint | number, bigint>(values, BigInt);
        const wanted = dictionaryOf(plain, DICTIONARY_ENTRIES_MAX);
        const note = `${count} of ${values.BYTES_PER_ELEMENT} bytes, seed ${prng.seed}`;
        const whole = added(module, values, () => count);
        expect(whole.taken, note).toBe(count);
        expect(whole.entries, note).toEqual(wanted.entries);
        expect(whole.indices, note).toEqual(wanted.indices);
        expect(whole.runCount, note).toBe(runsOf(plain));
        expect(
          added(module, values, () => prng.int(1, 700)),
          note,
        ).toEqual(whole);
      }
    }
  });

  test('sorts its entries, and turns indices into places', () => {
    const prng = createPrng();
    for (const distinct of [1, 2, 700, 40_000]) {
      const sandbox = new Sandbox(module);
      const choices = Array.from({ length: distinct }, () =>
        prng.chance(0.5) ? prng.i64() : BigInt(prng.int(-1000, 1000)) * 1_000_000n,
      );
      const values = BigInt64Array.from({ length: 60_000 }, () => prng.pick(choices));
      const { entries } = dictionaryOf([...values], DICTIONARY_ENTRIES_MAX);
      const { kernels, views } = sandbox.core;
      const block = sandbox.buffer(DICTIONARY_BYTES, { fill: 0x77 });
      const ptr = sandbox.put(values);
      const indicesPtr = sandbox.buffer(values.length * 2 + INDICES_PAD);
      kernels.dictionaryInit(block);
      expect(kernels.dictionaryAddI64(block, ptr, values.length, indicesPtr)).toBe(values.length);

      const note = `${distinct} choices, seed ${prng.seed}`;
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
    const ptr = sandbox.put(values);
    const indicesPtr = sandbox.buffer(values.length * 2 + INDICES_PAD);
    kernels.dictionaryInit(block);
    expect(kernels.dictionaryAddI32(block, ptr, values.length, indicesPtr)).toBe(values.length);
    expect(views.i32[(block + DICTIONARY_RUNS) / 4]).toBe(6);
    kernels.dictionarySortI32(block, indicesPtr, values.length);
    const sorted = [-(2 ** 31), -1, 0, 7, 2 ** 31 - 1];
    expect([...views.i32At(block + DICTIONARY_SORTED, 5)]).toEqual(sorted);
  });

  test.each(['ascending', 'in no order', 'on a grid'])(
    'stops where it is full: values %s',
    (order) => {
      const prng = createPrng();
      const sandbox = new Sandbox(module);
      const { kernels, views } = sandbox.core;
      const count = DICTIONARY_ENTRIES_MAX + 10;
      const valueAt: Record<string, (i: number) => bigint> = {
        ascending: (i) => BigInt(i) << 40n,
        'in no order': (i) => (prng.i64() << 20n) | BigInt(i),
        'on a grid': (i) => BigInt((i * 7_919) % 131_071) * 1_000n,
      };
      const values = BigInt64Array.from({ length: count }, (_, i) => valueAt[order]!(i));
      const block = sandbox.buffer(DICTIONARY_BYTES);
      const ptr = sandbox.put(values);
      const indicesPtr = sandbox.buffer(count * 2 + INDICES_PAD);
      kernels.dictionaryInit(block);
      const taken = kernels.dictionaryAddI64(block, ptr, count, indicesPtr);
      expect(taken).toBe(DICTIONARY_ENTRIES_MAX);
      // What is in is still found.
      expect(kernels.dictionaryAddI64(block, ptr, 1000, indicesPtr)).toBe(1000);
      const indices = new Uint16Array(views.bytes(indicesPtr, 2000).slice().buffer);
      expect([...indices]).toEqual(Array.from({ length: 1000 }, (_, i) => i));
      expect(views.i32[(block + DICTIONARY_COUNT) / 4]).toBe(DICTIONARY_ENTRIES_MAX);
      expect(sandbox.trespasses()).toEqual([]);
    },
  );

  test('refuses addresses that are not aligned, and takes nothing of nothing', () => {
    const { kernels } = new Sandbox(module).core;
    expect(kernels.dictionaryInit(65_540)).toBe(-STATUS_BAD_ARGUMENT);
    expect(kernels.dictionaryAddI64(65_536, 3_000_004, 1, 70_000)).toBe(-STATUS_BAD_ARGUMENT);
    expect(kernels.dictionaryAddI32(65_536, 3_000_004, 1, 70_001)).toBe(-STATUS_BAD_ARGUMENT);
    expect(kernels.dictionaryAddI32(65_536, 3_000_004, -1, 70_000)).toBe(-STATUS_BAD_ARGUMENT);
    kernels.dictionaryInit(65_536);
    expect(kernels.dictionaryAddI64(65_536, 3_000_000, 0, 70_000)).toBe(0);
  });
});
