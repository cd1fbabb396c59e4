import { describe, expect, test } from 'vitest';
import { FLAG_CLEAR, FLAG_LAST, FLAG_SNAPSHOT } from '#src/abi/flags.js';
import { GEN_MESSAGE_ROWS_MAX, GEN_SEED_LEVELS } from '#src/abi/generate.js';
import { bookDigest } from '../oracle/book-digest.js';
import { PriceLevels } from '../oracle/price-levels.js';
import { createPrng, TEST_SEED } from '../prng.js';
import { BUILDS } from './both-builds.js';
import { type DepthRow, GeneratedMarket } from './generated-market.js';

/** The plain book that the kernel's own is compared with. */
class Book {
  readonly bids = new PriceLevels(true);
  readonly asks = new PriceLevels(false);

  apply(rows: readonly DepthRow[]): void {
    for (const { isBid, pricePips, qtyPips, flags } of rows) {
      if ((flags & FLAG_CLEAR) !== 0) continue;
      (isBid ? this.bids : this.asks).set(pricePips, qtyPips);
    }
  }

  get digest(): string {
    return bookDigest(this.bids.top(1e6), this.asks.top(1e6));
  }
}

const SEED = BigInt(TEST_SEED);

describe.each(BUILDS)('generator kernels ($build)', ({ module }) => {
  test(`the rows of a market are what its book says (seed ${SEED})`, () => {
    const market = new GeneratedMarket(module, { seed: SEED, rows: 20_000, slotRows: 2_048 });
    const book = new Book();
    const snapshot = market.snapshot();
    book.apply(snapshot);
    expect(snapshot).toHaveLength(1 + 2 * GEN_SEED_LEVELS);
    expect(snapshot[0]!.flags).toBe(FLAG_SNAPSHOT | FLAG_CLEAR);
    expect(snapshot.at(-1)!.flags).toBe(FLAG_SNAPSHOT | FLAG_LAST);
    expect(book.digest).toBe(market.stream.digest());
    let [last, recv, wrong] = [snapshot[0]!.sequence, snapshot[0]!.tsRecv, 0];
    while (market.stream.rowsLeft > 0) {
      const { rows } = market.message();
      const head = rows[0]!;
      const prices = new Set(rows.map(({ isBid, pricePips }) => `${isBid} ${pricePips}`));
      book.apply(rows);
      const isRight =
        head.first === last + 1n &&
        head.sequence >= head.first &&
        head.tsRecv >= recv + 1024n &&
        head.tsEvent < head.tsRecv &&
        rows.length <= GEN_MESSAGE_ROWS_MAX &&
        rows.every(
          ({ sequence, tsRecv }) => sequence === head.sequence && tsRecv === head.tsRecv,
        ) &&
        rows.every(({ flags }, i) => flags === (i === rows.length - 1 ? FLAG_LAST : 0)) &&
        prices.size === rows.length &&
        book.bids.best!.pricePips < book.asks.best!.pricePips;
      if (!isRight) wrong++;
      last = head.sequence;
      recv = head.tsRecv;
    }
    expect(wrong).toBe(0);
    expect(book.digest).toBe(market.stream.digest());
    expect(market.sandbox.trespasses()).toEqual([]);
  });

  test('trades take what stood at the touch, and the message after them shows it', () => {
    const market = new GeneratedMarket(module, { seed: SEED + 1n, rows: 30_000, slotRows: 2_048 });
    const book = new Book();
    book.apply(market.snapshot());
    let [trades, wrong, id] = [0, 0, 0n];
    while (market.stream.rowsLeft > 0) {
      const made = market.message();
      const taken = new Map<bigint, bigint>();
      for (const trade of made.trades) {
        if (id > 0n && trade.id !== id + 1n) wrong++;
        id = trade.id;
        const sold = (taken.get(trade.pricePips) ?? 0n) + trade.qtyPips;
        taken.set(trade.pricePips, sold);
        const side = trade.isBuy ? book.asks : book.bids;
        if (trade.qtyPips <= 0n || sold > side.quantityAt(trade.pricePips)) wrong++;
      }
      const left = new Map<string, bigint>();
      for (const [pricePips, sold] of taken) {
        const { isBuy } = made.trades.find((trade) => trade.pricePips === pricePips)!;
        left.set(
          `${!isBuy} ${pricePips}`,
          (isBuy ? book.asks : book.bids).quantityAt(pricePips) - sold,
        );
      }
      book.apply(made.rows);
      for (const [place, qtyPips] of left) {
        const row = made.rows.find(({ isBid, pricePips }) => `${isBid} ${pricePips}` === place);
        if (row?.qtyPips !== qtyPips) wrong++;
      }
      trades += made.trades.length;
    }
    expect(wrong).toBe(0);
    expect(trades).toBeGreaterThan(300);
  });

  test('the rows depend neither on the slots nor on the way they are asked for', () => {
    const prng = createPrng();
    const seed = BigInt(prng.u32());
    const rows = 6_000;
    const market = (slotRows: number): GeneratedMarket =>
      new GeneratedMarket(module, { seed, rows, slotRows });
    const expected = market(8_192).rest();
    expect(expected).toHaveLength(rows);
    for (const slotRows of [64, 65, 1_000]) {
      expect(market(slotRows).rest(), `slots of ${slotRows} rows, seed ${seed}`).toEqual(expected);
    }
    const single = market(2_048);
    const found: DepthRow[] = [];
    while (single.stream.rowsLeft > 0) found.push(...single.message().rows);
    expect(found, `message by message, seed ${seed}`).toEqual(expected);
  });

  test.each([1, 2, 3, 17])('a day of %i rows ends after exactly so many', (rows) => {
    for (let seed = 1n; seed <= 5n; seed++) {
      const market = new GeneratedMarket(module, { seed, rows, slotRows: 64 });
      const made = market.rest();
      expect(made).toHaveLength(rows);
      expect(made.at(-1)!.flags).toBe(FLAG_LAST);
    }
  });
});

test('both builds make the same market, and another seed another one', () => {
  const rows = ({ module }: (typeof BUILDS)[number], seed: bigint): DepthRow[] =>
    new GeneratedMarket(module, { seed, rows: 5_000, slotRows: 8_192 }).rest();
  const expected = rows(BUILDS[0], 7n);
  expect(rows(BUILDS[1], 7n)).toEqual(expected);
  expect(rows(BUILDS[0], 8n)).not.toEqual(expected);
});
