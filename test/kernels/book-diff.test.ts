import { describe, expect, test } from 'vitest';
import { BOOK_LIVE, CADENCE_NONE } from '#src/abi/book.js';
import { FLAG_LAST } from '#src/abi/flags.js';
import { bookDiffInto, bookLevelsInto } from '#src/core/book.js';
import type { RunOptions } from '#src/core/book-run.js';
import { BookOracle, type DepthRow, I64_MAX, I64_MIN, oracleDiff } from '../oracle/book.js';
import type { Level } from '../oracle/price-levels.js';
import { createPrng, type Prng, TEST_SEED } from '../prng.js';
import { BookHarness, type Cutting } from './book-harness.js';
import { CALM, randomMessages, type StreamOptions } from './book-stream.js';
import { BUILDS } from './both-builds.js';

const OPTIONS: RunOptions = {
  cadence: CADENCE_NONE,
  depth: 0,
  suspectOnCross: false,
  intervalNs: 1n,
  clockIsEvent: false,
};
const CUTTING: Cutting = {
  slotRows: () => 500,
  outRows: () => 1,
  outRowsMax: 1,
  blockBytes: 20_480,
  blockBytesMax: 2 ** 20,
  grow: (bytes) => bytes * 2,
};
const CAPACITY = 4_096;

/** A random book in both forms. */
function randomBook(module: WebAssembly.Module, prng: Prng, market: StreamOptions) {
  const harness = new BookHarness(module, OPTIONS, CUTTING);
  const oracle = new BookOracle(OPTIONS);
  oracle.state = BOOK_LIVE;
  harness.seed();
  const messages = randomMessages(prng, market);
  for (let left = prng.int(0, 120); left > 0; left--) {
    const message = messages.next().value!;
    oracle.apply(message.map((row: DepthRow) => ({ ...row })));
    harness.apply(message);
  }
  return { harness, oracle };
}

/** The book's own levels down to a random depth, some of them changed, missing or added. */
function randomlyChanged(prng: Prng, levels: Level[], isBid: boolean): Level[] {
  const changed = new Map<bigint, bigint>();
  const changeShare = prng.pick([0, 0, 0.05, 0.5]);
  for (const { pricePips, qtyPips } of levels) {
    if (prng.chance(changeShare)) {
      if (prng.chance(0.5)) changed.set(pricePips, prng.chance(0.1) ? 0n : qtyPips + 1n);
      if (prng.chance(0.5)) {
        changed.set(BigInt.asIntN(64, pricePips + BigInt(prng.int(-3, 4)) * 1_000_000n), 7n);
      }
    } else {
      changed.set(pricePips, qtyPips);
    }
  }
  const sorted = [...changed].map(([pricePips, qtyPips]) => ({ pricePips, qtyPips }));
  return sorted.sort((a, b) => (a.pricePips < b.pricePips === isBid ? 1 : -1));
}

/** Levels as a witness table has them: prices in one run of columns, quantities in another. */
function putLevels(
  harness: BookHarness,
  levels: readonly Level[],
  stride: number,
  qtyOffset: number,
) {
  const ptr = harness.sandbox.buffer(levels.length * stride + qtyOffset + 8);
  const { i64 } = harness.sandbox.core.views;
  levels.forEach((level, k) => {
    i64[(ptr + k * stride) / 8] = level.pricePips;
    i64[(ptr + k * stride + qtyOffset) / 8] = level.qtyPips;
  });
  return ptr;
}

function diff(
  harness: BookHarness,
  given: { bids: Level[]; asks: Level[] },
  limits: { bidPips: bigint; askPips: bigint },
  capacity = CAPACITY,
) {
  const [stride, qtyOffset] = [24, 16];
  const out = {
    pricePtr: harness.sandbox.buffer(capacity * 8),
    qtyPtr: harness.sandbox.buffer(capacity * 8),
    isBidPtr: harness.sandbox.buffer(Math.ceil(capacity / 8), { fill: 0x5a }),
    capacity,
    resultPtr: harness.sandbox.buffer(4),
  };
  const found = bookDiffInto(
    harness.sandbox.core,
    harness.bookPtr,
    {
      bidPtr: putLevels(harness, given.bids, stride, qtyOffset),
      bidCount: given.bids.length,
      askPtr: putLevels(harness, given.asks, stride, qtyOffset),
      askCount: given.asks.length,
      levelStride: stride,
      qtyOffset,
      bidLimitPips: limits.bidPips,
      askLimitPips: limits.askPips,
    },
    out,
  );
  // null is the status OUTPUT_FULL and nothing else.
  if (found === null) throw new Error(`more than ${capacity} rows differ`);
  const { rowCount, insideKnownCount } = found;
  const { i64, u8 } = harness.sandbox.core.views;
  const rows = Array.from({ length: rowCount }, (_, k) => ({
    isBid: ((u8[out.isBidPtr + (k >> 3)]! >> (k & 7)) & 1) === 1,
    pricePips: i64[out.pricePtr / 8 + k]!,
    qtyPips: i64[out.qtyPtr / 8 + k]!,
  }));
  return { rows, insideKnownCount };
}

const MARKETS: StreamOptions[] = [
  CALM,
  { ...CALM, far: 3_000_000, farShare: 0.4, messageRowsMax: 60 },
  { ...CALM, center: 0n, anywhereShare: 0.5 },
  { ...CALM, bidShare: 1, near: 500, messageRowsMax: 40 },
];

describe.each(BUILDS)('bookDiff and bookLevels, $build', ({ module }) => {
  test('gives the rows that make the book equal to what is given, inside the limits', () => {
    for (let round = 0; round < 60; round++) {
      const prng = createPrng(TEST_SEED + round);
      const label = `DEPTHMILL_SEED=${TEST_SEED}, round ${round}`;
      const { harness, oracle } = randomBook(module, prng, MARKETS[round % MARKETS.length]!);
      const depth = prng.pick([1, 20, 100, 10_000]);
      const given = {
        bids: randomlyChanged(prng, oracle.bids.top(depth), true),
        asks: randomlyChanged(prng, oracle.asks.top(depth), false),
      };
      const limits = {
        bidPips: prng.chance(0.3) ? I64_MIN : (given.bids.at(-1)?.pricePips ?? I64_MAX),
        askPips: prng.chance(0.3) ? I64_MAX : (given.asks.at(-1)?.pricePips ?? I64_MIN),
      };
      if (prng.chance(0.7)) {
        oracle.knownBidPips = prng.pick(oracle.bids.top(50))?.pricePips ?? 5n;
        oracle.knownAskPips = prng.pick(oracle.asks.top(50))?.pricePips ?? 5n;
        harness.head.knownBidPips = oracle.knownBidPips;
        harness.head.knownAskPips = oracle.knownAskPips;
      }
      const ours = diff(harness, given, limits);
      expect(ours, label).toEqual(oracleDiff(oracle, given, limits));
      // Applied, they leave nothing to do, and both books are the same still.
      const last = ours.rows.length - 1;
      const rows = ours.rows.map((row, k) => ({
        ...row,
        tsRecv: 0n,
        tsEvent: 0n,
        sequence: 0n,
        flags: k === last ? FLAG_LAST : 0,
      }));
      if (rows.length > 0) {
        oracle.apply(rows.map((row) => ({ ...row })));
        harness.apply(rows);
      }
      expect(harness.digest, label).toBe(oracle.digest);
      expect(diff(harness, given, limits).rows, label).toEqual([]);
      expect(harness.sandbox.trespasses(), label).toEqual([]);
    }
  });

  test('gives null for a full output, and writes nothing behind it', () => {
    const prng = createPrng();
    const { harness, oracle } = randomBook(module, prng, MARKETS[1]!);
    const nothing = { bids: [], asks: [] };
    const whole = { bidPips: I64_MIN, askPips: I64_MAX };
    const levelCount = oracle.bids.count + oracle.asks.count;
    expect(diff(harness, nothing, whole, levelCount).rows).toHaveLength(levelCount);
    expect(() => diff(harness, nothing, whole, levelCount - 1)).toThrow('rows differ');
    expect(harness.sandbox.trespasses()).toEqual([]);
  });

  test('lists the levels of a side from the best, as many as asked for', () => {
    for (const market of MARKETS) {
      const { harness, oracle } = randomBook(module, createPrng(), market);
      for (const isBid of [true, false]) {
        const side = isBid ? oracle.bids : oracle.asks;
        for (const max of [0, 1, side.count - 1, side.count, side.count + 9]) {
          if (max < 0) continue;
          const pricePtr = harness.sandbox.buffer(max * 8);
          const qtyPtr = harness.sandbox.buffer(max * 8);
          const { core } = harness.sandbox;
          const count = bookLevelsInto(core, harness.bookPtr, isBid, { pricePtr, qtyPtr, max });
          const levels = Array.from({ length: count }, (_, k) => ({
            pricePips: core.views.i64[pricePtr / 8 + k]!,
            qtyPips: core.views.i64[qtyPtr / 8 + k]!,
          }));
          expect(levels).toEqual(side.top(max));
        }
      }
      expect(harness.sandbox.trespasses()).toEqual([]);
    }
  });
});
