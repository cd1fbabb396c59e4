import { rescalePips, scaleDecimals, widenInt32 } from '#src/core/rescale.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const DECIMALS = 2;
const SCALE = 8;
const FACTOR = 10n ** BigInt(SCALE - DECIMALS);

function rescaleCase(memory: BenchMemory, source: BigInt64Array): KernelCase {
  const { core } = memory;
  const rowCount = source.length;
  const sourcePtr = memory.put(source);
  const valuesPtr = memory.buffer(source.byteLength);
  const bitmapPtr = memory.buffer(Math.ceil(rowCount / 8));
  const twinPips = new BigInt64Array(rowCount);
  const scales = { from: DECIMALS, to: SCALE };
  return {
    name: 'int64Rescale 2 to 8',
    valueCount: rowCount,
    inputBytes: source.byteLength,
    prepare: () => core.views.u8.copyWithin(valuesPtr, sourcePtr, sourcePtr + source.byteLength),
    ours: () => rescalePips(core, { valuesPtr, rowCount }, scales, bitmapPtr),
    twin: () => {
      for (let i = 0; i < rowCount; i++) twinPips[i] = source[i]! * FACTOR;
      return 0;
    },
    outputs: () => ({ ours: core.views.i64At(valuesPtr, rowCount), twin: twinPips }),
  };
}

function decimalCase(memory: BenchMemory, source: BigInt64Array): KernelCase {
  const { core } = memory;
  const rowCount = source.length;
  const words = new BigInt64Array(2 * rowCount);
  for (let i = 0; i < rowCount; i++) words[2 * i] = source[i]!;
  const valuesPtr = memory.put(words);
  const outPtr = memory.buffer(8 * rowCount);
  const badBitmapPtr = memory.buffer(Math.ceil(rowCount / 8));
  const twinPips = new BigInt64Array(rowCount);
  const values = { valuesPtr, rowCount, decimals: DECIMALS };
  return {
    name: 'decimal128ToPips 2 to 8',
    valueCount: rowCount,
    inputBytes: words.byteLength,
    prepare: () => undefined,
    ours: () => scaleDecimals(core, values, { scale: SCALE, outPtr, badBitmapPtr }),
    twin: () => {
      for (let i = 0; i < rowCount; i++) {
        const value = (words[2 * i + 1]! << 64n) | BigInt.asUintN(64, words[2 * i]!);
        twinPips[i] = value * FACTOR;
      }
      return 0;
    },
    outputs: () => ({ ours: core.views.i64At(outPtr, rowCount), twin: twinPips }),
  };
}

function widenCase(memory: BenchMemory, source: Int32Array): KernelCase {
  const { core } = memory;
  const valuesPtr = memory.put(source);
  const outPtr = memory.buffer(8 * source.length);
  const twinValues = new BigInt64Array(source.length);
  return {
    name: 'int32ToInt64',
    valueCount: source.length,
    inputBytes: source.byteLength,
    prepare: () => undefined,
    ours: () => widenInt32(core, valuesPtr, source.length, outPtr),
    twin: () => {
      for (let i = 0; i < source.length; i++) twinValues[i] = BigInt(source[i]!);
    },
    outputs: () => ({ ours: core.views.i64At(outPtr, source.length), twin: twinValues }),
  };
}

export const rescaleCases: CaseMaker = (memory, valueCount) => {
  const unit = createUnitPrng(3);
  const cents = Array.from({ length: valueCount }, () => Math.floor(6e6 + unit() * 1e5));
  return [
    rescaleCase(memory, BigInt64Array.from(cents, BigInt)),
    decimalCase(memory, BigInt64Array.from(cents, BigInt)),
    widenCase(memory, Int32Array.from(cents)),
  ];
};
