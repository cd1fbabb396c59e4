import { TEXT_TABLE_BYTES, TextTable } from '#src/core/text-match.js';
import type { CaseMaker } from '../harness.js';
import { createUnitPrng } from '../prng.js';
import { putTexts } from './texts.js';

export const textMatchCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const unit = createUnitPrng(6);
  const texts = Array.from({ length: valueCount }, () => (unit() < 0.5 ? 'bid' : 'ask'));
  const { column, byteLength } = putTexts(memory, texts);
  const words = { meaningTrue: ['bid', 'buy'], meaningFalse: ['ask', 'sell'] };
  const table = new TextTable(core, memory.buffer(TEXT_TABLE_BYTES), words);
  const bitmapBytes = Math.ceil(valueCount / 8);
  const outPtr = memory.buffer(bitmapBytes);
  const badPtr = memory.buffer(bitmapBytes);
  const twinBits = new Uint8Array(bitmapBytes);
  return [
    {
      name: 'matchTexts bid or ask',
      valueCount,
      inputBytes: byteLength,
      prepare: () => undefined,
      ours: () => table.match(column, outPtr, badPtr),
      twin: () => {
        for (let row = 0; row < valueCount; row++) {
          if (texts[row] === 'bid') twinBits[row >> 3]! |= 1 << (row & 7);
        }
        return 0;
      },
      outputs: () => ({ ours: core.views.bytes(outPtr, bitmapBytes), twin: twinBits }),
    },
  ];
};
