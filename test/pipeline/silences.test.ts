import { describe, expect, it } from 'vitest';
import { STAMPS_BLOCK_BYTES } from '#src/abi/stamps.js';
import { StampCounter } from '#src/core/stamps.js';
import { type DayQuiet, Silences } from '#src/pipeline/silences.js';
import { BUILDS, Sandbox } from '../kernels/both-builds.js';
import { createPrng, type Prng } from '../prng.js';

const SECOND = 1_000_000_000n;

/** Stamps of messages of a few rows each: mostly short intervals, now and then a long one. */
function randomStamps(prng: Prng, usualMs: number): bigint[] {
  const stamps: bigint[] = [];
  let now = 1_767_225_600_000_000_000n;
  for (let message = 0; message < 4_000; message++) {
    const isLong = prng.chance(0.004);
    const ms = isLong ? prng.int(1_000, 900_000) : prng.int(0, usualMs);
    now += BigInt(ms) * 1_000_000n + BigInt(prng.int(0, 1_000_000));
    for (let row = prng.int(1, 4); row > 0; row--) stamps.push(now);
  }
  return stamps;
}

function quietIn(stamps: readonly bigint[], limitNs: bigint | null, cut: () => number): DayQuiet {
  const sandbox = new Sandbox(BUILDS[0].module);
  const counter = new StampCounter(sandbox.core, sandbox.buffer(STAMPS_BLOCK_BYTES));
  const silences = new Silences(sandbox.core, limitNs);
  const columnPtr = stamps.length === 0 ? 0 : sandbox.put(BigInt64Array.from(stamps));
  for (let start = 0; start < stamps.length; ) {
    const rowCount = Math.min(stamps.length - start, cut());
    const first = start;
    const ptr = columnPtr + start * 8;
    const columns = { tsRecvPtr: ptr, tsEventPtr: ptr, flagsPtr: 0 };
    const facts = counter.add(columns, rowCount);
    const originOf = (row: number) => ({ file: 'f', row: first + row });
    silences.add({ columns, rowCount, facts, originOf });
    start += rowCount;
  }
  return silences.finish(new Set(stamps).size);
}

function findIn(stamps: readonly bigint[], limitNs: bigint | null, cut: () => number): string[] {
  const { limitNs: limit, intervals } = quietIn(stamps, limitNs, cut);
  return intervals
    .filter(({ fromNs, toNs }) => toNs - fromNs >= limit)
    .map(({ fromNs, toNs, origin }) => `${fromNs} ${toNs} ${origin.row}`);
}

/** The same by looking at every row. */
function plainly(stamps: readonly bigint[], limitNs: bigint): string[] {
  return stamps.flatMap((stamp, row) => {
    const before = stamps[row - 1] ?? stamp;
    return stamp - before >= limitNs ? [`${before} ${stamp} ${row}`] : [];
  });
}

/** 50 times the interval that 99 of 100 do not exceed, at least 5 s. */
function ownLimit(stamps: readonly bigint[]): bigint {
  const times = [...new Set(stamps)];
  const intervals = times.slice(1).map((time, i) => time - times[i]!);
  intervals.sort((a, b) => Number(a > b) - Number(a < b));
  const p99 = intervals[intervals.length - 1 - Math.floor(intervals.length / 100)]!;
  return p99 * 50n > 5n * SECOND ? p99 * 50n : 5n * SECOND;
}

describe('silences', () => {
  it.each([5, 80, 900, 4_000])('of a market with intervals up to %s ms', (usualMs) => {
    const prng = createPrng();
    const stamps = randomStamps(prng, usualMs);
    const where = `seed ${prng.seed}`;
    const given = plainly(stamps, 7n * SECOND);
    expect(given.length, where).toBeGreaterThan(0);
    const whole = () => stamps.length;
    expect(findIn(stamps, 7n * SECOND, whole), where).toEqual(given);
    const found = findIn(stamps, null, whole);
    // The limit lies at the lower edge of a bucket that is a sixteenth wide.
    const limit = ownLimit(stamps);
    for (const sure of plainly(stamps, limit)) expect(found, where).toContain(sure);
    const possible = plainly(
      stamps,
      (limit * 93n) / 100n > 5n * SECOND ? (limit * 93n) / 100n : 5n * SECOND,
    );
    for (const each of found) expect(possible, where).toContain(each);
    expect(found.length, where).toBeGreaterThan(0);
    // Where slots are cut must not show.
    for (const cut of [() => 1, () => 7, () => prng.int(1, 500)]) {
      expect(findIn(stamps, null, cut), where).toEqual(found);
      expect(findIn(stamps, 7n * SECOND, cut), where).toEqual(given);
    }
  });

  it('leave the longest of the usual intervals for the search of outages', () => {
    const stamps: bigint[] = [0n];
    for (let i = 0; i < 400; i++) stamps.push(stamps.at(-1)! + 6n * SECOND + BigInt((i * 7) % 400));
    const { limitNs, intervals, first, lastNs } = quietIn(stamps, null, () => 100);
    expect(limitNs).toBeGreaterThan(250n * SECOND);
    const lengths = intervals.map(({ fromNs, toNs }) => Number(toNs - fromNs - 6n * SECOND));
    expect(lengths.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 256 }, (_, i) => 144 + i),
    );
    expect(intervals.every(({ toNs }, i) => i === 0 || toNs > intervals[i - 1]!.toNs)).toBe(true);
    expect([first, lastNs]).toEqual([{ atNs: 0n, origin: { file: 'f', row: 0 } }, stamps.at(-1)]);
  });

  it('are none where stamps fall, and none without rows', () => {
    expect(findIn([9n * SECOND, 1n * SECOND, 2n * SECOND], 1n * SECOND, () => 3)).toEqual([
      `${SECOND} ${2n * SECOND} 2`,
    ]);
    expect(findIn([], null, () => 1)).toEqual([]);
  });

  it('are found behind a clock that was set back', () => {
    const stamps = [1n, 2n, 9n, 3n, 4n, 5n].map((second) => second * SECOND);
    for (const rows of [1, 2, 6]) {
      expect(findIn(stamps, 2n * SECOND, () => rows)).toEqual([`${2n * SECOND} ${9n * SECOND} 2`]);
    }
  });
});
