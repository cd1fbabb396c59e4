import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareCodec } from '#src/parquet/encode-row-group.js';
import type { Codec } from '#src/parquet/write-types.js';
import { BUILDS } from '../kernels/both-builds.js';
import { createPrng } from '../prng.js';
import { allColumns, expected, firstDifference, SHAPES } from './writer-cases.js';
import { WriterBench } from './written-columns.js';

/** Around miniblocks, blocks and pages. */
const LENGTHS = [1, 2, 31, 32, 33, 255, 256, 257, 258, 16_383, 16_384, 16_385, 131_100];
/** With a codec, or a build whose kernels differ in their asserts only, a few lengths will do. */
const LENGTHS_FEW = [1, 33, 258, 16_385];
const CODECS: readonly Codec[] = ['none', 'snappy', 'zstd'];

describe.each(BUILDS)('the Parquet writer ($build)', ({ module, build }) => {
  let bench: WriterBench;
  let instance: DuckDBInstance;
  beforeAll(async () => {
    bench = new WriterBench(module, 140_000);
    instance = await DuckDBInstance.create(':memory:');
    await prepareCodec('zstd');
  });
  afterAll(() => {
    bench.close();
    instance.closeSync();
  });

  const cases = Object.keys(SHAPES).flatMap((shape) => CODECS.map((codec) => ({ shape, codec })));

  test.each(cases)('DuckDB reads $shape values as they were ($codec)', async ({ shape, codec }) => {
    const connection = await instance.connect();
    const isFirst = codec === 'none' && build === 'release';
    for (const rows of isFirst ? LENGTHS : LENGTHS_FEW) {
      const prng = createPrng();
      const columns = allColumns(shape, rows, prng);
      const name = `${build}-${shape}-${codec}-${rows}.parquet`;
      // Several row groups, so that nothing of one leaks into the next.
      const { path } = await bench.write(name, columns, { codec, prng, groupRows: 100_000 });
      const reader = await connection.runAndReadAll(`select * from read_parquet('${path}')`);
      const read = reader.getColumnsObject();
      for (const column of columns) {
        const at = `${name} ${column.name} seed ${prng.seed}`;
        expect(firstDifference(read[column.name]!, expected(column)), at).toBeNull();
      }
    }
    connection.closeSync();
  });
});
