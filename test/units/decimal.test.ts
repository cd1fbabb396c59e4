import { describe, expect, it } from 'vitest';
import {
  decimalOfDouble,
  decimalOfText,
  INT64_MAX,
  INT64_MIN,
  pipsOfDecimal,
  scaleMaxOf,
  textOfDecimal,
  textOfPips,
} from '#src/units/decimal.js';
import { createPrng } from '../prng.js';

const pipsOfText = (text: string, scale: number): bigint | null => {
  const decimal = decimalOfText(text);
  return decimal === null ? null : pipsOfDecimal(decimal, scale);
};

const pipsOfDouble = (value: number, scale: number): bigint | null => {
  const decimal = decimalOfDouble(value);
  return decimal === null ? null : pipsOfDecimal(decimal, scale);
};

describe('decimalOfText', () => {
  it.each([
    ['0', 0n, 0],
    ['-0.000', 0n, 0],
    ['00012.3400', 1234n, 2],
    ['.5', 5n, 1],
    ['5.', 5n, 0],
    ['+7', 7n, 0],
    ['-1.5', -15n, 1],
    ['5.825e-05', 5825n, 8],
    ['1.2E3', 1200n, 0],
    ['120e-1', 12n, 0],
    ['0e999', 0n, 0],
  ])('reads %s', (text, digits, decimals) => {
    expect(decimalOfText(text)).toEqual({ digits, decimals });
  });

  it.each([
    '',
    '.',
    '-',
    'e5',
    '1e',
    ' 1',
    '1 ',
    '1,5',
    'NaN',
    'Infinity',
    '0x10',
    '1_0',
    '1e9999',
  ])('refuses "%s"', (text) => {
    expect(decimalOfText(text)).toBeNull();
  });
});

describe('pips', () => {
  it('refuse what the scale cannot hold', () => {
    expect(pipsOfText('0.000000001', 8)).toBeNull();
    expect(pipsOfText('0.1000000000000', 1)).toBe(1n);
    expect(pipsOfText('92233720368.54775807', 8)).toBe(INT64_MAX);
    expect(pipsOfText('92233720368.54775808', 8)).toBeNull();
    expect(pipsOfText('-92233720368.54775808', 8)).toBe(INT64_MIN);
    expect(pipsOfText('not a number', 8)).toBeNull();
    expect(pipsOfDouble(Number.NaN, 8)).toBeNull();
    expect(pipsOfDouble(Number.NEGATIVE_INFINITY, 8)).toBeNull();
    expect(pipsOfDouble(-0, 8)).toBe(0n);
  });

  it('take a double as its shortest text', () => {
    expect(pipsOfDouble(0.1 + 0.2, 8)).toBeNull();
    expect(pipsOfDouble(0.1 + 0.2, 17)).toBe(30000000000000004n);
    expect(decimalOfDouble(5e-324)).toEqual({ digits: 5n, decimals: 324 });
    expect(pipsOfDouble(61837.63, 8)).toBe(6_183_763_000_000n);
  });

  it('come back as the same text', () => {
    const prng = createPrng();
    for (let i = 0; i < 2_000; i++) {
      const pips = prng.i64() >> BigInt(prng.int(0, 64));
      const scale = prng.int(0, 19);
      const text = textOfPips(pips, scale);
      expect(pipsOfText(text, scale), `seed ${prng.seed}: ${text}`).toBe(pips);
      expect(text).toBe(textOfDecimal(decimalOfText(text)!));
    }
  });

  it('have a largest scale', () => {
    expect(scaleMaxOf({ digits: 0n, decimals: 0 })).toBe(18);
    expect(scaleMaxOf({ digits: 92233720368_54775807n, decimals: 8 })).toBe(8);
    expect(scaleMaxOf({ digits: 92233720368_54775808n, decimals: 8 })).toBe(7);
    expect(scaleMaxOf({ digits: 10n ** 19n, decimals: 0 })).toBe(-1);
  });
});
