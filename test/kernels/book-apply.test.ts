import { describe, expect, test } from 'vitest';
import {
  BOOK_LIVE,
  BOOK_SUSPECT,
  BOOK_UNSEEDED,
  CADENCE_CHANGE,
  CADENCE_INTERVAL,
  CADENCE_MESSAGE,
  CADENCE_NONE,
} from '#src/abi/book.js';
import { FLAG_GAP_BEFORE } from '#src/abi/flags.js';
import { bookBest, bookClear } from '#src/core/book.js';
import type { RunOptions } from '#src/core/book-run.js';
import { BookOracle, type DepthRow, I64_MAX, I64_MIN } from '../oracle/book.js';
import { createPrng, type Prng, TEST_SEED } from '../prng.js';
import { BookHarness, type Cutting } from './book-harness.js';
import { CALM, randomMessages, type StreamOptions } from './book-stream.js';
import { BUILDS } from './both-builds.js';

const OPTIONS: RunOptions = {
  cadence: CADENCE_MESSAGE,
  depth: 1,
  suspectOnCross: false,
  intervalNs: 1n,
  clockIsEvent: false,
};

const MARKETS: Record<string, StreamOptions> = {
  calm: CALM,
  'far prices': { ...CALM, far: 3_000_000, farShare: 0.4 },
  'jumps beyond the window': { ...CALM, jumpShare: 0.3, jump: 30_000, clearShare: 0.01 },
  'a finer grid in the middle': { ...CALM, step: 100n, offGridShare: 0.02 },
  'mostly off the grid': { ...CALM, step: 10_000n, offGridShare: 0.5 },
  'anywhere in int64': { ...CALM, anywhereShare: 0.5 },
  'around zero': { ...CALM, center: 0n, step: 3n, near: 20 },
  'at the top of int64': { ...CALM, center: I64_MAX, step: 7n },
  'at the bottom of int64': { ...CALM, center: I64_MIN, step: 1n, near: 300 },
  'a giant tick': { ...CALM, center: 0n, step: 2n ** 50n, near: 500, far: 8_000 },
  'one-sided': { ...CALM, bidShare: 1 },
  'crossed half of the time': { ...CALM, near: 6, halfSpread: -2, deleteShare: 0.6 },
  'long messages': { ...CALM, messageRowsMax: 400 },
  'often cleared': { ...CALM, clearShare: 0.1 },
  'thin, a million steps apart': { ...CALM, step: 1n, near: 50_000_000, deleteShare: 0.45 },
};

function randomCutting(prng: Prng): Cutting {
  const blockBytes = prng.pick([20_480, 24_000, 40_000, 131_072]) & ~63;
  const isTiny = prng.chance(0.5);
  return {
    slotRows: () => (isTiny ? prng.int(1, 9) : prng.int(1, 300)),
    outRows: () => (isTiny ? 1 : prng.int(1, 40)),
    outRowsMax: 40,
    blockBytes,
    blockBytesMax: 2 * 2 ** 20,
    grow: (bytes) => bytes + (isTiny ? 1_088 : prng.pick([1_152, 4_096, bytes])),
  };
}

/** Everything that book and oracle must have in common. */
function expectSame(harness: BookHarness, oracle: BookOracle, label: string): void {
  const { head } = harness;
  const counters = Object.fromEntries(
    Object.keys(oracle.counters).map((name) => [name, head[name as keyof typeof oracle.counters]]),
  );
  expect(counters, label).toEqual(oracle.counters);
  expect(
    {
      digest: harness.digest,
      state: head.state,
      tick: head.tickPips,
      firstCrossTs: head.firstCrossTs,
      lastMarks: head.lastMarks,
      counts: [head.bidCount, head.askCount],
      bests: [true, false].map((isBid) => bookBest(harness.sandbox.core, harness.bookPtr, isBid)),
    },
    label,
  ).toEqual({
    digest: oracle.digest,
    state: oracle.state,
    tick: oracle.tickPips,
    firstCrossTs: oracle.firstCrossTs,
    lastMarks: oracle.lastMarks,
    counts: [oracle.bids.count, oracle.asks.count],
    bests: [oracle.bids.best, oracle.asks.best],
  });
}

/** Feeds the same random market to both, in batches with the host's own changes between them. */
function compare(
  module: WebAssembly.Module,
  prng: Prng,
  market: StreamOptions,
  options: RunOptions,
  rowCount: number,
): BookHarness {
  const harness = new BookHarness(module, options, randomCutting(prng));
  const oracle = new BookOracle(options);
  const messages = randomMessages(prng, market);
  const label = `DEPTHMILL_SEED=${TEST_SEED}, stream ${prng.seed}`;
  for (let done = 0; done < rowCount; ) {
    const batchMax = Math.ceil(800 / market.messageRowsMax);
    const batch = Array.from({ length: prng.int(1, batchMax) }, () => messages.next().value!);
    const marks = prng.chance(0.2) ? FLAG_GAP_BEFORE : 0;
    const rows = batch.flat();
    done += rows.length;
    const ours = rows.map((row) => ({ ...row }));
    for (const message of batch) oracle.apply(message, message === batch[0] ? marks : 0);
    harness.apply(ours, marks);
    expect(
      ours.map((row) => row.flags),
      label,
    ).toEqual(rows.map((row) => row.flags));
    expect(harness.rows.splice(0), label).toEqual(oracle.rows.splice(0));
    expectSame(harness, oracle, label);
    meddle(prng, harness, oracle);
  }
  harness.checkGuard();
  expect(harness.sandbox.trespasses(), label).toEqual([]);
  return harness;
}

/** What a host does between calls: states, known ranges, clears, larger blocks. */
function meddle(prng: Prng, harness: BookHarness, oracle: BookOracle): void {
  if (prng.chance(0.3)) {
    const state = prng.pick([BOOK_LIVE, BOOK_LIVE, BOOK_SUSPECT, BOOK_UNSEEDED]);
    harness.head.state = state;
    oracle.state = state;
    if (state === BOOK_UNSEEDED) {
      bookClear(harness.sandbox.core, harness.bookPtr);
      oracle.clear();
    }
    harness.head.firstCrossTs = 0n;
    oracle.firstCrossTs = 0n;
  }
  if (prng.chance(0.3)) {
    const bound = (best: bigint | undefined, all: bigint, sign: bigint): bigint =>
      best === undefined || prng.chance(0.3)
        ? all
        : BigInt.asIntN(64, best + sign * BigInt(prng.int(0, 20_000_000)));
    const knownBid = bound(oracle.bids.best?.pricePips, I64_MIN, -1n);
    const knownAsk = bound(oracle.asks.best?.pricePips, I64_MAX, 1n);
    harness.head.knownBidPips = knownBid;
    harness.head.knownAskPips = knownAsk;
    oracle.knownBidPips = knownBid;
    oracle.knownAskPips = knownAsk;
  }
  if (prng.chance(0.1) && harness.blockBytes < 500_000) harness.move();
}

describe.each(BUILDS)('bookApply, $build', ({ module }) => {
  test.each(Object.keys(MARKETS))('follows the oracle through a market that is %s', (name) => {
    for (let stream = 0; stream < 4; stream++) {
      const prng = createPrng(TEST_SEED + stream);
      const options: RunOptions = {
        cadence: prng.pick([CADENCE_NONE, CADENCE_MESSAGE, CADENCE_CHANGE, CADENCE_INTERVAL]),
        depth: 0,
        suspectOnCross: prng.chance(0.5),
        intervalNs: BigInt(prng.pick([1, 10, 37, 200])),
        clockIsEvent: prng.chance(0.5),
      };
      const depth = options.cadence === CADENCE_NONE ? 0 : prng.pick([1, 2, 5, 20]);
      const harness = compare(module, prng, MARKETS[name]!, { ...options, depth }, 4_000);
      expect(harness.head.messages).toBeGreaterThan(0n);
    }
  });

  test.each([
    ['message', CADENCE_MESSAGE],
    ['change', CADENCE_CHANGE],
    ['interval', CADENCE_INTERVAL],
  ])('writes the rows of cadence %s as the oracle does', (_, cadence) => {
    for (const depth of [1, 3, 20]) {
      for (const clockIsEvent of [false, true]) {
        const prng = createPrng(TEST_SEED + depth);
        const options = { ...OPTIONS, cadence, depth, clockIsEvent, intervalNs: 25n };
        const market = { ...CALM, clockBackShare: 0.1, near: 15, halfSpread: -1 };
        const harness = compare(module, prng, market, options, 3_000);
        expect(harness.head.messages).toBeGreaterThan(0n);
      }
    }
  });

  test('moves through many blocks while a book grows beyond 10,000 levels a side', () => {
    const prng = createPrng();
    const market = {
      ...CALM,
      near: 40_000,
      far: 4_000_000,
      farShare: 0.5,
      deleteShare: 0.02,
      clearShare: 0,
      messageRowsMax: 300,
      jumpShare: 0,
    };
    const oracle = new BookOracle({ ...OPTIONS, depth: 0, cadence: CADENCE_NONE });
    const cutting = { ...randomCutting(prng), blockBytes: 20_480, grow: (b: number) => b * 2 };
    const options = { ...OPTIONS, depth: 0, cadence: CADENCE_NONE };
    const harness = new BookHarness(module, options, cutting);
    oracle.state = BOOK_LIVE;
    harness.seed();
    const messages = randomMessages(prng, market);
    for (let k = 0; k < 170; k++) {
      const message = messages.next().value!;
      oracle.apply(message.map((row: DepthRow) => ({ ...row })));
      harness.apply(message);
    }
    expectSame(harness, oracle, `DEPTHMILL_SEED=${TEST_SEED}`);
    expect(oracle.bids.count).toBeGreaterThan(10_000);
    expect(oracle.asks.count).toBeGreaterThan(10_000);
    expect(harness.moveCount).toBeGreaterThan(4);
  });
});
