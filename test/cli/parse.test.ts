import { describe, expect, test } from 'vitest';
import { parseBytes, parseCount, parseDurationNs, parseTimeNs } from '#src/cli/parse.js';
import { parseBookCadence, parseColumnMap, parseScaleRules } from '#src/cli/parse-rules.js';
import { UsageError } from '#src/errors/errors.js';

/** The code that `action` fails with. */
function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.code;
    throw error;
  }
  return 'no error';
}

test.each([
  ['1', 1],
  ['512MB', 512_000_000],
  ['2GB', 2_000_000_000],
  ['2 gb', 2_000_000_000],
  ['1.5GiB', 1_610_612_736],
  ['64KiB', 65_536],
])('sizes: %s is %d bytes', (text, bytes) => {
  expect(parseBytes(text, '--memory')).toBe(bytes);
});

test.each(['', '0', '-1', 'MB', '1.0000001KB', '5XB', '1e9', '12constructor'])(
  'sizes: %j is refused',
  (text) => {
    expect(codeOf(() => parseBytes(text, '--memory'))).toBe('ERR_USAGE_SIZE');
  },
);

test.each([
  ['100ms', 100_000_000n],
  ['2s', 2_000_000_000n],
  ['1m', 60_000_000_000n],
  ['500us', 500_000n],
  ['0.1s', 100_000_000n],
  ['1.5 ms', 1_500_000n],
  ['7ns', 7n],
  ['1d', 86_400_000_000_000n],
])('durations: %s is %d ns, exactly', (text, durationNs) => {
  expect(parseDurationNs(text, '--book-every')).toBe(durationNs);
});

test.each(['', '100', 's', '1.5ns', '-1s', '0s', '1S', '999999999999d', '1w'])(
  'durations: %j is refused',
  (text) => {
    expect(codeOf(() => parseDurationNs(text, '--book-every'))).toBe('ERR_USAGE_DURATION');
  },
);

test('durations: zero where it makes sense', () => {
  expect(parseDurationNs('0s', '--crossed-after', true)).toBe(0n);
});

test.each([
  ['0', 0n],
  ['1775034000123456789', 1_775_034_000_123_456_789n],
  ['1970-01-01', 0n],
  ['1970-01-01T00:00:00.000000001Z', 1n],
  ['2026-04-01T09:00:00.123456789Z', 1_775_034_000_123_456_789n],
  ['2026-04-01T11:00+02:00', 1_775_034_000_000_000_000n],
  ['2026-04-01 09:00', 1_775_034_000_000_000_000n],
])('times: %s is %d', (text, timeNs) => {
  expect(parseTimeNs(text, '--from')).toBe(timeNs);
});

test.each([
  'today',
  '2026',
  '2026-02-30',
  '2026-13-01',
  '2026-04-01T24:00',
  '2026-04-01T23:59:60Z',
  '1700000000',
  '1700000000000',
  '9999999999999999999',
  '2300-01-01',
])('times: %s is refused', (text) => {
  expect(codeOf(() => parseTimeNs(text, '--from'))).toBe('ERR_USAGE_TIME');
});

test('counts are whole and in range', () => {
  expect(parseCount('8', '--workers', 1, 256)).toBe(8);
  for (const text of ['0', '257', '', '1.5', '0x10', '1e2', ' 1', '99999999999999999']) {
    expect(codeOf(() => parseCount(text, '--workers', 1, 256))).toBe('ERR_USAGE_NUMBER');
  }
});

test('scales: numbers, auto and patterns, in the order given', () => {
  expect(parseScaleRules(['8'], '--price-scale')).toEqual([{ pattern: '*', scale: 8 }]);
  expect(parseScaleRules(['PEPE*=0,auto', 'BTC-*=18'], '--qty-scale')).toEqual([
    { pattern: 'PEPE*', scale: 0 },
    { pattern: '*', scale: 'auto' },
    { pattern: 'BTC-*', scale: 18 },
  ]);
  for (const text of ['', '19', '-1', '1.5', 'x', 'A=', '=8', 'A=x', '8,']) {
    expect(codeOf(() => parseScaleRules([text], '--price-scale'))).toBe('ERR_USAGE_SCALE');
  }
});

describe('--map', () => {
  test('maps our columns to theirs; theirs may hold = and :', () => {
    expect(parseColumnMap(['price=px,qty=sz', 'ts_recv=local_ts:ns'], '--map')).toEqual({
      price: 'px',
      qty: 'sz',
      ts_recv: 'local_ts:ns',
    });
    expect(parseColumnMap(['price=a=b'], '--map')).toEqual({ price: 'a=b' });
  });

  test.each(['', 'price', 'price=', '=px', 'price=a,price=b'])('%j is refused', (text) => {
    expect(codeOf(() => parseColumnMap([text], '--map'))).toBe('ERR_USAGE_MAP');
  });
});

test('--book-every: message, change, or an interval', () => {
  expect(parseBookCadence('message', '--book-every')).toEqual({ kind: 'message' });
  expect(parseBookCadence('change', '--book-every')).toEqual({ kind: 'change' });
  expect(parseBookCadence('100ms', '--book-every')).toEqual({
    kind: 'interval',
    intervalNs: 100_000_000n,
  });
  expect(codeOf(() => parseBookCadence('never', '--book-every'))).toBe('ERR_USAGE_DURATION');
});
