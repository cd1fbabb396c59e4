import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkBookRows, checkSameRows } from '#src/bench/main-job/compare-rows.js';
import { openDuckdb } from '#src/bench/main-job/duckdb.js';

// A bench whose check cannot fail would time wrong outputs.

const ROWS = 1_000;
const folder = mkdtempSync(join(tmpdir(), 'depthmill-bench-check-'));
const db = await openDuckdb();
const theirs = join(folder, 'theirs.parquet');
afterAll(() => {
  db.closeSync();
  rmSync(folder, { recursive: true });
});

/** Writes rows as both sides have them; `qty`, `where` and `order` are SQL over the row number i. */
async function write(path: string, qty: string, where = 'true', order = 'i'): Promise<string> {
  await db.run(`COPY (
    SELECT i AS ts_recv, i AS ts_event, i AS sequence, i % 2 = 0 AS is_bid, 10 * i AS price_pips,
      ${qty} AS qty_pips, CASE WHEN i = 5 THEN 4096 ELSE 128 END::INTEGER AS flags
    FROM range(${ROWS}) AS r(i) WHERE ${where} ORDER BY ${order}
  ) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
  return path;
}

// Row 5 is marked as made by depthmill: DuckDB does not have it.
beforeAll(() => write(theirs, 'i', 'i <> 5'));

test('equal rows pass, ours without those that depthmill made', async () => {
  const ours = await write(join(folder, 'equal.parquet'), 'i');
  expect(await checkSameRows(db, ours, theirs)).toBe(ROWS - 1);
});

test.each([
  ['another value', 'CASE WHEN i = 900 THEN 1 ELSE i END', 'true', 'i'],
  ['a NULL', 'CASE WHEN i = 900 THEN NULL ELSE i END', 'true', 'i'],
  ['a lost row', 'i', 'i <> 900', 'i'],
  ['a lost last row', 'i', `i < ${ROWS - 1}`, 'i'],
  ['another order', 'i', 'true', 'CASE WHEN i = 900 THEN 901.5 ELSE i END'],
])('the check finds %s', async (_, qty, where, order) => {
  const ours = await write(join(folder, 'off.parquet'), qty, where, order);
  await expect(checkSameRows(db, ours, theirs)).rejects.toThrow('nothing was timed');
});

test('a book must have a row for each message', async () => {
  for (const table of ['depth', 'book']) mkdirSync(join(folder, 'out', table), { recursive: true });
  const out = join(folder, 'out');
  await write(join(out, 'depth', '0.parquet'), 'i');
  const book = join(out, 'book', '0.parquet');
  await write(book, 'i', 'i <> 5');
  expect(await checkBookRows(db, out)).toBe(ROWS - 1);
  await write(book, 'i', 'i < 100');
  await expect(checkBookRows(db, out)).rejects.toThrow('nothing was timed');
});
