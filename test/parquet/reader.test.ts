import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PipelineError } from '#src/errors/errors.js';
import { openFileSource } from '#src/io/file-source.js';
import { memorySource } from '#src/io/memory-source.js';
import { chunkOf } from '#src/parquet/footer-chunks.js';
import { compileParquetWasm } from '#src/parquet/load-node.js';
import type { RowGroupReader } from '#src/parquet/reader.js';
import { openWasmRowGroupReader } from '#src/parquet/wasm-reader.js';
import { duckCells, firstDifference } from '../support/duckdb-cells.js';
import { type FixtureColumn, parquetFixture } from '../support/parquet-fixture.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { type Cell, readableColumns, readCells } from '../support/source-cells.js';

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await compileParquetWasm();
});

const openBytes = (bytes: Uint8Array): Promise<RowGroupReader> =>
  openWasmRowGroupReader(memorySource('x.parquet', bytes), { module });

describe.skipIf(!hasSharedData)('every cell of real files is as DuckDB reads it', () => {
  const btc = 'exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08/1.snappy.parquet';
  const perp = 'exchange=BINANCE_FUTURES/symbol=ETH-USDT-PERP/dt=2024-08-08/1.snappy.parquet';
  it.each([
    [`lake/book_delta_v2/${btc}`, 1],
    [`lake/book_delta_v2/${perp}`, 12],
    [`lake/book/${btc}`, 100],
    [`lake/trades/${btc}`, 7],
    ['parquet-variants/deltas.double.zstd.parquet', 2],
    ['parquet-variants/deltas.decimal.snappy.parquet', 1],
    ['parquet-variants/deltas50k.decimal38.v2.parquet', 1],
    ['parquet-variants/deltas.string.gzip.parquet', 4],
    ['parquet-variants/trades.tsns.zstd.parquet', 1],
    ['parquet-variants/snapshots.nested.zstd.parquet', 1],
  ])('%s, %i row groups at once', async (file, groupsAtOnce) => {
    const path = sharedData(file);
    const reader = await openWasmRowGroupReader(await openFileSource(path), { module });
    const names = readableColumns(reader);
    const expected = await duckCells(path, names);
    const found = await readCells(reader, names, groupsAtOnce);
    await reader.close();
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const row = firstDifference(found.get(name)!, expected.get(name)!);
      expect(row, `${name}: ${found.get(name)![row]} for ${expected.get(name)![row]}`).toBe(-1);
    }
  });
});

describe('types that only other writers use', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'depthmill-reader-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('widens small and unsigned integers, and gives every DECIMAL 16 bytes', async () => {
    const path = join(folder, 'types.parquet');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    await connection.run(`COPY (SELECT
        (i * 7 - 100)::TINYINT AS i8, (i * 900 - 20000)::SMALLINT AS i16,
        (i * 8)::UTINYINT AS u8, (i * 2000)::USMALLINT AS u16,
        (4294967295 - i)::UINTEGER AS u32, (i * 0.1)::FLOAT AS f32,
        (i * -1.01)::DECIMAL(4, 2) AS d4, (i * -12345.67)::DECIMAL(9, 2) AS d9,
        (i * -123456789.12345678)::DECIMAL(18, 8) AS d18,
        (-12345678901234567890.123::DECIMAL(37, 3) * i)::DECIMAL(38, 3) AS d38,
        CASE WHEN i % 3 = 0 THEN NULL ELSE 4294967295 - i END::UINTEGER AS u32_nulls,
        make_timestamp_ms(1722988800000 + i) AS t_ms
      FROM range(30) t(i)) TO '${path}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    const reader = await openWasmRowGroupReader(await openFileSource(path), { module });
    const names = readableColumns(reader);
    const expected = await duckCells(path, names);
    const found = await readCells(reader, names);
    await reader.close();
    expect(names).toHaveLength(12);
    for (const name of names) {
      expect(firstDifference(found.get(name)!, expected.get(name)!), name).toBe(-1);
    }
    expect(found.get('u32')![0]).toBe(4_294_967_295n);
  });
});

const COLUMNS: FixtureColumn[] = [
  { name: 'price', type: 'double', values: [1.5, null, Number.NaN, -0, Number.POSITIVE_INFINITY] },
  { name: 'id', type: 'int64', values: [-(2n ** 63n), 2n ** 63n - 1n, null, 0n, 1n] },
  { name: 'side', type: 'bool', values: [true, false, null, true, true] },
  { name: 'text', type: 'utf8', values: ['', 'é€', null, 'b', 'buy'] },
  { name: 'count', type: 'int32', values: [null, null, null, null, null] },
  { name: 'at', type: 'timestamp_us', values: [1n, null, 9_007_199_254_740_993n, 2n, 3n] },
];

describe('openWasmRowGroupReader', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd'] as const)(
    'gives back values, nulls and NaN of every type (%s)',
    async (codec) => {
      for (const rowGroupRows of [1, 2, 5]) {
        const reader = await openBytes(parquetFixture(COLUMNS, { rowGroupRows, codec }));
        for (const groupsAtOnce of [1, 3]) {
          const found = await readCells(reader, readableColumns(reader), groupsAtOnce);
          for (const { name, type, values } of COLUMNS) {
            const expected = values.map((v) => (type === 'float' ? Math.fround(v as number) : v));
            expect(found.get(name), name).toEqual(expected);
          }
        }
      }
    },
  );

  it('reads only the columns asked for, in the order asked for', async () => {
    const bytes = parquetFixture(COLUMNS);
    let bytesRead = 0;
    const source = memorySource('x.parquet', bytes);
    const counting = {
      ...source,
      readInto: (offset: number, target: Uint8Array) => {
        bytesRead += target.byteLength;
        return source.readInto(offset, target);
      },
    };
    const reader = await openWasmRowGroupReader(counting, { module });
    const names: string[] = [];
    await reader.readRowGroup(0, ['side', 'price'], (columns, rowCount) => {
      names.push(...columns.map(({ info }) => info.name));
      expect(rowCount).toBe(5);
    });
    expect(names).toEqual(['side', 'price']);
    expect(bytesRead).toBeLessThan(bytes.byteLength / 2);
  });

  it('says which column is not there, and what is', async () => {
    const reader = await openBytes(parquetFixture(COLUMNS));
    await expect(reader.readRowGroup(0, ['prize'], () => undefined)).rejects.toMatchObject({
      code: 'ERR_PARQUET_UNSUPPORTED',
      message: expect.stringContaining('column prize: there is no such column; found price, id'),
    });
  });

  it('serves reads that are under way at once, each with its own rows', async () => {
    const values = Array.from({ length: 1_000 }, (_, index) => BigInt(index));
    const bytes = parquetFixture([{ name: 'id', type: 'int64', values }], { rowGroupRows: 10 });
    const reader = await openBytes(bytes);
    const firsts = await Promise.all(
      [...reader.footer.rowGroupRows.keys()].map(async (index) => {
        let first = -1n;
        await reader.readRowGroup(index, ['id'], ([id]) => {
          first = new DataView(id!.values.buffer, id!.values.byteOffset).getBigInt64(0, true);
        });
        return first;
      }),
    );
    expect(firsts).toEqual(firsts.map((_, index) => BigInt(index * 10)));
  });

  it('lets an error of its caller through, and works on', async () => {
    const reader = await openBytes(parquetFixture(COLUMNS));
    const refuse = (): void => {
      throw new PipelineError('ERR_INTERRUPTED', 'enough');
    };
    await expect(reader.readRowGroup(0, ['price'], refuse)).rejects.toThrow('enough');
    expect((await readCells(reader, ['price'])).get('price')).toHaveLength(5);
  });

  it('counts the rows that it hands over against the footer', async () => {
    const bytes = parquetFixture(COLUMNS);
    const { footer } = await openBytes(bytes);
    for (const rowCount of [4, 6]) {
      const lying = { ...footer, rowCount, rowGroupRows: Float64Array.of(rowCount) };
      const source = memorySource('x.parquet', bytes);
      const reader = await openWasmRowGroupReader(source, { module, footer: lying });
      let rows = 0;
      const reading = reader.readRowGroup(0, ['id'], (_columns, count) => {
        rows += count;
      });
      const code = expect.stringMatching(/^ERR_PARQUET_(ROW_COUNT|CORRUPT)$/);
      await expect(reading, `${rowCount} rows`).rejects.toMatchObject({ code });
      expect(rows).toBeLessThanOrEqual(rowCount);
    }
  });

  it('hands a row group of a whole day over in several runs', async () => {
    const rowCount = 2_200_000;
    const values = Array.from({ length: rowCount }, (_, index) => index * 0.5);
    const bytes = parquetFixture([{ name: 'x', type: 'double', values }], { codec: 'none' });
    const reader = await openBytes(bytes);
    expect(reader.footer.rowGroupRows).toHaveLength(1);
    const runs: number[] = [];
    let wrong = 0;
    await reader.readRowGroup(0, ['x'], ([x], rows) => {
      const start = runs.reduce((sum, run) => sum + run, 0);
      const doubles = new Float64Array(x!.values.slice().buffer);
      for (let row = 0; row < rows; row++) if (doubles[row] !== values[start + row]) wrong++;
      runs.push(rows);
    });
    expect(runs).toEqual([2_097_152, 102_848]);
    expect(wrong).toBe(0);
  });

  it('refuses a row group that cannot be held at once', async () => {
    const bytes = parquetFixture(COLUMNS);
    const { footer } = await openBytes(bytes);
    const byteLengths = footer.chunks.byteLengths.map(() => 2 ** 31);
    const huge = { ...footer, chunks: { ...footer.chunks, byteLengths } };
    const source = memorySource('x.parquet', bytes);
    const reader = await openWasmRowGroupReader(source, { module, footer: huge });
    await expect(reader.readRowGroup(0, ['id'], () => undefined)).rejects.toMatchObject({
      code: 'ERR_PARQUET_UNSUPPORTED',
      message: expect.stringContaining('smaller row groups'),
    });
  });

  it('hands nothing over for a file without rows', async () => {
    const empty = COLUMNS.map((column) => ({ ...column, values: [] }));
    const reader = await openBytes(parquetFixture(empty));
    expect(reader.footer.rowCount).toBe(0);
    expect((await readCells(reader, ['price'])).get('price')).toEqual([]);
  });
});

describe('damaged pages', () => {
  it('name row group and column, and leave other row groups readable', async () => {
    const values = Array.from({ length: 300 }, (_, index) => index * 1.25);
    const bytes = parquetFixture(
      [
        { name: 'a', type: 'double', values },
        { name: 'b', type: 'double', values },
      ],
      { rowGroupRows: 100 },
    );
    const clean = await openBytes(bytes);
    const { offset, byteLength } = chunkOf(clean.footer, 1, 1);
    const damaged = bytes.slice();
    damaged.fill(0xff, offset, offset + byteLength);
    const reader = await openBytes(damaged);
    await expect(readCells(reader, ['a', 'b'], 3)).rejects.toMatchObject({
      code: 'ERR_PARQUET_CORRUPT',
      details: { rowGroup: 1, column: 'b' },
      // It proves nothing about the file that this reader gave up.
      message: expect.stringMatching(
        /^[^:]+, row group 1, column b: parquet-wasm, .* gave up: .+\. Either the file is damaged, or/,
      ),
    });
    expect((await readCells(reader, ['a'], 3)).get('a')).toEqual(values);
  });

  it('with any byte changed give an error with a code or the right number of rows', async () => {
    const bytes = parquetFixture(COLUMNS, { codec: 'snappy' });
    const { offsets, byteLengths } = (await openBytes(bytes)).footer.chunks;
    const dataEnd = Math.max(...offsets.map((offset, index) => offset + byteLengths[index]!));
    let refused = 0;
    for (let at = 4; at < dataEnd; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at]! ^= mask;
        const reader = await openBytes(damaged);
        for (const name of readableColumns(reader)) {
          const result = await readCells(reader, [name]).catch((error: unknown) => error);
          if (result instanceof PipelineError) {
            expect(result.code, `byte ${at} ^ ${mask}: ${result.stack}`).toMatch(/^ERR_PARQUET_/);
            refused++;
          } else {
            expect((result as Map<string, Cell[]>).get(name)).toHaveLength(5);
          }
        }
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});
