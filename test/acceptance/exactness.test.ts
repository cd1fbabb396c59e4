import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scaleDoubles } from '#src/core/scale.js';
import { BUILDS, Sandbox } from '../kernels/both-builds.js';
import { createPrng, type Prng } from '../prng.js';
import { columnsOf, int64, openDuckdb } from '../support/duckdb.js';
import { rowsSql } from '../support/outputs.js';
import { writeParquetFixture } from '../support/parquet-fixture.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const VALUE_COUNT = 200_000;
const SCALE = 8;
/** A double tells any two decimals of so many digits apart. */
const DIGITS_EXACT = 15;

/** The two ranges in which naive tests of exactness fail: just below 2^53 pips, and far above. */
const RANGES = [
  { name: '[6e7, 9e7]', from: 60_000_000, to: 90_000_000 },
  { name: '[1e9, 9e10]', from: 1_000_000_000, to: 90_000_000_000 },
] as const;

/** A decimal of the range as text, with 0 to `decimalsMax` decimals, and the double it is stored as. */
function randomDecimal(prng: Prng, range: (typeof RANGES)[number], decimalsMax: number) {
  const decimals = prng.int(0, decimalsMax + 1);
  const whole = String(prng.int(range.from, range.to));
  const fraction = Array.from({ length: decimals }, () => prng.int(0, 10)).join('');
  const text = decimals === 0 ? whole : `${whole}.${fraction}`;
  return { text, digits: whole.length + decimals, value: Number(text) };
}

/** A decimal text times 10^8 by moving its point; null where it has more than 8 decimals. */
function pipsOfText(text: string): bigint | null {
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  if (fraction.length > SCALE) return null;
  return BigInt(whole + fraction.padEnd(SCALE, '0'));
}

describe('200,000 random decimals stored as doubles', () => {
  for (const range of RANGES) {
    for (const { build, module } of BUILDS) {
      it(`${range.name}: all that the ${build} kernel accepts equal decimal arithmetic`, () => {
        const prng = createPrng();
        const decimals = Array.from({ length: VALUE_COUNT }, () =>
          randomDecimal(prng, range, SCALE),
        );
        const sandbox = new Sandbox(module);
        const ptr = sandbox.put(Float64Array.from(decimals, ({ value }) => value));
        const bitmapPtr = sandbox.buffer(VALUE_COUNT / 8);
        const bad = scaleDoubles(sandbox.core, ptr, VALUE_COUNT, SCALE, bitmapPtr);
        const pips = sandbox.core.views.i64At(ptr, VALUE_COUNT);
        const bitmap = sandbox.core.views.bytes(bitmapPtr, VALUE_COUNT / 8);
        const wrong: string[] = [];
        let accepted = 0;
        let identified = 0;
        decimals.forEach(({ text, digits, value }, i) => {
          const isAccepted = ((bitmap[i >> 3]! >> (i & 7)) & 1) === 0;
          // Beyond 15 digits many decimals share a double; the shortest stands for it.
          const expected = digits <= DIGITS_EXACT ? pipsOfText(text) : pipsOfText(String(value));
          if (digits <= DIGITS_EXACT) identified++;
          if (isAccepted) accepted++;
          const found = isAccepted ? pips[i]! : null;
          if (found !== expected) wrong.push(`${text}: ${found} for ${expected}`);
        });
        console.log(
          `${range.name}, ${build}, seed ${prng.seed}: ${accepted} accepted, ${bad} refused, ` +
            `${identified} of at most ${DIGITS_EXACT} digits, ${wrong.length} wrong`,
        );
        expect(wrong.slice(0, 5), `seed ${prng.seed}`).toEqual([]);
        expect(bad).toBe(VALUE_COUNT - accepted);
        expect(sandbox.trespasses()).toEqual([]);
      });
    }
  }

  it('through a whole run, read back by DuckDB', async () => {
    const prng = createPrng();
    const texts = RANGES.flatMap((range) =>
      Array.from({ length: VALUE_COUNT / 2 }, () => {
        const wholeDigits = String(range.to).length;
        return randomDecimal(prng, range, DIGITS_EXACT - wholeDigits);
      }),
    );
    const folder = temporaryFolder();
    const file = join(folder, 'doubles.parquet');
    const stamps = texts.map((_, i) => 1_700_000_000_000_000_000n + BigInt(i));
    await writeParquetFixture(file, [
      { name: 'ts_recv', type: 'int64', values: stamps },
      { name: 'update_id', type: 'int64', values: texts.map((_, i) => BigInt(i)) },
      { name: 'side', type: 'utf8', values: texts.map(() => 'bid') },
      { name: 'price', type: 'double', values: texts.map(({ value }) => value) },
      { name: 'qty', type: 'double', values: texts.map(() => 1) },
    ]);
    const out = join(folder, 'out');
    await depthmillDone(['run', file, '-o', out, '--json']);
    const db = await openDuckdb();
    const price = int64(await columnsOf(db, rowsSql('price_pips', out, 'depth')), 'price_pips');
    expect(price.length).toBe(texts.length);
    const wrong = texts.filter(({ text }, i) => price[i] !== pipsOfText(text));
    expect(wrong.slice(0, 5), `seed ${prng.seed}`).toEqual([]);
  });
});
