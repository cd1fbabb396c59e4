import { describe, expect, it } from 'vitest';
import { INT64_MAX, INT64_MIN, textOfPips } from '#src/units/decimal.js';
import { writeInt32Into, writeInt64Into, writePipsInto } from '#src/units/integer-text.js';
import { createPrng } from '../prng.js';

const BEHIND = 0xee;

/** What a writer wrote at an odd place, and that it touched nothing before it. */
function written(write: (out: Uint8Array, at: number) => number): string {
  const out = new Uint8Array(48).fill(BEHIND);
  const end = write(out, 3);
  expect([...out.subarray(0, 3)]).toEqual([BEHIND, BEHIND, BEHIND]);
  return new TextDecoder().decode(out.subarray(3, end));
}

const wordsOf = (value: bigint) => ({
  lo: Number(BigInt.asUintN(32, value)),
  hi: Number(BigInt.asUintN(32, value >> 32n)),
});

/** Every power of ten and of two with its neighbours, and both ends of int64. */
function edges(): bigint[] {
  const powers = Array.from({ length: 19 }, (_, k) => 10n ** BigInt(k));
  for (let k = 0n; k < 63n; k++) powers.push(1n << k);
  const around = [0n, INT64_MAX, ...powers].flatMap((x) => [x - 1n, x, x + 1n, x * 5n]);
  return [...around, ...around.map((x) => -x), INT64_MIN].filter(
    (x) => x <= INT64_MAX && x >= INT64_MIN,
  );
}

const prng = createPrng();
const random = Array.from({ length: 20_000 }, () => prng.i64() >> BigInt(prng.int(0, 64)));
const values = [...edges(), ...random];

describe('int64 as text', () => {
  it(`is the number, digit by digit (seed ${prng.seed})`, () => {
    for (const value of values) {
      const { lo, hi } = wordsOf(value);
      const text = written((out, at) => writeInt64Into(out, at, lo, hi));
      if (text !== String(value)) expect(text, `seed ${prng.seed}`).toBe(String(value));
    }
  });

  it('of 32 bits too', () => {
    for (const value of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 1_000_000_000, -999_999_999]) {
      expect(written((out, at) => writeInt32Into(out, at, value))).toBe(String(value));
    }
  });

  it.each([0, 1, 2, 8, 9, 17, 18])('with a point at scale %i, as textOfPips', (scale) => {
    for (const value of values) {
      const { lo, hi } = wordsOf(value);
      const text = written((out, at) => writePipsInto(out, at, lo, hi, scale));
      const expected = textOfPips(value, scale);
      if (text !== expected) expect(text, `${value}, seed ${prng.seed}`).toBe(expected);
    }
  });
});
