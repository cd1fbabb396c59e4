import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from './duckdb.js';

/** What SQL can say of Lake delta files without a book. */
export interface SqlAudit {
  readonly messages: number;
  /** Messages whose id is below that of the message before. */
  readonly idsBack: number;
  /** Messages whose id leaves some out: each does in Lake's files, which proves nothing. */
  readonly idJumps: number;
  /**
   * Messages (over rows: rows) behind which the last bid that was set is at the last ask that was
   * set, or above: the nearest that SQL comes to a crossed test without a book.
   */
  readonly crossed: number;
}

/** `rows`: as one writes it first. `messages`: the fastest way that was found. */
export type SqlWay = 'rows' | 'messages';

const SOURCES: Readonly<Record<SqlWay, (table: string) => string>> = {
  rows: (table) => `
    SELECT symbol, receipt_timestamp AS received, sequence_number AS id,
      CASE WHEN side_is_bid AND size > 0 THEN price END AS bid,
      CASE WHEN NOT side_is_bid AND size > 0 THEN price END AS ask
    FROM ${table}`,
  // The rows of a message as one, with its best bid and ask that were set.
  messages: (table) => `
    SELECT symbol, receipt_timestamp AS received, sequence_number AS id,
      max(price) FILTER (side_is_bid AND size > 0) AS bid,
      min(price) FILTER (NOT side_is_bid AND size > 0) AS ask
    FROM ${table} GROUP BY ALL`,
};

/** Ids by `lag()`, and the last bid against the last ask, by windows over the source. */
const auditOf = (inputs: readonly string[], way: SqlWay): string => `
  WITH source AS (
    ${SOURCES[way](`read_parquet([${inputs.map(quoted).join(', ')}], hive_partitioning = true)`)}
  ), steps AS (
    SELECT id - lag(id) OVER in_order AS step, received - lag(received) OVER in_order AS wait,
      last_value(bid IGNORE NULLS) OVER in_order AS bid, last_value(ask IGNORE NULLS) OVER in_order AS ask
    FROM source WINDOW in_order AS (PARTITION BY symbol ORDER BY received, id)
  )
  SELECT count(*) FILTER (step IS DISTINCT FROM 0 OR wait > 0)::INT, count(*) FILTER (step < 0)::INT, count(*) FILTER (step > 1)::INT,
    count(*) FILTER (bid >= ask)::INT
  FROM steps`;

export async function auditWithDuckdb(
  db: DuckDBConnection,
  inputs: readonly string[],
  way: SqlWay,
): Promise<SqlAudit> {
  const [row] = (await db.runAndReadAll(auditOf(inputs, way))).getRows();
  const [messages, idsBack, idJumps, crossed] = row!.map(Number);
  return { messages: messages!, idsBack: idsBack!, idJumps: idJumps!, crossed: crossed! };
}
