import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, PipelineError } from '#src/errors/errors.js';
import { memorySource } from '#src/io/memory-source.js';
import { spanOf } from '#src/parquet/footer-chunks.js';
import { compileParquetWasm } from '#src/parquet/load-node.js';
import { openRowGroupReader } from '#src/parquet/open-reader.js';
import { readPathOf } from '#src/parquet/read-path.js';
import type { RowGroupReader } from '#src/parquet/reader.js';
import { DUCKDB_COLUMNS, duckdbFiles, type FuzzFile } from '../fuzz/fuzz-files.js';
import { BUILDS } from '../kernels/both-builds.js';
import { createPrng, TEST_SEED } from '../prng.js';
import { readCopies } from '../support/column-copy.js';
import { PageReading } from '../support/page-reading.js';
import { parquetFixture } from '../support/parquet-fixture.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { readableColumns, readCells } from '../support/source-cells.js';
import { allColumns, SHAPES } from './writer-cases.js';
import { WriterBench } from './written-columns.js';

/** Names of columns that differ; both readers read the same row groups of the same bytes. */
async function differences(
  reading: PageReading,
  { name, bytes }: Pick<FuzzFile, 'name' | 'bytes'>,
  options: { names?: readonly string[]; rowGroups?: readonly number[] } = {},
): Promise<string[]> {
  const reader = await reading.open(name, bytes);
  const general = await reading.openGeneral(name, bytes);
  const request = { names: readableColumns(reader), ...options };
  const found = await readCopies(reader, request);
  const wanted = await readCopies(general, request);
  expect(reading.isClean, name).toBe(true);
  return found.filter((copy, i) => !copy.equals(wanted[i]!)).map((copy) => copy.name);
}

const hasWideDeltas = ({ name }: FuzzFile): boolean => name.endsWith('-v2');

/** Columns of a file of DuckDB that parquet-wasm reads. */
const known = (file: FuzzFile, names: readonly string[]): string[] =>
  names.filter((name) => !(hasWideDeltas(file) && name.startsWith('u32')));

const pathOf = ({ footer }: RowGroupReader, names: readonly string[]): string => {
  const columnIndexes = names.map((name) => footer.columns.findIndex((info) => info.name === name));
  return readPathOf(footer, { rowGroupIndexes: footer.rowGroupRows.keys(), columnIndexes }).reader;
};

let reading: PageReading;
let bench: WriterBench;
beforeAll(async () => {
  reading = await PageReading.create();
  bench = new WriterBench(BUILDS[0].module, 300_000);
});
afterAll(() => bench.close());

describe('files of DuckDB', () => {
  let files: FuzzFile[];
  beforeAll(async () => {
    files = await duckdbFiles({ rowCount: 9_000, rowGroupRows: 2_048 });
  });

  it('are read by the kernels, column by column, as parquet-wasm reads them', async () => {
    expect(files).toHaveLength(10);
    const general: string[] = [];
    for (const file of files) {
      const reader = await reading.open(file.name, file.bytes);
      expect(reader.footer.rowGroupRows.length).toBe(5);
      for (const name of known(file, readableColumns(reader))) {
        const before = reading.fallbacks;
        expect(await differences(reading, file, { names: [name] }), file.name).toEqual([]);
        const isForeign = pathOf(reader, [name]) === 'parquet-wasm';
        expect(reading.fallbacks - before, `${file.name} ${name}`).toBe(isForeign ? 1 : 0);
        if (isForeign) general.push(`${file.name} ${name}`);
      }
    }
    // Of version 2: texts as DELTA_LENGTH_BYTE_ARRAY, and decimals as deltas.
    expect(general.filter((line) => !/-v2 (texts_many|d4|d18)/.test(line))).toEqual([]);
    expect(general.length).toBeLessThanOrEqual(30);
  });

  it('are read all columns and any row groups at once', async () => {
    for (const file of files) {
      for (const rowGroups of [[0], [4, 1], [0, 1, 2, 3, 4], [2, 2]]) {
        const at = `${file.name} ${rowGroups}`;
        const names = known(file, Object.keys(DUCKDB_COLUMNS));
        expect(await differences(reading, file, { names, rowGroups }), at).toEqual([]);
      }
    }
  });

  it('are read where parquet-wasm refuses them: deltas of uint32 wider than 32 bits', async () => {
    for (const file of files.filter(hasWideDeltas)) {
      const reader = await reading.open(file.name, file.bytes);
      const cells = await readCells(reader, ['u32', 'u32_nulls']);
      const wanted = Array.from({ length: 9_000 }, (_, i) => 4_294_967_295n - BigInt(i) * 3n);
      expect(cells.get('u32'), file.name).toEqual(wanted);
      const isNull = (i: number): boolean => i % 5 === 3 || i % 400 > 350;
      expect(cells.get('u32_nulls')).toEqual(wanted.map((cell, i) => (isNull(i) ? null : cell)));
    }
  });
});

describe('files of our own', () => {
  it.each(Object.keys(SHAPES))(
    'with %s values are read as parquet-wasm reads them',
    async (shape) => {
      for (const codec of ['none', 'snappy'] as const) {
        for (const rows of [1, 64, 1_000, 33_000]) {
          const prng = createPrng();
          const name = `page-reader-${shape}-${codec}-${rows}.parquet`;
          const columns = allColumns(shape, rows, prng);
          const { path } = await bench.write(name, columns, { codec, prng, groupRows: 20_001 });
          const before = reading.fallbacks;
          const file = { name, bytes: new Uint8Array(readFileSync(path)) };
          // Each text column takes a megabyte of the region: not all at once.
          for (let start = 0; start < columns.length; start += 8) {
            const names = columns.slice(start, start + 8).map((column) => column.name);
            const at = `${name}, seed ${prng.seed}`;
            expect(await differences(reading, file, { names }), at).toEqual([]);
          }
          expect(reading.fallbacks).toBe(before);
        }
      }
    },
  );
});

describe('checksums', () => {
  it('are checked by the core where the host has no CRC-32', async () => {
    const prng = createPrng();
    const columns = allColumns('few', 300, prng).slice(0, 4);
    const { path } = await bench.write('crc.parquet', columns, { prng });
    const bytes = new Uint8Array(readFileSync(path));
    const tools = { ...reading.tools, crc32: null };
    const names = columns.map(({ name }) => name);
    const open = (file: Uint8Array): Promise<RowGroupReader> => {
      const source = memorySource('crc.parquet', file);
      return openRowGroupReader(source, { tools, parquetModule: compileParquetWasm });
    };
    const wanted = await readCopies(await reading.open('crc.parquet', bytes), { names });
    const found = await readCopies(await open(bytes), { names });
    expect(found.every((copy, i) => copy.equals(wanted[i]!))).toBe(true);
    // The last byte of the first column's pages.
    const { offset, byteLength } = spanOf((await open(bytes)).footer, 0, 0);
    const at = offset + byteLength - 1;
    const read = readCopies(await open(bytes.with(at, bytes[at]! ^ 1)), { names });
    await expect(read).rejects.toThrow(
      /^crc.parquet, row group 0, column int64_auto_required, page \d+: its checksum is [0-9a-f]{8}, its header says [0-9a-f]{8}\. The file is damaged/,
    );
  });
});

describe('row groups larger than what is read at once', () => {
  const rows = 250_000;
  let file: { name: string; bytes: Uint8Array };
  beforeAll(async () => {
    const prng = createPrng();
    const columns = allColumns('random', 1, prng)
      .filter(({ name }) => /^(int64_plain|double_plain|bool_plain|string_plain)/.test(name))
      .map((column) => ({
        ...column,
        values: Array.from({ length: rows }, () => {
          if (column.nullable && prng.chance(0.2)) return null;
          if (column.type === 'int64') return prng.i64();
          if (column.type === 'bool') return prng.chance(0.5);
          return column.type === 'string' ? prng.int(0, 5) : prng.unit();
        }),
      }));
    const { path } = await bench.write('large.parquet', columns, { prng });
    file = { name: 'large.parquet', bytes: new Uint8Array(readFileSync(path)) };
  });

  it('keep their region until every read into it has ended, even when one fails', async () => {
    const { bytes } = file;
    let underWay = 0;
    let reads = 0;
    const source = {
      ...memorySource('slow.parquet', bytes),
      readInto: async (): Promise<void> => {
        if (reads++ === 0) throw new InputError('ERR_INPUT_UNREADABLE', 'the disk is gone');
        underWay++;
        await new Promise((resolve) => setTimeout(resolve, 30));
        underWay--;
      },
    };
    const { tools } = reading;
    const reader = await openRowGroupReader(source, { tools, parquetModule: compileParquetWasm });
    const names = ['int64_plain_required', 'string_plain_required'];
    const read = reader.readRowGroups([0], names, () => undefined);
    await expect(read).rejects.toMatchObject({ code: 'ERR_INPUT_UNREADABLE' });
    expect([reads, underWay]).toEqual([2, 0]);
  });

  it('go through windows, in all of a small region and not beside it', async () => {
    for (const regionBytes of [9 * 2 ** 20, 12 * 2 ** 20 + 64 * 7]) {
      const small = await PageReading.create({ regionBytes });
      expect(await differences(small, file), `seed ${TEST_SEED}`).toEqual([]);
      expect(small.fallbacks).toBe(0);
      // Eight columns, each fetched piece by piece.
      expect(small.fetches).toBeGreaterThan(16);
    }
  });

  it('go to parquet-wasm where the region does not hold a page or a window', async () => {
    for (const regionBytes of [2 ** 18, 2 ** 20, 3 * 2 ** 20]) {
      const tiny = await PageReading.create({ regionBytes });
      expect(await differences(tiny, file), `${regionBytes} bytes`).toEqual([]);
      expect(tiny.fallbacks, `${regionBytes} bytes`).toBe(1);
    }
  });
});

describe('a page that is not for the kernels', () => {
  it('in the middle of a row group: parquet-wasm goes on at that row', async () => {
    const rows = 30_011;
    const text = (row: number): string =>
      row === 20_003 ? 'x'.repeat(1_200_000) : `t${row}`.padEnd(100);
    const nulls = <T>(row: number, value: T): T | null => (row % 7 === 3 ? null : value);
    const values = <T>(of: (row: number) => T): T[] =>
      Array.from({ length: rows }, (_, i) => of(i));
    const bytes = parquetFixture(
      [
        { name: 'i64', type: 'int64', values: values((i) => nulls(i, BigInt(i) * 977n)) },
        { name: 'text', type: 'utf8', values: values(text) },
        { name: 'bool', type: 'bool', values: values((i) => nulls(i, i % 3 === 0)) },
        { name: 'f32', type: 'float', values: values((i) => i / 4) },
        {
          name: 'word',
          type: 'utf8',
          values: values((i) => nulls(i, i % 2 === 0 ? 'a' : 'größe')),
        },
      ],
      { rowGroupRows: 25_000 },
    );
    const before = reading.fallbacks;
    const reader = await reading.open('long-text.parquet', bytes);
    const runs: number[] = [];
    await reader.readRowGroups([0, 1], ['text', 'i64'], (_columns, rowCount) =>
      runs.push(rowCount),
    );
    expect(runs.reduce((sum, count) => sum + count)).toBe(rows);
    expect(runs.length).toBeGreaterThan(2);
    expect(runs[0]).toBeLessThan(20_003);
    expect(reading.fallbacks - before).toBe(1);
    const file = { name: 'long-text.parquet', bytes };
    expect(await differences(reading, file)).toEqual([]);
    expect(await differences(reading, file, { rowGroups: [1, 0, 1] })).toEqual([]);
  });
});

describe('what is asked for', () => {
  const fixture = (rows: number) =>
    parquetFixture([
      { name: 'a', type: 'int64', values: Array.from({ length: rows }, (_, i) => BigInt(i)) },
      { name: 'b', type: 'utf8', values: Array.from({ length: rows }, (_, i) => `b${i % 3}`) },
    ]);

  it('may be no row groups or no columns', async () => {
    const reader = await reading.open('x.parquet', fixture(10));
    let calls = 0;
    await reader.readRowGroups([], ['a'], () => calls++);
    await reader.readRowGroups([0], [], () => calls++);
    expect(calls).toBe(0);
  });

  it('may be a file without rows', async () => {
    const reader = await reading.open('x.parquet', fixture(0));
    const [a] = await readCopies(reader, { names: ['a', 'b'] });
    expect(a!.rowCount).toBe(0);
  });

  it('may be some columns in any order, and one of them twice', async () => {
    const file = { name: 'x.parquet', bytes: fixture(100) };
    for (const names of [['b'], ['b', 'a'], ['a', 'b', 'a']]) {
      expect(await differences(reading, file, { names })).toEqual([]);
    }
  });

  it('may not be what is not there', async () => {
    const reader = await reading.open('x.parquet', fixture(10));
    const read = reader.readRowGroups([0], ['c'], () => undefined);
    await expect(read).rejects.toMatchObject({ code: 'ERR_PARQUET_UNSUPPORTED' });
  });

  it('lets errors of the taker out as they are, and reads on afterwards', async () => {
    const reader = await reading.open('x.parquet', fixture(10));
    const taker = new PipelineError('ERR_INTERRUPTED', 'enough');
    const read = reader.readRowGroups([0], ['a'], () => {
      throw taker;
    });
    await expect(read).rejects.toBe(taker);
    const [a] = await readCopies(reader, { names: ['a'] });
    expect(a!.rowCount).toBe(10);
  });
});

describe.skipIf(!hasSharedData)('real files', () => {
  const btc = 'exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08/1.snappy.parquet';
  it.each([
    `lake/book_delta_v2/${btc}`,
    'parquet-variants/deltas.double.zstd.parquet',
    'parquet-variants/deltas.decimal.snappy.parquet',
    'parquet-variants/deltas50k.decimal38.v2.parquet',
    'parquet-variants/deltas.string.gzip.parquet',
    'parquet-variants/trades.tsns.zstd.parquet',
  ])('%s is read by the kernels as parquet-wasm reads it', async (path) => {
    const before = reading.fallbacks;
    const file = { name: path, bytes: new Uint8Array(readFileSync(sharedData(path))) };
    expect(await differences(reading, file)).toEqual([]);
    expect(reading.fallbacks).toBe(before);
  });
});
