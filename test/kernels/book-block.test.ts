import { describe, expect, test } from 'vitest';
import { BOOK_LIVE, CADENCE_INTERVAL, CADENCE_MESSAGE, CADENCE_NONE } from '#src/abi/book.js';
import { FLAG_LAST } from '#src/abi/flags.js';
import { STATUS_BAD_ARGUMENT, STATUS_BAD_STATE } from '#src/abi/status.js';
import { BOOK_BLOCK_BYTES, BOOK_BLOCK_BYTES_WIDE, bookInit } from '#src/core/book.js';
import { BookHead } from '#src/core/book-head.js';
import { BookOracle, type DepthRow, I64_MAX } from '../oracle/book.js';
import { createPrng } from '../prng.js';
import { BookHarness } from './book-harness.js';
import { CALM, randomMessages, type StreamOptions } from './book-stream.js';
import { BUILDS, Sandbox } from './both-builds.js';

const OPTIONS = {
  cadence: CADENCE_NONE,
  depth: 0,
  suspectOnCross: false,
  intervalNs: 1n,
  clockIsEvent: false,
};

function open(module: WebAssembly.Module, blockBytes: number): BookHarness {
  const harness = new BookHarness(module, OPTIONS, {
    slotRows: () => 512,
    outRows: () => 1,
    outRowsMax: 1,
    blockBytes,
    blockBytesMax: 2 * blockBytes,
    grow: (bytes) => bytes * 2,
  });
  harness.seed();
  return harness;
}

const row = (isBid: boolean, pricePips: bigint, qtyPips: bigint): DepthRow => ({
  tsRecv: 0n,
  tsEvent: 0n,
  sequence: 0n,
  isBid,
  pricePips,
  qtyPips,
  flags: FLAG_LAST,
});

describe.each(BUILDS)('the block of a book, $build', ({ module }) => {
  test('has the window that its size promises', () => {
    const sandbox = new Sandbox(module, 2 ** 25);
    const { core } = sandbox;
    const bookPtr = sandbox.buffer(BOOK_BLOCK_BYTES_WIDE);
    const windowTicks = (bytes: number): number => {
      bookInit(core, bookPtr, bytes);
      return new BookHead(core.views, bookPtr).windowTicks;
    };
    expect(windowTicks(core.kernels.bookBytesMin())).toBe(128);
    expect(windowTicks(BOOK_BLOCK_BYTES)).toBe(4_096);
    expect(windowTicks(4 * 2 ** 20)).toBe(2 ** 17);
    expect(windowTicks(BOOK_BLOCK_BYTES_WIDE)).toBe(2 ** 18);
  });

  test('refuses what is no block or no book', () => {
    const sandbox = new Sandbox(module);
    const { kernels } = sandbox.core;
    const ptr = sandbox.buffer(BOOK_BLOCK_BYTES);
    const runPtr = sandbox.buffer(128);
    expect(kernels.bookInit(ptr + 8, BOOK_BLOCK_BYTES)).toBe(-STATUS_BAD_ARGUMENT);
    expect(kernels.bookInit(ptr, kernels.bookBytesMin() - 1)).toBe(-STATUS_BAD_ARGUMENT);
    expect(kernels.bookClear(ptr)).toBe(-STATUS_BAD_STATE);
    expect(kernels.bookApply(ptr, runPtr)).toBe(-STATUS_BAD_STATE);
    expect(kernels.bookMove(ptr, ptr, BOOK_BLOCK_BYTES)).toBe(-STATUS_BAD_STATE);
    expect(kernels.bookLevels(ptr, 1, 1, ptr, ptr)).toBe(-STATUS_BAD_STATE);
    expect(kernels.bookLevelCount(ptr, 1)).toBe(-STATUS_BAD_STATE);
    expect(sandbox.trespasses()).toEqual([]);
  });

  test('refuses a run block that contradicts itself, and does nothing', () => {
    const harness = open(module, BOOK_BLOCK_BYTES);
    const { kernels } = harness.sandbox.core;
    const apply = (): number => kernels.bookApply(harness.bookPtr, harness.run.ptr);
    for (const rows of [
      { row: 2, rowEnd: 1, messageStart: 0 },
      { row: 1, rowEnd: 1, messageStart: 2 },
      { row: 0, rowEnd: 1, messageStart: -1 },
    ]) {
      harness.run.setRows(rows);
      expect(apply()).toBe(-STATUS_BAD_ARGUMENT);
    }
    harness.run.setRows({ row: 0, rowEnd: 0, messageStart: 0 });
    for (const options of [
      { ...OPTIONS, cadence: 4 },
      { ...OPTIONS, cadence: CADENCE_MESSAGE, depth: 0 },
      { ...OPTIONS, cadence: CADENCE_MESSAGE, depth: 257 },
      { ...OPTIONS, cadence: CADENCE_INTERVAL, depth: 1, intervalNs: 0n },
    ]) {
      harness.run.setOptions(options);
      expect(apply()).toBe(-STATUS_BAD_ARGUMENT);
    }
    harness.run.setOptions(OPTIONS);
    expect(apply()).toBe(0);
    expect(harness.head.messages).toBe(0n);
  });

  test('of 128 KiB holds 1,000 levels a side wherever they lie, so that 500 books are 64 MB', () => {
    for (const step of [1n, 1_000n, 10_000_000_000n]) {
      const harness = open(module, BOOK_BLOCK_BYTES);
      const rows: DepthRow[] = [];
      for (let k = 1n; k <= 1_000n; k++) {
        rows.push(row(true, -k * 7_919n * step, k), row(false, k * 7_919n * step, k));
      }
      harness.apply(rows);
      expect([harness.head.bidCount, harness.head.askCount]).toEqual([1_000, 1_000]);
      expect(harness.moveCount).toBe(0);
    }
  });

  test('gives the room of removed levels back, however they lay', () => {
    const harness = open(module, BOOK_BLOCK_BYTES);
    const prng = createPrng();
    for (let round = 0; round < 40; round++) {
      const prices = new Set(Array.from({ length: 1_200 }, () => prng.i64()));
      harness.apply([...prices].map((price) => row(true, price, 1n)));
      // A few levels stay in many blocks.
      harness.apply([...prices].slice(20).map((price) => row(true, price, 0n)));
    }
    expect(harness.head.bidCount).toBe(800);
    expect(harness.moveCount).toBe(0);
  });

  test('keeps the levels near the touch in the window, on both sides and as the price moves', () => {
    // A feed removes what it leaves behind; these markets do so by clearing the book.
    const markets: StreamOptions[] = [
      { ...CALM, farShare: 0 },
      { ...CALM, farShare: 0, jumpShare: 0.05, jump: 3_000, clearShare: 0.05 },
      { ...CALM, farShare: 0, step: 1_250n },
    ];
    for (const market of markets) {
      for (const bidShare of [0, 0.5, 1]) {
        const harness = open(module, BOOK_BLOCK_BYTES);
        const messages = randomMessages(createPrng(), { ...market, bidShare });
        for (let k = 0; k < 2_000; k++) harness.apply(messages.next().value!);
        const { rowsApplied, rowsOffWindow } = harness.head;
        expect(rowsOffWindow * 10n).toBeLessThan(rowsApplied);
      }
    }
  });

  test('keeps order when a window at the end of int64 gets a coarser grid while it is empty', () => {
    const harness = open(module, BOOK_BLOCK_BYTES);
    const oracle = new BookOracle(OPTIONS);
    oracle.state = BOOK_LIVE;
    const coarse = 2n ** 40n;
    // Where a window of 4,096 ticks of 1 begins that ends with int64.
    const base = I64_MAX - 4_095n;
    const rows: DepthRow[] = [];
    for (const qty of [1n, 0n]) {
      for (let k = 0n; k < 200n; k++) rows.push(row(true, I64_MAX - k, qty));
    }
    for (let k = 1n; k < 300n; k++) rows.push(row(false, k * coarse, k));
    // A window that began there and went on beyond int64 would take these, in the wrong order.
    for (let k = 0n; k < 3n; k++) {
      rows.push(row(true, BigInt.asIntN(64, base + k * coarse), 5n));
    }
    for (const message of rows) oracle.apply([{ ...message }]);
    harness.apply(rows);
    expect(harness.digest).toBe(oracle.digest);
  });
});
