import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLAG_MAYBE_BAD_BOOK } from '#src/abi/flags.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { readAudit, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_MS = 1_767_229_200_000;
const HEADER = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';

/** Rows of `isSnapshot,side,price,amount`, and the millisecond at which each was received. */
function tardisText(rows: readonly (readonly [number, string])[]): string {
  const lines = rows.map(([ms, rest]) => {
    const us = (START_MS + ms) * 1_000;
    return `binance,BTCUSDT,${us},${us},${rest}`;
  });
  return `${[HEADER, ...lines].join('\n')}\n`;
}

/** Lines of a capture of Binance spot, 1 ms apart. */
const captureText = (lines: readonly object[]): string =>
  lines.map((line, ms) => `${START_MS + ms}000000 ${JSON.stringify(line)}\n`).join('');

const update = (id: number, bids: readonly (readonly string[])[]) => ({
  stream: 'btcusdt@depth@100ms',
  data: { e: 'depthUpdate', E: START_MS, s: 'BTCUSDT', U: id, u: id, b: bids, a: [] },
});

/** Whether the book is suspect at the end of each message that the book is built of, and why. */
async function doubtsOf(name: string, text: string, ...options: string[]) {
  const root = temporaryFolder();
  writeFileSync(join(root, name), text);
  const out = join(root, 'out');
  await depthmillDone(['run', join(root, name), '-o', out, ...options]);
  const db = await openDuckdb();
  try {
    const isDoubtful = `(flags & ${FLAG_MAYBE_BAD_BOOK}) != 0`;
    const order = 'ORDER BY filename, file_row_number';
    const sql = `SELECT ${isDoubtful} AS doubtful FROM ${tableSql(out, 'book')} ${order}`;
    const { doubtful } = await columnsOf(db, sql);
    const { quality } = readAudit(out).instruments[0]!;
    return { doubtful, reasons: quality.map(({ reason }) => reason) };
  } finally {
    db.closeSync();
  }
}

describe('a refused row of a snapshot', () => {
  const good = ['true,bid,98,1', 'true,ask,101,1'];
  const changes = [
    [5, 'false,ask,102,2'],
    [6, 'false,bid,97,2'],
  ] as const;
  const withRow = (row: string, at: number) =>
    good.toSpliced(at, 0, row).map((each) => [0, each] as const);

  it.each([
    ['its first', 0],
    ['in the middle', 1],
    ['its last', 2],
  ])('makes the book suspect, and no row of the snapshot ends that: %s', async (_, at) => {
    for (const [row, reason] of [
      ['true,bid,99,x', 'rejected_level'],
      ['true,bid,x,1', 'rejected_row'],
    ] as const) {
      const text = tardisText([...withRow(row, at), ...changes]);
      const { doubtful, reasons } = await doubtsOf('binance_incremental_book_L2.csv', text);
      expect(doubtful, row).toEqual([true, true, true]);
      expect(reasons, row).toContain(reason);
    }
  });

  it('does so until its level is set again', async () => {
    const text = tardisText([...withRow('true,bid,99,x', 1), ...changes, [7, 'false,bid,99,3']]);
    const { doubtful } = await doubtsOf('binance_incremental_book_L2.csv', text);
    expect(doubtful).toEqual([true, true, true, false]);
  });

  it('and until the next snapshot; one of an earlier message is healed by this one', async () => {
    const next = good.map((row) => [9, row] as const);
    const rows = [...withRow('true,bid,x,1', 1), ...changes, ...next, [12, 'false,bid,97,4']] as const; // biome-ignore format: one line
    const { doubtful } = await doubtsOf('binance_incremental_book_L2.csv', tardisText(rows));
    expect(doubtful).toEqual([true, true, true, false, false]);
  });

  it('wherever the input was cut into units', async () => {
    const text = tardisText([...withRow('true,bid,99,x', 1), ...changes]);
    for (const rows of ['1', '2', '3']) {
      const name = 'binance_incremental_book_L2.csv';
      const { doubtful } = await doubtsOf(name, text, '--batch-rows', rows);
      expect(doubtful, rows).toEqual([true, true, true]);
    }
  });

  it.each([
    ['its first', [['99', 'x'], ['98', '1']]], // biome-ignore format: one line
    ['its last', [['98', '1'], ['99', 'x']]], // biome-ignore format: one line
  ])('of one that its id joins: %s', async (_, bids) => {
    const snapshot = { lastUpdateId: 105, bids, asks: [['101', '1']] };
    const lines = [update(105, []), snapshot, update(106, [['97', '1']]), update(107, [['99', '1']])]; // biome-ignore format: one line
    const { doubtful } = await doubtsOf('binance-spot-btcusdt.txt', captureText(lines));
    expect(doubtful!.slice(-3)).toEqual([true, true, false]);
  });
});
