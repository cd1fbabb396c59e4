import { describe, expect, it } from 'vitest';
import { FLAG_BAD_TS, FLAG_LAST } from '#src/abi/flags.js';
import { STAMPS_BLOCK_BYTES } from '#src/abi/stamps.js';
import { latencyPercentile, StampCounter } from '#src/core/stamps.js';
import { percentile } from '../oracle/rows.js';
import { stampFacts, stepsUp } from '../oracle/stamps.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const EPOCH = 1_700_000_000_000_000_000n;

/** Around 20 ms, a few below zero, a few far off, as recordings have them. */
function randomLatency(prng: Prng): bigint {
  if (prng.chance(0.05)) return -BigInt(Math.floor(prng.unit() * 10 ** prng.int(0, 10)));
  return BigInt(Math.floor(10 ** (6 + 2 * prng.unit()))) >> BigInt(prng.int(0, 24));
}

function counted(sandbox: Sandbox, latencies: readonly bigint[]): StampCounter {
  const counter = new StampCounter(sandbox.core, sandbox.buffer(STAMPS_BLOCK_BYTES));
  const half = latencies.length >> 1;
  // In two pieces: the second adds to what the first left.
  for (const part of [latencies.slice(0, half), latencies.slice(half)]) {
    if (part.length === 0) continue;
    const recvPtr = sandbox.put(BigInt64Array.from(part, (latency) => EPOCH + latency));
    const eventPtr = sandbox.put(new BigInt64Array(part.length).fill(EPOCH));
    counter.add({ tsRecvPtr: recvPtr, tsEventPtr: eventPtr, flagsPtr: 0 }, part.length);
  }
  return counter;
}

describe.each(BUILDS)('stampsAdd ($build)', ({ module }) => {
  it('keeps exact extremes and percentiles within 3.2 %', () => {
    const prng = createPrng();
    for (const length of [1, 2, 3, 100, 5_000]) {
      const given = Array.from({ length }, () => (prng.chance(0.1) ? 0n : randomLatency(prng)));
      // Equal stamps are a copy of one time, and no latency.
      const latencies = [...given.filter((latency) => latency !== 0n), 7n];
      const sandbox = new Sandbox(module);
      const summary = counted(sandbox, [...given, 7n]).latencies();
      expect(summary.count).toBe(BigInt(latencies.length));
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
      const tsRecvPtr = sandbox.put(BigInt64Array.from(recv), { skew: 8 });
      const tsEventPtr = sandbox.put(BigInt64Array.from(events));
      const counterOf = () => new StampCounter(sandbox.core, sandbox.buffer(STAMPS_BLOCK_BYTES));
      const [together, oneByOne] = [counterOf(), counterOf()];
      together.add({ tsRecvPtr, tsEventPtr, flagsPtr: 0 }, length);
      for (let at = 0; at < length * 8; at += 8) {
        const columns = { tsRecvPtr: tsRecvPtr + at, tsEventPtr: tsEventPtr + at, flagsPtr: 0 };
        oneByOne.add(columns, 1);
      }
      const note = `seed ${prng.seed}, length ${length}`;
      expect(together.latencies(), note).toEqual(oneByOne.latencies());
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it('holds the largest magnitudes that int64 has', () => {
    const sandbox = new Sandbox(module);
    const extremes = [2n ** 63n - 1n - EPOCH, -(2n ** 63n) + EPOCH, 0n, 15n, 16n, 31n, 32n];
    const summary = counted(sandbox, extremes).latencies();
    expect(summary.min).toBe(-(2n ** 63n) + EPOCH);
    expect(summary.positiveCounts.reduce((a, b) => a + b)).toBe(5);
    expect(summary.negativeCounts.reduce((a, b) => a + b)).toBe(1);
    expect(sandbox.trespasses()).toEqual([]);
  });

  it('says nothing of nothing', () => {
    const sandbox = new Sandbox(module);
    expect(latencyPercentile(counted(sandbox, []).latencies(), 0.5)).toBeNull();
    const copied = counted(sandbox, [0n, 0n, 0n]).latencies();
    expect(copied).toMatchObject({ count: 0n, min: null, max: null });
    expect(latencyPercentile(copied, 0.5)).toBeNull();
  });

  it('sees what a plain look at every row sees', () => {
    const prng = createPrng();
    for (const length of [...LENGTHS.slice(1), 31, 32, 33, 34, 65, 66, 97, 98]) {
      for (const same of [0, 0.5, 0.95]) {
        const recv: bigint[] = [];
        const event: bigint[] = [];
        for (let row = 0; row < length; row++) {
          const stays = row > 0 && prng.chance(same);
          recv.push(stays ? recv[row - 1]! : EPOCH + BigInt(prng.int(-50, 50)));
          event.push(
            prng.chance(0.9) && stays ? event[row - 1]! : recv[row]! - randomLatency(prng),
          );
        }
        const flags = recv.map(() => prng.pick([0, FLAG_LAST, FLAG_BAD_TS, FLAG_LAST | 1]));
        const sandbox = new Sandbox(module);
        const tsRecvPtr = sandbox.put(BigInt64Array.from(recv), { skew: 8 });
        const tsEventPtr = sandbox.put(BigInt64Array.from(event));
        const flagsPtr = sandbox.put(Int32Array.from(flags), { skew: 4 });
        const counter = new StampCounter(sandbox.core, sandbox.buffer(STAMPS_BLOCK_BYTES));
        const where = `seed ${prng.seed}, length ${length}, same ${same}`;
        const columns = { tsRecvPtr, tsEventPtr, flagsPtr };
        expect(counter.add(columns, length), where).toEqual(stampFacts(recv, event, flags));
        // What the rows before were like is forgotten.
        const alone = counter.add({ ...columns, flagsPtr: 0 }, 1);
        expect(alone, where).toEqual(stampFacts(recv.slice(0, 1), event.slice(0, 1), null));
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });

  it('holds distances that int64 does not', () => {
    const sandbox = new Sandbox(module);
    const recv = [2n ** 63n - 1n, -(2n ** 63n), 0n];
    const event = [-(2n ** 63n), 2n ** 63n - 1n, 0n];
    const tsRecvPtr = sandbox.put(BigInt64Array.from(recv));
    const tsEventPtr = sandbox.put(BigInt64Array.from(event));
    const counter = new StampCounter(sandbox.core, sandbox.buffer(STAMPS_BLOCK_BYTES));
    const facts = counter.add({ tsRecvPtr, tsEventPtr, flagsPtr: 0 }, 3);
    expect(facts).toEqual(stampFacts(recv, event, null));
    expect(facts.stepMaxNs).toBe(2n ** 64n - 1n);
  });

  it('refuses what is not aligned', () => {
    const { kernels } = new Sandbox(module).core;
    expect(kernels.stampsAdd(65_540, 65_536, 0, 1, 131_072)).toBeLessThan(0);
    expect(kernels.stampsAdd(65_536, 65_536, 65_538, 1, 131_072)).toBeLessThan(0);
  });
});

describe.each(BUILDS)('nextStepUp ($build)', ({ module }) => {
  it('finds the steps that a plain look finds', () => {
    const prng = createPrng();
    for (const length of LENGTHS.slice(1)) {
      let at = EPOCH;
      const stamps = Array.from({ length }, () => {
        at += BigInt(prng.chance(0.1) ? prng.int(-90, 90) : prng.int(0, 5));
        return at;
      });
      const sandbox = new Sandbox(module);
      const ptr = sandbox.put(BigInt64Array.from(stamps), { skew: 8 });
      const { kernels } = sandbox.core;
      for (const limit of [1n, 5n, 40n]) {
        const found: number[] = [];
        let row = kernels.nextStepUp(ptr, 1, length, limit);
        for (; row < length; row = kernels.nextStepUp(ptr, row + 1, length, limit)) found.push(row);
        expect(found, `seed ${prng.seed}, length ${length}`).toEqual(stepsUp(stamps, limit));
        expect(row).toBe(length);
      }
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it('refuses what it cannot look at', () => {
    const { kernels } = new Sandbox(module).core;
    expect(kernels.nextStepUp(65_540, 1, 2, 1n)).toBeLessThan(0);
    expect(kernels.nextStepUp(65_536, 0, 2, 1n)).toBeLessThan(0);
    expect(kernels.nextStepUp(65_536, 3, 2, 1n)).toBeLessThan(0);
    expect(kernels.nextStepUp(65_536, 1, 2, 0n)).toBeLessThan(0);
  });
});
