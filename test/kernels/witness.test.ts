import { describe, expect, it } from 'vitest';
import { witnessLevel } from '#src/core/witness.js';
import { type GivenLevel, goodLevels } from '../oracle/witness.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const LEVELS = 5;
const INT64_MAX = 2n ** 63n - 1n;

/** Mostly a side as it should be, with a mistake in some rows. */
function randomSide(prng: Prng, isBid: boolean): GivenLevel[] {
  let pricePips = prng.pick([1_000n, INT64_MAX - 1_000n, 2n ** 32n]);
  const levels: GivenLevel[] = [];
  for (let level = 0; level < LEVELS; level++) {
    pricePips += isBid ? -BigInt(prng.int(1, 9)) : BigInt(prng.int(1, 9));
    levels.push({ pricePips, qtyPips: BigInt(prng.int(1, 99)) });
  }
  if (prng.chance(0.6)) return levels;
  const at = prng.int(0, LEVELS);
  const odd = prng.pick([0n, -1n, -INT64_MAX - 1n, levels[Math.max(0, at - 1)]!.pricePips]);
  const wrong = prng.chance(0.5) ? { pricePips: odd } : { qtyPips: prng.pick([0n, -5n]) };
  levels[at] = { ...levels[at]!, ...wrong };
  return levels;
}

describe.each(BUILDS)('witnessLevel ($build)', ({ module }) => {
  it('counts the good levels of each row, and marks rows where one is not', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      const isBid = prng.chance(0.5);
      const rows = Array.from({ length }, () => randomSide(prng, isBid));
      const sandbox = new Sandbox(module);
      const countsPtr = sandbox.buffer(length * 4, { skew: 4 });
      const invalidPtr = sandbox.buffer(length, { skew: 3 });
      let betterPtr = 0;
      let badCount = 0;
      for (let level = 0; level < LEVELS; level++) {
        const column = (of: 'pricePips' | 'qtyPips'): number =>
          sandbox.put(
            BigInt64Array.from(rows, (row) => row[level]![of]),
            { skew: 8 },
          );
        const [pricePtr, qtyPtr] = [column('pricePips'), column('qtyPips')];
        const given = { pricePtr, qtyPtr, betterPtr, isBid, level, rowCount: length };
        badCount += witnessLevel(sandbox.core, given, countsPtr, invalidPtr);
        betterPtr = pricePtr;
      }
      const expected = rows.map((row) => goodLevels(row, isBid));
      const note = `seed ${prng.seed}, length ${length}`;
      const { views } = sandbox.core;
      expect(Array.from(views.i32At(countsPtr, length)), note).toEqual(
        expected.map(({ count }) => count),
      );
      expect(Array.from(views.bytes(invalidPtr, length)), note).toEqual(
        expected.map(({ isInvalid }) => (isInvalid ? 1 : 0)),
      );
      expect(badCount, note).toBe(expected.reduce((sum, { count }) => sum + LEVELS - count, 0));
      expect(sandbox.trespasses()).toEqual([]);
    }
  });

  it('refuses misaligned columns', () => {
    const { core } = new Sandbox(module);
    const rows = { pricePtr: 65_540, qtyPtr: 65_536, betterPtr: 0, isBid: true, level: 0 };
    expect(() => witnessLevel(core, { ...rows, rowCount: 1 }, 65_600, 65_700)).toThrow(
      expect.objectContaining({ code: 'ERR_KERNEL' }),
    );
  });
});
