import type { CaseMaker } from '../harness.js';
import { messageColumnValues } from './message-columns.js';

const LIMIT = 3_600_000_000_000n;

/** A day's stamps as they should be: no row is found. */
export const rowStampCases: CaseMaker = (memory, valueCount) => {
  const { core } = memory;
  const { tsRecv } = messageColumnValues(valueCount);
  const recvPtr = memory.put(tsRecv);
  const eventPtr = memory.put(tsRecv.map((stamp) => stamp - 4_000_000n));
  const from = tsRecv[0]!;
  const to = tsRecv[valueCount - 1]! + 1n;
  let found = 0;
  let twinFound = 0;
  return [
    {
      name: 'stampsOutside, clocksApart',
      valueCount,
      inputBytes: 16 * valueCount,
      prepare: () => undefined,
      ours: () => {
        found = core.kernels.stampsOutside(recvPtr, valueCount, from, to);
        found += core.kernels.clocksApart(recvPtr, eventPtr, valueCount, LIMIT);
      },
      twin: () => {
        twinFound = 0;
        for (const stamp of tsRecv) {
          if (stamp < from || stamp >= to) twinFound++;
          const apart = stamp - (stamp - 4_000_000n);
          if (apart > LIMIT || apart < -LIMIT) twinFound++;
        }
      },
      outputs: () => ({ ours: found, twin: twinFound }),
    },
  ];
};
