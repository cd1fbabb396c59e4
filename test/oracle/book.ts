import {
  BOOK_LIVE,
  BOOK_SUSPECT,
  BOOK_UNSEEDED,
  CADENCE_CHANGE,
  CADENCE_INTERVAL,
  CADENCE_MESSAGE,
} from '#src/abi/book.js';
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
import type { RunOptions } from '#src/core/book-run.js';
import { bookDigest } from './book-digest.js';
import { type Level, PriceLevels } from './price-levels.js';

export const I64_MIN = -(2n ** 63n);
export const I64_MAX = 2n ** 63n - 1n;

/** A row of the depth table. `flags` is changed by the book, as in a slot. */
export interface DepthRow {
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
  readonly isBid: boolean;
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
  flags: number;
}

/** A row of the book table; a level that does not exist is null. */
export interface BookTableRow {
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
  readonly flags: number;
  readonly ageNs: bigint;
  readonly bids: readonly (Level | null)[];
  readonly asks: readonly (Level | null)[];
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
const STATE_MARKS = new Map([
  [BOOK_UNSEEDED, FLAG_UNSEEDED | FLAG_MAYBE_BAD_BOOK],
  [BOOK_LIVE, 0],
  [BOOK_SUSPECT, FLAG_MAYBE_BAD_BOOK],
]);

/** What the book kernels must do, message by message, in the plainest words (MODEL section 4). */
export class BookOracle {
  readonly bids = new PriceLevels(true);
  readonly asks = new PriceLevels(false);
  state: number = BOOK_UNSEEDED;
  knownBidPips = I64_MIN;
  knownAskPips = I64_MAX;
  tickPips = 0n;
  firstCrossTs = 0n;
  /** Flags of the last message's book row, written or not; without a depth there is no depth mark. */
  lastMarks = 0;
  readonly counters = {
    messages: 0n,
    crossedMessages: 0n,
    crossedNs: 0n,
    lockedMessages: 0n,
    lockedNs: 0n,
    deletes: 0n,
    deletesUnknown: 0n,
    rowsTrusted: 0n,
    depthUnknown: 0n,
  };
  readonly rows: BookTableRow[] = [];
  readonly #options: RunOptions;
  #cross: 'no' | 'crossed' | 'locked' = 'no';
  #last: BookTableRow | null = null;
  #written: BookTableRow | null = null;
  #boundary: bigint | null = null;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  get digest(): string {
    return bookDigest(this.bids.top(this.bids.count), this.asks.top(this.asks.count));
  }

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  /** Applies a whole message; `firstRowMarks` are those of its first row. */
  apply(message: readonly DepthRow[], firstRowMarks = 0): void {
    const end = message[message.length - 1]!;
    message[0]!.flags |= firstRowMarks;
    this.#fillForward((boundary) => boundary < this.#clockOf(end));
    if (this.state !== BOOK_UNSEEDED) for (const row of message) this.#applyRow(row);
    this.#noteCross(end);
    const marks = STATE_MARKS.get(this.state)!;
    const crossMark = { no: 0, crossed: FLAG_CROSSED, locked: FLAG_LOCKED }[this.#cross];
    for (const row of message) row.flags |= marks;
    end.flags |= crossMark;
    this.counters.messages++;
    if (this.state === BOOK_LIVE) this.counters.rowsTrusted += BigInt(message.length);
    const carried = end.flags & (FLAG_SNAPSHOT | FLAG_SYNTHETIC | FLAG_WITNESS_OFF);
    this.#rowDue(end, FLAG_LAST | marks | crossMark | carried | firstRowMarks);
  }

  /** Rows of the boundaries up to and including `untilNs`. */
  fill(untilNs: bigint): void {
    this.#fillForward((boundary) => boundary <= untilNs);
  }

  #clockOf(row: { tsRecv: bigint; tsEvent: bigint }): bigint {
    return this.#options.clockIsEvent ? row.tsEvent : row.tsRecv;
  }

  #applyRow(row: DepthRow): void {
    if ((row.flags & FLAG_CLEAR) !== 0) {
      this.clear();
      return;
    }
    const side = row.isBid ? this.bids : this.asks;
    this.tickPips = gcd(this.tickPips, abs(row.pricePips));
    if (row.qtyPips === 0n) {
      this.counters.deletes++;
      if (side.quantityAt(row.pricePips) === 0n) this.counters.deletesUnknown++;
    }
    side.set(row.pricePips, row.qtyPips);
  }

  #noteCross(end: DepthRow): void {
    if (this.#cross !== 'no') {
      this.counters[`${this.#cross}Ns`] += end.tsRecv - this.#lastTsRecv;
    }
    this.#lastTsRecv = end.tsRecv;
    const [bid, ask] = [this.bids.best, this.asks.best];
    this.#cross = 'no';
    if (this.state === BOOK_UNSEEDED || bid === null || ask === null) return;
    if (bid.pricePips === ask.pricePips) this.#cross = 'locked';
    if (bid.pricePips > ask.pricePips) this.#cross = 'crossed';
    if (this.#cross === 'no') return;
    this.counters[`${this.#cross}Messages`]++;
    if (this.#cross === 'locked') return;
    if (this.firstCrossTs === 0n) this.firstCrossTs = end.tsRecv;
    if (this.#options.suspectOnCross && this.state === BOOK_LIVE) this.state = BOOK_SUSPECT;
  }
  #lastTsRecv = 0n;

  #topOf(side: PriceLevels): (Level | null)[] {
    const top: (Level | null)[] = side.top(this.#options.depth);
    while (top.length < this.#options.depth) top.push(null);
    return top;
  }

  #depthUnknown(): boolean {
    const worstBid = this.bids.top(this.#options.depth)[this.#options.depth - 1];
    const worstAsk = this.asks.top(this.#options.depth)[this.#options.depth - 1];
    const bidBeyond =
      worstBid === undefined
        ? this.knownBidPips !== I64_MIN
        : worstBid.pricePips < this.knownBidPips;
    const askBeyond =
      worstAsk === undefined
        ? this.knownAskPips !== I64_MAX
        : worstAsk.pricePips > this.knownAskPips;
    return bidBeyond || askBeyond;
  }

  #rowDue(end: DepthRow, flags: number): void {
    const { cadence, depth, intervalNs } = this.#options;
    const { tsRecv, tsEvent, sequence } = end;
    this.lastMarks = flags;
    const stamps = { tsRecv, tsEvent, sequence, ageNs: 0n };
    if (this.state === BOOK_UNSEEDED) {
      const none = new Array<null>(depth).fill(null);
      if (cadence === CADENCE_MESSAGE) this.#write({ ...stamps, flags, bids: none, asks: none });
      this.#boundary = null;
      return;
    }
    const row = {
      ...stamps,
      flags: flags | (this.#depthUnknown() ? FLAG_DEPTH_UNKNOWN : 0),
      bids: this.#topOf(this.bids),
      asks: this.#topOf(this.asks),
    };
    if (depth > 0) this.lastMarks = row.flags;
    if (cadence === CADENCE_MESSAGE) this.#write(row);
    if (cadence === CADENCE_CHANGE && this.#differs(row)) this.#write(row);
    if (cadence === CADENCE_INTERVAL && this.#boundary === null) {
      const clock = this.#clockOf(end);
      this.#boundary = clock;
      while (this.#boundary % intervalNs !== 0n) this.#boundary++;
    }
    this.#last = row;
  }

  #differs(row: BookTableRow): boolean {
    if (this.#written === null) return true;
    const compared = FLAG_MAYBE_BAD_BOOK | FLAG_CROSSED | FLAG_LOCKED | FLAG_DEPTH_UNKNOWN;
    if (((row.flags ^ this.#written.flags) & compared) !== 0) return true;
    const text = ({ bids, asks }: BookTableRow): string =>
      [...bids, ...asks].map((level) => `${level?.pricePips}:${level?.qtyPips}`).join();
    return text(row) !== text(this.#written);
  }

  #write(row: BookTableRow): void {
    if ((row.flags & FLAG_DEPTH_UNKNOWN) !== 0) this.counters.depthUnknown++;
    this.rows.push(row);
    this.#written = row;
  }

  #fillForward(isDue: (boundary: bigint) => boolean): void {
    while (this.#boundary !== null && this.#last !== null && isDue(this.#boundary)) {
      const boundary = this.#boundary;
      const stamp = this.#options.clockIsEvent ? { tsEvent: boundary } : { tsRecv: boundary };
      this.#write({ ...this.#last, ...stamp, ageNs: boundary - this.#clockOf(this.#last) });
      this.#boundary = boundary + this.#options.intervalNs;
    }
  }
}

/** The rows that make `oracle` equal to the given levels inside the limits; bids, then asks. */
export function oracleDiff(
  oracle: BookOracle,
  given: { bids: readonly Level[]; asks: readonly Level[] },
  limits: { bidPips: bigint; askPips: bigint },
): { rows: { isBid: boolean; pricePips: bigint; qtyPips: bigint }[]; insideKnownCount: number } {
  const rows: { isBid: boolean; pricePips: bigint; qtyPips: bigint }[] = [];
  for (const isBid of [true, false]) {
    const side = isBid ? oracle.bids : oracle.asks;
    const limit = isBid ? limits.bidPips : limits.askPips;
    const wanted = new PriceLevels(isBid);
    for (const { pricePips, qtyPips } of isBid ? given.bids : given.asks) {
      if (side.isWithin(pricePips, limit)) wanted.set(pricePips, qtyPips);
    }
    const prices = new PriceLevels(isBid);
    for (const { pricePips } of [...side.downTo(limit), ...wanted.top(wanted.count)]) {
      prices.set(pricePips, 1n);
    }
    for (const { pricePips } of prices.top(prices.count)) {
      const qtyPips = wanted.quantityAt(pricePips);
      if (qtyPips !== side.quantityAt(pricePips)) rows.push({ isBid, pricePips, qtyPips });
    }
  }
  const isKnown = ({ isBid, pricePips }: (typeof rows)[number]): boolean =>
    isBid ? pricePips >= oracle.knownBidPips : pricePips <= oracle.knownAskPips;
  return { rows, insideKnownCount: rows.filter(isKnown).length };
}
