import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckdb } from '../support/duckdb.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differingPaths } from '../support/same-bytes.js';

const SNAPSHOTS = 30_000;
const PLACE = 'exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08';

const TIME = '(1723075200000000000 + i * 1000000000)::BIGINT';
const STAMPS = `${TIME} AS "timestamp", ${TIME} AS receipt_timestamp, i AS sequence_number`;

/** Snapshots of 20 levels a side, a second apart, of which the next has no level as it was. */
function levelsSql(): string {
  const columns = ['bid', 'ask'].flatMap((side, sideIndex) =>
    Array.from({ length: 20 }, (_, level) => {
      const step = sideIndex === 0 ? -level - 1 : level + 1;
      return (
        `(60000 + (${step}) + (i % 2) * 0.5)::DOUBLE AS ${side}_${level}_price, ` +
        `(1 + (i + ${level}) % 1000)::DOUBLE AS ${side}_${level}_size`
      );
    }),
  );
  return columns.join(', ');
}

async function writeTable(root: string, table: string, select: string, rows: string) {
  const folder = join(root, table, PLACE);
  mkdirSync(folder, { recursive: true });
  const db = await openDuckdb();
  await db.run(
    `COPY (SELECT ${STAMPS}, ${select} FROM range(${rows}) t(i))
       TO '${join(folder, '1.snappy.parquet')}' (FORMAT parquet, ROW_GROUP_SIZE 10240)`,
  );
  db.closeSync();
}

// The rows that snapshots make are many times those of their table, and no unit of depth lets them go.
describe('a day of snapshots', () => {
  it.each([
    ['alone', 0],
    ['in front of the first changes', 1_000],
  ])(
    '%s fits into little memory, and gives the same bytes as in much',
    {
      timeout: 120_000,
    },
    async (_name, changeCount) => {
      const root = temporaryFolder();
      const input = join(root, 'lake');
      await writeTable(input, 'book', levelsSql(), `${SNAPSHOTS}`);
      if (changeCount > 0) {
        const price = '(CASE WHEN i % 2 = 0 THEN 59900 ELSE 60100 END)::DOUBLE AS price';
        const change = `i % 2 = 0 AS side_is_bid, ${price}, 5::DOUBLE AS size`;
        const rows = `${SNAPSHOTS}, ${SNAPSHOTS + changeCount}`;
        await writeTable(input, 'book_delta_v2', change, rows);
      }
      const reference = join(root, 'reference');
      await depthmillDone(['run', input, '-o', reference, '--memory', '3GB', '--no-sync']);
      const out = join(root, 'out');
      await depthmillDone(['run', input, '-o', out, '--memory', '400MB', '--no-sync']);
      expect(differingPaths(reference, out)).toEqual([]);
      const db = await openDuckdb();
      const rows = await db.runAndReadAll(`SELECT count(*) FROM '${reference}/depth/**/*.parquet'`);
      expect(Number(rows.getRows()[0]![0])).toBeGreaterThan(60 * SNAPSHOTS);
      db.closeSync();
    },
  );
});
