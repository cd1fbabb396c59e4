import { witnessLevel } from '#src/core/witness.js';
import type { CaseMaker } from '../harness.js';
import { createUnitPrng } from '../prng.js';

export const witnessCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const unit = createUnitPrng(17);
  const column = (least: number): BigInt64Array =>
    BigInt64Array.from({ length: valueCount }, () => BigInt(least + Math.floor(unit() * 1_000)));
  // A hundredth of the rows have a price that is not worse than the one before.
  const [better, qtys] = [column(2_990), column(1)];
  const prices = column(2_000);
  const betterPtr = memory.put(better);
  const [pricePtr, qtyPtr] = [memory.put(prices), memory.put(qtys)];
  const counts = new Int32Array(valueCount).fill(1);
  const countsPtr = memory.buffer(counts.byteLength);
  const invalidPtr = memory.buffer(valueCount);
  const rows = { pricePtr, qtyPtr, betterPtr, isBid: true, level: 1, rowCount: valueCount };
  const twinCounts = new Int32Array(valueCount);
  return [
    {
      name: 'witnessLevel',
      valueCount,
      inputBytes: 24 * valueCount,
      prepare: () => core.views.i32.set(counts, countsPtr / 4),
      ours: () => witnessLevel(core, rows, countsPtr, invalidPtr),
      twin: () => {
        let badCount = 0;
        for (let row = 0; row < valueCount; row++) {
          const isGood = prices[row]! > 0n && qtys[row]! > 0n && prices[row]! < better[row]!;
          twinCounts[row] = isGood ? 2 : 1;
          if (!isGood) badCount++;
        }
        return badCount;
      },
      outputs: () => ({ ours: core.views.i32At(countsPtr, valueCount), twin: twinCounts }),
    },
  ];
};
