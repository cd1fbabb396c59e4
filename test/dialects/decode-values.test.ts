import { describe, expect, test } from 'vitest';
import { FLAG_BAD_TS } from '#src/abi/flags.js';
import type { FixtureColumn } from '../support/parquet-fixture.js';
import { decode, decodeLake, lakeRow, T0 } from './decode-fixture.js';

describe('times', () => {
  test('a stamp that is missing is copied from the other and flagged', async () => {
    const rows = [
      lakeRow(0),
      lakeRow(1, { timestamp: null }),
      lakeRow(2, { timestamp: 0n }),
      lakeRow(3, { timestamp: -1n }),
      lakeRow(4, { receipt_timestamp: 0n }),
      lakeRow(5, { receipt_timestamp: null, timestamp: -1n }),
    ];
    const { columns, rejects } = await decodeLake(rows);
    expect(columns.get('ts_recv')).toEqual(
      [1_000n, 1_001n, 1_002n, 1_003n, 4n].map((at) => T0 + at),
    );
    expect(columns.get('ts_event')).toEqual([0n, 1_001n, 1_002n, 1_003n, 4n].map((at) => T0 + at));
    expect(columns.get('flags')).toEqual([0, ...Array(4).fill(FLAG_BAD_TS)]);
    expect(rejects).toMatchObject([{ row: 5, reason: 'ERR_ROW_TIME' }]);
  });

  test.each([
    ['ns', 1n, 19],
    ['us', 1_000n, 16],
    ['ms', 1_000_000n, 13],
    ['s', 1_000_000_000n, 10],
  ])('%s are told by their digits', async (_unit, unitNs, digits) => {
    const stamp = T0 / unitNs;
    expect(String(stamp)).toHaveLength(digits);
    const { columns, rejects } = await decode([
      { name: 'ts_event', type: 'int64', values: [null, stamp, stamp + 1n, 123_456_789_012n, 77n] },
      { name: 'price', type: 'double', values: [1, 1, 1, 1, 1] },
      { name: 'qty', type: 'double', values: [1, 1, 1, 1, 1] },
      { name: 'is_bid', type: 'bool', values: [true, true, true, true, true] },
    ]);
    expect(columns.get('ts_event')).toEqual([stamp * unitNs, (stamp + 1n) * unitNs]);
    expect(columns.get('ts_recv')).toEqual(columns.get('ts_event'));
    expect(columns.get('flags')).toEqual([FLAG_BAD_TS, FLAG_BAD_TS]);
    expect(rejects.map(({ row, reason }) => [row, reason])).toEqual([
      [0, 'ERR_ROW_TIME'],
      [3, 'ERR_ROW_TIME'],
      [4, 'ERR_ROW_TIME'],
    ]);
  });

  test('a unit that is said outdoes the digits; int32 seconds are widened', async () => {
    const { columns } = await decode(
      [
        { name: 't', type: 'int32', values: [1_723_161_255] },
        { name: 'price', type: 'double', values: [1] },
        { name: 'qty', type: 'double', values: [1] },
        { name: 'is_bid', type: 'bool', values: [true] },
      ],
      { plan: { map: { ts_recv: 't:s' } } },
    );
    expect(columns.get('ts_recv')).toEqual([1_723_161_255_000_000_000n]);
  });

  test('rows outside of [from, to) are left out and counted apart', async () => {
    const rows = Array.from({ length: 10 }, (_, at) => lakeRow(at));
    const { fileRows, result } = await decodeLake(rows, {
      decode: { fromNs: T0 + 1_003n, toNs: T0 + 1_007n },
    });
    expect(fileRows).toEqual([3, 4, 5, 6]);
    expect(result).toMatchObject({ rowsIn: 4, rowsDeselected: 6 });
    expect(result.chunks).toMatchObject([{ fileRow: 3, fileRows: null }]);
  });
});

describe('numbers of every type', () => {
  test.each([
    ['double', [0.1, 61_837.63, 0]],
    ['float', [0.1, 1.5, 0]],
    ['int64', [1n, 61_837n, 0n]],
    ['int32', [1, 61_837, 0]],
    ['utf8', ['0.10', '61837.63000000', '0']],
  ] as const)('%s', async (type, values) => {
    const { columns } = await decode([
      { name: 'local_ts', type: 'int64', values: [T0, T0, T0] },
      { name: 'price', type, values },
      { name: 'size', type, values },
      { name: 'is_bid', type: 'bool', values: [true, false, true] },
    ]);
    const expected = values.map((value) => {
      const [whole = '', fraction = ''] = String(value).split('.');
      return BigInt(whole + fraction.padEnd(8, '0'));
    });
    expect(columns.get('price_pips')).toEqual(expected);
    expect(columns.get('qty_pips')).toEqual(expected);
  });
});

describe('sides', () => {
  const trades = (values: (string | null)[]): FixtureColumn[] => [
    { name: 'local_ts', type: 'int64', values: values.map(() => T0) },
    {
      name: 'trade_id',
      type: 'int64',
      values: values.map((_, at) => (at === 1 ? null : BigInt(at))),
    },
    { name: 'price', type: 'double', values: values.map(() => 1) },
    { name: 'qty', type: 'double', values: values.map(() => 1) },
    { name: 'side', type: 'utf8', values },
  ];

  test('of trades may be unknown, and ids may be missing', async () => {
    const words = ['buy', 'SELL', 'unknown', null, '', 'B', 'sideways'];
    const { columns, rejects } = await decode(trades(words));
    expect(columns.get('is_buy')).toEqual([true, false, null, null, null, true]);
    expect(columns.get('trade_id')).toEqual([0n, null, 2n, 3n, 4n, 5n]);
    expect(rejects).toMatchObject([{ row: 6, reason: 'ERR_ROW_SIDE', value: 'sideways' }]);
  });

  test('as integers are 1, and 0 or -1', async () => {
    const { columns, rejects } = await decode([
      { name: 'local_ts', type: 'int64', values: [T0, T0, T0, T0] },
      { name: 'price', type: 'double', values: [1, 1, 1, 1] },
      { name: 'qty', type: 'double', values: [1, 1, 1, 1] },
      { name: 'side', type: 'int32', values: [1, 0, -1, 2] },
    ]);
    expect(columns.get('is_bid')).toEqual([true, false, false]);
    expect(rejects).toMatchObject([{ row: 3, reason: 'ERR_ROW_SIDE', value: '2' }]);
  });

  test('is_ask and buyer_is_maker mean the other side', async () => {
    const columns = (name: string): FixtureColumn[] => [
      { name: 'local_ts', type: 'int64', values: [T0, T0] },
      { name: 'price', type: 'double', values: [1, 1] },
      { name: 'qty', type: 'double', values: [1, 1] },
      { name, type: 'bool', values: [true, false] },
    ];
    expect((await decode(columns('is_ask'))).columns.get('is_bid')).toEqual([false, true]);
    expect((await decode(columns('buyer_is_maker'))).columns.get('is_buy')).toEqual([false, true]);
  });
});
