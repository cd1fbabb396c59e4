import { TOPS_BYTES } from '#src/abi/tops.js';
import { Tops, tradesOutside } from '#src/core/trades-outside.js';
import type { CaseMaker } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const WINDOW_NS = 100_000_000n;
/** A message each 10 ms, a trade each 10 ms. */
const STEP_NS = 10_000_000n;

export const tradesOutsideCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const unit = createUnitPrng(23);
  const times = BigInt64Array.from({ length: valueCount }, (_, row) => BigInt(row + 1) * STEP_NS);
  const around = (middle: number): BigInt64Array =>
    BigInt64Array.from({ length: valueCount }, () => BigInt(middle + Math.floor(unit() * 10)));
  const [bids, asks, prices] = [around(1_000), around(1_010), around(1_003)];
  const flags = new Int32Array(valueCount);
  const [tsRecvPtr, flagsPtr] = [memory.put(times), memory.put(flags)];
  const trades = { tsRecvPtr, pricePtr: memory.put(prices), flagsPtr };
  const columns = { tsRecvPtr, bidPtr: memory.put(bids), askPtr: memory.put(asks), flagsPtr };
  const topsPtr = memory.buffer(TOPS_BYTES);
  let tops = new Tops(core.views, topsPtr, columns, WINDOW_NS);
  const found = new Int32Array(1);
  return [
    {
      name: 'tradesOutside',
      valueCount,
      inputBytes: 20 * valueCount,
      prepare: () => {
        tops = new Tops(core.views, topsPtr, columns, WINDOW_NS);
        tops.count = valueCount;
        tops.end(times.at(-1)!);
      },
      ours: () => {
        tradesOutside(core, trades, 0, valueCount, tops);
        return tops.counts.outside;
      },
      twin: () => {
        let outside = 0;
        for (let trade = 0; trade < valueCount; trade++) {
          const price = prices[trade]!;
          const end = Math.min(valueCount, trade + 11);
          let [isBelow, isAbove] = [true, true];
          for (let row = Math.max(0, trade - 10); row < end && (isBelow || isAbove); row++) {
            if (bids[row]! <= price) isBelow = false;
            if (asks[row]! >= price) isAbove = false;
          }
          if (isBelow || isAbove) outside++;
        }
        found[0] = outside;
        return outside;
      },
      outputs: () => ({ ours: Int32Array.of(tops.counts.outside), twin: found }),
    },
  ];
};
