import { scaleTexts } from '#src/core/decimal-text.js';
import type { CaseMaker } from '../harness.js';
import { createUnitPrng } from '../prng.js';
import { putTexts } from './texts.js';

const SCALE = 8;

export const decimalTextCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const unit = createUnitPrng(2);
  const texts = Array.from({ length: valueCount }, () => (61_000 + unit() * 1_000).toFixed(2));
  const { column, byteLength } = putTexts(memory, texts);
  const outPtr = memory.buffer(8 * valueCount);
  const badBitmapPtr = memory.buffer(Math.ceil(valueCount / 8));
  const twinPips = new BigInt64Array(valueCount);
  const twin = (): number => {
    for (let i = 0; i < valueCount; i++) {
      const [whole = '', fraction = ''] = texts[i]!.split('.');
      twinPips[i] = BigInt(whole + fraction.padEnd(SCALE, '0'));
    }
    return 0;
  };
  return [
    {
      name: 'decimalTextToPips',
      valueCount,
      inputBytes: byteLength,
      prepare: () => undefined,
      ours: () => scaleTexts(core, column, { scale: SCALE, outPtr, badBitmapPtr }),
      twin,
      outputs: () => ({ ours: core.views.i64At(outPtr, valueCount), twin: twinPips }),
    },
  ];
};
