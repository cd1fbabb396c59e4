import { timesPlain, timesToNs } from '#src/core/times.js';
import type { CaseMaker } from '../harness.js';

export const timesCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const source = BigInt64Array.from(
    { length: valueCount },
    (_, i) => 1_700_000_000_000n + BigInt(i),
  );
  const sourcePtr = memory.put(source);
  const valuesPtr = memory.buffer(source.byteLength);
  const bitmapPtr = memory.buffer(Math.ceil(valueCount / 8));
  const twinTimes = new BigInt64Array(valueCount);
  const times = { valuesPtr, rowCount: valueCount };
  const stamps = source.map((ms) => ms * 1_000_000n);
  const plain = { valuesPtr: memory.put(stamps), rowCount: valueCount };
  return [
    {
      name: 'timesToNs from ms',
      valueCount,
      inputBytes: source.byteLength,
      prepare: () => core.views.u8.copyWithin(valuesPtr, sourcePtr, sourcePtr + source.byteLength),
      ours: () => timesToNs(core, times, 1_000_000, bitmapPtr),
      twin: () => {
        for (let i = 0; i < valueCount; i++) twinTimes[i] = source[i]! * 1_000_000n;
        return 0;
      },
      outputs: () => ({ ours: core.views.i64At(valuesPtr, valueCount), twin: twinTimes }),
    },
    {
      name: 'timesPlain, all of them',
      valueCount,
      inputBytes: stamps.byteLength,
      prepare: () => undefined,
      ours: () => timesPlain(core, plain),
      twin: () => {
        const first = stamps.findIndex((stamp) => stamp < 1_000_000_000_000_000_000n);
        return first === -1 ? valueCount : first;
      },
      outputs: () => ({ ours: null, twin: null }),
    },
  ];
};
