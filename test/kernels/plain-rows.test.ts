import { describe, expect, it } from 'vitest';
import { plainRows } from '#src/core/plain-rows.js';
import { type PlainRow, plainRow } from '../oracle/plain-rows.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const GROUP_ROWS = 4;
const INT64_MAX = 2n ** 63n - 1n;
const LEAST = 10n ** 18n;

const BAD_STAMPS = [LEAST - 1n, 0n, -1n, -INT64_MAX - 1n];
const BAD_NUMBERS = [-1, -0, -5e-324, -1e300, Number.NaN, Infinity, -Infinity, 0.1 + 0.2, 2 ** 60];

function goodRow(prng: Prng, scales: { price: number; qty: number }): PlainRow {
  const stamp = () => prng.pick([LEAST, INT64_MAX, LEAST + BigInt(prng.int(0, 1 << 30))]);
  const number = (scale: number) =>
    prng.pick([0, Math.floor(prng.unit() * 2 ** prng.int(1, 50)) / 10 ** scale]);
  return {
    recvNs: stamp(),
    eventNs: stamp(),
    price: number(scales.price),
    qty: number(scales.qty),
  };
}

/** The row with one thing about it that is in doubt. */
function spoilt(prng: Prng, row: PlainRow): PlainRow {
  const what = prng.pick(['recvNs', 'eventNs', 'price', 'qty']);
  const value = what.endsWith('Ns') ? prng.pick(BAD_STAMPS) : prng.pick(BAD_NUMBERS);
  return { ...row, [what]: value };
}

describe.each(BUILDS)('plainRows ($build)', ({ module }) => {
  const check = (rows: readonly PlainRow[], scales: { price: number; qty: number }, note = '') => {
    const sandbox = new Sandbox(module);
    const put = (values: BigInt64Array | Float64Array) => sandbox.put(values, { skew: 8 });
    const pointers = {
      recvPtr: put(BigInt64Array.from(rows, (row) => row.recvNs)),
      eventPtr: put(BigInt64Array.from(rows, (row) => row.eventNs)),
      pricePtr: put(Float64Array.from(rows, (row) => row.price)),
      qtyPtr: put(Float64Array.from(rows, (row) => row.qty)),
    };
    const found = plainRows(sandbox.core, pointers, rows.length, scales);
    const wanted = rows.map((row) => plainRow(row, scales));
    const firstOdd = wanted.indexOf(null);
    const inGroups = rows.length - (rows.length % GROUP_ROWS);
    const plainCount = firstOdd === -1 ? rows.length : firstOdd;
    // Within a group all wait for the first that is in doubt.
    const expected = plainCount < inGroups ? plainCount - (plainCount % GROUP_ROWS) : plainCount;
    expect(found, note).toBe(expected);
    const bits = (value: number) => new BigInt64Array(new Float64Array([value]).buffer)[0]!;
    const { views } = sandbox.core;
    const columnOf = (ptr: number) => Array.from(views.i64At(ptr, rows.length));
    expect(columnOf(pointers.pricePtr), note).toEqual(
      rows.map((row, i) => (i < found ? wanted[i]!.pricePips : bits(row.price))),
    );
    expect(columnOf(pointers.qtyPtr), note).toEqual(
      rows.map((row, i) => (i < found ? wanted[i]!.qtyPips : bits(row.qty))),
    );
    expect(columnOf(pointers.recvPtr)).toEqual(rows.map((row) => row.recvNs));
    expect(columnOf(pointers.eventPtr)).toEqual(rows.map((row) => row.eventNs));
    expect(sandbox.trespasses()).toEqual([]);
  };

  it('scales all rows where nothing is in doubt, at every length', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const scales = { price: prng.int(0, 19), qty: prng.int(0, 19) };
      const rows = Array.from({ length }, () => goodRow(prng, scales));
      check(rows, scales, `seed ${prng.seed}, length ${length}`);
    }
  });

  it('stops at the group of the first row in doubt, and leaves the rest as it was', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      for (let round = 0; round < 12; round++) {
        const scales = { price: prng.int(0, 19), qty: prng.int(0, 19) };
        const rows = Array.from({ length }, () => goodRow(prng, scales));
        for (let row = prng.int(0, length + 1); row < length; row += prng.int(1, 9)) {
          rows[row] = spoilt(prng, rows[row]!);
        }
        check(rows, scales, `seed ${prng.seed}, length ${length}`);
      }
    }
  });

  it('takes each doubtful value for one in every lane', () => {
    const prng = createPrng();
    const scales = { price: 2, qty: 8 };
    const rows = Array.from({ length: 11 }, () => goodRow(prng, scales));
    for (let row = 0; row < rows.length; row++) {
      const spoil = (change: Partial<PlainRow>) =>
        check(
          rows.map((good, i) => (i === row ? { ...good, ...change } : good)),
          scales,
          `row ${row}, seed ${prng.seed}`,
        );
      for (const stamp of BAD_STAMPS)
        for (const key of ['recvNs', 'eventNs']) spoil({ [key]: stamp });
      for (const number of [...BAD_NUMBERS, 2 ** 51 / 100, 2 ** 51 / 1e8, 0.005, 1e-9]) {
        for (const key of ['price', 'qty']) spoil({ [key]: number });
      }
    }
  });

  it('refuses what is misaligned, and scales that are none', () => {
    const { kernels } = new Sandbox(module).core;
    expect(kernels.plainRows(65_540, 65_536, 65_536, 65_536, 1, 2, 2)).toBeLessThan(0);
    expect(kernels.plainRows(65_536, 65_536, 65_537, 65_536, 1, 2, 2)).toBeLessThan(0);
    expect(kernels.plainRows(65_536, 65_536, 65_536, 65_536, -1, 2, 2)).toBeLessThan(0);
    expect(kernels.plainRows(65_536, 65_536, 65_536, 65_536, 1, 19, 2)).toBeLessThan(0);
    expect(kernels.plainRows(65_536, 65_536, 65_536, 65_536, 1, 2, -1)).toBeLessThan(0);
  });
});
