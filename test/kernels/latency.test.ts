import { describe, expect, it } from 'vitest';
import { LATENCY_BLOCK_BYTES } from '#src/abi/latency.js';
import { LatencyCounter, latencyPercentile, mergeLatencies } from '#src/core/latency.js';
import { percentile } from '../oracle/rows.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const EPOCH = 1_700_000_000_000_000_000n;

/** Around 20 ms, a few below zero, a few far off, as recordings have them. */
function randomLatency(prng: Prng): bigint {
  if (prng.chance(0.05)) return -BigInt(Math.floor(prng.unit() * 10 ** prng.int(0, 10)));
  return BigInt(Math.floor(10 ** (6 + 2 * prng.unit()))) >> BigInt(prng.int(0, 24));
}

function counted(sandbox: Sandbox, latencies: readonly bigint[]): LatencyCounter {
  const counter = new LatencyCounter(sandbox.core, sandbox.buffer(LATENCY_BLOCK_BYTES));
  const half = latencies.length >> 1;
  // In two pieces: the second adds to what the first left.
  for (const part of [latencies.slice(0, half), latencies.slice(half)]) {
    const recvPtr = sandbox.put(BigInt64Array.from(part, (latency) => EPOCH + latency));
    const eventPtr = sandbox.put(new BigInt64Array(part.length).fill(EPOCH));
    counter.add(recvPtr, eventPtr, part.length);
  }
  return counter;
}

describe.each(BUILDS)('latencyAdd ($build)', ({ module }) => {
  it('keeps exact extremes and percentiles within 3.2 %', () => {
    const prng = createPrng();
    for (const length of [1, 2, 3, 100, 5_000]) {
      const latencies = Array.from({ length }, () => randomLatency(prng));
      const sandbox = new Sandbox(module);
      const summary = counted(sandbox, latencies).summary();
      expect(summary.count).toBe(BigInt(length));
      expect(summary.negative).toBe(BigInt(latencies.filter((value) => value < 0n).length));
      expect([summary.min, summary.max]).toEqual([
        percentile(latencies, 0),
        percentile(latencies, 1),
      ]);
      for (const fraction of [0, 0.01, 0.05, 0.5, 0.9, 0.99, 1]) {
        const found = Number(latencyPercentile(summary, fraction));
        const exact = Number(percentile(latencies, fraction));
        const note = `seed ${prng.seed}, length ${length}, p${100 * fraction}: ${found}, ${exact}`;
        expect(Math.abs(found - exact), note).toBeLessThanOrEqual(Math.abs(exact) * 0.032 + 1e-9);
      }
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it.each([
    ['the same stamps', 0n],
    ['one latency, but other stamps', 1n],
  ])('weighs runs of rows with %s as it weighs rows', (_, step) => {
    const prng = createPrng();
    for (const length of [...LENGTHS.slice(1), 34, 41, 66, 128, 192, 193]) {
      const longest = prng.pick([1, 3, 20, 200]);
      const latencies: bigint[] = [];
      while (latencies.length < length) {
        const latency = randomLatency(prng);
        for (let left = prng.int(1, longest + 1); left > 0; left--) latencies.push(latency);
      }
      const sandbox = new Sandbox(module);
      const events = latencies.slice(0, length).map((_, row) => EPOCH + step * BigInt(row));
      const recv = events.map((event, row) => event + latencies[row]!);
      const recvPtr = sandbox.put(BigInt64Array.from(recv), { skew: 8 });
      const eventPtr = sandbox.put(BigInt64Array.from(events));
      const counterOf = () => new LatencyCounter(sandbox.core, sandbox.buffer(LATENCY_BLOCK_BYTES));
      const [together, oneByOne] = [counterOf(), counterOf()];
      together.add(recvPtr, eventPtr, length);
      for (let row = 0; row < length; row++) {
        oneByOne.add(recvPtr + row * 8, eventPtr + row * 8, 1);
      }
      const note = `seed ${prng.seed}, length ${length}`;
      expect(together.summary(), note).toEqual(oneByOne.summary());
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it('holds the largest magnitudes that int64 has', () => {
    const sandbox = new Sandbox(module);
    const extremes = [2n ** 63n - 1n - EPOCH, -(2n ** 63n) + EPOCH, 0n, 15n, 16n, 31n, 32n];
    const summary = counted(sandbox, extremes).summary();
    expect(summary.min).toBe(-(2n ** 63n) + EPOCH);
    expect(summary.positiveCounts.reduce((a, b) => a + b)).toBe(6);
    expect(summary.negativeCounts.reduce((a, b) => a + b)).toBe(1);
    expect(sandbox.trespasses()).toEqual([]);
  });

  it('merges as if one counter had seen both, and says nothing of nothing', () => {
    const prng = createPrng();
    const sandbox = new Sandbox(module);
    const latencies = Array.from({ length: 600 }, () => randomLatency(prng));
    const whole = counted(sandbox, latencies).summary();
    const parts = [latencies.slice(0, 200), latencies.slice(200), []].map((part) =>
      counted(sandbox, part).summary(),
    );
    expect(parts.reduce(mergeLatencies)).toEqual(whole);
    expect(parts.toReversed().reduce(mergeLatencies)).toEqual(whole);
    expect(latencyPercentile(parts[2]!, 0.5)).toBeNull();
  });
});
