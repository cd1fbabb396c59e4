import { describe, expect, it } from 'vitest';
import { SURVEY_BYTES, SURVEY_DISTINCT_MAX } from '#src/abi/text-rows.js';
import { TEXT_PAD_BYTES, TextRows } from '#src/core/text-rows.js';
import { type ColumnCounts, clearSurvey, readSurvey } from '#src/text/column-survey.js';
import { decimalOfText, scaleMaxOf } from '#src/units/decimal.js';
import { integerOf, stampOf } from '../oracle/text-rows.js';
import { createPrng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

/** Surveys fields as the first column of a text of two. */
function survey(module: WebAssembly.Module, fields: readonly string[]): ColumnCounts {
  const sandbox = new Sandbox(module, 2 ** 20);
  const { core } = sandbox;
  const surveyPtr = sandbox.buffer(SURVEY_BYTES, { fill: 0xff });
  clearSurvey(core, surveyPtr);
  const target = { field: 0, kind: 'survey' as const, valuesPtr: surveyPtr, offsetsPtr: 0 };
  const targets = [{ ...target, validityPtr: 0, textBytesMax: 0 }];
  const options = { fieldCount: 2, lines: { delimiter: 44 }, targets, rowsMax: 64 };
  const rows = new TextRows(core, sandbox.buffer(TextRows.byteLength(2, 1, 64)), options);
  const text = new TextEncoder().encode(fields.map((field) => `${field},\n`).join(''));
  const textPtr = sandbox.buffer(text.length + 2 * TEXT_PAD_BYTES) + TEXT_PAD_BYTES;
  core.views.u8.set(text, textPtr);
  rows.setText(textPtr, text.length);
  let count = 0;
  for (let found = rows.next(); found > 0; found = rows.next()) count += found;
  expect(count).toBe(fields.length);
  const counts = readSurvey(core, surveyPtr);
  expect(sandbox.trespasses()).toEqual([]);
  return counts;
}

/** The same, slowly. */
function expected(fields: readonly string[]): ColumnCounts {
  const there = fields.filter((field) => field !== '');
  const integers = there.map(integerOf).filter((value) => value !== null);
  const others = there.filter((field) => integerOf(field) === null);
  const numbers = others.filter((field) => decimalOfText(field) !== null);
  const texts = others.filter((field) => decimalOfText(field) === null);
  const distinct = [...new Set(texts)];
  let [decimals, scaleMax] = [0, 18];
  for (const field of there) {
    const decimal = decimalOfText(field);
    if (decimal === null) continue;
    decimals = Math.max(decimals, Math.min(decimal.decimals, 19));
    // More digits than int64 has are not looked at further: no scale holds them.
    const digits = String(decimal.digits).replace(/^-/, '').replace(/0+$/, '');
    scaleMax = Math.min(scaleMax, digits.length > 19 ? -1 : scaleMaxOf(decimal));
  }
  const extreme = (isBetter: (a: bigint, b: bigint) => boolean, none: bigint): bigint =>
    integers.reduce((best, value) => (isBetter(value, best) ? value : best), none);
  return {
    empty: fields.length - there.length,
    integers: integers.length,
    numbers: numbers.length,
    texts: texts.length,
    stamps: others.filter((field) => stampOf(field) !== null).length,
    min: extreme((a, b) => a < b, 2n ** 63n - 1n),
    max: extreme((a, b) => a > b, -(2n ** 63n)),
    range: { decimals, scaleMax },
    distinct: distinct.length > SURVEY_DISTINCT_MAX ? null : distinct,
  };
}

describe.each(BUILDS)('surveyField ($build)', ({ module }) => {
  it.each([
    ['nothing', []],
    ['empty fields', ['', '', '']],
    ['integers', ['0', '-5', '1723161256172210766', '9223372036854775807']],
    ['prices', ['61837.63000000', '0.00003505', '2682', '5.825e-05', '1e3', '-1.5']],
    ['large quantities', ['285242217163', '28173285242217163', '1000000000000000000.5']],
    [
      'numbers that no scale holds',
      ['99999999999999999999', '1e40', '1e-40', '0.1234567890123456789'],
    ],
    ['sides', ['bid', 'ask', 'bid', 'ask']],
    ['times', ['1649290077.520031', '2021-04-05T18:10:56.183Z', '2021-04-05 18:10:56']],
    ['ids of text', Array.from({ length: 50 }, (_, index) => `ccc3c1fa-${index}`)],
    [
      'things that look like numbers',
      ['1_0', '1.', '.', '-', '+', 'e5', '1e', '0x1', 'NaN', 'inf'],
    ],
  ])('counts %s', (_what, fields) => {
    expect(survey(module, fields)).toEqual(expected(fields));
  });

  it('counts as the plain reader does, whatever stands in the fields', () => {
    const prng = createPrng();
    const pieces = [
      '0',
      '1',
      '9',
      '12',
      '.',
      '-',
      '+',
      'e',
      'E5',
      'bid',
      '0000',
      '17231612561',
      ':',
    ];
    for (let round = 0; round < 300; round++) {
      const fields = Array.from({ length: prng.int(0, 40) }, () =>
        Array.from({ length: prng.int(0, 6) }, () => prng.pick(pieces)).join(''),
      );
      // The plain reader gives up on exponents that no market data has.
      for (const [at, field] of fields.entries()) if (/e[+-]?\d{3}/i.test(field)) fields[at] = '';
      const note = `seed ${prng.seed}, round ${round}: ${fields.join(' ')}`;
      expect(survey(module, fields), note).toEqual(expected(fields));
    }
  });
});
