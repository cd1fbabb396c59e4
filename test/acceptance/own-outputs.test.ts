import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { openDuckdb, rowOf } from '../support/duckdb.js';
import { readAudit, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differencesOf } from '../support/same-rows.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const INPUTS = [
  ['lake, seeded and mended by its witnesses', 'lake'],
  ['a capture of spot with a REST snapshot', 'captures/spot/btcusdt_20240808.gz'],
  ['captures of COIN-M, the book carried over midnight', 'captures/cm'],
  ['tardis, without ids', 'tardis/binance_incremental_book_L2_2024-08-08_BTCUSDT.csv.gz'],
  ['flat files with snapshots apart', 'flat/binance-spot-BTCUSDT-20240808'],
  ['flat files of ten instruments, without ids', 'flat/okx-10inst-20220227'],
  ['recordings with gaps, duplicates and late messages', 'faults'],
] as const;

/** Rows of book that the first output has in doubt, and the second one trusts. */
async function trustedAgain(
  db: DuckDBConnection,
  outs: readonly [string, string],
  partition: string,
): Promise<unknown> {
  const [first, second] = outs.map(
    (out) => `SELECT row_number() OVER (ORDER BY filename, file_row_number) AS place, flags
       FROM ${tableSql(out, 'book', partition)}`,
  );
  const { trusted } = await rowOf(
    db,
    `SELECT count(*) FILTER (a.flags & 4 > 0 AND b.flags & 4 = 0) AS trusted
     FROM (${first}) a JOIN (${second}) b USING (place)`,
  );
  return trusted;
}

// Resets, and all that random streams can have, are in snapshot-joins.test.ts.
describe.skipIf(!hasSharedData)('an output read again', () => {
  it.each(INPUTS)(
    '%s: gives depth and trades row for row, and the books of book',
    { timeout: 180_000 },
    async (_what, input) => {
      const root = temporaryFolder();
      const outs = [join(root, 'first'), join(root, 'second')] as const;
      const options = ['--json', '--no-sync', '--book-depth', '5'];
      await depthmillDone(['run', sharedData(input), '-o', outs[0], ...options]);
      await depthmillDone(['run', outs[0], '-o', outs[1], ...options]);
      const [first, second] = [readAudit(outs[0]), readAudit(outs[1])];
      expect(second.instruments.length).toBe(first.instruments.length);
      const db = await openDuckdb();
      for (const [i, { exchange, symbol, dt, ...one }] of first.instruments.entries()) {
        const again = second.instruments[i]!;
        expect(again.digest, symbol).toBe(one.digest);
        for (const rows of ['accounting', 'trades_accounting'] as const) {
          const { rows_out } = one[rows];
          const kept = { rows_in: rows_out, rejected: {}, dropped: {}, synthetic: 0, rows_out };
          expect(again[rows], symbol).toEqual(kept);
        }
        const partition = `exchange=${exchange}/symbol=${symbol}/dt=${dt}`;
        for (const table of [
          'depth',
          'book',
          ...(one.trades_accounting.rows_out > 0 ? ['trades'] : []),
        ]) {
          const { columns, rowCounts } = await differencesOf(db, outs, table, partition);
          expect(rowCounts[1], `${table} of ${symbol}`).toBe(rowCounts[0]);
          // What is known of a book is judged anew, on top of what was known before.
          const differing = columns.filter(
            (name) => table !== 'book' || !name.startsWith('flags@'),
          );
          expect(differing, `${table} of ${symbol}`).toEqual([]);
        }
        expect(await trustedAgain(db, outs, partition), symbol).toBe(0n);
      }
      db.closeSync();
    },
  );
});
