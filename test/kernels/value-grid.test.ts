import { describe, expect, it } from 'vitest';
import { FLAG_CLEAR, FLAG_LAST } from '#src/abi/flags.js';
import { GRID_BLOCK_BYTES } from '#src/abi/value-grid.js';
import { NO_VALUES, widenGrid } from '#src/core/value-grid.js';
import { gridOf } from '../oracle/value-grid.js';
import { createPrng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const I64_MIN = -(1n << 63n);
const I64_MAX = (1n << 63n) - 1n;

type Row = { price: bigint; qty: bigint; flags: number };

function placeRows(sandbox: Sandbox, rows: readonly Row[]) {
  const pricePtr = sandbox.put(
    BigInt64Array.from(rows, ({ price }) => price),
    { skew: 8 },
  );
  const qtyPtr = sandbox.put(BigInt64Array.from(rows, ({ qty }) => qty));
  const flagsPtr = sandbox.put(
    Int32Array.from(rows, ({ flags }) => flags),
    { skew: 4 },
  );
  return { pricePtr, qtyPtr, flagsPtr, rowCount: rows.length };
}

describe.each(BUILDS)('valueGrid ($build)', ({ module }) => {
  it('finds range, tick and lot as plain arithmetic does, in any number of calls', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const tick = prng.pick([1n, 5n, 64n, 10_000_000n, (1n << 40n) * 3n]);
      const lot = prng.pick([1n, 1_000n, 1n << 50n]);
      const rows = Array.from({ length }, () => ({
        price: BigInt(prng.int(0, 100_000)) * tick * (prng.chance(0.1) ? -1n : 1n),
        qty: prng.chance(0.2) ? 0n : BigInt(prng.int(1, 5_000)) * lot,
        flags: prng.chance(0.05) ? FLAG_CLEAR : FLAG_LAST,
      }));
      const sandbox = new Sandbox(module);
      const gridPtr = sandbox.buffer(GRID_BLOCK_BYTES);
      const cut = prng.int(0, length + 1);
      const first = widenGrid(
        sandbox.core,
        placeRows(sandbox, rows.slice(0, cut)),
        NO_VALUES,
        gridPtr,
      );
      const both = widenGrid(sandbox.core, placeRows(sandbox, rows.slice(cut)), first, gridPtr);
      const where = `seed ${prng.seed}, length ${length}, cut ${cut}`;
      const { tickRow, ...values } = gridOf(rows);
      expect(both, where).toMatchObject(values);
      const behind = gridOf(rows.slice(cut), first);
      expect(both.tickRow, where).toBe(behind.tickRow);
      expect(first.tickRow ?? -1, where).toBeLessThan(Math.max(cut, 1));
      if (behind.tickRow === null) expect(first.tickRow, where).toBe(tickRow);
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it('holds at the ends of int64', () => {
    for (const prices of [[I64_MIN], [I64_MAX], [I64_MIN, I64_MAX], [I64_MIN, 3n], [0n, 0n]]) {
      const rows = prices.map((price) => ({ price, qty: price, flags: 0 }));
      const sandbox = new Sandbox(module);
      const gridPtr = sandbox.buffer(GRID_BLOCK_BYTES);
      const grid = widenGrid(sandbox.core, placeRows(sandbox, rows), NO_VALUES, gridPtr);
      expect(grid).toEqual(gridOf(rows));
    }
  });

  it('refuses columns that are not aligned', () => {
    const sandbox = new Sandbox(module);
    const gridPtr = sandbox.buffer(GRID_BLOCK_BYTES);
    const columns = placeRows(sandbox, [{ price: 1n, qty: 1n, flags: 0 }]);
    expect(() =>
      widenGrid(sandbox.core, { ...columns, pricePtr: columns.pricePtr + 4 }, NO_VALUES, gridPtr),
    ).toThrow(expect.objectContaining({ code: 'ERR_KERNEL' }));
  });
});
