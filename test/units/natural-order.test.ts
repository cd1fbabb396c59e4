import { expect, test } from 'vitest';
import { compareNatural } from '#src/units/natural-order.js';

test('digits count by their number, everything else by code unit', () => {
  const sorted = ['1.snappy.parquet', '2.snappy.parquet', '10.snappy.parquet'];
  expect([...sorted].reverse().sort(compareNatural)).toEqual(sorted);
  const mixed = ['B', 'a', 'a2b', 'a10', 'a10b2', 'a10b10', 'é'];
  expect([...mixed].reverse().sort(compareNatural)).toEqual(mixed);
});

test('numbers longer than any integer are compared exactly', () => {
  const long = ['9007199254740992', '9007199254740993', '90071992547409930'];
  expect([...long].reverse().sort(compareNatural)).toEqual(long);
});

test('different texts are never equal', () => {
  expect(compareNatural('01', '1')).toBeLessThan(0);
  expect(compareNatural('1', '01')).toBeGreaterThan(0);
  expect(compareNatural('x', 'x')).toBe(0);
  expect(compareNatural('x', 'x1')).toBeLessThan(0);
  expect(compareNatural('', '0')).toBeLessThan(0);
});
