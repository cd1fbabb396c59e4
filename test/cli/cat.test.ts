import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Table, tableFromIPC } from 'apache-arrow';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateTape } from '#src/generate/generate-tape.js';
import { columnsOf, openDuckdb, rowOf } from '../support/duckdb.js';
import { rowsSql, tableSql } from '../support/outputs.js';
import { depthmillDone } from '../support/product.js';
import { scratchFolder } from './scratch-folder.js';
import { CLI_PATH, runCli } from './spawn-cli.js';

const scratch = scratchFolder();
const START_MS = 1_767_225_600_000;
let db: DuckDBConnection;
let out = '';

beforeAll(async () => {
  db = await openDuckdb();
  // string_agg takes rows in their order on one thread only.
  await db.run('SET threads TO 1');
  out = scratch('out');
  const tape = { symbols: 2, events: 200_000, layout: 'lake' as const };
  await generateTape({ out: scratch('lake'), ...tape });
  await depthmillDone(['run', scratch('lake'), '-o', out, '--book-depth', '3', '--no-sync']);
});

const cat = async (...args: readonly string[]): Promise<string> =>
  (await depthmillDone(['cat', out, ...args])).stdout;

/** Bytes of stdout: an Arrow stream is no text. */
function catBytes(...args: readonly string[]): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI_PATH, 'cat', out, ...args]);
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject).on('close', () => resolve(Buffer.concat(parts)));
  });
}

/** All columns of a table as DuckDB reads the Parquet itself. */
function stored(table: string, select = '* EXCLUDE (filename, file_row_number)') {
  return columnsOf(db, rowsSql(select, out, table));
}

/** A digest of rows in their order, so that a hundred thousand of them are compared at once. */
async function digestOf(sql: string, columns: readonly string[]) {
  const row = columns.map((name) => `coalesce(${name}::VARCHAR, 'NULL')`).join(` || '|' || `);
  return rowOf(db, `SELECT count(*) AS n, md5(string_agg(${row}, chr(10))) AS md5 FROM (${sql})`);
}

describe('csv', () => {
  test.each(['depth', 'book', 'trades'])('holds every value of %s exactly', async (table) => {
    const path = scratch(`${table}.csv`);
    writeFileSync(path, await cat('--table', table));
    const names = Object.keys(await stored(table)).map((name) => `"${name}"`);
    const csv = `SELECT ${names.join(', ')} FROM read_csv('${path}', parallel = false)`;
    const parquet = rowsSql(names.join(', '), out, table);
    const expected = await digestOf(parquet, names);
    expect(Number(expected.n)).toBeGreaterThan(0);
    expect(await digestOf(csv, names)).toEqual(expected);
  });

  test('shows prices by the scale on demand', async () => {
    const path = scratch('decimal.csv');
    writeFileSync(path, await cat('--table', 'depth', '--numbers', 'decimal'));
    const expected = await digestOf(rowsSql('price_pips, qty_pips', out, 'depth'), [
      'price_pips',
      'qty_pips',
    ]);
    const pips = (name: string): string =>
      `(${name}::DECIMAL(38, 8) * 100000000)::HUGEINT AS ${name}_pips`;
    const csv = `SELECT ${pips('price')}, ${pips('qty')} FROM read_csv('${path}', parallel = false, all_varchar = true)`;
    expect(await digestOf(csv, ['price_pips', 'qty_pips'])).toEqual(expected);
  });

  test('prints columns in the order asked for, and a table without rows as its header', async () => {
    const lines = (await cat('--table', 'depth', '--columns', 'qty_pips,symbol', '--limit', '1'))
      .trim()
      .split('\n');
    expect(lines[0]).toBe('qty_pips,symbol');
    expect(lines).toHaveLength(2);
    expect(await cat('--table', 'gaps')).toMatch(/^exchange,symbol,dt,kind,[a-z_,]+\n$/);
  });

  test('prints no rejects as their header, in every format', async () => {
    const header = 'exchange,symbol,dt,file,row_group,row,reason,column,value\n';
    expect(await cat('--table', 'rejects')).toBe(header);
    expect(await cat('--table', 'rejects', '--symbol', 'SYM-0001*')).toBe(header);
    expect(await cat('--table', 'rejects', '--columns', 'row,reason')).toBe('row,reason\n');
    expect(await cat('--table', 'rejects', '--format', 'jsonl')).toBe('');
    // So it is where only rows of another instrument were refused.
    const [csv, some] = [scratch('refused.csv'), scratch('refused')];
    const rows = ['GOOD,1', 'BAD,x'].map((row, n) => `X,${row},${START_MS + n},${n + 1},bid,7\n`);
    writeFileSync(csv, `exchange,symbol,price,ts_recv,sequence,side,qty\n${rows.join('')}`);
    await depthmillDone(['run', csv, '-o', some, '--dialect', 'generic', '--no-sync']);
    const ofSome = async (symbol: string): Promise<string> =>
      (await depthmillDone(['cat', some, '--table', 'rejects', '--symbol', symbol])).stdout;
    expect(await ofSome('GOOD')).toBe(header);
    expect(await ofSome('BAD')).toContain('ERR_ROW_');
    const arrow = tableFromIPC(await catBytes('--table', 'rejects', '--format', 'arrow'));
    expect([arrow.numRows, arrow.schema.fields.map(String).join()]).toEqual([
      0,
      'exchange: Utf8,symbol: Utf8,dt: Utf8,file: Utf8,row_group: Int32,row: Int64,reason: Utf8,' +
        'column: Utf8,value: Utf8',
    ]);
  });

  test('says that there is no such table, instrument or answer', async () => {
    const depth = scratch('depth-only');
    await depthmillDone(['run', scratch('lake'), '-o', depth, '--tables', 'depth', '--no-sync']);
    for (const args of [
      [out, '--table', 'reject'],
      [out, '--table', 'rejects', '--symbol', 'NONE'],
      // Nobody asked for them: that there are none cannot be told.
      [depth, '--table', 'rejects'],
    ]) {
      const { exitCode, stderr, stdout } = await runCli(['cat', ...args]);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toContain('ERR_INPUT_NO_MATCH');
    }
  });

  test('takes symbols, times and a limit', async () => {
    const { at } = await rowOf(
      db,
      `SELECT median(ts_recv)::BIGINT AS at FROM ${tableSql(out, 'depth')}`,
    );
    const symbol = 'SYM-0001-USDT';
    const where = `ts_recv >= ${String(at)} AND filename LIKE '%${symbol}%'`;
    const { n } = await rowOf(
      db,
      `SELECT count(*) AS n FROM ${tableSql(out, 'depth')} WHERE ${where}`,
    );
    const selection = ['--table', 'depth', '--symbol', symbol, '--from', String(at)];
    const rows = (await cat(...selection)).trim().split('\n').slice(1);
    expect(rows).toHaveLength(Number(n));
    expect(rows.every((row) => row.split(',')[1] === symbol)).toBe(true);
    const few = (await cat(...selection, '--limit', '7')).trim().split('\n').slice(1);
    expect(few).toEqual(rows.slice(0, 7));
  });
});

test('jsonl has int64 as texts, null for what is not there, and a line a row', async () => {
  const lines = (await cat('--table', 'quality', '--format', 'jsonl')).trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const columns = await stored('quality');
  expect(rows.map((row) => row.ts_recv_from)).toEqual(columns.ts_recv_from?.map(String));
  expect(rows.map((row) => row.reason)).toEqual(columns.reason);
  const [first] = (await cat('--table', 'book', '--format', 'jsonl', '--limit', '1')).split('\n');
  const book = JSON.parse(first ?? '') as Record<string, unknown>;
  expect(book.bid_0_price_pips).toBeNull();
  expect(typeof book.flags).toBe('number');
});

describe('arrow', () => {
  test.each(['depth', 'book', 'quality'])('is a stream with every value of %s', async (table) => {
    const read: Table = tableFromIPC(await catBytes('--table', table, '--format', 'arrow'));
    const columns = await stored(table);
    const names = read.schema.fields.map(({ name }) => name);
    expect(names).toEqual(['exchange', 'symbol', 'dt', ...Object.keys(columns)]);
    for (const [name, values] of Object.entries(columns)) {
      const found = [...read.getChild(name)!];
      const differs = found.findIndex((value, row) => value !== values[row]);
      expect({ name, rows: found.length, differs }).toEqual({
        name,
        rows: values.length,
        differs: -1,
      });
    }
    expect(read.schema.metadata.get('depthmill.table')).toBe(table);
  });

  test('has decimals with the scale of the file', async () => {
    const bytes = await catBytes('--table', 'trades', '--format', 'arrow', '--numbers', 'decimal');
    const read = tableFromIPC(bytes);
    expect(String(read.schema.fields.find(({ name }) => name === 'price')?.type)).toBe(
      'Decimal[19e+8]',
    );
    const words = read.getChild('price')!.get(0) as Uint32Array;
    const { price_pips } = await stored('trades');
    expect((BigInt(words[1]!) << 32n) | BigInt(words[0]!)).toBe(price_pips![0]);
  });
});

test('a file and a pattern are tables as well', async () => {
  const glob = `${out}/depth/**/*.parquet`;
  const { stdout } = await depthmillDone(['cat', glob, '--columns', 'flags', '--limit', '3']);
  expect(stdout.trim().split('\n')).toHaveLength(4);
});

test('the signs of zeros and the marks of byte orders are printed as they are', async () => {
  const path = scratch('odd.parquet');
  const rows = `(-0.0::DOUBLE, '-0.0'::FLOAT, chr(65279) || 'bid'), (0.0, 0.0, chr(65279))`;
  await db.run(`COPY (FROM (VALUES ${rows}) t(d, f, text)) TO '${path}' (FORMAT parquet)`);
  const { stdout } = await depthmillDone(['cat', path, '--format', 'jsonl']);
  const lines = stdout.trim().split('\n');
  expect(lines).toEqual(['{"d":-0,"f":-0,"text":"\ufeffbid"}', '{"d":0,"f":0,"text":"\ufeff"}']);
});

test('a column that is not read is said before anything is printed', async () => {
  const path = scratch('nested.parquet');
  await db.run(`COPY (SELECT i, [i] AS list, 't' || i AS t FROM range(3) r(i)) TO '${path}'`);
  const refused = await runCli(['cat', path]);
  expect({ ...refused, stderr: '' }).toEqual({ exitCode: 1, stdout: '', stderr: '' });
  expect(refused.stderr).toMatch(/ERR_PARQUET_UNSUPPORTED .*column list/);
  const { stdout } = await runCli(['cat', path, '--columns', 't,i']);
  expect(stdout).toBe('t,i\nt0,0\nt1,1\nt2,2\n');
});

test('a reader that goes away ends it quietly', async () => {
  const { exitCode, stderr } = await new Promise<{ exitCode: number | null; stderr: string }>(
    (resolve, reject) => {
      const child = spawn(process.execPath, [CLI_PATH, 'cat', out, '--table', 'depth']);
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.stdout.once('data', () => child.stdout.destroy());
      child.on('error', reject).on('close', (exitCode) => resolve({ exitCode, stderr }));
    },
  );
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
});

test.each([
  [[], 'ERR_USAGE', 'name one with --table'],
  [['--table', 'bars'], 'ERR_INPUT_NO_MATCH', 'found book, calendar, depth'],
  [['--table', 'depth', '--symbol', 'NO'], 'ERR_INPUT_NO_MATCH', 'SYM-0001-USDT'],
  [['--table', 'depth', '--columns', 'price'], 'ERR_USAGE', 'price_pips'],
  [['--table', 'depth', '--format', 'xml'], 'ERR_USAGE', 'csv, jsonl, arrow'],
] as const)('%j is refused in words that help', async (args, code, words) => {
  const { exitCode, stdout, stderr } = await runCli(['cat', out, ...args]);
  expect(exitCode).toBe(code === 'ERR_USAGE' ? 2 : 1);
  expect(stdout).toBe('');
  expect(stderr).toContain(code);
  expect(stderr).toContain(words);
});
