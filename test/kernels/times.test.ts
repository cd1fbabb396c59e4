import { describe, expect, it } from 'vitest';
import { timesPlain, timesToNs, timeUnitByDigits } from '#src/core/times.js';
import { unpackBits } from '../oracle/rows.js';
import { createPrng } from '../prng.js';
import { BUILDS, LENGTHS, Sandbox } from './both-builds.js';

const UNITS = [1, 1_000, 1_000_000, 1_000_000_000] as const;
const INT64_MAX = 2n ** 63n - 1n;

describe.each(BUILDS)('times ($build)', ({ module }) => {
  it('become nanoseconds, or stay and are marked where int64 has no room', () => {
    const prng = createPrng();
    for (const length of LENGTHS) {
      for (const unitNs of UNITS) {
        const values = Array.from({ length }, () => prng.i64() >> BigInt(prng.int(0, 64)));
        const sandbox = new Sandbox(module);
        const badPtr = sandbox.buffer(Math.ceil(length / 8));
        const valuesPtr = sandbox.put(BigInt64Array.from(values), { skew: 8 });
        const times = { valuesPtr, rowCount: length };
        const badCount = timesToNs(sandbox.core, times, unitNs, badPtr);
        const bad = values.map((value) => {
          const ns = value * BigInt(unitNs);
          return ns > INT64_MAX || ns < -INT64_MAX - 1n;
        });
        const note = `seed ${prng.seed}, unit ${unitNs}`;
        expect(Array.from(sandbox.core.views.i64At(valuesPtr, length)), note).toEqual(
          values.map((value, i) => (bad[i] ? value : value * BigInt(unitNs))),
        );
        expect(badCount).toBe(bad.filter(Boolean).length);
        const bitmap = sandbox.core.views.bytes(badPtr, Math.ceil(length / 8));
        expect(unpackBits(bitmap, length), note).toEqual(bad);
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });

  it('are plain up to the first that has fewer than 19 digits', () => {
    const prng = createPrng();
    const least = 10n ** 18n;
    for (const length of LENGTHS) {
      for (let round = 0; round < 6; round++) {
        const values = Array.from({ length }, () => prng.pick([least, INT64_MAX, least + 1n]));
        const odd = prng.int(0, length + 1);
        for (let row = odd; row < length; row += prng.int(1, 9)) {
          values[row] = prng.pick([least - 1n, 0n, -1n, -INT64_MAX - 1n]);
        }
        const sandbox = new Sandbox(module);
        const valuesPtr = sandbox.put(BigInt64Array.from(values), { skew: 8 });
        const found = timesPlain(sandbox.core, { valuesPtr, rowCount: length });
        const expected = values.findIndex((value) => value < least);
        expect(found, `seed ${prng.seed}`).toBe(expected === -1 ? length : expected);
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
  });

  it('tell their unit by their digits', () => {
    const told = (...values: bigint[]): [unit: unknown, bad: boolean[]] => {
      const sandbox = new Sandbox(module);
      const valuesPtr = sandbox.put(BigInt64Array.from(values));
      const badPtr = sandbox.buffer(8);
      const unit = timeUnitByDigits(sandbox.core, { valuesPtr, rowCount: values.length }, badPtr);
      return [unit, unpackBits(sandbox.core.views.bytes(badPtr, 8), values.length)];
    };
    const stamp = 1_700_000_000n;
    expect(told(stamp)).toEqual([1_000_000_000, [false]]);
    expect(told(stamp * 1_000n, 1_000_000_000_000n)).toEqual([1_000_000, [false, false]]);
    expect(told(stamp * 1_000_000n, 9_999_999_999_999_999n)).toEqual([1_000, [false, false]]);
    expect(told(stamp * 1_000_000_000n, INT64_MAX)).toEqual([1, [false, false]]);
    expect(told()).toEqual(['none', []]);
    expect(told(0n, -stamp, 999_999_999n, 10_000_000_000n)).toEqual(['none', Array(4).fill(true)]);
    expect(told(0n, stamp)).toEqual([1_000_000_000, [true, false]]);
    expect(told(stamp, stamp * 1_000n)[0]).toBe('mixed');
  });
});
