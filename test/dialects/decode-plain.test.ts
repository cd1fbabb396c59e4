import { describe, expect, test } from 'vitest';
import { createPrng, type Prng } from '../prng.js';
import type { LakeRow } from '../support/parquet-fixture.js';
import type { DecodedFile } from './decode-file.js';
import { decode, decodeLake, lakeRow, T0 } from './decode-fixture.js';

// Rows that nothing is the matter with take a short way (decode-plain.ts). With a time selection,
// even one that takes every row, a run goes the general way: so the two can be compared.

const GENERAL = { fromNs: -(2n ** 62n), toNs: 2n ** 62n };

/** What is odd about a row: good all the same, refused, or flagged. */
const ODDITIES: readonly ((prng: Prng) => Partial<LakeRow>)[] = [
  () => ({ price: -0 }),
  () => ({ size: -0 }),
  () => ({ size: 2 ** 51 / 1e8 }),
  () => ({ size: 40_000_000.5 }),
  () => ({ timestamp: 0n }),
  () => ({ receipt_timestamp: -1n }),
  () => ({ receipt_timestamp: 5n }),
  () => ({ timestamp: null }),
  () => ({ sequence_number: null }),
  () => ({ side_is_bid: null }),
  () => ({ price: null }),
  () => ({ price: -1.5 }),
  () => ({ size: -0.25 }),
  () => ({ price: Number.NaN }),
  () => ({ size: Number.POSITIVE_INFINITY }),
];

function rowsOf(prng: Prng, rowCount: number, oddShare: number): LakeRow[] {
  return Array.from({ length: rowCount }, (_, at) => {
    const side_is_bid = prng.chance(0.5);
    const [price, size] = [(10_000 + at) / 100, prng.int(0, 1e9) / 1e8];
    const row = lakeRow(at, { side_is_bid, price, size });
    return prng.chance(oddShare) ? { ...row, ...prng.pick(ODDITIES)(prng) } : row;
  });
}

const everything = ({ columns, rejects, fileRows, result }: DecodedFile): unknown => ({
  columns,
  rejects,
  fileRows,
  rowsIn: result.rowsIn,
  chunks: result.chunks.map(({ rowCount, fileRow }) => ({ rowCount, fileRow })),
});

describe('rows that nothing is the matter with', () => {
  test.each([
    { name: 'none is odd', oddShare: 0 },
    { name: 'one here and there is odd', oddShare: 0.003 },
    { name: 'many are odd', oddShare: 0.2 },
  ])('come out as the general way has them, where $name', async ({ oddShare }) => {
    const prng = createPrng();
    for (const shape of [
      { rowCount: 900, rowCapacity: 16_384, rowGroupRows: 900 },
      { rowCount: 900, rowCapacity: 64, rowGroupRows: 61 },
      { rowCount: 13, rowCapacity: 64, rowGroupRows: 5 },
      { rowCount: 20_000, rowCapacity: 16_384, rowGroupRows: 7_001 },
    ]) {
      const rows = rowsOf(prng, shape.rowCount, oddShare);
      const fixture = { rowGroupRows: shape.rowGroupRows };
      const note = `seed ${prng.seed}, ${shape.rowCount} rows`;
      // Decoded where they belong by the page kernels, or copied from the general reader.
      for (const pageKernels of [true, false]) {
        const [short, general] = await Promise.all([
          decodeLake(rows, { fixture, decode: shape, pageKernels }),
          decodeLake(rows, { fixture, decode: { ...shape, ...GENERAL }, pageKernels }),
        ]);
        expect(everything(short), note).toEqual(everything(general));
      }
    }
  });

  test('the first number that the scale does not hold is named, whatever stands before it', async () => {
    const prng = createPrng();
    const rows = rowsOf(prng, 300, 0);
    rows[201] = { ...rows[201]!, price: 0.1 + 0.2 };
    rows[99] = { ...rows[99]!, size: 1e-9, timestamp: 5n };
    for (const pageKernels of [true, false]) {
      await expect(decodeLake(rows, { pageKernels })).rejects.toMatchObject({
        code: 'ERR_SCALE',
        details: { row: 201, column: 'price', value: '0.30000000000000004' },
      });
    }
  });

  test('of trades with ids, other units of time and sides told the other way round, too', async () => {
    const rowCount = 500;
    const of = <T>(make: (at: number) => T): T[] =>
      Array.from({ length: rowCount }, (_, i) => make(i));
    const columns = [
      { name: 'timestamp', type: 'int64', values: of((at) => T0 / 1_000n + BigInt(at)) },
      { name: 'local_timestamp', type: 'int64', values: of((at) => T0 / 1_000n + BigInt(at + 3)) },
      { name: 'trade_id', type: 'int64', values: of((at) => BigInt(at * 7)) },
      { name: 'is_buyer_maker', type: 'bool', values: of((at) => at % 3 === 0) },
      { name: 'price', type: 'double', values: of((at) => (10_000 + at) / 100) },
      { name: 'amount', type: 'double', values: of((at) => at / 1_000) },
    ] as const;
    const decoded = (bounds: object) =>
      decode(columns, { decode: bounds, pageKernels: true, path: 'trades/plain.parquet' });
    const [short, general] = await Promise.all([decoded({}), decoded(GENERAL)]);
    expect(everything(short)).toEqual(everything(general));
    expect(short.columns.get('ts_recv')?.[1]).toBe((T0 / 1_000n + 4n) * 1_000n);
    expect(short.columns.get('trade_id')?.slice(0, 3)).toEqual([0n, 7n, 14n]);
    expect(short.columns.get('is_buy')?.slice(0, 4)).toEqual([false, true, true, false]);
  });
});
