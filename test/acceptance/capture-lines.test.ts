import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckdb, rowOf } from '../support/duckdb.js';
import { readAudit, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_NS = 1_767_225_600_000_000_000n;

type Level = readonly [price: string, qty: string];

const at = (ms: number): bigint => START_NS + BigInt(ms) * 1_000_000n;

function update(ms: number, id: number, bids: readonly Level[], asks: readonly Level[]): string {
  const data = { e: 'depthUpdate', E: Number(at(ms) / 1_000_000n), s: 'XUSDT', U: id, u: id };
  const message = { stream: 'xusdt@depth@100ms', data: { ...data, b: bids, a: asks } };
  return `${at(ms)} ${JSON.stringify(message)}`;
}

const LINES = [
  `${at(0)} {"lastUpdateId":10,"bids":[["99.0","1"],["98.0","2"]],"asks":[["101.0","1"]]}`,
  update(100, 11, [['99.5', '3'], ['98.5', '4']], []), // biome-ignore format: one line
  update(200, 12, [['99.5', '0']], [['100.5', '2'], ['102.0', '1']]), // biome-ignore format: one line
  update(300, 13, [], [['100.5', '0']]),
];

async function booked(lines: readonly string[], ...options: string[]) {
  const root = temporaryFolder();
  writeFileSync(join(root, 'capture.txt'), `${lines.join('\n')}\n`);
  const out = join(root, 'out');
  await depthmillDone(['run', join(root, 'capture.txt'), '-o', out, ...options]);
  return { out, instrument: readAudit(out).instruments[0]! };
}

describe('a line of a capture that comes twice, time and all', () => {
  const twice = LINES.flatMap((line, index) => (index === 2 ? [line, line] : [line]));

  it('is a duplicate, and the book is that of one', async () => {
    const [one, two] = [await booked(LINES), await booked(twice)];
    expect(one.instrument).toMatchObject({ gaps: [], duplicates: 0, messages: 4 });
    expect(two.instrument).toMatchObject({ gaps: [], duplicates: 1, messages: 4 });
    expect(two.instrument.accounting.dropped).toEqual({ duplicate: 3 });
    expect(two.instrument.digest).toBe(one.instrument.digest);
  });

  it('is one also where its last row is refused', async () => {
    const damaged = twice.map((line) => line.replace('"102.0","1"', '"102.0","x"'));
    const { instrument } = await booked(damaged);
    expect(instrument).toMatchObject({ gaps: [], duplicates: 1, messages: 4 });
    expect(instrument.accounting.rejected).toEqual({ ERR_ROW_NOT_NUMBER: 2 });
  });
});

describe('a value of a capture that is no number', () => {
  it.each([
    ['"98.5","4"', '"NaN","4"', 'price', 'NaN'],
    ['"98.5","4"', '"98.5","four"', 'qty', 'four'],
    ['"102.0","1"', '"1o2.0","1"', 'price', '1o2.0'],
    ['"2"],["102.0"', 'null],["102.0"', 'qty', 'null'],
  ])('%s as %s is named as it stands there', async (good, bad, column, value) => {
    const { out, instrument } = await booked(LINES.map((line) => line.replace(good, bad)));
    expect(Object.values(instrument.accounting.rejected)).toEqual([1]);
    const db = await openDuckdb();
    try {
      const found = await rowOf(db, `SELECT "column", value FROM ${tableSql(out, 'rejects')}`);
      expect(found).toEqual({ column, value });
    } finally {
      db.closeSync();
    }
  });
});
