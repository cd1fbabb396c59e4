import { GRID_BLOCK_BYTES } from '#src/abi/value-grid.js';
import { NO_VALUES, widenGrid } from '#src/core/value-grid.js';
import type { CaseMaker } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const TICK = 10_000_000n;
const LOT = 100_000n;

export const valueGridCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const unit = createUnitPrng(7);
  const walk = (step: bigint, from: number): BigInt64Array =>
    BigInt64Array.from(
      { length: valueCount },
      () => step * BigInt(from + Math.floor(unit() * 5_000)),
    );
  const prices = walk(TICK, 600_000);
  const qtys = walk(LOT, 0);
  const columns = {
    pricePtr: memory.put(prices),
    qtyPtr: memory.put(qtys),
    flagsPtr: memory.buffer(4 * valueCount),
    rowCount: valueCount,
  };
  const gridPtr = memory.buffer(GRID_BLOCK_BYTES);
  let ours: unknown = null;
  let twins: unknown = null;
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
  const twin = (): void => {
    let [priceMin, priceMax] = [prices[0]!, prices[0]!];
    let [tick, lot] = [0n, 0n];
    for (let row = 0; row < valueCount; row++) {
      const price = prices[row]!;
      if (price < priceMin) priceMin = price;
      if (price > priceMax) priceMax = price;
      tick = gcd(tick, price);
      lot = gcd(lot, qtys[row]!);
    }
    twins = { priceMin, priceMax, tick, lot };
  };
  return [
    {
      name: 'valueGrid',
      valueCount,
      inputBytes: 20 * valueCount,
      prepare: () => undefined,
      ours: () => {
        const { tickRow: _, ...grid } = widenGrid(core, columns, NO_VALUES, gridPtr);
        ours = grid;
      },
      twin,
      outputs: () => ({ ours, twin: twins }),
    },
  ];
};
