import { plainRows } from '#src/core/plain-rows.js';
import type { CaseMaker } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const SCALES = { price: 2, qty: 8 };

/** Rows of good events: two stamps, a price in cents, a quantity of up to eight decimals. */
export const plainRowsCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const unit = createUnitPrng(3);
  const doubles = (make: () => number): Float64Array =>
    Float64Array.from({ length: valueCount }, make);
  const prices = doubles(() => Math.floor(6_000_000 + unit() * 100_000) / 100);
  const quantities = doubles(() => Math.floor(unit() * 1e9) / 1e8);
  const stamps = BigInt64Array.from(
    { length: valueCount },
    (_, i) => 1_700_000_000_000_000_000n + BigInt(i),
  );
  const stampsPtr = memory.put(stamps);
  const sources = [prices, quantities].map((values) => memory.put(values));
  const outs = [prices, quantities].map((values) => memory.buffer(values.byteLength));
  const rows = {
    recvPtr: stampsPtr,
    eventPtr: stampsPtr,
    pricePtr: outs[0]!,
    qtyPtr: outs[1]!,
  };
  const twinPips = [new BigInt64Array(valueCount), new BigInt64Array(valueCount)] as const;
  const scaled = (value: number, scale: number): bigint => BigInt(Math.round(value * 10 ** scale));
  return [
    {
      name: 'plainRows (values are rows of two stamps, price and quantity)',
      valueCount,
      inputBytes: 4 * stamps.byteLength,
      prepare: () => {
        for (const [i, ptr] of outs.entries()) {
          core.views.u8.copyWithin(ptr, sources[i]!, sources[i]! + prices.byteLength);
        }
      },
      ours: () => plainRows(core, rows, valueCount, SCALES),
      twin: () => {
        for (let i = 0; i < valueCount; i++) {
          if (stamps[i]! < 10n ** 18n) return i;
          twinPips[0][i] = scaled(prices[i]!, SCALES.price);
          twinPips[1][i] = scaled(quantities[i]!, SCALES.qty);
        }
        return valueCount;
      },
      outputs: () => ({ ours: core.views.i64At(rows.qtyPtr, valueCount), twin: twinPips[1] }),
    },
  ];
};
