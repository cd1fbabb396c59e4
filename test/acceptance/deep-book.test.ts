import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FLAG_DEPTH_UNKNOWN } from '#src/abi/flags.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import {
  type LakeFixture,
  lakeRow,
  writeLakeBook,
  writeLakeDeltas,
} from '../support/lake-fixture.js';
import { instrumentIn, readAudit, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const FIXTURE: LakeFixture = { exchange: 'BINANCE', symbol: 'A-B', dt: '2026-01-01' };
const START = 1_767_225_600_000_000_000n;
const TICK = 1_000_000n;
const MIDDLE = 10_000_000_000n;
const DEEP_LEVELS = 60;

/** The market stands still but for the size of the best bid, so that every witness agrees. */
const bestQty = (message: number): bigint => 100_000_000n * BigInt(1 + (message % 5));

const delta = (message: number) => ({
  tsRecv: START + BigInt(message) * 1_000_000_000n,
  tsEvent: START + BigInt(message) * 1_000_000_000n,
  sequence: BigInt(1_000 + message),
  isBid: true,
  pricePips: MIDDLE - TICK,
  qtyPips: bestQty(message),
});

function witness(message: number, depth: number) {
  const { tsRecv, tsEvent, sequence } = delta(message);
  const side = (sign: bigint) =>
    Array.from({ length: depth }, (_, level) => ({
      pricePips: MIDDLE + sign * TICK * BigInt(level + 1),
      qtyPips: sign < 0n && level === 0 ? bestQty(message) : 200_000_000n,
    }));
  return { tsRecv, tsEvent, sequence, depth, bids: side(-1n), asks: side(1n) };
}

it('seeds from the first valid row of either witness, and lets the deeper one widen the book', async () => {
  const root = temporaryFolder();
  const lake = join(root, 'lake');
  const messages = Array.from({ length: 200 }, (_, message) => lakeRow(delta(message)));
  await writeLakeDeltas(lake, FIXTURE, messages);
  await writeLakeBook(
    lake,
    FIXTURE,
    [10, 70, 130].map((message) => witness(message, 20)),
  );
  await writeLakeBook(
    lake,
    FIXTURE,
    [60, 120].map((message) => witness(message, DEEP_LEVELS)),
    { table: 'deep_book_1m', depth: DEEP_LEVELS },
  );
  const out = join(root, 'out');
  await depthmillDone(['run', lake, '-o', out, '--book-depth', '50', '--json']);
  const audit = instrumentIn(readAudit(out), FIXTURE.exchange, FIXTURE.symbol);
  // The seed: CLEAR and 2 x 20 levels; the deep row adds 2 x 40.
  expect(audit.accounting).toMatchObject({ rows_in: 200, synthetic: 41 + 80, rows_out: 321 });
  expect(audit.witness).toEqual([
    expect.objectContaining({ kind: 'book', compared: 2, agreed: 2 }),
    expect.objectContaining({ kind: 'deep_book_1m', compared: 2, agreed: 2 }),
  ]);
  expect(audit.gaps).toEqual([]);
  const db = await openDuckdb();
  const { unknown, deepest } = await columnsOf(
    db,
    `SELECT min(sequence) FILTER ((flags & ${FLAG_DEPTH_UNKNOWN}) <> 0)::VARCHAR || '-' ||
            max(sequence) FILTER ((flags & ${FLAG_DEPTH_UNKNOWN}) <> 0)::VARCHAR AS unknown,
            max(bid_49_price_pips)::VARCHAR AS deepest
     FROM ${tableSql(out, 'book')}`,
  );
  // Unknown from the seed up to the message that the deep row stands behind.
  expect(unknown).toEqual(['1010-1060']);
  expect(deepest).toEqual([String(MIDDLE - 50n * TICK)]);
});
