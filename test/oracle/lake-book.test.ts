import { describe, expect, it } from 'vitest';
import {
  FLAG_CLEAR,
  FLAG_CROSSED,
  FLAG_DEPTH_UNKNOWN,
  FLAG_LAST,
  FLAG_LOCKED,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_SNAPSHOT,
  FLAG_SYNTHETIC,
  FLAG_UNSEEDED,
  FLAG_WITNESS_OFF,
} from '#src/abi/flags.js';
import { LakeBook, runLakeBook } from './lake-book.js';
import { type DeltaRow, isValidWitness, type WitnessRow } from './lake-rows.js';

type Pair = readonly [price: number, qty: number];

const stamp = (sequence: number, seconds = sequence) => ({
  tsRecv: BigInt(seconds) * 1_000_000_000n,
  tsEvent: BigInt(seconds) * 1_000_000_000n,
  sequence: BigInt(sequence),
});

const bid = (sequence: number, price: number, qty: number): DeltaRow => ({
  ...stamp(sequence),
  isBid: true,
  pricePips: BigInt(price),
  qtyPips: BigInt(qty),
});
const ask = (sequence: number, price: number, qty: number): DeltaRow => ({
  ...bid(sequence, price, qty),
  isBid: false,
});
const levels = (pairs: readonly Pair[]) =>
  pairs.map(([price, qty]) => ({ pricePips: BigInt(price), qtyPips: BigInt(qty) }));
const witness = (sequence: number, bids: readonly Pair[], asks: readonly Pair[]): WitnessRow => ({
  ...stamp(sequence),
  bids: levels(bids),
  asks: levels(asks),
  depth: 2,
});

const SEED = witness(0, [[99, 1], [98, 1]], [[101, 1], [102, 1]]); // biome-ignore format: a book

function run(deltas: readonly DeltaRow[], witnesses: readonly WitnessRow[], bookDepth = 1) {
  const book = new LakeBook({ bookDepth, crossedAfterNs: 2_000_000_000n });
  const messages = [...runLakeBook(book, deltas, witnesses)];
  return { book, messages, last: messages.at(-1)! };
}

const pricesOf = (rows: readonly { pricePips: bigint; qtyPips: bigint }[]) =>
  rows.map((row) => `${row.pricePips}x${row.qtyPips}`);

describe('the oracle of Lake books', () => {
  it('builds no book before the seed', () => {
    const { messages } = run([bid(1, 99, 5), bid(1, 98, 5)], []);
    const flags = FLAG_UNSEEDED | FLAG_MAYBE_BAD_BOOK;
    expect(messages.map((message) => message.book)).toEqual([
      { ...stamp(1), flags: flags | FLAG_LAST, bids: [], asks: [] },
    ]);
    expect(messages[0]!.rows.map((row) => row.flags)).toEqual([flags, flags | FLAG_LAST]);
  });

  it('seeds behind the last message that the witness covers', () => {
    const { messages } = run([bid(1, 50, 5), bid(3, 99, 7)], [witness(2, [[99, 1]], [[101, 1]])]);
    expect(messages.map((message) => message.state)).toEqual(['unseeded', 'live', 'live']);
    const flags = FLAG_SYNTHETIC | FLAG_SNAPSHOT;
    expect(messages[1]!.rows.map((row) => row.flags)).toEqual([
      flags | FLAG_CLEAR,
      flags,
      flags | FLAG_LAST,
    ]);
    expect(pricesOf(messages[1]!.rows)).toEqual(['0x0', '99x1', '101x1']);
    expect(messages[2]!.book.bids).toEqual(levels([[99, 7]]));
  });

  it('marks a price beyond the known range, unless the side is known whole', () => {
    const { last } = run([bid(1, 99, 0), bid(1, 98, 0), bid(1, 97, 1)], [SEED]);
    expect(last.book.flags).toBe(FLAG_LAST | FLAG_DEPTH_UNKNOWN);
    const whole = witness(0, [[99, 1]], [[101, 1]]);
    expect(run([bid(1, 97, 1), bid(1, 99, 0)], [whole]).last.book.flags).toBe(FLAG_LAST);
  });

  it('merges what an agreeing witness adds and widens the known range', () => {
    const agreeing = witness(1, [[99, 1], [97, 4]], [[101, 1], [102, 1]]); // biome-ignore format: a book
    const { book, last } = run([bid(1, 98, 0)], [SEED, agreeing], 2);
    expect(pricesOf(last.rows)).toEqual(['97x4']);
    expect(last.book.flags).toBe(FLAG_LAST | FLAG_SYNTHETIC);
    expect(last.known).toEqual({ bidPips: 97n, askPips: 102n });
    expect(book.witness).toEqual({ compared: 1, agreed: 1 });
  });

  it('writes a disagreement as WITNESS_OFF, dates the doubt, and takes the range of the witness', () => {
    const other = witness(2, [[99, 1], [98, 9]], [[101, 1], [103, 1]]); // biome-ignore format: a book
    const { book, messages, last } = run([bid(1, 90, 1), ask(2, 104, 1)], [SEED, other]);
    expect(pricesOf(last.rows)).toEqual(['98x9', '102x0', '103x1']);
    const flags = FLAG_SYNTHETIC | FLAG_WITNESS_OFF;
    expect(last.rows.map((row) => row.flags)).toEqual([flags, flags, flags | FLAG_LAST]);
    expect(messages.map((message) => message.state)).toEqual(['live', 'live', 'live', 'live']);
    expect(last.known).toEqual({ bidPips: 98n, askPips: 103n });
    expect(book.doubts).toEqual([{ state: 'suspect', from: stamp(0), to: stamp(2) }]);
  });

  it('does not believe a crossed book until a witness agrees', () => {
    const again = { ...SEED, ...stamp(3) };
    const { book, messages } = run([bid(1, 102, 1), bid(2, 102, 0), bid(4, 97, 1)], [SEED, again]);
    expect(messages.map((message) => message.state)).toEqual([
      'live',
      'suspect',
      'suspect',
      'live',
    ]);
    expect(messages[1]!.rows.map((row) => row.flags)).toEqual([
      FLAG_LAST | FLAG_MAYBE_BAD_BOOK | FLAG_CROSSED,
    ]);
    expect(book.doubts).toEqual([{ state: 'suspect', from: stamp(0), to: stamp(3) }]);
  });

  it('believes a locked book, and says that it is locked', () => {
    const { book, last } = run([bid(1, 101, 1)], [SEED]);
    expect(last.rows.map((row) => row.flags)).toEqual([FLAG_LAST | FLAG_LOCKED]);
    book.end();
    expect(book.doubts).toEqual([]);
  });

  it('is seeded anew where it was crossed for as long as crossedAfterNs', () => {
    const again = (seconds: number) => ({
      ...witness(1, [[99, 1]], [[101, 1]]),
      tsRecv: BigInt(seconds) * 1_000_000_000n,
    });
    const merged = run([bid(1, 102, 1)], [SEED, again(2)]).last;
    expect(merged.rows[0]!.flags & (FLAG_CLEAR | FLAG_WITNESS_OFF)).toBe(FLAG_WITNESS_OFF);
    const reseeded = run([bid(1, 102, 1)], [SEED, again(3)]).last;
    expect(reseeded.rows[0]!.flags & (FLAG_CLEAR | FLAG_WITNESS_OFF)).toBe(FLAG_CLEAR);
    expect(reseeded.state).toBe('live');
  });

  it('doubts the book after a refused row until that level is set again', () => {
    const refused: DeltaRow = { ...bid(1, 98, 0), refused: 'level' };
    const { messages } = run([refused, bid(1, 97, 1), bid(2, 96, 1), bid(3, 98, 2)], [SEED]);
    expect(messages.map((message) => message.state)).toEqual([
      'live',
      'suspect',
      'suspect',
      'live',
    ]);
    expect(pricesOf(messages[1]!.rows)).toEqual(['97x1']);
  });

  it('doubts the book after a row that cannot be read until a witness agrees', () => {
    const refused: DeltaRow = { ...bid(1, 0, 0), refused: 'unknown' };
    const deltas = [refused, bid(2, 98, 1), bid(3, 97, 1)];
    const { messages, book } = run(deltas, [SEED, { ...SEED, ...stamp(2) }]);
    // Of the first message nothing is left to be written.
    expect(messages.map((message) => message.state)).toEqual(['live', 'suspect', 'live']);
    expect(book.doubts).toEqual([{ state: 'suspect', from: stamp(0), to: stamp(2) }]);
  });

  it.each([
    ['one-sided', [[99, 1]], []],
    ['crossed', [[102, 1]], [[101, 1]]],
    [
      'not monotone',
      [
        [98, 1],
        [99, 1],
      ],
      [[101, 1]],
    ],
    [
      'with a level twice',
      [
        [99, 1],
        [99, 1],
      ],
      [[101, 1]],
    ],
    ['with a quantity of 0', [[99, 0]], [[101, 1]]],
  ] as const)('refuses a witness that is %s', (_, bids, asks) => {
    expect(isValidWitness(witness(1, bids, asks))).toBe(false);
  });

  it('believes a locked witness', () => {
    expect(isValidWitness(witness(1, [[100, 1]], [[100, 1]]))).toBe(true);
  });
});
