import { expect, test } from 'vitest';
import { BOOK_LIVE } from '#src/abi/book.js';
import { FLAG_LAST } from '#src/abi/flags.js';
import { OrderBook } from '#src/book/order-book.js';
import { compileCore } from '#src/core/load-node.js';
import { CALM, randomMessages } from '../kernels/book-stream.js';
import { BookOracle, type DepthRow } from '../oracle/book.js';
import { createPrng, TEST_SEED } from '../prng.js';

const module = compileCore();
const level = (pricePips: bigint, qtyPips: bigint) => ({ pricePips, qtyPips });

test('keeps levels by side and price, and removes them with quantity 0', async () => {
  const book = await OrderBook.create();
  expect(book.best()).toEqual({ bid: null, ask: null });
  book.apply([
    { isBid: true, ...level(100n, 5n) },
    { isBid: true, ...level(90n, 6n) },
    { isBid: false, ...level(110n, 7n) },
    { isBid: true, ...level(100n, 8n) },
    { isBid: false, ...level(130n, 1n) },
    { isBid: false, ...level(120n, 0n) },
  ]);
  expect(book.best()).toEqual({ bid: level(100n, 8n), ask: level(110n, 7n) });
  expect(book.levels('bid')).toEqual([level(100n, 8n), level(90n, 6n)]);
  expect(book.levels('ask', 1)).toEqual([level(110n, 7n)]);
  expect(book.levels('ask', 0)).toEqual([]);
  expect(book.tickPips).toBe(10n);
  expect(book.isCrossed).toBe(false);
  book.apply([{ isBid: true, ...level(111n, 1n) }]);
  expect(book.isCrossed).toBe(true);
  expect(book.tickPips).toBe(1n);
  book.clear();
  expect(book.levels('bid')).toEqual([]);
  expect(book.digest()).toBe(new BookOracle(NO_ROWS).digest);
});

const NO_ROWS = {
  cadence: 0,
  depth: 0,
  suspectOnCross: false,
  intervalNs: 1n,
  clockIsEvent: false,
};

test('grows its memory with the book and equals the oracle, as objects and as columns', async () => {
  const prng = createPrng();
  const market = {
    ...CALM,
    near: 200_000,
    deleteShare: 0.05,
    clearShare: 0,
    messageRowsMax: 9_000,
  };
  const messages = randomMessages(prng, market);
  const oracle = new BookOracle(NO_ROWS);
  oracle.state = BOOK_LIVE;
  const book = await OrderBook.create({ module });
  const bytesBefore = book.byteLength;
  for (let k = 0; k < 12; k++) {
    const message: DepthRow[] = messages.next().value!;
    oracle.apply(message.map((row) => ({ ...row, flags: FLAG_LAST })));
    if (k % 2 === 0) book.apply(message);
    else {
      book.apply({
        isBid: message.map((row) => (row.isBid ? 1 : 0)),
        pricePips: BigInt64Array.from(message, (row) => row.pricePips),
        qtyPips: BigInt64Array.from(message, (row) => row.qtyPips),
      });
    }
    expect(book.digest(), `DEPTHMILL_SEED=${TEST_SEED}`).toBe(oracle.digest);
  }
  expect(book.levelCount('bid')).toBe(oracle.bids.count);
  expect(book.levels('ask')).toEqual(oracle.asks.top(oracle.asks.count));
  expect(oracle.bids.count).toBeGreaterThan(10_000);
  expect(book.byteLength).toBeGreaterThan(bytesBefore);
});

test('refuses values that int64 cannot hold, and then changes nothing', async () => {
  const book = await OrderBook.create({ module });
  book.apply([{ isBid: true, ...level(1n, 1n) }]);
  const before = book.digest();
  const good = { isBid: true, ...level(2n, 2n) };
  const bad: [string, object][] = [
    ['pricePips of update 1', { isBid: true, ...level(2n ** 63n, 1n) }],
    ['pricePips of update 1', { isBid: true, ...level(-(2n ** 63n) - 1n, 1n) }],
    ['qtyPips of update 1', { isBid: true, ...level(1n, 2n ** 63n) }],
    ['qtyPips of update 1', { isBid: true, ...level(1n, -1n) }],
    ['pricePips of update 1', { isBid: true, pricePips: 1.5, qtyPips: 1n }],
  ];
  for (const [message, update] of bad) {
    expect(() => book.apply([good, update as never])).toThrow(message);
    expect(() => book.apply([good, update as never])).toThrow(
      expect.objectContaining({ code: 'ERR_BOOK_VALUE', name: 'BookError' }),
    );
  }
  const short = { isBid: [1], pricePips: BigInt64Array.of(1n, 2n), qtyPips: BigInt64Array.of(1n) };
  expect(() => book.apply(short)).toThrow('Columns of 1, 2 and 1 rows');
  expect(book.digest()).toBe(before);
});
