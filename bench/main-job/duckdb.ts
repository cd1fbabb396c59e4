import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { FLAG_LAST, FLAG_SYNTHETIC } from '#src/abi/flags.js';

/** How DuckDB may write; the bench counts whichever is fastest. */
export const DUCKDB_FORMATS = [
  { name: 'snappy', options: 'COMPRESSION snappy' },
  { name: 'uncompressed', options: 'COMPRESSION uncompressed' },
  { name: 'uncompressed v2', options: 'COMPRESSION uncompressed, PARQUET_VERSION v2' },
] as const;

export type DuckdbFormat = (typeof DUCKDB_FORMATS)[number];

/** The columns that both sides write, under the same names. */
const COLUMNS = ['ts_recv', 'ts_event', 'sequence', 'is_bid', 'price_pips', 'qty_pips'] as const;

/** DuckDB with as many threads as depthmill has, in this process. */
export async function openPeer(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:');
  const db = await instance.connect();
  await db.run('SET threads = 2');
  await db.run('SET preserve_insertion_order = true');
  return db;
}

/** A path as an SQL string. */
const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;

/** Scan, scale and write of the rows of a Lake delta file: no book, no audit, no proof of exactness. */
export async function scaleWithDuckdb(
  db: DuckDBConnection,
  input: string,
  output: string,
  { options }: DuckdbFormat,
): Promise<void> {
  await db.run(`COPY (
    SELECT receipt_timestamp AS ts_recv, "timestamp" AS ts_event, sequence_number AS sequence,
      side_is_bid AS is_bid, CAST(round(price * 100000000) AS BIGINT) AS price_pips,
      CAST(round(size * 100000000) AS BIGINT) AS qty_pips
    FROM read_parquet(${quoted(input)}, hive_partitioning = false)
  ) TO ${quoted(output)} (FORMAT parquet, ${options})`);
}

const rowsOf = (glob: string, condition: string): string => `
  SELECT row_number() OVER (ORDER BY filename, file_row_number) AS row, ${COLUMNS.join(', ')}
  FROM read_parquet(${quoted(glob)}, filename = true, file_row_number = true,
    hive_partitioning = false)
  WHERE ${condition}`;

/**
 * Throws unless our depth rows, without those that depthmill made itself, are DuckDB's: each column
 * of each row, in order.
 * @returns rows compared
 */
export async function checkSameRows(
  db: DuckDBConnection,
  ourGlob: string,
  theirFile: string,
): Promise<number> {
  const differs = COLUMNS.map((name) => `ours.${name} IS DISTINCT FROM theirs.${name}`);
  const { ourRows, theirRows, off, first } = await oneRow(
    db,
    `SELECT count(ours.row) AS "ourRows", count(theirs.row) AS "theirRows",
       count(*) FILTER (${differs.join(' OR ')}) AS off,
       min(coalesce(ours.row, theirs.row)) FILTER (${differs.join(' OR ')}) AS first
     FROM (${rowsOf(ourGlob, `flags & ${FLAG_SYNTHETIC} = 0`)}) ours
     FULL JOIN (${rowsOf(theirFile, 'true')}) theirs USING (row)`,
  );
  if (off !== 0n) {
    throw new Error(
      `Ours (${ourRows} rows) and DuckDB's (${theirRows}) differ in ${off} rows, first in row ` +
        `${first}; nothing was timed.`,
    );
  }
  return Number(ourRows);
}

/** Throws unless the book has one row for each message of our depth rows. @returns its rows */
export async function checkBookRows(db: DuckDBConnection, out: string): Promise<number> {
  const { messages, bookRows } = await oneRow(
    db,
    `SELECT
       (SELECT count(*) FROM read_parquet(${quoted(`${out}/depth/**/*.parquet`)})
        WHERE flags & ${FLAG_LAST} <> 0) AS messages,
       (SELECT count(*) FROM read_parquet(${quoted(`${out}/book/**/*.parquet`)})) AS "bookRows"`,
  );
  if (messages !== bookRows || messages === 0n) {
    throw new Error(`${messages} messages have ${bookRows} book rows; nothing was timed.`);
  }
  return Number(bookRows);
}

async function oneRow(db: DuckDBConnection, sql: string): Promise<Record<string, unknown>> {
  const [row] = (await db.runAndReadAll(sql)).getRowObjects();
  if (row === undefined) throw new Error(`No row: ${sql}`);
  return row;
}
