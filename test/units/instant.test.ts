import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstantNs, parseInstantNs } from '#src/units/instant.js';

test('any int64 of nanoseconds survives its text', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (instantNs) => {
      expect(parseInstantNs(formatInstantNs(instantNs))).toBe(instantNs);
    }),
  );
});

test.each([
  [0n, '1970-01-01T00:00:00Z'],
  [-1n, '1969-12-31T23:59:59.999999999Z'],
  [1_500_000n, '1970-01-01T00:00:00.001500Z'],
  [250_000_000n, '1970-01-01T00:00:00.250Z'],
])('%d is written %s', (instantNs, text) => {
  expect(formatInstantNs(instantNs)).toBe(text);
});

test('offsets shift, and unreal times are refused', () => {
  expect(parseInstantNs('1970-01-01T01:00:00+01:00')).toBe(0n);
  expect(parseInstantNs('1969-12-31T19:00-0500')).toBe(0n);
  for (const text of ['1970-01-01T00:00+25:00', '2023-02-29', '1970-1-1', '', 'Z']) {
    expect(parseInstantNs(text)).toBeNull();
  }
});
