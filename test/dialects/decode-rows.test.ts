import { describe, expect, test } from 'vitest';
import { FLAG_LAST } from '#src/abi/flags.js';
import { metadataEntries } from '#src/dialects/metadata.js';
import { createPrng } from '../prng.js';
import type { FixtureColumn } from '../support/parquet-fixture.js';
import type { DecodedFile } from './decode-file.js';
import { decode, decodeLake, LAKE_PATH, lakeRow, T0 } from './decode-fixture.js';

describe('rows that are bad in themselves', () => {
  test('are left out and reported with their place, reason and value', async () => {
    const rows = [
      lakeRow(0),
      lakeRow(1, { price: null }),
      lakeRow(2, { price: Number.NaN }),
      lakeRow(3, { size: Number.POSITIVE_INFINITY }),
      lakeRow(4),
      lakeRow(5, { price: -1 }),
      lakeRow(6, { size: -0.5 }),
      lakeRow(7, { side_is_bid: null }),
      lakeRow(8, { sequence_number: null }),
      lakeRow(9),
      lakeRow(10, { receipt_timestamp: 12_345n }),
    ];
    const { columns, rejects, fileRows, result } = await decodeLake(rows, {
      fixture: { rowGroupRows: 4 },
    });
    expect(fileRows).toEqual([0, 4, 9]);
    expect(columns.get('sequence')).toEqual([100n, 104n, 109n]);
    expect(columns.get('price_pips')).toEqual([10_000_000_000n, 10_004_000_000n, 10_009_000_000n]);
    expect(columns.get('qty_pips')).toEqual([0n, 400_000_000n, 900_000_000n]);
    expect(columns.get('is_bid')).toEqual([true, true, false]);
    expect(result).toMatchObject({ rowsIn: 11, rowsDeselected: 0 });
    const seen = rejects.map(({ rowGroupIndex, row, reason, column, value, at }) => [
      `${rowGroupIndex}/${row}`,
      `${reason} ${column} ${value}`,
      at,
    ]);
    expect(seen).toEqual([
      ['0/1', 'ERR_ROW_NULL price null', 1],
      ['0/2', 'ERR_ROW_NOT_FINITE price NaN', 1],
      ['0/3', 'ERR_ROW_NOT_FINITE size Infinity', 1],
      ['1/5', 'ERR_ROW_PRICE_NEGATIVE price -1', 2],
      ['1/6', 'ERR_ROW_QTY_NEGATIVE size -0.5', 2],
      ['1/7', 'ERR_ROW_NULL side_is_bid null', 2],
      ['2/8', 'ERR_ROW_NULL sequence_number null', 2],
      ['2/10', 'ERR_ROW_TIME receipt_timestamp 12345', 3],
    ]);
  });

  test('say which level they meant, as far as price and side are good', async () => {
    const { rejects } = await decodeLake([
      lakeRow(0, { price: null }),
      lakeRow(1, { size: -1 }),
      lakeRow(2, { side_is_bid: null }),
      lakeRow(3, { price: -2, side_is_bid: null }),
      lakeRow(4, { sequence_number: null }),
    ]);
    expect(rejects.map(({ isBid, pricePips }) => [isBid, pricePips])).toEqual([
      [true, null],
      [false, 10_001_000_000n],
      [null, 10_002_000_000n],
      [null, null],
      [true, 10_004_000_000n],
    ]);
  });

  test('a file of nothing else has a chunk of rejects alone', async () => {
    const { result } = await decodeLake([lakeRow(0, { price: null }), lakeRow(1, { size: null })]);
    expect(result.chunks).toMatchObject([{ rowCount: 0, fileRow: 0, fileRows: null }]);
    expect(result.chunks[0]!.rejects.map(({ at }) => at)).toEqual([0, 0]);
    expect(result.rowsIn).toBe(2);
  });

  test('texts that are no numbers, and words that are no side', async () => {
    const { rejects, columns } = await decode([
      { name: 'local_ts', type: 'int64', values: [T0, T0, T0, T0, T0, T0] },
      { name: 'price', type: 'utf8', values: ['1.5', 'x', '', 'nan', '1e2', 'y'.repeat(5_000)] },
      { name: 'qty', type: 'utf8', values: ['5.825e-05', '1', '1', '1', '1', '1'] },
      { name: 'side', type: 'utf8', values: ['Bid', 'a', 'b', 'B', 'upwards', 'S'] },
    ]);
    expect(columns.get('price_pips')).toEqual([150_000_000n]);
    expect(columns.get('qty_pips')).toEqual([5_825n]);
    expect(rejects.map(({ reason, value }) => [reason, value.slice(0, 8)])).toEqual([
      ['ERR_ROW_NOT_NUMBER', 'x'],
      ['ERR_ROW_NOT_NUMBER', ''],
      ['ERR_ROW_NOT_FINITE', 'nan'],
      ['ERR_ROW_SIDE', 'upwards'],
      ['ERR_ROW_NOT_NUMBER', 'yyyyyyyy'],
    ]);
  });
});

describe('a number that the scale cannot hold', () => {
  test.each([
    ['too many decimals', { price: 1.123456789 }, 'price', '1.123456789', 9],
    ['too large', { size: 1e11 }, 'size', '100000000000', 7],
    ['larger than any int64', { size: 1e19 }, 'size', '10000000000000000000', null],
  ] as const)('%s fails the instrument once', async (_what, changes, column, value, needed) => {
    const rows = [lakeRow(0), lakeRow(1), lakeRow(2, changes), lakeRow(3, { price: null })];
    await expect(decodeLake(rows, { fixture: { rowGroupRows: 2 } })).rejects.toMatchObject({
      code: 'ERR_SCALE',
      details: {
        path: LAKE_PATH,
        symbol: 'S',
        row_group: 1,
        row: 2,
        column,
        value,
        scale: 8,
        scale_needed: needed,
      },
    });
  });

  test('says how to ask for the scale that holds it', async () => {
    await expect(decodeLake([lakeRow(0, { price: 0.00000000123 })])).rejects.toThrow(
      "--price-scale 'S=11'",
    );
  });

  test('does not matter in a row that is refused or not selected', async () => {
    const odd = { price: 1.123456789 };
    const rows = [lakeRow(0, { ...odd, receipt_timestamp: 5n }), lakeRow(1), lakeRow(2, odd)];
    const { fileRows, rejects } = await decodeLake(rows, { decode: { toNs: T0 + 1_002n } });
    expect(fileRows).toEqual([1]);
    expect(rejects.map(({ reason }) => reason)).toEqual(['ERR_ROW_TIME']);
  });
});

describe('several instruments in one file', () => {
  const symbols = ['A', 'BB', 'A', 'BB', 'BB', null, 'A'];
  const columns: FixtureColumn[] = [
    { name: 'local_ts', type: 'int64', values: symbols.map((_, at) => T0 + BigInt(at)) },
    { name: 'symbol', type: 'utf8', values: symbols },
    { name: 'price', type: 'double', values: symbols.map((_, at) => at) },
    { name: 'qty', type: 'double', values: symbols.map((_, at) => at) },
    { name: 'is_bid', type: 'bool', values: symbols.map((_, at) => at % 3 === 0) },
  ];

  test('each takes its own rows; rows that name none are refused, once', async () => {
    const rowsOf = async (symbol: string): Promise<unknown> => {
      const { fileRows, rejects, result } = await decode(columns, { symbol });
      return [fileRows, rejects.map(({ row, reason }) => `${row} ${reason}`), result.rowsIn];
    };
    expect(await rowsOf('A')).toEqual([[0, 2, 6], [], 3]);
    expect(await rowsOf('BB')).toEqual([[1, 3, 4], [], 3]);
    expect(await rowsOf('unknown')).toEqual([[], ['5 ERR_ROW_NULL'], 1]);
  });

  test('columns stay in step', async () => {
    const decoded = await decode(columns, { symbol: 'BB', decode: { rowCapacity: 64 } });
    expect(decoded.columns.get('price_pips')).toEqual([1n, 3n, 4n].map((at) => at * 100_000_000n));
    expect(decoded.columns.get('is_bid')).toEqual([false, true, false]);
  });
});

describe('our own depth', () => {
  const metadata = metadataEntries({
    version: '0.1.0',
    table: 'depth',
    exchange: 'X',
    symbol: 'S',
    dt: '2024-08-08',
    dialect: 'lake',
    policy: 'contiguous',
    priceScale: 2,
    qtyScale: 8,
    clock: 'recv',
  });

  test('is rescaled, keeps its flags, and a message end survives its row', async () => {
    const flags = [0, FLAG_LAST, 0, FLAG_LAST];
    const { columns, rejects } = await decode(
      [
        { name: 'ts_recv', type: 'int64', values: [T0, T0, T0, T0] },
        { name: 'ts_event', type: 'int64', values: [T0, T0, T0, T0] },
        { name: 'sequence', type: 'int64', values: [1n, 1n, 2n, 2n] },
        { name: 'is_bid', type: 'bool', values: [true, true, true, true] },
        { name: 'price_pips', type: 'int64', values: [1_050n, 1_051n, 1_052n, -1n] },
        { name: 'qty_pips', type: 'int64', values: [5n, 6n, 7n, 8n] },
        { name: 'flags', type: 'int32', values: flags },
      ],
      { fixture: { keyValue: metadata } },
    );
    expect(columns.get('price_pips')).toEqual([1_050_000_000n, 1_051_000_000n, 1_052_000_000n]);
    expect(columns.get('qty_pips')).toEqual([5n, 6n, 7n]);
    expect(columns.get('flags')).toEqual([0, FLAG_LAST, FLAG_LAST]);
    expect(rejects).toMatchObject([{ row: 3, reason: 'ERR_ROW_PRICE_NEGATIVE', value: '-1' }]);
  });
});

test('where slots and runs are cut changes nothing', async () => {
  const prng = createPrng();
  const rows = Array.from({ length: 700 }, (_, at) => {
    if (prng.chance(0.1)) return lakeRow(at, { price: null });
    if (prng.chance(0.1)) return lakeRow(at, { timestamp: 0n, size: -1 });
    return lakeRow(at, { side_is_bid: prng.chance(0.5), timestamp: prng.chance(0.1) ? 0n : T0 });
  });
  const [whole, ...cut] = await Promise.all(
    [
      { rowCapacity: 16_384, rowGroupRows: 700 },
      { rowCapacity: 64, rowGroupRows: 700 },
      { rowCapacity: 64, rowGroupRows: 37 },
      { rowCapacity: 128, rowGroupRows: 9 },
    ].map(({ rowCapacity, rowGroupRows }) =>
      decodeLake(rows, { decode: { rowCapacity }, fixture: { rowGroupRows } }),
    ),
  );
  for (const other of cut) {
    expect(other!.columns, `seed ${prng.seed}`).toEqual(whole!.columns);
    expect(other!.fileRows).toEqual(whole!.fileRows);
    const plain = (decoded: DecodedFile): unknown =>
      decoded.rejects.map(({ rowGroupIndex: _, at: _at, ...reject }) => reject);
    expect(plain(other!)).toEqual(plain(whole!));
  }
});
