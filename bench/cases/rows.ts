import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const bitOf = (bits: Uint8Array, row: number): number => (bits[row >> 3]! >> (row & 7)) & 1;

function randomBits(count: number, density: number): Uint8Array {
  const unit = createUnitPrng(5);
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) if (unit() < density) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
}

function compactCase(memory: BenchMemory, source: BigInt64Array): KernelCase {
  const { core } = memory;
  const rowCount = source.length;
  const drop = randomBits(rowCount, 0.01);
  const dropPtr = memory.put(drop);
  const sourcePtr = memory.put(source);
  const ptr = memory.buffer(source.byteLength);
  const twinKept = new BigInt64Array(rowCount);
  let kept = 0;
  return {
    name: 'compactColumn64, 1 % dropped',
    valueCount: rowCount,
    inputBytes: source.byteLength,
    prepare: () => core.views.u8.copyWithin(ptr, sourcePtr, sourcePtr + source.byteLength),
    ours: () => core.kernels.compactColumn64(ptr, rowCount, dropPtr),
    twin: () => {
      kept = 0;
      for (let row = 0; row < rowCount; row++) {
        if (bitOf(drop, row) === 0) twinKept[kept++] = source[row]!;
      }
      return kept;
    },
    outputs: () => ({ ours: core.views.i64At(ptr, kept), twin: twinKept.subarray(0, kept) }),
  };
}

function copyBitsCase(memory: BenchMemory, count: number): KernelCase {
  const { core } = memory;
  const source = randomBits(count, 0.5);
  const sourcePtr = memory.put(source);
  const targetBytes = Math.ceil((count + 3) / 8);
  const targetPtr = memory.buffer(targetBytes);
  const twinBits = new Uint8Array(targetBytes);
  return {
    name: 'copyBits to bit 3',
    valueCount: count,
    inputBytes: source.byteLength,
    prepare: () => undefined,
    ours: () => core.kernels.copyBits(targetPtr, 3, sourcePtr, 0, count),
    twin: () => {
      for (let i = 0; i < count; i++) {
        const mask = 1 << ((i + 3) & 7);
        const byte = twinBits[(i + 3) >> 3]!;
        twinBits[(i + 3) >> 3] = bitOf(source, i) === 1 ? byte | mask : byte & ~mask;
      }
      return count;
    },
    outputs: () => ({ ours: core.views.bytes(targetPtr, targetBytes), twin: twinBits }),
  };
}

function negativeCase(memory: BenchMemory, values: BigInt64Array): KernelCase {
  const { core } = memory;
  const valuesPtr = memory.put(values);
  const bitmapBytes = Math.ceil(values.length / 8);
  const bitmapPtr = memory.buffer(bitmapBytes);
  const twinBits = new Uint8Array(bitmapBytes);
  return {
    name: 'negativeBitmap, none',
    valueCount: values.length,
    inputBytes: values.byteLength,
    prepare: () => undefined,
    ours: () => core.kernels.negativeBitmap(valuesPtr, values.length, bitmapPtr),
    twin: () => {
      let found = 0;
      for (let row = 0; row < values.length; row++) {
        if (values[row]! >= 0n) continue;
        twinBits[row >> 3]! |= 1 << (row & 7);
        found++;
      }
      return found;
    },
    outputs: () => ({ ours: core.views.bytes(bitmapPtr, bitmapBytes), twin: twinBits }),
  };
}

export const rowsCases: CaseMaker = (memory, valueCount) => {
  const values = BigInt64Array.from({ length: valueCount }, (_, i) => BigInt(i));
  return [
    compactCase(memory, values),
    copyBitsCase(memory, valueCount),
    negativeCase(memory, values),
  ];
};
