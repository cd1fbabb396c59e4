import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLAG_MAYBE_BAD_BOOK } from '#src/abi/flags.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { GOOD, goodRows } from '../support/failures.js';
import { lakeFixtureFile, writeLakeBook, writeLakeDeltas } from '../support/lake-fixture.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const ROWS = 800;

interface Shards {
  /** Ids of `book` rows in the order of time; they agree with the stream as far as it is there. */
  readonly bookIds: readonly number[];
}

/** Rows of one day in shards 1 (ids 1000 to 1399) and 4 (1500 to 1799), and book rows. */
async function writeShards({ bookIds }: Shards): Promise<string> {
  const root = join(temporaryFolder(), 'lake');
  const rows = goodRows(ROWS);
  const first = lakeFixtureFile(root, 'book_delta_v2', GOOD);
  await writeLakeDeltas(root, GOOD, rows.slice(500));
  mkdirSync(dirname(first), { recursive: true });
  renameSync(first, join(dirname(first), '4.snappy.parquet'));
  await writeLakeDeltas(root, GOOD, rows.slice(0, 400));
  const level = (price: bigint) => ({ pricePips: price * 10_000_000n, qtyPips: 100_000_000n });
  const witnesses = bookIds.map((id) => ({
    tsRecv: rows[id - 1_000]!.receipt_timestamp!,
    tsEvent: rows[id - 1_000]!.timestamp!,
    sequence: BigInt(id),
    bids: [level(995n)],
    asks: [level(1_005n)],
    depth: 20,
  }));
  await writeLakeBook(root, GOOD, witnesses);
  return root;
}

describe('a missing shard', () => {
  it('is a hole with its file and row, and the book behind it is not trusted', async () => {
    const lake = await writeShards({ bookIds: [1_009] });
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

  it.each([1_399, 1_450])(
    'is doubted though a book row of id %i proves the book in it',
    async (id) => {
      const lake = await writeShards({ bookIds: [1_009, id, 1_600] });
      const out = join(temporaryFolder(), 'out');
      await depthmillDone(['run', lake, '-o', out]);
      const db = await openDuckdb();
      try {
        const table = (name: string): string => `read_parquet('${out}/${name}/**/*.parquet')`;
        const { last, first, behind } = await columnsOf(
          db,
          `SELECT max(sequence) FILTER (sequence < 1500 AND NOT marked) AS last,
          min(sequence) FILTER (sequence >= 1500 AND NOT marked) AS first,
          count(*) FILTER (sequence > 1600 AND NOT marked) AS behind
        FROM (SELECT *, flags & ${FLAG_MAYBE_BAD_BOOK} <> 0 AS marked FROM ${table('book')})`,
        );
        expect({ last, first }).toEqual({ last: [BigInt(id)], first: [1_600n] });
        expect(behind![0]).toBe(199n);
        const quality = await columnsOf(
          db,
          `SELECT sequence_from, sequence_to FROM ${table('quality')} WHERE state = 'suspect'
        ORDER BY ts_recv_to DESC LIMIT 1`,
        );
        expect(quality).toEqual({ sequence_from: [BigInt(id)], sequence_to: [1_600n] });
      } finally {
        db.closeSync();
      }
    },
  );
});
