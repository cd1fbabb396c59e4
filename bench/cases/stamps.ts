import { STAMPS_BLOCK_BYTES } from '#src/abi/stamps.js';
import { StampCounter } from '#src/core/stamps.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const EPOCH = 1_700_000_000_000_000_000n;

/** Rows of messages of `messageRows`, which share their latency. */
function stampCase(
  memory: BenchMemory,
  name: string,
  { valueCount, messageRows }: { valueCount: number; messageRows: number },
): KernelCase {
  const { core } = memory;
  const unit = createUnitPrng(7);
  const event = BigInt64Array.from({ length: valueCount }, (_, i) => EPOCH + BigInt(i));
  let latency = 0n;
  const recv = event.map((time, row) => {
    if (row % messageRows === 0) latency = BigInt(Math.floor(1e6 + unit() * 2e7));
    return time + latency;
  });
  const [eventPtr, recvPtr] = [memory.put(event), memory.put(recv)];
  const columns = { tsRecvPtr: recvPtr, tsEventPtr: eventPtr, flagsPtr: 0 };
  const blockPtr = memory.buffer(STAMPS_BLOCK_BYTES);
  let counter = new StampCounter(core, blockPtr);
  let twinExtremes: unknown = null;
  return {
    name,
    valueCount,
    inputBytes: 16 * valueCount,
    prepare: () => {
      counter = new StampCounter(core, blockPtr);
    },
    ours: () => void counter.add(columns, valueCount),
    twin: () => {
      const counts = new Map<number, number>();
      let [min, max] = [recv[0]! - event[0]!, recv[0]! - event[0]!];
      for (let row = 0; row < valueCount; row++) {
        const latency = recv[row]! - event[row]!;
        if (latency < min) min = latency;
        if (latency > max) max = latency;
        const bucket = Math.floor(Math.log2(Number(latency)) * 16);
        counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      }
      twinExtremes = { min, max };
    },
    outputs: () => {
      const { min, max } = counter.latencies();
      return { ours: { min, max }, twin: twinExtremes };
    },
    c: {
      name: 'stamps',
      input: [recv, event],
      count: valueCount,
      // The block as it is after one round.
      expected: () => {
        new StampCounter(core, blockPtr).add(columns, valueCount);
        return core.views.bytes(blockPtr, STAMPS_BLOCK_BYTES).slice();
      },
    },
  };
}

export const stampCases: CaseMaker = (memory, valueCount) => [
  stampCase(memory, 'stampsAdd rows alone', { valueCount, messageRows: 1 }),
  stampCase(memory, 'stampsAdd messages of 10', { valueCount, messageRows: 10 }),
];
