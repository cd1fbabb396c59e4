import { describe, expect, test } from 'vitest';
import {
  WITNESS_INVALID,
  WITNESS_LEVELS_MAX,
  WITNESS_SILENT,
  witnessLayout,
} from '#src/dialects/tables.js';
import type { FixtureColumn } from '../support/parquet-fixture.js';
import type { DecodedFile, DecodeFileOptions } from './decode-file.js';
import { decode, T0 } from './decode-fixture.js';

const PATH = 'book/exchange=X/symbol=S/dt=2024-08-08/1.snappy.parquet';
type Level = readonly [price: number | null, qty: number | null];
interface BookRow {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly sequence?: bigint | null;
  readonly recv?: bigint | null;
}

/** A book table of two levels a side; levels that a row does not name are `padding`. */
async function books(
  rows: readonly BookRow[],
  {
    pageKernels,
    padding = Number.NaN,
    ...decodeOptions
  }: DecodeFileOptions & { pageKernels: boolean; padding?: number | null },
): Promise<DecodedFile> {
  const level = (side: 'bids' | 'asks', at: number, which: 0 | 1): FixtureColumn => ({
    name: `${side.slice(0, 3)}_${at}_${which === 0 ? 'price' : 'size'}`,
    type: 'double',
    values: rows.map((row) => (row[side][at] === undefined ? padding : row[side][at]![which])),
  });
  const recv = rows.map((row, at) => (row.recv === undefined ? T0 + BigInt(at) : row.recv));
  const sequence = rows.map((row, at) => (row.sequence === undefined ? BigInt(at) : row.sequence));
  return decode(
    [
      { name: 'timestamp', type: 'int64', values: recv },
      { name: 'receipt_timestamp', type: 'int64', values: recv },
      { name: 'sequence_number', type: 'int64', values: sequence },
      ...(['bids', 'asks'] as const).flatMap((side) =>
        [0, 1].flatMap((at) => [level(side, at, 0), level(side, at, 1)]),
      ),
    ],
    { path: PATH, pageKernels, decode: decodeOptions },
  );
}

const BIDS: readonly Level[] = [
  [10, 1],
  [9.5, 2],
];
const ASKS: readonly Level[] = [
  [11, 3],
  [11.5, 4],
];

describe.each([
  ['parquet-wasm', false],
  ['the page kernels, where they are wanted', true],
])('book rows, read by %s,', (_reader, pageKernels) => {
  test('become levels from the best, padded with zeros', async () => {
    const { columns } = await books(
      [
        { bids: BIDS, asks: ASKS },
        { bids: BIDS.slice(0, 1), asks: ASKS },
      ],
      { pageKernels },
    );
    const of = (name: string): unknown => columns.get(name);
    expect([of('bid_count'), of('ask_count')]).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect(of('bid_0_price_pips')).toEqual([1_000_000_000n, 1_000_000_000n]);
    expect(of('bid_1_price_pips')).toEqual([950_000_000n, 0n]);
    expect(of('bid_1_qty_pips')).toEqual([200_000_000n, 0n]);
    expect(of('ask_1_qty_pips')).toEqual([400_000_000n, 400_000_000n]);
    expect(of('sequence')).toEqual([0n, 1n]);
  });

  test('are padded with nulls just as well', async () => {
    const { columns } = await books([{ bids: BIDS.slice(0, 1), asks: ASKS }], {
      pageKernels,
      padding: null,
    });
    expect(columns.get('bid_count')).toEqual([1]);
  });

  test.each<[string, BookRow]>([
    ['crossed', { bids: [[11.2, 1]], asks: ASKS }],
    ['bids that rise', { bids: [...BIDS].reverse(), asks: ASKS }],
    ['asks that fall', { bids: BIDS, asks: [...ASKS].reverse() }],
    ['a price twice', { bids: [BIDS[0]!, BIDS[0]!], asks: ASKS }],
    ['a level behind a missing one', { bids: [[Number.NaN, Number.NaN], BIDS[1]!], asks: ASKS }],
    ['a price without a quantity', { bids: [[10, Number.NaN]], asks: ASKS }],
    ['a quantity of zero', { bids: [[10, 0]], asks: ASKS }],
    ['a negative quantity', { bids: [[10, -1]], asks: ASKS }],
    ['a negative price', { bids: BIDS, asks: [[-1, 1]] }],
    ['an infinite quantity', { bids: [[10, Number.POSITIVE_INFINITY]], asks: ASKS }],
    ['no id', { bids: BIDS, asks: ASKS, sequence: null }],
    ['no time', { bids: BIDS, asks: ASKS, recv: null }],
  ])('that are not to be used are kept and marked: %s', async (_what, row) => {
    const good = { bids: BIDS, asks: ASKS };
    const { columns, rejects } = await books([good, row, good], { pageKernels });
    expect(columns.get('bid_count')).toEqual([2, WITNESS_INVALID, 2]);
    expect(columns.get('ask_count')).toEqual([2, WITNESS_INVALID, 2]);
    expect(rejects).toEqual([]);
  });

  test.each<[string, BookRow]>([
    ['one-sided', { bids: [], asks: ASKS }],
    ['empty', { bids: [], asks: [] }],
    ['locked', { bids: [[11, 1]], asks: ASKS }],
  ])('that may be true, but say too little, are told from bad ones: %s', async (_what, row) => {
    const good = { bids: BIDS, asks: ASKS };
    const { columns } = await books([good, row, good], { pageKernels });
    expect(columns.get('bid_count')).toEqual([2, WITNESS_SILENT, 2]);
    expect(columns.get('ask_count')).toEqual([2, WITNESS_SILENT, 2]);
  });

  test('outside of the selection are left out', async () => {
    const good = { bids: BIDS, asks: ASKS };
    const { fileRows, result } = await books([good, good, good], {
      pageKernels,
      padding: null,
      toNs: T0 + 1n,
    });
    expect(fileRows).toEqual([0]);
    expect(result).toMatchObject({ rowsIn: 1, rowsDeselected: 2 });
  });

  test('go on in the next slot where one is full, good and bad ones', async () => {
    const rows = Array.from({ length: 150 }, (_, at): BookRow => {
      const bids: Level[] = [[10, at + 1], ...(at % 5 === 0 ? [] : [[9, 2] as const])];
      return { bids: at % 7 === 0 ? [[10, -1]] : bids, asks: ASKS };
    });
    const { columns, fileRows } = await books(rows, { pageKernels, rowCapacity: 64 });
    const isBad = (at: number): boolean => at % 7 === 0;
    const pips = (value: number): bigint => BigInt(value) * 100_000_000n;
    expect(fileRows).toEqual(rows.map((_, at) => at));
    expect(columns.get('bid_count')).toEqual(
      rows.map((_, at) => (isBad(at) ? WITNESS_INVALID : at % 5 === 0 ? 1 : 2)),
    );
    const qtys = columns.get('bid_0_qty_pips')!;
    rows.forEach((_, at) => {
      if (!isBad(at)) expect(qtys[at]).toBe(pips(at + 1));
    });
    expect(columns.get('ask_1_price_pips')).toEqual(rows.map(() => 1_150_000_000n));
  });

  test('that the scale cannot hold fail the instrument', async () => {
    await expect(
      books([{ bids: [[1.123456789, 1]], asks: ASKS }], { pageKernels }),
    ).rejects.toMatchObject({
      code: 'ERR_SCALE',
      details: { column: 'bid_0_price', row: 0, scale_needed: 9 },
    });
  });
});

test('a slot takes WITNESS_LEVELS_MAX levels, and deeper books are cut there', () => {
  const layout = witnessLayout(WITNESS_LEVELS_MAX + 1_000);
  expect(layout.rowCapacity).toBe(64);
  expect(layout.columns).toHaveLength(5 + 4 * WITNESS_LEVELS_MAX);
});
