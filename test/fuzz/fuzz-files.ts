// The files whose pages the fuzzer damages: of our own writer, with a checksum in every page
// header, and of others.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCore } from '#src/core/load-node.js';
import { allColumns } from '../parquet/writer-cases.js';
import { WriterBench } from '../parquet/written-columns.js';
import { createPrng } from '../prng.js';
import { openDuckdb } from '../support/duckdb.js';

export interface FuzzFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Ours: its pages carry checksums. */
  readonly isOurs: boolean;
}

const OWN_ROWS = 700;
const LARGE_ROWS = 130_000;

export async function ownFiles(): Promise<FuzzFile[]> {
  const bench = new WriterBench(compileCore(), 1_000, 64 * 2 ** 20);
  const files: FuzzFile[] = [];
  for (const codec of ['none', 'snappy'] as const) {
    for (const shape of ['rising', 'few', 'random']) {
      const prng = createPrng();
      const name = `own-${codec}-${shape}`;
      const columns = allColumns(shape, OWN_ROWS, prng);
      const { path } = await bench.write(name, columns, { codec, prng, groupRows: 400 });
      files.push({ name, bytes: new Uint8Array(readFileSync(path)), isOurs: true });
    }
  }
  bench.close();
  return files;
}

/** Chunks of a megabyte: plain values, with and without nulls. */
export async function largeFiles(): Promise<FuzzFile[]> {
  const bench = new WriterBench(compileCore(), LARGE_ROWS, 64 * 2 ** 20);
  const prng = createPrng();
  const columns = [false, true].map((nullable) => ({
    name: nullable ? 'nulls' : 'values',
    type: 'int64' as const,
    encoding: 'plain' as const,
    nullable,
    statistics: true,
    values: Array.from({ length: LARGE_ROWS }, () =>
      nullable && prng.chance(0.1) ? null : prng.i64(),
    ),
  }));
  const { path } = await bench.write('own-large', columns, { prng });
  const own = { name: 'own-large', bytes: new Uint8Array(readFileSync(path)), isOurs: true };
  bench.close();
  const large = { rowCount: LARGE_ROWS, rowGroupRows: 2 * LARGE_ROWS, codecs: ['uncompressed'] };
  return [own, ...(await duckdbFiles(large))];
}

/** Every type that the page kernels read, with and without nulls; SQL over a row number i. */
export const DUCKDB_COLUMNS: Readonly<Record<string, string>> = {
  bools: 'i % 3 = 0',
  i8: '(i % 100)::TINYINT',
  i32: '(i * 7919 % 65537)::INTEGER',
  i64: '1722988800000000000 + i * 1000003 + i % 7',
  i64_few: '(i % 11) * 1000000',
  u32: '(4294967295 - i * 3)::UINTEGER',
  f32: '(i * 0.25)::FLOAT',
  f64: 'sin(i)',
  f64_few: '(i % 40) / 8',
  d4: '((i % 199) * -0.01)::DECIMAL(4, 2)',
  d18: '((i % 3000) * -1234567.12345678)::DECIMAL(18, 8)',
  d38: '(-12345678901234567890.123::DECIMAL(37, 3) * (i % 97))::DECIMAL(38, 3)',
  texts: "CASE WHEN i % 2 = 0 THEN 'buy' ELSE 'größe' || (i % 5) END",
  texts_many: "'t' || (i * 31)",
  ts: 'make_timestamp_ns(1722988800000000000 + i * 1000)',
};

export async function duckdbFiles(
  options: {
    readonly rowCount?: number;
    readonly rowGroupRows?: number;
    readonly codecs?: readonly string[];
  } = {},
): Promise<FuzzFile[]> {
  const { rowCount = 3_000, rowGroupRows = 2_048 } = options;
  const { codecs = ['uncompressed', 'snappy', 'lz4_raw', 'zstd', 'gzip'] } = options;
  const folder = mkdtempSync(join(tmpdir(), 'depthmill-fuzz-'));
  const db = await openDuckdb();
  const select = Object.entries(DUCKDB_COLUMNS)
    .flatMap(([name, sql]) => [
      `${sql} AS ${name}`,
      `CASE WHEN i % 5 = 3 OR i % 400 > 350 THEN NULL ELSE ${sql} END AS ${name}_nulls`,
    ])
    .join(', ');
  const files: FuzzFile[] = [];
  for (const codec of codecs) {
    for (const version of ['v1', 'v2']) {
      const name = `duckdb-${codec}-${version}`;
      const path = join(folder, name);
      await db.run(
        `COPY (SELECT ${select} FROM range(${rowCount}) t(i)) TO '${path}' (FORMAT parquet, ` +
          `COMPRESSION ${codec}, PARQUET_VERSION ${version}, ROW_GROUP_SIZE ${rowGroupRows})`,
      );
      files.push({ name, bytes: new Uint8Array(readFileSync(path)), isOurs: false });
    }
  }
  db.closeSync();
  rmSync(folder, { recursive: true });
  return files;
}
