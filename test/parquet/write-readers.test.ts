import { readFileSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { initSync, readParquet } from 'parquet-wasm/esm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareCodec } from '#src/parquet/encode-row-group.js';
import { compileParquetWasm } from '#src/parquet/load-node.js';
import type { Codec } from '#src/parquet/write-types.js';
import { BUILDS } from '../kernels/both-builds.js';
import { createPrng } from '../prng.js';
import { allColumns, expected, firstDifference, SHAPES } from './writer-cases.js';
import { WriterBench } from './written-columns.js';

type Columns = (name: string) => readonly unknown[];

async function withHyparquet(path: string): Promise<Columns> {
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = (await parquetReadObjects({ file })) as Record<string, unknown>[];
  return (name) => rows.map((row) => row[name] ?? null);
}

async function withParquetWasm(path: string): Promise<Columns> {
  const table = tableFromIPC(readParquet(readFileSync(path)).intoIPCStream());
  return (name) => [...table.getChild(name)!];
}

const READERS = [
  { reader: 'hyparquet', read: withHyparquet, codecs: ['none', 'snappy'] },
  { reader: 'parquet-wasm', read: withParquetWasm, codecs: ['none', 'snappy', 'zstd'] },
] as const satisfies { reader: string; read: unknown; codecs: readonly Codec[] }[];

describe.each(READERS)('$reader', ({ reader, read, codecs }) => {
  let bench: WriterBench;
  beforeAll(async () => {
    bench = new WriterBench(BUILDS[0].module, 40_000);
    initSync({ module: await compileParquetWasm() });
    await prepareCodec('zstd');
  });
  afterAll(() => bench.close());

  test.each(Object.keys(SHAPES))('reads %s values as they were', async (shape) => {
    for (const codec of codecs) {
      for (const rows of [1, 257, 33_000]) {
        const prng = createPrng();
        const columns = allColumns(shape, rows, prng);
        const name = `${reader}-${shape}-${codec}-${rows}.parquet`;
        const { path } = await bench.write(name, columns, { codec, prng });
        const found = await read(path);
        for (const column of columns) {
          const difference = firstDifference(found(column.name), expected(column));
          expect(difference, `${name} ${column.name} seed ${prng.seed}`).toBeNull();
        }
      }
    }
  });
});
