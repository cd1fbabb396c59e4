import type { DuckDBConnection } from '@duckdb/node-api';
import { FLAG_LAST, FLAG_SYNTHETIC } from '#src/abi/flags.js';
import { quoted } from './duckdb.js';

/** The columns that both sides write, under the same names. */
const COLUMNS = ['ts_recv', 'ts_event', 'sequence', 'is_bid', 'price_pips', 'qty_pips'] as const;

/** Rows of files in the order of their paths. */
const rowsOf = (glob: string, condition: string): string => `
  SELECT ${COLUMNS.join(', ')} FROM read_parquet(${quoted(glob)}, hive_partitioning = false)
  WHERE ${condition}`;

/**
 * Throws unless our depth rows, without those that depthmill made itself, are DuckDB's: each column
 * of each row, in order. Both sides pass by side by side, so any number of rows can be compared.
 * @returns rows compared
 */
export async function checkSameRows(
  db: DuckDBConnection,
  ourGlob: string,
  theirFile: string,
): Promise<number> {
  const differs = COLUMNS.map((name) => `ours.${name} IS DISTINCT FROM theirs.${name}`);
  const { ourRows, theirRows, off } = await oneRow(
    db,
    `SELECT count(ours.ts_recv) AS "ourRows", count(theirs.ts_recv) AS "theirRows",
       count(*) FILTER (${differs.join(' OR ')}) AS "off"
     FROM (${rowsOf(ourGlob, `flags & ${FLAG_SYNTHETIC} = 0`)}) ours
     POSITIONAL JOIN (${rowsOf(theirFile, 'true')}) theirs`,
  );
  if (off !== 0n || ourRows !== theirRows) {
    throw new Error(
      `Ours (${ourRows} rows) and DuckDB's (${theirRows}) differ in ${off} rows; nothing was timed.`,
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
