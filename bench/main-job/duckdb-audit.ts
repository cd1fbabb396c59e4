import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from './duckdb.js';

/** What SQL can say of Lake delta files without a book. */
export interface SqlAudit {
  readonly messages: number;
  /** Messages whose id is below that of the message before. */
  readonly idsBack: number;
  /** Messages whose id leaves some out: each does in Lake's files, which proves nothing. */
  readonly idJumps: number;
  /** Messages behind which the last bid that was set is at the last ask that was set, or above. */
  readonly crossed: number;
}

/**
 * The rows of a message as one, its best bid and ask that were set; ids by `lag()`; and the nearest
 * that SQL comes to a crossed test without a book: the last bid against the last ask.
 */
const auditOf = (inputs: readonly string[]): string => `
  WITH messages AS (
    SELECT symbol, receipt_timestamp AS received, sequence_number AS id,
      max(price) FILTER (side_is_bid AND size > 0) AS bid,
      min(price) FILTER (NOT side_is_bid AND size > 0) AS ask
    FROM read_parquet([${inputs.map(quoted).join(', ')}], hive_partitioning = true)
    GROUP BY ALL
  ), steps AS (
    SELECT id - lag(id) OVER in_order AS step, last_value(bid IGNORE NULLS) OVER in_order AS bid,
      last_value(ask IGNORE NULLS) OVER in_order AS ask
    FROM messages WINDOW in_order AS (PARTITION BY symbol ORDER BY received, id)
  )
  SELECT count(*)::INT, count(*) FILTER (step < 0)::INT, count(*) FILTER (step > 1)::INT,
    count(*) FILTER (bid >= ask)::INT
  FROM steps`;

export async function auditWithDuckdb(
  db: DuckDBConnection,
  inputs: readonly string[],
): Promise<SqlAudit> {
  const [row] = (await db.runAndReadAll(auditOf(inputs))).getRows();
  const [messages, idsBack, idJumps, crossed] = row!.map(Number);
  return { messages: messages!, idsBack: idsBack!, idJumps: idJumps!, crossed: crossed! };
}
