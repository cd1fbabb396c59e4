import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { accountingDifference, readAudit, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_US = 1_767_229_200_000_000;
const HEADER = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';

/** A snapshot, the first change with its stamp, and a move of the market in one message. */
const ROWS: readonly (readonly [number, string])[] = [
  [0, 'true,bid,98,1'],
  [0, 'true,bid,99,1'],
  [0, 'true,ask,101,1'],
  [0, 'false,bid,98,2'],
  [5, 'false,bid,102,1'],
  [5, 'false,bid,99,0'],
  [5, 'false,ask,101,x'],
  [5, 'false,ask,101,0'],
  [5, 'false,ask,103,1'],
  [9, 'false,bid,102,2'],
];
/** Input rows behind which a message ends. */
const ENDS = [3, 4, 9, 10];

async function limitedTo(limit: number, ...options: string[]) {
  const root = temporaryFolder();
  const lines = ROWS.map(([ms, rest]) => {
    const us = START_US + ms * 1_000;
    return `binance,BTCUSDT,${us},${us},${rest}`;
  });
  const path = join(root, 'binance_incremental_book_L2.csv');
  writeFileSync(path, `${[HEADER, ...lines].join('\n')}\n`);
  const out = join(root, 'out');
  const size = Number.isFinite(limit) ? ['--limit', String(limit)] : [];
  await depthmillDone(['run', path, '-o', out, '--book-depth', '2', ...size, ...options]);
  const db = await openDuckdb();
  try {
    const book = await columnsOf(
      db,
      `SELECT ts_recv, flags, bid_0_price_pips, bid_0_qty_pips, bid_1_price_pips, ask_0_price_pips FROM ${tableSql(out, 'book')} ORDER BY filename, file_row_number`,
    );
    return { book, accounting: readAudit(out).instruments[0]!.accounting };
  } finally {
    db.closeSync();
  }
}

describe('--limit', () => {
  it('reads the message that reaches it to its end, in units of any size', async () => {
    const whole = await limitedTo(Number.POSITIVE_INFINITY);
    for (const limit of [1, 2, 3, 4, 5, 7, 8, 9]) {
      for (const options of [[], ['--batch-rows', '1'], ['--batch-rows', '3']]) {
        const label = `${limit} ${options.join(' ')}`;
        const { book, accounting } = await limitedTo(limit, ...options);
        const rowsIn = ENDS.find((end) => end >= limit)!;
        expect(accounting.rows_in, label).toBe(rowsIn);
        expect(accounting.rejected, label).toEqual(rowsIn > 6 ? { ERR_ROW_NOT_NUMBER: 1 } : {});
        expect(accountingDifference(accounting), label).toBe(0);
        const messages = ENDS.indexOf(rowsIn) + 1;
        for (const [column, values] of Object.entries(whole.book)) {
          expect(book[column], `${label} ${column}`).toEqual(values.slice(0, messages));
        }
      }
    }
  });
});
