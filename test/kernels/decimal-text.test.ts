import { describe, expect, it } from 'vitest';
import { DECIMALS_BYTES } from '#src/abi/scale.js';
import { scaleTexts, type TextColumn, textsRange } from '#src/core/decimal-text.js';
import { decimalOfText, scaleMaxOf } from '#src/units/decimal.js';
import { textPips } from '../oracle/scale.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';

const LEGAL = [
  ...['0', '-0', '0.000', '+1', '-1', '1.', '.5', '-.5', '00012.50', '61837.63', '5.825e-05'],
  ...['1E3', '1e+3', '12e-1', '0e99999999999', '1000000000000000000000e-21', '1e-18', '1e-19'],
  ...['92233720368.54775807', '92233720368.54775808', '-92233720368.54775808'],
  ...['-92233720368.54775809', '9223372036854775807', '9223372036854775808', '1e19', '1e400'],
  ...['0.1000000000000000000000000', '12345678901234567890123', '0.12345678901234567890123'],
  ...['10000000000000000000', '9999999999999999999', '999999999999999999.9', '1e99999999999'],
];
const ILLEGAL = [
  ...['', '.', '+', '-', '+.', 'e', 'e5', '.e5', '1e', '1e+', '1e-', '1e5.5', '1e5x', '--1', '+-1'],
  ...['1.2.3', ' 1', '1 ', '1,5', 'NaN', 'nan', 'Infinity', 'inf', '0x10', '1_0', '１', 'null'],
];

function randomText(prng: Prng): string {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => (prng.chance(0.3) ? 0 : prng.int(0, 10))).join('');
  const sign = prng.pick(['', '', '', '-', '+']);
  const exponent = prng.chance(0.2) ? `${prng.pick(['e', 'E'])}${prng.int(-22, 22)}` : '';
  return `${sign}${digits(prng.int(0, 14))}${prng.pick(['', '.'])}${digits(prng.int(0, 12))}${exponent}`;
}

function putTexts(sandbox: Sandbox, texts: readonly string[]): TextColumn {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const offsets = new Int32Array(texts.length + 1);
  encoded.forEach((bytes, i) => {
    offsets[i + 1] = offsets[i]! + bytes.length;
  });
  const bytes = Uint8Array.from(encoded.flatMap((part) => [...part]));
  return {
    textPtr: sandbox.put(bytes, { skew: 3 }),
    offsetsPtr: sandbox.put(offsets, { skew: 4 }),
    rowCount: texts.length,
  };
}

describe.each(BUILDS)('decimal text ($build)', ({ module }) => {
  it('becomes pips exactly or is marked bad', () => {
    const prng = createPrng();
    const random = Array.from({ length: 5_000 }, () => randomText(prng));
    for (const texts of [[], ['1'], LEGAL, ILLEGAL, random]) {
      for (const scale of [0, 1, 8, 18]) {
        const sandbox = new Sandbox(module);
        const outPtr = sandbox.buffer(8 * texts.length, { fill: 0x77 });
        const badBitmapPtr = sandbox.buffer(Math.ceil(texts.length / 8));
        const column = putTexts(sandbox, texts);
        const badCount = scaleTexts(sandbox.core, column, { scale, outPtr, badBitmapPtr });
        const expected = texts.map((text) => textPips(text, scale));
        const pips = sandbox.core.views.i64At(outPtr, texts.length);
        const bitmap = sandbox.core.views.bytes(badBitmapPtr, Math.ceil(texts.length / 8));
        texts.forEach((text, i) => {
          const isBad = ((bitmap[i >> 3]! >> (i & 7)) & 1) === 1;
          const found = isBad ? null : pips[i];
          if (found !== expected[i] || (isBad && pips[i] !== 0n)) {
            expect.fail(`seed ${prng.seed}: "${text}" at ${scale}: ${found}, not ${expected[i]}`);
          }
        });
        expect(badCount).toBe(expected.filter((value) => value === null).length);
        expect(sandbox.trespasses()).toEqual([]);
      }
    }
    for (const text of ILLEGAL) expect(textPips(text, 18), text).toBeNull();
  });

  it('tells the decimals and the scales that hold it', () => {
    const prng = createPrng();
    const random = Array.from({ length: 500 }, () => randomText(prng));
    // More digits than u64 holds fit no scale that could say them: both answers refuse alike.
    const countable = [...LEGAL, ...ILLEGAL, ...random].filter(
      (text) => !/\d{20}/.test(text.replace('.', '')) && !text.includes('e99999999999'),
    );
    const sandbox = new Sandbox(module);
    const scratchPtr = sandbox.buffer(DECIMALS_BYTES);
    for (const text of countable) {
      const value = decimalOfText(text);
      const range = textsRange(sandbox.core, putTexts(sandbox, [text]), scratchPtr);
      expect(range, `seed ${prng.seed}: "${text}"`).toEqual(
        value === null
          ? { decimals: 0, scaleMax: 18 }
          : { decimals: Math.min(19, value.decimals), scaleMax: scaleMaxOf(value) },
      );
    }
    const column = putTexts(sandbox, ['1.50', 'x', '92233720368', '-0.125']);
    expect(textsRange(sandbox.core, column, scratchPtr)).toEqual({ decimals: 3, scaleMax: 8 });
    const tooLong = putTexts(sandbox, ['123456789012345678901.5']);
    expect(textsRange(sandbox.core, tooLong, scratchPtr).scaleMax).toBe(-1);
  });
});
