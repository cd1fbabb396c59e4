import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowGroupReader, SourceColumn } from '#src/parquet/reader.js';
import { readRowSlice } from '#src/parquet/row-slice.js';
import { BUILDS } from '../kernels/both-builds.js';
import { createPrng } from '../prng.js';
import { ColumnCopy, readCopies } from '../support/column-copy.js';
import { PageReading } from '../support/page-reading.js';
import { type FixtureColumn, parquetFixture } from '../support/parquet-fixture.js';
import { readableColumns } from '../support/source-cells.js';
import { allColumns } from './writer-cases.js';
import { WriterBench } from './written-columns.js';

const ROWS = 5_000;

let reading: PageReading;
let bench: WriterBench;
beforeAll(async () => {
  reading = await PageReading.create();
  bench = new WriterBench(BUILDS[0].module, ROWS);
});
afterAll(() => bench.close());

/** All rows of row group 1, slice by slice. */
async function slicedCopies(
  reader: RowGroupReader,
  names: readonly string[],
  sliceRows: number,
): Promise<ColumnCopy[]> {
  const copies = names.map((name) => new ColumnCopy(name));
  const groupRows = reader.footer.rowGroupRows[1]!;
  const read = { rowGroupIndex: 1, columnNames: names };
  for (let start = 0; start < groupRows; start += sliceRows) {
    const rowCount = Math.min(sliceRows, groupRows - start);
    let rows = 0;
    const onRows = (columns: readonly SourceColumn[], count: number): void => {
      rows += count;
      for (const [place, column] of columns.entries()) copies[place]!.append(column);
    };
    await readRowSlice(reader, read, { start, rowCount }, onRows, null);
    expect(rows).toBe(rowCount);
  }
  return copies;
}

describe('slices of a row group', () => {
  it('are its rows, whatever their size and whichever way they are read', async () => {
    const prng = createPrng();
    const columns = allColumns('few', ROWS, prng);
    const { path } = await bench.write('slices.parquet', columns, { prng, groupRows: 2_400 });
    const bytes = new Uint8Array(readFileSync(path));
    const kernels = await reading.open('slices.parquet', bytes);
    const general = await reading.openGeneral('slices.parquet', bytes);
    const all = readableColumns(kernels);
    // Each text column takes a megabyte of the region: not all at once.
    for (let first = 0; first < all.length; first += 8) {
      const names = all.slice(first, first + 8);
      const wanted = await readCopies(general, { names, rowGroups: [1] });
      for (const reader of [kernels, general]) {
        for (const sliceRows of [100, 1_024, 2_399, 2_400, 3_000]) {
          const found = await slicedCopies(reader, names, sliceRows);
          const wrong = found.filter((copy, i) => !copy.equals(wanted[i]!)).map(({ name }) => name);
          expect(wrong, `${sliceRows} rows, seed ${prng.seed}`).toEqual([]);
        }
      }
    }
    expect(reading.isClean).toBe(true);
  });

  it('of chunks that are read through windows pass over the pages in front', async () => {
    const prng = createPrng();
    const small = await PageReading.create({ regionBytes: 9 * 2 ** 20 });
    const groupRows = 300_000;
    const columns = ['a', 'b'].map((name): FixtureColumn => {
      const values = Array.from({ length: groupRows + 7 }, () => prng.i64());
      return { name, type: 'int64', values };
    });
    const bytes = parquetFixture(columns, { rowGroupRows: groupRows });
    const reader = await small.open('windows.parquet', bytes);
    for (const sliceRows of [100_003, 299_999]) {
      const rows: bigint[][] = [[], []];
      for (let start = 0; start < groupRows; start += sliceRows) {
        const slice = { start, rowCount: Math.min(sliceRows, groupRows - start) };
        const read = { rowGroupIndex: 0, columnNames: ['a', 'b'] };
        const take = (found: readonly SourceColumn[]): void => {
          for (const [place, { values }] of found.entries()) {
            for (const value of new BigInt64Array(values.slice().buffer)) rows[place]!.push(value);
          }
        };
        await readRowSlice(reader, read, slice, take, null);
      }
      for (const [place, { values }] of columns.entries()) {
        const wanted = values.slice(0, groupRows);
        const wrong = rows[place]!.findIndex((value, row) => value !== wanted[row]);
        expect([rows[place]!.length, wrong], `seed ${prng.seed}`).toEqual([groupRows, -1]);
      }
    }
    expect(small.fallbacks).toBe(0);
    // Both columns, piece by piece, for each slice.
    expect(small.fetches).toBeGreaterThan(20);
    expect(small.isClean).toBe(true);
  });

  it('let errors of whoever takes the rows through', async () => {
    const prng = createPrng();
    const columns = allColumns('few', 300, prng).slice(0, 2);
    const { path } = await bench.write('throws.parquet', columns, { prng });
    const reader = await reading.open('throws.parquet', new Uint8Array(readFileSync(path)));
    const read = { rowGroupIndex: 0, columnNames: [columns[0]!.name] };
    const thrown = new Error('full');
    const onRows = (): never => {
      throw thrown;
    };
    const slice = { start: 10, rowCount: 20 };
    await expect(readRowSlice(reader, read, slice, onRows, null)).rejects.toBe(thrown);
  });
});
