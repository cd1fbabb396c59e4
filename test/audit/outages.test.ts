import { describe, expect, it } from 'vitest';
import { findOutages, type QuietTimes, quietDuring } from '#src/audit/outages.js';
import { type Messages, outagesPlainly } from '../oracle/outages.js';
import { createPrng, type Prng } from '../prng.js';

const SHORTEST = 5n;

/** What the book of an instrument knows of its messages. */
function quietOf({ recordings, limitNs }: Messages): QuietTimes {
  const recorded = recordings.map((of) => ({ fromNs: of[0]!, toNs: of.at(-1)! }));
  const quiet = recordings.flatMap((of) =>
    of.slice(1).flatMap((toNs, index) => {
      const length = toNs - of[index]!;
      return length < SHORTEST ? [] : [{ fromNs: of[index]!, toNs, isSilence: length >= limitNs }];
    }),
  );
  return { recorded, quiet };
}

const found = (instruments: readonly Messages[]) => findOutages(instruments.map(quietOf), SHORTEST);

const steady = (...of: readonly bigint[]): Messages => ({ recordings: [of], limitNs: 5n });

/** Messages at random, with times in which all but a few are silent. */
function randomMarket(prng: Prng): Messages[] {
  const holes = Array.from({ length: 3 }, () => prng.int(0, 200));
  return Array.from({ length: prng.int(0, 5) }, () => {
    const isSeldom = prng.chance(0.3);
    const recordings: bigint[][] = [];
    let now = prng.int(0, 60);
    for (let part = prng.int(1, 3); part > 0; part--) {
      const messages = [BigInt(now)];
      const end = now + prng.int(0, 150);
      while (now < end) {
        now += prng.int(0, isSeldom ? 30 : 4);
        for (const hole of holes) if (now > hole && prng.chance(0.9)) now = Math.max(now, hole + 9);
        messages.push(BigInt(now));
      }
      recordings.push([...new Set(messages)]);
      now += prng.int(1, 40);
    }
    return { recordings, limitNs: isSeldom ? 60n : 5n };
  });
}

describe('outages', () => {
  it('are what the silences of all have in common', () => {
    expect(found([steady(0n, 10n, 30n, 40n), steady(1n, 12n, 28n, 41n)])).toEqual([
      { fromNs: 1n, toNs: 10n, instrumentCount: 2 },
      { fromNs: 12n, toNs: 28n, instrumentCount: 2 },
      { fromNs: 30n, toNs: 40n, instrumentCount: 2 },
    ]);
  });

  it('need two instruments, and no message of a third', () => {
    expect(found([steady(0n, 100n)])).toEqual([]);
    const third = steady(...Array.from({ length: 101 }, (_, i) => BigInt(i)));
    expect(found([steady(0n, 100n), steady(0n, 100n), third])).toEqual([]);
  });

  it('are not held up by an instrument that is seldom traded, nor made by one', () => {
    const seldom = { recordings: [[0n, 60n, 130n]], limitNs: 1_000n };
    const liquid = steady(0n, 70n, 90n, 130n);
    expect(found([liquid, liquid, seldom])).toEqual([
      { fromNs: 0n, toNs: 60n, instrumentCount: 3 },
      { fromNs: 60n, toNs: 70n, instrumentCount: 3 },
      { fromNs: 70n, toNs: 90n, instrumentCount: 3 },
      { fromNs: 90n, toNs: 130n, instrumentCount: 3 },
    ]);
    expect(found([liquid, seldom])).toEqual([]);
  });

  it('end with the recording of an instrument, which says nothing of later', () => {
    expect(found([steady(0n, 20n), steady(0n, 10n)])).toEqual([
      { fromNs: 0n, toNs: 10n, instrumentCount: 2 },
    ]);
    expect(found([steady(0n, 20n), steady(30n, 50n)])).toEqual([]);
  });

  it('of random markets are those that every pair of messages shows', () => {
    const prng = createPrng();
    let count = 0;
    for (let round = 0; round < 2_000; round++) {
      const market = randomMarket(prng);
      const expected = outagesPlainly(market, SHORTEST);
      expect(found(market), `seed ${prng.seed}, round ${round}`).toEqual(expected);
      count += expected.length;
      const order = market.toReversed();
      expect(found(order), `seed ${prng.seed}, round ${round}`).toEqual(expected);
    }
    expect(count, `seed ${prng.seed}`).toBeGreaterThan(1_000);
  });

  it('belong to the quiet interval of each instrument that holds them', () => {
    const { quiet } = quietOf(steady(0n, 10n, 30n));
    expect(quietDuring(quiet, { fromNs: 12n, toNs: 28n })).toMatchObject({ toNs: 30n });
    expect(quietDuring(quiet, { fromNs: 8n, toNs: 12n })).toBeNull();
    expect(quietDuring(quiet, { fromNs: 10n, toNs: 30n })).toMatchObject({ fromNs: 10n });
    expect(quietDuring(quiet, { fromNs: 25n, toNs: 35n })).toBeNull();
    expect(quietDuring([], { fromNs: 0n, toNs: 1n })).toBeNull();
    const { quiet: late } = quietOf(steady(50n, 60n));
    expect(quietDuring(late, { fromNs: 40n, toNs: 55n })).toBeNull();
  });
});
