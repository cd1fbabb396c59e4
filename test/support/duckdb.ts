import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export type Columns = Record<string, readonly unknown[]>;

/** DuckDB, the reader that owes us nothing: an instance of its own, with one connection. */
export async function openDuckdb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  return instance.connect();
}

/** Runs `sql` and gives its result by columns: BIGINT as bigint, NULL as null. */
export async function columnsOf(db: DuckDBConnection, sql: string): Promise<Columns> {
  const reader = await db.runAndReadAll(sql);
  const columns = reader.getColumns();
  return Object.fromEntries(reader.deduplicatedColumnNames().map((name, i) => [name, columns[i]!]));
}

/** The one row of a query that has one. */
export async function rowOf(db: DuckDBConnection, sql: string): Promise<Record<string, unknown>> {
  const reader = await db.runAndReadAll(sql);
  const rows = reader.getRowObjects();
  if (rows.length !== 1) throw new Error(`${rows.length} rows where one was expected: ${sql}`);
  return rows[0]!;
}

/** A column of int64, none NULL. */
export function int64(columns: Columns, name: string): readonly bigint[] {
  const values = columns[name];
  if (values === undefined)
    throw new Error(`no column ${name}: ${Object.keys(columns).join(', ')}`);
  const odd = values.findIndex((value) => typeof value !== 'bigint');
  if (odd >= 0) throw new Error(`${name} is ${String(values[odd])} at row ${odd}, not an int64`);
  return values as readonly bigint[];
}

/**
 * SQL: a column of text as pips at scale 8, exactly, through DECIMAL: its 8 decimals without the
 * point. DECIMAL(18,8) because its int64 arithmetic is seventy times faster than that of
 * DECIMAL(38,8); a value of 10^10 or more is an error, not a wrong number.
 */
export function textPipsSql(column: string): string {
  return `CAST(replace(CAST(CAST(${column} AS DECIMAL(18,8)) AS VARCHAR), '.', '') AS BIGINT)`;
}

/** SQL: a double column as pips at scale 8, through its shortest decimal text. */
export function pipsSql(column: string): string {
  return textPipsSql(`CAST(${column} AS VARCHAR)`);
}

/** SQL: a file's rows in file order. */
export function fileOrderSql(select: string, file: string): string {
  return `SELECT ${select} FROM read_parquet('${file}', file_row_number = true, hive_partitioning = false) ORDER BY file_row_number`;
}
