import type { DuckDBConnection } from '@duckdb/node-api';
import { columnsOf } from './duckdb.js';
import { tableSql } from './outputs.js';

/** What differs between two outputs in one table, rows in their order. */
export interface RowDifferences {
  /** Rows of the first output, and of the second. */
  readonly rowCounts: readonly [bigint, bigint];
  /** `column@row` of each column that differs: the first such row, from 0. */
  readonly columns: readonly string[];
}

/** Compares all columns of a table of two outputs, row by row. @param partition of both */
export async function differencesOf(
  db: DuckDBConnection,
  outs: readonly [string, string],
  table: string,
  partition = '**',
): Promise<RowDifferences> {
  const rows = (out: string): string =>
    `SELECT row_number() OVER (ORDER BY filename, file_row_number) - 1 AS place,
       * EXCLUDE (filename, file_row_number) FROM ${tableSql(out, table, partition)}`;
  const [first, second] = [rows(outs[0]), rows(outs[1])];
  const described = await columnsOf(db, `SELECT column_name FROM (DESCRIBE ${first})`);
  const names = (described.column_name as readonly string[]).filter((name) => name !== 'place');
  const firstDiffering = names.map(
    (name) => `min(place) FILTER (a."${name}" IS DISTINCT FROM b."${name}") AS "${name}"`,
  );
  const found = await columnsOf(
    db,
    `SELECT count(a.place) AS rows_first, count(b.place) AS rows_second, ${firstDiffering.join(', ')}
     FROM (${first}) a FULL JOIN (${second}) b USING (place)`,
  );
  const [[rowsFirst], [rowsSecond]] = [found.rows_first!, found.rows_second!];
  const differing = names.filter((name) => found[name]![0] !== null);
  return {
    rowCounts: [rowsFirst as bigint, rowsSecond as bigint],
    columns: differing.map((name) => `${name}@${found[name]![0]}`),
  };
}
