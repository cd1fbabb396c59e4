import { FLAG_LAST } from '#src/abi/flags.js';
import { markMessages } from '#src/core/messages.js';
import type { CaseMaker } from '../harness.js';
import { messageColumnValues } from './message-columns.js';

export const messagesCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const { tsRecv, sequence } = messageColumnValues(valueCount);
  const keys = {
    key1Ptr: memory.put(tsRecv),
    key2Ptr: memory.put(sequence),
    rowCount: valueCount,
  };
  const flagsPtr = memory.buffer(4 * valueCount);
  const twinFlags = new Int32Array(valueCount);
  const twin = (): number => {
    let ended = 0;
    for (let row = 0; row < valueCount; row++) {
      const next = row + 1;
      const last =
        next === valueCount || tsRecv[row] !== tsRecv[next] || sequence[row] !== sequence[next];
      if (!last) continue;
      twinFlags[row]! |= FLAG_LAST;
      ended++;
    }
    return ended;
  };
  return [
    {
      name: 'markMessages two keys',
      valueCount,
      inputBytes: 16 * valueCount,
      prepare: () => core.views.i32At(flagsPtr, valueCount).fill(0),
      ours: () => markMessages(core, keys, null, flagsPtr),
      twin,
      outputs: () => ({ ours: core.views.i32At(flagsPtr, valueCount), twin: twinFlags }),
    },
  ];
};
