import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FLAG_MAYBE_BAD_BOOK } from '#src/abi/flags.js';
import { runCli } from '../cli/spawn-cli.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_US = 1_723_100_000_000_000;
const HEADER = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';

/** Messages of one row each, 1 ms apart; the first one is a snapshot of both sides if asked for. */
function tardisText(
  [from, to]: readonly [number, number],
  { symbols = ['BTCUSDT'], hasSnapshot = false } = {},
): string {
  const lines = [HEADER];
  const add = (symbol: string, at: number, rest: string): void => {
    const us = START_US + at * 1_000;
    lines.push(`binance,${symbol},${us},${us},${rest}`);
  };
  for (const symbol of hasSnapshot ? symbols : []) {
    add(symbol, from - 1, 'true,bid,99,1');
    add(symbol, from - 1, 'true,ask,101,1');
  }
  for (let i = from; i < to; i++) add(symbols[i % symbols.length]!, i, `false,bid,98,${1 + i}`);
  return `${lines.join('\n')}\n`;
}

const COLUMNS =
  'kind, proven, ts_recv_before, ts_recv_after, parse_filename(file) AS file, row, reason';

async function gapsOf(out: string) {
  const db = await openDuckdb();
  try {
    const select = `SELECT ${COLUMNS} FROM ${tableSql(out, 'gaps')} ORDER BY filename, file_row_number`;
    const book = `SELECT sum((flags & ${FLAG_MAYBE_BAD_BOOK} != 0)::INT)::INT AS doubtful, (SELECT count(*)::INT FROM ${tableSql(out, 'gaps')}) AS gaps FROM ${tableSql(out, 'book')}`;
    return { gaps: await columnsOf(db, select), book: await columnsOf(db, book) };
  } finally {
    db.closeSync();
  }
}

async function runTexts(
  texts: Readonly<Record<string, string | Uint8Array>>,
  ...options: string[]
) {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(root, name), text);
  const out = join(temporaryFolder(), 'out');
  const inputs = Object.keys(texts).map((name) => join(root, name));
  const { stdout } = await depthmillDone(['run', ...inputs, '-o', out, ...options]);
  return { stdout, ...(await gapsOf(out)) };
}

const stamp = (at: number): bigint => BigInt(START_US + at * 1_000) * 1_000n;

describe('an input that breaks off', () => {
  it('is a row of gaps with the first row that is not there, and the day degraded', async () => {
    const text = tardisText([1, 500], { hasSnapshot: true });
    const { gaps, book, stdout } = await runTexts({ 'a.csv': text.slice(0, -3) });
    // The last line is cut, and its message with it; the message before it may have gone on too.
    expect(gaps).toMatchObject({
      kind: ['truncated'],
      proven: [true],
      ts_recv_before: [stamp(497)],
      ts_recv_after: [null],
      file: ['a.csv'],
      row: [499n],
    });
    expect(String(gaps.reason![0])).toMatch(
      /^the last line has no end.* up to byte \d+ of its text$/,
    );
    expect(book.doubtful).toEqual([0]);
    expect(stdout).toMatch(/truncated: .*a\.csv at byte/);
    expect(stdout).toMatch(/degraded/);
  });

  it('makes what goes on behind it suspect, where no id would show the loss', async () => {
    const packed = gzipSync(tardisText([1, 400], { hasSnapshot: true }));
    const { gaps, book } = await runTexts({
      'a.csv.gz': packed.subarray(0, packed.length - 60),
      'b.csv': tardisText([1_000, 1_100]),
    });
    expect(gaps).toMatchObject({ kind: ['truncated'], file: ['a.csv.gz'], proven: [true] });
    expect(gaps.ts_recv_after).toEqual([stamp(1_000)]);
    const before = gaps.ts_recv_before![0] as bigint;
    expect(before).toBe(stamp(Number(gaps.row![0]) - 2));
    expect(String(gaps.reason![0])).toContain('the gzip file breaks off');
    expect(book.doubtful).toEqual([100]);
  });

  it('is named in each of its instruments', async () => {
    const symbols = ['AAA', 'BBB'];
    const text = tardisText([1, 500], { symbols, hasSnapshot: true });
    const { gaps } = await runTexts({ 'a.csv': text.slice(0, -3) });
    expect(gaps).toMatchObject({ kind: ['truncated', 'truncated'], row: [501n, 501n] });
    expect(gaps.ts_recv_before).toEqual([stamp(496), stamp(497)]);
  });

  it('gives its last book to no other day, where no id would show the loss', async () => {
    // 2024-08-08T23:59:59.9Z is so many ms behind the start.
    const midnight = Date.parse('2024-08-09T00:00:00Z') - START_US / 1_000;
    const first = tardisText([midnight - 300, midnight - 1], { hasSnapshot: true });
    const second = tardisText([midnight + 1, midnight + 100]);
    const name = 'binance_incremental_book_L2';
    const days = (text: string) => ({
      [`${name}_2024-08-08_BTCUSDT.csv`]: text,
      [`${name}_2024-08-09_BTCUSDT.csv`]: second,
    });
    expect((await runTexts(days(first))).book.doubtful).toEqual([0]);
    const cut = await runTexts(days(first.slice(0, -3)));
    expect(cut.gaps).toMatchObject({ kind: ['truncated'], ts_recv_after: [null] });
    expect(cut.book.doubtful).toEqual([99]);
  });

  it('is not named where a selection ends before', async () => {
    const text = tardisText([1, 500], { hasSnapshot: true });
    const limited = await runTexts({ 'a.csv': text.slice(0, -3) }, '--limit', '100');
    expect(limited.book.gaps).toEqual([0]);
    expect(limited.stdout).toMatch(/truncated: .*a\.csv at byte/);
  });

  it('is a finding also where none of its messages is whole', async () => {
    const root = temporaryFolder();
    const later = tardisText([500, 600]).slice(0, -3);
    const [header, message] = later.split('\n');
    writeFileSync(join(root, 'a.csv'), tardisText([1, 500], { hasSnapshot: true }));
    const exitCode = async () => (await runCli(['audit', root, '--strict'])).exitCode;
    expect(await exitCode()).toBe(0);
    writeFileSync(join(root, 'b.csv'), `${header}\n${message}\nbinance,BTC`);
    expect(await exitCode()).toBe(3);
  });
});
