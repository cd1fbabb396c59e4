import { describe, expect, test } from 'vitest';
import {
  BOOK_LIVE,
  CADENCE_CHANGE,
  CADENCE_INTERVAL,
  CADENCE_MESSAGE,
  CADENCE_NONE,
  STOP_HOST,
} from '#src/abi/book.js';
import { FLAG_LAST } from '#src/abi/flags.js';
import { STATUS_BAD_ARGUMENT, STATUS_BAD_STATE } from '#src/abi/status.js';
import { WITNESSES_BYTES } from '#src/abi/witnesses.js';
import type { RunOptions } from '#src/core/book-run.js';
import { type WitnessColumns, WitnessRows } from '#src/core/witness-rows.js';
import { BookOracle, type DepthRow, I64_MAX } from '../oracle/book.js';
import { type FollowOptions, oracleFollow, type WitnessLevels } from '../oracle/book-follow.js';
import type { Level } from '../oracle/price-levels.js';
import { createPrng, type Prng, TEST_SEED } from '../prng.js';
import { BookHarness, type Cutting } from './book-harness.js';
import { CALM, randomMessages, type StreamOptions } from './book-stream.js';
import { BUILDS } from './both-builds.js';

const ROUNDS = 60;
const WITNESSES_MAX = 64;
const LEVELS_MAX = 20;

const MARKETS: StreamOptions[] = [
  CALM,
  { ...CALM, far: 3_000_000, farShare: 0.4, messageRowsMax: 12 },
  // Crosses now and then.
  { ...CALM, halfSpread: -3, clearShare: 0.01 },
  { ...CALM, clockBackShare: 0.3, messageRowsMax: 3 },
  // Hardly any level: sides that are shorter than the witness' table, or empty.
  { ...CALM, near: 4, farShare: 0, deleteShare: 0.6 },
];

function cutting(prng: Prng): Cutting {
  const outRowsMax = prng.pick([1, 7, 400]);
  return {
    slotRows: () => 500,
    outRows: () => prng.int(1, outRowsMax + 1),
    outRowsMax,
    blockBytes: 32_768,
    blockBytesMax: 2 ** 20,
    grow: (bytes) => bytes * 2,
  };
}

function optionsOf(prng: Prng): RunOptions {
  const cadence = prng.pick([CADENCE_NONE, CADENCE_MESSAGE, CADENCE_CHANGE, CADENCE_INTERVAL]);
  const depth = cadence === CADENCE_NONE ? 0 : prng.pick([1, 1, 5]);
  const suspectOnCross = prng.chance(0.5);
  return { cadence, depth, suspectOnCross, intervalNs: 10n, clockIsEvent: false };
}

/** Messages of at most 500 rows together, whose rows share their stamps as received ones do. */
function slotOfMessages(stream: Generator<DepthRow[]>): DepthRow[][] {
  const messages: DepthRow[][] = [];
  let rowCount = 0;
  for (;;) {
    const message = stream.next().value!;
    rowCount += message.length;
    if (rowCount > 500 || messages.length === 60) return messages;
    messages.push(message.map((row: DepthRow) => ({ ...row, tsRecv: message.at(-1)!.tsRecv })));
  }
}

/** A witness of some of the messages, most of them true. */
function witnessesOf(
  prng: Prng,
  future: BookOracle,
  messages: readonly DepthRow[][],
  { levelCount, keyOf }: Pick<FollowOptions, 'levelCount' | 'keyOf'>,
): WitnessLevels[] {
  const witnesses: WitnessLevels[] = [];
  const share = prng.pick([0.05, 0.3, 1]);
  const falseShare = prng.pick([0, 0.1]);
  for (const message of messages) {
    future.apply(message.map((row) => ({ ...row })));
    if (!prng.chance(share) || witnesses.length === WITNESSES_MAX) continue;
    const shown = prng.chance(0.2) ? prng.int(1, levelCount + 1) : levelCount;
    const witness = {
      key: keyOf(message[0]!),
      bids: future.bids.top(shown),
      asks: future.asks.top(shown),
    };
    if (prng.chance(falseShare)) {
      const side = prng.chance(0.5) ? witness.bids : witness.asks;
      const at = prng.int(0, side.length + 1);
      side.splice(at, prng.int(0, 2));
    }
    witnesses.push(witness);
  }
  return witnesses.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** A witness table of few rows in the sandbox. */
class WitnessTable {
  readonly rows: WitnessRows;
  readonly columns: WitnessColumns;
  readonly #harness: BookHarness;

  constructor(harness: BookHarness, levelCount: number) {
    this.#harness = harness;
    const { sandbox } = harness;
    const i64Bytes = WITNESSES_MAX * 8;
    const levels = sandbox.buffer(4 * LEVELS_MAX * i64Bytes);
    this.rows = new WitnessRows(sandbox.core.views, sandbox.buffer(WITNESSES_BYTES));
    const keyPtr = sandbox.buffer(i64Bytes);
    this.columns = {
      tsRecvPtr: keyPtr,
      tsEventPtr: 0,
      sequencePtr: keyPtr,
      bidCountPtr: sandbox.buffer(WITNESSES_MAX * 4),
      askCountPtr: sandbox.buffer(WITNESSES_MAX * 4),
      bidPtr: levels,
      askPtr: levels + 2 * LEVELS_MAX * i64Bytes,
      levelStride: 2 * i64Bytes,
      qtyOffset: i64Bytes,
      levelCount,
    };
  }

  put(witnesses: readonly WitnessLevels[]): void {
    const { i32, i64 } = this.#harness.sandbox.core.views;
    const { columns } = this;
    const putSide = (ptr: number, row: number, levels: readonly Level[]): void => {
      levels.forEach(({ pricePips, qtyPips }, level) => {
        const at = ptr + level * columns.levelStride + row * 8;
        i64[at / 8] = pricePips;
        i64[(at + columns.qtyOffset) / 8] = qtyPips;
      });
    };
    witnesses.forEach(({ key, bids, asks }, row) => {
      i64[columns.sequencePtr / 8 + row] = key;
      i32[columns.bidCountPtr / 4 + row] = bids.length;
      i32[columns.askCountPtr / 4 + row] = asks.length;
      putSide(columns.bidPtr, row, bids);
      putSide(columns.askPtr, row, asks);
    });
  }
}

/** First row of each message, and the row behind the last one. */
function messageRows(messages: readonly DepthRow[][]): number[] {
  const rows = [0];
  for (const message of messages) rows.push(rows.at(-1)! + message.length);
  return rows;
}

describe.each(BUILDS)('bookFollow, $build', ({ module }) => {
  test('goes across the witnesses that agree, and no further, as the oracle does', () => {
    let used = 0;
    let stops = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const prng = createPrng(TEST_SEED + round);
      const label = `DEPTHMILL_SEED=${TEST_SEED}, round ${round}`;
      const options = optionsOf(prng);
      const harness = new BookHarness(module, options, cutting(prng));
      const [oracle, future] = [new BookOracle(options), new BookOracle(options)];
      harness.seed();
      oracle.state = BOOK_LIVE;
      future.state = BOOK_LIVE;
      const levelCount = prng.pick([1, 5, LEVELS_MAX]);
      const table = new WitnessTable(harness, levelCount);
      const bySequence = prng.chance(0.5);
      const keyOf = (row: DepthRow): bigint => (bySequence ? row.sequence : row.tsRecv);
      const stream = randomMessages(prng, MARKETS[round % MARKETS.length]!);
      for (let slots = 0; slots < 4; slots++) {
        const messages = slotOfMessages(stream);
        const starts = messageRows(messages);
        const witnesses = witnessesOf(prng, future, messages, { levelCount, keyOf });
        const rows = messages.flat().map((row) => ({ ...row }));
        harness.openSlot(rows);
        table.put(witnesses);
        if (prng.chance(0.7)) {
          // What witnesses prove goes beyond this.
          oracle.knownBidPips = prng.pick(oracle.bids.top(30))?.pricePips ?? 5n;
          oracle.knownAskPips = prng.pick(oracle.asks.top(30))?.pricePips ?? 5n;
          harness.head.knownBidPips = oracle.knownBidPips;
          harness.head.knownAskPips = oracle.knownAskPips;
        }
        let place = { message: 0, witness: 0 };
        for (;;) {
          const keyMax = prng.chance(0.2) ? (witnesses[place.witness]?.key ?? 0n) + 3n : I64_MAX;
          const follow = { levelCount, keyMax, keyOf, suspectOnCross: options.suspectOnCross };
          oracle.firstCrossTs = 0n;
          const wanted = oracleFollow(oracle, messages, witnesses, place, follow);
          const row = starts[place.message]!;
          const range = { row: place.witness, rowEnd: witnesses.length, bySequence, keyMax };
          table.rows.set(table.columns, range);
          const slotRows = { row, rowEnd: rows.length, messageStart: row };
          const stop = harness.follow(slotRows, table.rows);
          const found = {
            message: starts.indexOf(harness.run.row),
            witness: table.rows.row,
            stop: stop === STOP_HOST ? 'host' : 'end',
          };
          expect(found, label).toEqual(wanted);
          expect(harness.digest, label).toBe(oracle.digest);
          expect(harness.head.knownBidPips, label).toBe(oracle.knownBidPips);
          expect(harness.head.knownAskPips, label).toBe(oracle.knownAskPips);
          expect(harness.head.state, label).toBe(oracle.state);
          expect(harness.head.firstCrossTs, label).toBe(oracle.firstCrossTs);
          used += wanted.witness - place.witness;
          if (wanted.stop === 'end') break;
          stops++;
          // The host's turn: it passes a witness by, or applies a message without looking at any.
          const passes = wanted.witness < witnesses.length;
          place = { message: wanted.message, witness: wanted.witness + (passes ? 1 : 0) };
          if (!passes) {
            place = { ...place, message: place.message + 1 };
            const message = messages[wanted.message]!;
            oracle.apply(message);
            const rowEnd = starts[place.message]!;
            harness.applyOpen({ row: starts[wanted.message]!, rowEnd });
          }
          if (prng.chance(0.5)) {
            oracle.state = BOOK_LIVE;
            harness.head.state = BOOK_LIVE;
          }
          if (place.message === messages.length) break;
        }
        harness.closeSlot(rows);
        expect(rows, label).toEqual(messages.flat());
      }
      expect(harness.rows, label).toEqual(oracle.rows);
      const { messages, crossedMessages, deletes, rowsTrusted, depthUnknown } = harness.head;
      expect({ ...oracle.counters }, label).toMatchObject({
        messages,
        crossedMessages,
        deletes,
        rowsTrusted,
        depthUnknown,
      });
      harness.checkGuard();
      expect(harness.sandbox.trespasses(), label).toEqual([]);
    }
    // The rounds show something only if both happen often.
    expect(used).toBeGreaterThan(500);
    expect(stops).toBeGreaterThan(100);
  });

  test('leaves a witness that stands inside a message to the host', () => {
    const prng = createPrng();
    const harness = new BookHarness(
      module,
      { ...optionsOf(prng), cadence: CADENCE_NONE, depth: 0 },
      {
        ...cutting(prng),
      },
    );
    harness.seed();
    const table = new WitnessTable(harness, 1);
    const row = (key: bigint, isBid: boolean, pricePips: bigint) => ({
      tsRecv: key,
      tsEvent: 0n,
      sequence: key,
      isBid,
      pricePips,
      qtyPips: 1n,
      flags: key === 3n ? FLAG_LAST : 0,
    });
    const rows = [row(1n, true, 10n), row(2n, false, 11n), row(3n, true, 9n)];
    harness.openSlot(rows);
    // True of the book where it stands, but no book is looked at inside a message.
    const [bids, asks] = [[{ pricePips: 10n, qtyPips: 1n }], [{ pricePips: 11n, qtyPips: 1n }]];
    table.put([{ key: 2n, bids, asks }]);
    for (const bySequence of [true, false]) {
      table.rows.set(table.columns, { row: 0, rowEnd: 1, bySequence, keyMax: I64_MAX });
      const stop = harness.follow({ row: 0, rowEnd: 3, messageStart: 0 }, table.rows);
      expect(stop).toBe(STOP_HOST);
      expect(harness.run.row).toBe(2);
      expect(table.rows.row).toBe(0);
      harness.applyOpen({ row: 2, rowEnd: 3 });
    }
  });

  test('refuses what is no book, no table and no range', () => {
    const harness = new BookHarness(module, optionsOf(createPrng()), cutting(createPrng()));
    const { core } = harness.sandbox;
    const table = new WitnessTable(harness, 1);
    harness.openSlot([]);
    harness.run.setRows({ row: 0, rowEnd: 0, messageStart: 0 });
    const follow = (book: number): number =>
      core.kernels.bookFollow(book, harness.run.ptr, table.rows.ptr);
    const range = { row: 0, rowEnd: 0, bySequence: true, keyMax: I64_MAX };
    table.rows.set(table.columns, range);
    expect(follow(harness.bookPtr)).toBe(0);
    expect(follow(table.rows.ptr)).toBe(-STATUS_BAD_STATE);
    for (const bad of [{ row: 1 }, { row: -1 }]) {
      table.rows.set(table.columns, { ...range, ...bad });
      expect(follow(harness.bookPtr)).toBe(-STATUS_BAD_ARGUMENT);
    }
    table.rows.set({ ...table.columns, levelCount: 0 }, range);
    expect(follow(harness.bookPtr)).toBe(-STATUS_BAD_ARGUMENT);
    expect(harness.sandbox.trespasses()).toEqual([]);
  });
});
