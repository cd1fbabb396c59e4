import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  FLAG_DEPTH_UNKNOWN,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_SYNTHETIC,
  FLAG_UNSEEDED,
} from '#src/abi/flags.js';
import { LakeBook, runLakeBook } from '../oracle/lake-book.js';
import { openDuckdb } from '../support/duckdb.js';
import { readTruthBest, rebuildFullBook } from '../support/flat-source.js';
import { INSTRUMENTS, partitionOf } from '../support/instruments.js';
import { readLakeDay } from '../support/lake-source.js';
import { compareWithOracle, Differences } from '../support/oracle-comparison.js';
import {
  type BookLines,
  instrumentIn,
  levelsLine,
  readAudit,
  readBook,
  readDepth,
} from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const CROSSED_AFTER_NS = 2_000_000_000n;
const SHARE_MARKED_MAX = new Map([
  [1, 0.02],
  [20, 0.09],
]);
const MARKS = FLAG_MAYBE_BAD_BOOK | FLAG_DEPTH_UNKNOWN;

const outs = new Map<number, Promise<string>>();

/** Output of `run` on the Lake inputs with so many levels; made once. */
function outputOf(bookDepth: number): Promise<string> {
  const known = outs.get(bookDepth);
  if (known !== undefined) return known;
  const out = join(temporaryFolder(), `out-${bookDepth}`);
  const args = ['run', sharedData('lake'), '-o', out, '--json', '--book-depth', String(bookDepth)];
  const made = depthmillDone(args).then(() => out);
  outs.set(bookDepth, made);
  return made;
}

/** Share of the received messages after the seed that carry a mark. */
function shareMarked(book: BookLines): number {
  const after = book.flags.filter((flags) => (flags & (FLAG_UNSEEDED | FLAG_SYNTHETIC)) === 0);
  return after.filter((flags) => (flags & MARKS) !== 0).length / after.length;
}

describe.skipIf(!hasSharedData)('depth and book of the real Lake inputs', () => {
  for (const instrument of INSTRUMENTS) {
    const name = `${instrument.exchange} ${instrument.symbol}`;

    it.each([1, 20])(
      `${name}: all rows and marks equal the oracle's, %d levels`,
      { timeout: 180_000 },
      async (bookDepth) => {
        const out = await outputOf(bookDepth);
        const db = await openDuckdb();
        const day = await readLakeDay(db, instrument);
        // What depth holds does not depend on how many levels book shows: once is enough.
        const depth = bookDepth === 1 ? await readDepth(db, out, partitionOf(instrument)) : null;
        const book = await readBook(db, out, bookDepth, partitionOf(instrument));
        const oracle = new LakeBook({ bookDepth, crossedAfterNs: CROSSED_AFTER_NS });
        const messages = runLakeBook(oracle, day.deltas, day.witnesses);
        expect(compareWithOracle(messages, depth, book, bookDepth).first).toEqual([]);
        const audit = instrumentIn(readAudit(out), instrument.exchange, instrument.symbol);
        expect(audit.digest).toBe(oracle.digest);
        expect(audit.book_rows).toBe(book.flags.length);
        expect(audit.witness.map(({ compared, agreed }) => ({ compared, agreed }))).toContainEqual(
          oracle.witness,
        );
        const share = shareMarked(book);
        console.log(
          `${name}: ${depth === null ? '' : `${depth.flags.length} depth rows and `}` +
            `${book.flags.length} book rows equal the oracle's; ${(100 * share).toFixed(3)} % of ` +
            `the messages after the seed are marked (${bookDepth} levels)`,
        );
        expect(share).toBeLessThanOrEqual(SHARE_MARKED_MAX.get(bookDepth)!);
      },
    );

    it(`${name}: depth is the same whatever book shows`, async () => {
      const path = `depth/${partitionOf(instrument)}/part-0000.parquet`;
      const [few, many] = await Promise.all([1, 20].map(outputOf));
      expect(readFileSync(join(few!, path)).equals(readFileSync(join(many!, path)))).toBe(true);
    });

    it(`${name}: unmarked best prices are the exchange's own`, { timeout: 180_000 }, async () => {
      const db = await openDuckdb();
      const book = await readBook(db, await outputOf(1), 1, partitionOf(instrument));
      const truth = await readTruthBest(db, instrument);
      const published = new Map(
        truth.map(({ sequence, bid, ask }) => [sequence, levelsLine([bid], [ask], 1)]),
      );
      let compared = 0;
      const wrong = new Set<bigint>();
      book.sequence.forEach((sequence, row) => {
        const expected = published.get(sequence);
        if (expected === undefined || (book.flags[row]! & MARKS) !== 0) return;
        compared++;
        if (book.levels[row] !== expected) wrong.add(sequence);
      });
      console.log(
        `${name}: ${compared} unmarked rows compared with the exchange's ${truth.length} best ` +
          `prices; ${wrong.size} differ (${[...wrong].join(', ')})`,
      );
      expect([...wrong].filter((id) => !instrument.lostTickers.includes(id))).toEqual([]);
      expect(compared).toBeGreaterThan(0.95 * truth.length);
    });

    it(`${name}: unmarked top 20 is that of the full book`, { timeout: 180_000 }, async () => {
      const db = await openDuckdb();
      const book = await readBook(db, await outputOf(20), 20, partitionOf(instrument));
      const rows = new Map<bigint, number[]>();
      book.sequence.forEach((sequence, row) => {
        if ((book.flags[row]! & MARKS) !== 0) return;
        rows.set(sequence, [...(rows.get(sequence) ?? []), row]);
      });
      let compared = 0;
      const differences = new Differences();
      for await (const { sequence, bids, asks } of rebuildFullBook(db, instrument, 20)) {
        const expected = levelsLine(bids, asks, 20);
        for (const row of rows.get(sequence) ?? []) {
          compared++;
          differences.compare(`book row ${row}`, book.levels[row]!, expected);
        }
      }
      console.log(
        `${name}: ${compared} of ${book.flags.length} top 20 compared with the full book; ` +
          `${differences.count} differ`,
      );
      expect(differences.first).toEqual([]);
      expect(compared).toBeGreaterThan(0.9 * book.flags.length);
    });
  }
});
