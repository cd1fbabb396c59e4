import { xxh64Hex as xxh64HexOfMemory } from '#src/core/digest.js';
import { xxh64Hex } from '#src/units/xxh64.js';
import type { CaseMaker } from '../harness.js';
import { createUnitPrng } from '../prng.js';

export const digestCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const unit = createUnitPrng(8);
  const bytes = Uint8Array.from({ length: valueCount }, () => Math.floor(unit() * 256));
  const ptr = memory.put(bytes);
  return [
    {
      name: 'xxh64 (values are bytes)',
      valueCount,
      inputBytes: valueCount,
      prepare: () => undefined,
      ours: () => xxh64HexOfMemory(core, ptr, valueCount),
      twin: () => xxh64Hex(bytes),
      outputs: () => ({ ours: null, twin: null }),
      c: {
        name: 'xxh64',
        input: [bytes],
        count: valueCount,
        expected: () => {
          const hex = xxh64HexOfMemory(core, ptr, valueCount);
          return Buffer.from(hex, 'hex').reverse();
        },
      },
    },
  ];
};
