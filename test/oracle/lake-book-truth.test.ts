import { describe, expect, it } from 'vitest';
import { FLAG_DEPTH_UNKNOWN, FLAG_MAYBE_BAD_BOOK, FLAG_UNSEEDED } from '#src/abi/flags.js';
import { openDuckdb } from '../support/duckdb.js';
import { readTruthBest, rebuildFullBook } from '../support/flat-source.js';
import { INSTRUMENTS } from '../support/instruments.js';
import { readLakeDay } from '../support/lake-source.js';
import { hasSharedData } from '../support/shared-data.js';
import { type BookMessage, LakeBook, runLakeBook } from './lake-book.js';
import type { Level } from './price-levels.js';

const CROSSED_AFTER_NS = 2_000_000_000n;

const isMarked = ({ book }: BookMessage): boolean =>
  (book.flags & (FLAG_MAYBE_BAD_BOOK | FLAG_DEPTH_UNKNOWN)) !== 0;

const textOf = (levels: readonly Level[]): string =>
  levels.map((level) => `${level.pricePips}x${level.qtyPips}`).join(' ');

/** Share of marked messages among those after the seed. */
function shareOfMarks(messages: readonly BookMessage[]): number {
  const seeded = messages.filter(({ book }) => (book.flags & FLAG_UNSEEDED) === 0);
  return seeded.filter(isMarked).length / seeded.length;
}

// The rules themselves on trial: what the oracle leaves unmarked must be the exchange's truth, or
// every comparison of the product with the oracle would prove the wrong thing.
describe.skipIf(!hasSharedData)('the oracle of Lake books on real data', () => {
  for (const instrument of INSTRUMENTS) {
    const name = `${instrument.exchange} ${instrument.symbol}`;

    it(`${name}: what it does not mark is the truth`, { timeout: 120_000 }, async () => {
      const db = await openDuckdb();
      const day = await readLakeDay(db, instrument);
      expect(day.deltas.length).toBe(instrument.deltaRows);
      expect(day.invalid).toBe(0);
      const run = (bookDepth: number) => {
        const book = new LakeBook({ bookDepth, crossedAfterNs: CROSSED_AFTER_NS });
        return { book, messages: [...runLakeBook(book, day.deltas, day.witnesses)] };
      };

      const best = run(1);
      const published = new Map(
        (await readTruthBest(db, instrument)).map((row) => [row.sequence, row]),
      );
      const wrongBest = new Set<bigint>();
      let comparedBest = 0;
      for (const message of best.messages) {
        const truth = published.get(message.book.sequence);
        if (truth === undefined || isMarked(message)) continue;
        comparedBest++;
        const ours = textOf([...message.book.bids, ...message.book.asks]);
        if (ours !== textOf([truth.bid, truth.ask])) wrongBest.add(message.book.sequence);
      }

      const top = run(20);
      const bySequence = new Map<bigint, BookMessage[]>();
      for (const message of top.messages) {
        const { sequence } = message.book;
        bySequence.set(sequence, [...(bySequence.get(sequence) ?? []), message]);
      }
      const wrongTop = new Set<bigint>();
      let comparedTop = 0;
      for await (const full of rebuildFullBook(db, instrument, 20)) {
        const theirs = `${textOf(full.bids)} | ${textOf(full.asks)}`;
        for (const message of bySequence.get(full.sequence) ?? []) {
          if (isMarked(message)) continue;
          comparedTop++;
          const ours = `${textOf(message.book.bids)} | ${textOf(message.book.asks)}`;
          if (ours !== theirs) wrongTop.add(full.sequence);
        }
      }

      const percent = (messages: readonly BookMessage[]) =>
        `${(100 * shareOfMarks(messages)).toFixed(3)} % marked after the seed`;
      console.log(
        `${name}: ${best.messages.length} messages; best prices: ${comparedBest} compared, ` +
          `${wrongBest.size} differ, ${percent(best.messages)}; top 20: ${comparedTop} compared, ` +
          `${wrongTop.size} differ, ${percent(top.messages)}; ` +
          `witness ${best.book.witness.agreed} of ${best.book.witness.compared}; ` +
          `digest ${best.book.digest}`,
      );
      expect([...wrongBest].filter((id) => !instrument.lostTickers.includes(id))).toEqual([]);
      expect([...wrongTop]).toEqual([]);
      expect(shareOfMarks(best.messages)).toBeLessThanOrEqual(0.02);
      expect(shareOfMarks(top.messages)).toBeLessThanOrEqual(0.09);
      expect(comparedBest).toBeGreaterThan(6_000);
      expect(top.book.digest).toBe(best.book.digest);
    });
  }
});
