import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** How DuckDB may write; the bench counts whichever is fastest. */
export const DUCKDB_FORMATS = [
  { name: 'snappy', options: 'COMPRESSION snappy' },
  { name: 'uncompressed', options: 'COMPRESSION uncompressed' },
  { name: 'uncompressed v2', options: 'COMPRESSION uncompressed, PARQUET_VERSION v2' },
] as const;

export type DuckdbFormat = (typeof DUCKDB_FORMATS)[number];

/** DuckDB with as many threads as depthmill has, in this process. */
export async function openDuckdb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:');
  const db = await instance.connect();
  await db.run('SET threads = 2');
  await db.run('SET preserve_insertion_order = true');
  return db;
}

/** A path as an SQL string. */
export const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;

/** The rows of Lake delta files, scaled: what DuckDB's job writes. */
export const scaledRows = (inputs: readonly string[]): string => `
  SELECT receipt_timestamp AS ts_recv, "timestamp" AS ts_event, sequence_number AS sequence,
    side_is_bid AS is_bid, CAST(round(price * 100000000) AS BIGINT) AS price_pips,
    CAST(round(size * 100000000) AS BIGINT) AS qty_pips
  FROM read_parquet([${inputs.map(quoted).join(', ')}], hive_partitioning = false)`;

/**
 * DuckDB's lesser job: scan, scale and write of the rows of Lake delta files, one file out. No
 * book, no audit, no proof of exactness; nothing is synced.
 */
export async function scaleWithDuckdb(
  db: DuckDBConnection,
  inputs: readonly string[],
  output: string,
  { options }: DuckdbFormat,
): Promise<void> {
  await db.run(`COPY (${scaledRows(inputs)}) TO ${quoted(output)} (FORMAT parquet, ${options})`);
}
