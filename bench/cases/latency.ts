import { LATENCY_BLOCK_BYTES } from '#src/abi/latency.js';
import { LatencyCounter } from '#src/core/latency.js';
import type { BenchMemory } from '../bench-memory.js';
import type { CaseMaker, KernelCase } from '../harness.js';
import { createUnitPrng } from '../prng.js';

const EPOCH = 1_700_000_000_000_000_000n;

/** Rows of messages of `messageRows`, which share their latency. */
function latencyCase(
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
  const blockPtr = memory.buffer(LATENCY_BLOCK_BYTES);
  let counter = new LatencyCounter(core, blockPtr);
  let twinExtremes: unknown = null;
  return {
    name,
    valueCount,
    inputBytes: 16 * valueCount,
    prepare: () => {
      counter = new LatencyCounter(core, blockPtr);
    },
    ours: () => counter.add(recvPtr, eventPtr, valueCount),
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
      const { min, max } = counter.summary();
      return { ours: { min, max }, twin: twinExtremes };
    },
    c: {
      name: 'latency',
      input: [recv, event],
      count: valueCount,
      // The block as it is after one round.
      expected: () => {
        new LatencyCounter(core, blockPtr).add(recvPtr, eventPtr, valueCount);
        return core.views.bytes(blockPtr, LATENCY_BLOCK_BYTES).slice();
      },
    },
  };
}

export const latencyCases: CaseMaker = (memory, valueCount) => [
  latencyCase(memory, 'latencyAdd rows alone', { valueCount, messageRows: 1 }),
  latencyCase(memory, 'latencyAdd messages of 10', { valueCount, messageRows: 10 }),
];
