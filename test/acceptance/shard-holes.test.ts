import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLAG_MAYBE_BAD_BOOK } from '#src/abi/flags.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { GOOD, goodRows } from '../support/failures.js';
import { lakeFixtureFile, writeLakeBook, writeLakeDeltas } from '../support/lake-fixture.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const ROWS = 800;

/** Rows of one day in shards 1 and 4, and one book row at their beginning. */
async function writeShards(): Promise<string> {
  const root = join(temporaryFolder(), 'lake');
  const rows = goodRows(ROWS);
  const first = lakeFixtureFile(root, 'book_delta_v2', GOOD);
  await writeLakeDeltas(root, GOOD, rows.slice(500));
  mkdirSync(dirname(first), { recursive: true });
  renameSync(first, join(dirname(first), '4.snappy.parquet'));
  await writeLakeDeltas(root, GOOD, rows.slice(0, 400));
  const level = (price: bigint) => ({ pricePips: price * 10_000_000n, qtyPips: 100_000_000n });
  const witness = {
    tsRecv: rows[9]!.receipt_timestamp!,
    tsEvent: rows[9]!.timestamp!,
    sequence: rows[9]!.sequence_number!,
    bids: [level(995n)],
    asks: [level(1_005n)],
    depth: 20,
  };
  await writeLakeBook(root, GOOD, [witness]);
  return root;
}

describe('a missing shard', () => {
  it('is a hole with its file and row, and the book behind it is not trusted', async () => {
    const lake = await writeShards();
    const out = join(temporaryFolder(), 'out');
    await depthmillDone(['run', lake, '-o', out]);
    const db = await openDuckdb();
    try {
      const table = (name: string): string => `read_parquet('${out}/${name}/**/*.parquet')`;
      const gaps = await columnsOf(
        db,
        `SELECT kind, proven, sequence_before, sequence_after, row, reason, file FROM ${table('gaps')}`,
      );
      expect(gaps).toMatchObject({
        kind: ['hole'],
        proven: [true],
        sequence_before: [1_399n],
        sequence_after: [1_500n],
        row: [0n],
        reason: ['shards 2 to 3 are missing'],
      });
      expect(String(gaps.file![0])).toContain('4.snappy.parquet');
      const trusted = `flags & ${FLAG_MAYBE_BAD_BOOK} = 0`;
      const { before, behind } = await columnsOf(
        db,
        `SELECT count(*) FILTER (sequence < 1500 AND ${trusted}) AS before,
          count(*) FILTER (sequence >= 1500 AND ${trusted}) AS behind FROM ${table('book')}`,
      );
      expect(before![0]).toBeGreaterThan(380n);
      expect(behind![0]).toBe(0n);
    } finally {
      db.closeSync();
    }
  });
});
