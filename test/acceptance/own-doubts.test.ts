import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckdb, rowOf } from '../support/duckdb.js';
import { readAudit, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_MS = 1_767_225_600_000;
const MESSAGES = 60;

/** A snapshot and messages of one level each; `change` may make another line, or none, of one. */
function csvOf(policy: 'contiguous' | 'monotonic', change: (line: string, n: number) => string[]) {
  const levels = ['ask,101,1', 'ask,102,1', 'bid,99,1', 'bid,98,1'];
  const ids = (n: number): string => (policy === 'contiguous' ? `${n},${n}` : `${n}`);
  const lines = levels.map((level) => `${START_MS},${ids(0)},${level},true`);
  for (let n = 1; n <= MESSAGES; n++) {
    const line = `${START_MS + n * 100},${ids(n)},bid,${90 + (n % 9)},${n},false`;
    // A message of which a row is refused is still there.
    const withOther = (row: string): string[] => [
      row,
      row.replace(/bid,.*,false/, `ask,103,${n},false`),
    ];
    lines.push(...change(line, n).flatMap(withOther));
  }
  const names = policy === 'contiguous' ? 'sequence_first,sequence' : 'sequence';
  const head = `exchange,symbol,local_ts,${names},side,price,qty,is_snapshot`;
  return [head, ...lines.map((line) => `okx,X,${line}`), ''].join('\n');
}

/** Runs a text, and its output again; compares the marks of trust of `book`, row by row. */
async function twice(text: string, policy: string) {
  const root = temporaryFolder();
  const [input, first, second] = ['in.csv', 'first', 'second'].map((name) => join(root, name));
  writeFileSync(input!, text);
  const options = ['--no-sync', '--book-depth', '2'];
  await depthmillDone([
    'run',
    input!,
    '-o',
    first!,
    '--dialect',
    'generic',
    '--policy',
    policy,
    ...options,
  ]);
  await depthmillDone(['run', first!, '-o', second!, ...options]);
  const db = await openDuckdb();
  const rows = (out: string): string =>
    `SELECT file_row_number AS n, flags & 4 AS suspect FROM ${tableSql(out, 'book')}`;
  const counts = await rowOf(
    db,
    `SELECT count(*) AS rows, count(*) FILTER (a.suspect > 0) AS suspect,
       count(*) FILTER (a.suspect IS DISTINCT FROM b.suspect) AS differing
     FROM (${rows(first!)}) a FULL JOIN (${rows(second!)}) b USING (n)`,
  );
  db.closeSync();
  const [of, again] = [first!, second!].map((out) => readAudit(out).instruments[0]!);
  return { counts, of: of!, again: again! };
}

const refused = (line: string, n: number): string[] =>
  n === 20 ? [line.replace(/bid,[^,]+/, 'bid,x')] : [line];
/** The price of message 20 is set again by message 29. */
const refusedLevel = (line: string, n: number): string[] =>
  n === 20 ? [line.replace(/,20,false/, ',x,false')] : [line];

describe('an output read again', () => {
  it.each([
    ['a row without a price was refused, to the end', 'contiguous', refused, 'rejected_row'],
    ['a level was in doubt, until it was set again', 'contiguous', refusedLevel, 'rejected_level'],
  ] as const)('doubts what the first run did: %s', async (_, policy, change, reason) => {
    const { counts, of, again } = await twice(csvOf(policy, change), policy);
    expect(of.quality).toMatchObject([{ reason }]);
    expect(counts.suspect).toBeGreaterThan(5n);
    expect(counts.differing).toBe(0n);
    expect(again.quality).toMatchObject([{ state: 'suspect', reason: 'earlier_run' }]);
    expect(again.quality[0]!.ts_recv_to).toBe(of.quality[0]!.ts_recv_to);
  });

  it('doubts a level that a late message left, where ids prove no loss', async () => {
    let late = '';
    const text = csvOf('monotonic', (line, n) => {
      if (n === 20) late = line.replace(/^\d+/, String(START_MS + 2_350));
      // It comes behind three others.
      return n === 20 ? [] : n === 23 ? [line, late] : [line];
    });
    const { counts, of, again } = await twice(text, 'monotonic');
    expect(of.quality).toMatchObject([{ reason: 'stale_level' }]);
    expect(counts.suspect).toBeGreaterThan(0n);
    expect(counts.differing).toBe(0n);
    expect(again.quality).toMatchObject([{ reason: 'earlier_run' }]);
  });

  it('names what it finds out itself, as before', async () => {
    const lossy = csvOf('contiguous', (line, n) => (n === 30 ? [] : [line]));
    const { counts, of, again } = await twice(lossy, 'contiguous');
    expect(counts.suspect).toBe(BigInt(MESSAGES - 30));
    expect(counts.differing).toBe(0n);
    expect(again.quality).toEqual(of.quality);
    expect(again.gaps).toMatchObject([{ kind: 'gap', missing: '1' }]);
  });
});
