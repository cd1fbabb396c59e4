import type { DuckDBConnection } from '@duckdb/node-api';
import { FLAG_LAST, FLAG_SYNTHETIC } from '#src/abi/flags.js';
import { quoted, scaledRows } from './duckdb.js';

/** The columns that both sides write, under the same names. */
const COLUMNS = ['ts_recv', 'ts_event', 'sequence', 'is_bid', 'price_pips', 'qty_pips'] as const;

const rowsOf = (glob: string, condition: string): string => `
  SELECT ${COLUMNS.join(', ')} FROM read_parquet(${quoted(glob)}, hive_partitioning = false)
  WHERE ${condition}`;

/**
 * Throws unless our depth rows, without those that depthmill made itself, are DuckDB's: each column
 * of each row, in order; our files in the order of their paths.
 * @returns rows compared
 */
export function checkSameRows(
  db: DuckDBConnection,
  ourGlob: string,
  theirFile: string,
): Promise<number> {
  const ours = rowsOf(ourGlob, `flags & ${FLAG_SYNTHETIC} = 0`);
  return compare(db, 'Ours', ours, rowsOf(theirFile, 'true'));
}

/** The same of a peer that scaled the first rows of a file of DuckDB's job. @returns rows compared */
export function checkFirstRows(
  db: DuckDBConnection,
  file: string,
  input: string,
  rowCount: number,
): Promise<number> {
  const theirs = `${scaledRows([input])} LIMIT ${rowCount}`;
  return compare(db, "The peer's", rowsOf(file, 'true'), theirs);
}

/** Both sides pass by side by side, so any number of rows can be compared in little memory. */
async function compare(
  db: DuckDBConnection,
  name: string,
  ours: string,
  theirs: string,
): Promise<number> {
  const differs = COLUMNS.map((column) => `ours.${column} IS DISTINCT FROM theirs.${column}`);
  const { ourRows, theirRows, off } = await oneRow(
    db,
    `SELECT count(ours.ts_recv) AS "ourRows", count(theirs.ts_recv) AS "theirRows",
       count(*) FILTER (${differs.join(' OR ')}) AS "off"
     FROM (${ours}) ours POSITIONAL JOIN (${theirs}) theirs`,
  );
  if (off !== 0n || ourRows !== theirRows) {
    throw new Error(
      `${name} (${ourRows} rows) and DuckDB's (${theirRows}) differ in ${off} rows; ` +
        'nothing was timed.',
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
