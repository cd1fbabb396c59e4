import {
  FLAG_CLEAR,
  FLAG_CROSSED,
  FLAG_DEPTH_UNKNOWN,
  FLAG_GAP_BEFORE,
  FLAG_LAST,
  FLAG_LOCKED,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_SNAPSHOT,
  FLAG_SYNTHETIC,
  FLAG_UNSEEDED,
} from '#src/abi/flags.js';
import { bookDigest } from './book-digest.js';
import { ASK_WHOLE, BID_WHOLE, type BookMessage, type KnownRange } from './lake-book.js';
import type { DepthRow } from './lake-rows.js';
import { PriceLevels } from './price-levels.js';
import { provenBy } from './proven-range.js';
import { Received, type ReceivedMessage, type Verdict } from './received-order.js';
import type { StreamMessage, StreamPolicy, StreamRow } from './stream-rows.js';

// What MODEL sections 2 to 5 say of a source with full snapshots, in the plainest words that
// TypeScript has. Written from MODEL and docs/decisions/0017 alone.

export interface JoinedBookOptions {
  readonly policy: StreamPolicy;
  readonly bookDepth: number;
  /** Default `reseed`. */
  readonly crossed?: 'reseed' | 'report' | 'uncross';
  /** One stream holds all that there is: a crossed book has lost something, whatever is done. */
  readonly isSingleFeed?: boolean;
}

type State = 'unseeded' | 'live' | 'suspect';

export class JoinedBook {
  readonly #options: JoinedBookOptions;
  readonly #bids = new PriceLevels(true);
  readonly #asks = new PriceLevels(false);
  readonly #order: Received;
  /** Received messages since the ids last fell, applied or part of a snapshot; a loss stands before some. */
  #applied: { readonly message: ReceivedMessage; readonly isBehindGap: boolean }[] = [];
  #state: State = 'unseeded';
  /** Rows that came too late to be applied; of them, the levels that were not set since. */
  readonly #passedBy: StreamRow[] = [];
  #wrong = new Set<string>();
  #known: KnownRange = { bidPips: BID_WHOLE, askPips: ASK_WHOLE };
  #snapshots = 0;
  #snapshotAt = 0n;
  /** Messages that are no snapshots: all, and those since the last snapshot. */
  #changes = { all: 0, since: 0 };
  #tsLast = 0n;
  /** The snapshot that no message has gone on from, and what of it came behind it. */
  #waiting: { readonly id: bigint; last: ReceivedMessage | null } | null = null;
  #hasBooked = false;

  /** `kind ids-before ids-after`, in the order in which they were found. */
  readonly gaps: string[] = [];
  readonly dropped = { duplicate: 0, stale: 0 };
  readonly counts = { duplicates: 0, outOfOrder: 0, resets: 0, reconnects: 0 };
  /** Message ends with the best bid above the best ask, and levels that were removed for it. */
  readonly crossings = { messages: 0, removed: 0 };

  constructor(options: JoinedBookOptions) {
    this.#options = options;
    this.#order = new Received(options.policy);
  }

  /** Levels of the side that has more. */
  get levelCount(): number {
    return Math.max(this.#bids.count, this.#asks.count);
  }

  get digest(): string {
    return bookDigest(this.#bids.top(this.#bids.count), this.#asks.top(this.#asks.count));
  }

  *run(messages: Iterable<StreamMessage>): Generator<BookMessage> {
    for (const message of messages) {
      if (message.isSnapshot) yield* this.#snapshot(message);
      else {
        this.#changes.all++;
        this.#changes.since++;
        if (this.#order.isPassedBy(message)) this.#passBy(message);
        yield* this.#obey(this.#order.receive(message));
      }
    }
    yield* this.#obey(this.#order.finish());
    const last = this.#waiting?.last ?? null;
    if (last === null) return;
    if (this.#hasBooked && last.tsRecv - this.#tsLast < 5_000_000_000n) return;
    this.gaps.push(`gap ${this.#waiting!.id} ${last.last}`);
  }

  *#obey(verdicts: readonly Verdict[]): Generator<BookMessage> {
    for (const { kind, message, isLate, idBefore, isBehindHole = false } of verdicts) {
      const rowCount = message.rows.length;
      if (kind === 'duplicate' || kind === 'stale' || kind === 'covered') {
        this.dropped[kind === 'duplicate' ? 'duplicate' : 'stale'] += rowCount;
        if (kind === 'duplicate') this.counts.duplicates++;
        if (kind === 'stale') this.counts.outOfOrder++;
        if (kind === 'covered') this.#cover(message);
        continue;
      }
      if (kind === 'hole') {
        this.gaps.push(`gap ${idBefore} ${message.first}`);
        continue;
      }
      if (kind === 'reset') {
        this.counts.resets++;
        this.#applied = [];
        this.#passedBy.length = 0;
      } else if (isLate) this.counts.outOfOrder++;
      if (kind !== 'apply') {
        this.gaps.push(`${kind} ${idBefore} ${message.first}`);
        if (this.#state === 'live') this.#state = 'suspect';
      }
      yield* this.#uncrossed(this.#message(message, kind === 'gap' || isBehindHole));
    }
  }

  #passBy({ rows }: ReceivedMessage): void {
    this.#passedBy.push(...rows);
    if (this.#state !== 'unseeded') for (const row of rows) this.#wrong.add(levelOf(row));
  }

  /** Part of the snapshot, but the next snapshot may be older. */
  #cover(message: ReceivedMessage): void {
    if (this.#waiting !== null) this.#waiting.last = message;
    const newest = this.#applied.at(-1)?.message ?? null;
    if (newest !== null && newest.last >= message.last) return;
    this.#applied.push({ message, isBehindGap: !this.#goesOn(newest, message) });
  }

  #goesOn(newest: ReceivedMessage | null, { first, last, prev }: ReceivedMessage): boolean {
    if (newest === null) return true;
    if (this.#options.policy === 'chain') return prev === newest.last;
    return (
      last > newest.last && (this.#options.policy !== 'contiguous' || first <= newest.last + 1n)
    );
  }

  #message(message: ReceivedMessage, isBehindGap: boolean): BookMessage {
    this.#waiting = null;
    if (this.#state !== 'unseeded') this.#hasBooked = true;
    const goesOn = this.#goesOn(this.#applied.at(-1)?.message ?? null, message);
    this.#applied.push({ message, isBehindGap: isBehindGap || !goesOn });
    const rows = message.rows.map(
      (row): DepthRow => ({
        tsRecv: row.tsRecv,
        tsEvent: row.tsEvent,
        sequence: row.last,
        isBid: row.isBid,
        pricePips: row.pricePips,
        qtyPips: row.qtyPips,
        flags: 0,
      }),
    );
    for (const row of rows) this.#wrong.delete(levelOf(row));
    if (isBehindGap) rows[0]!.flags = FLAG_GAP_BEFORE;
    return this.#write(rows, isBehindGap ? FLAG_GAP_BEFORE : 0);
  }

  *#snapshot(message: StreamMessage): Generator<BookMessage> {
    const above = this.#above(message.last);
    const hasIds = this.#options.policy !== 'snapshot';
    if (hasIds && !this.#joins(message.last, above)) {
      if (this.#state !== 'unseeded') {
        this.dropped.stale += message.rows.length;
        return;
      }
      const [first] = above;
      if (!first!.isBehindGapAfter) {
        this.gaps.push(`gap ${message.last} ${first!.message.first}`);
      }
      yield this.#write(this.#snapshotRows(message), FLAG_SNAPSHOT);
      return;
    }
    const { all, since } = this.#changes;
    const isRepeated =
      since === 0 && (all === 0 || message.tsRecv - this.#snapshotAt < 5_000_000_000n);
    this.#changes.since = 0;
    this.#snapshotAt = message.tsRecv;
    if (!hasIds && this.#snapshots > 0 && !isRepeated) {
      this.counts.reconnects++;
      this.gaps.push(`reconnect ${this.#tsLast} ${message.tsRecv}`);
    }
    this.#snapshots++;
    this.#state = 'live';
    // Behind the snapshot come the messages above it, without those that came too late.
    const rowsAbove = above.flatMap(({ message: { rows } }) => rows);
    const isLeftWrong = (row: StreamRow): boolean =>
      row.last > message.last &&
      rowsAbove.every((later) => later.last <= row.last || levelOf(later) !== levelOf(row));
    this.#wrong = new Set(this.#passedBy.filter(isLeftWrong).map(levelOf));
    this.#known = hasIds ? provenBy(message) : { bidPips: BID_WHOLE, askPips: ASK_WHOLE };
    const rows = this.#snapshotRows(message);
    let waiting: Verdict[] = [];
    if (hasIds) {
      for (const { message: buffered } of above) {
        for (const { isBid, pricePips, qtyPips, tsEvent, last: sequence } of buffered.rows) {
          const stamp = { tsRecv: message.tsRecv, tsEvent, sequence };
          rows.push({ ...stamp, isBid, pricePips, qtyPips, flags: FLAG_SYNTHETIC });
        }
      }
      const last = above.at(-1)?.message.last;
      waiting = this.#order.joinAt(last ?? message.last, last !== undefined);
      this.#waiting = last === undefined ? { id: message.last, last: null } : null;
    }
    const ownFlags = rows.at(-1)!.flags & (FLAG_SYNTHETIC | FLAG_SNAPSHOT);
    yield* this.#uncrossed(this.#write(rows, ownFlags));
    yield* this.#obey(waiting);
    // What waited came before the snapshot.
    if (this.#waiting !== null) this.#waiting.last = null;
  }

  /** The message, and the one that removes what cannot be beside what it has set. */
  *#uncrossed(message: BookMessage): Generator<BookMessage> {
    yield message;
    const [bid, ask] = [this.#bids.best, this.#asks.best];
    const isCrossed = (message.book.flags & FLAG_CROSSED) !== 0;
    if (!isCrossed || this.#options.crossed !== 'uncross') return;
    // The last row of a level is what became of it.
    const standing = new Map<string, DepthRow>();
    for (const row of message.rows) {
      standing.delete(`${row.isBid} ${row.pricePips}`);
      standing.set(`${row.isBid} ${row.pricePips}`, row);
    }
    const setLast = [...standing.values()]
      .filter(({ qtyPips }) => qtyPips > 0n)
      .findLast(({ isBid, pricePips }) =>
        isBid ? pricePips >= ask!.pricePips : pricePips <= bid!.pricePips,
      )!;
    const other = setLast.isBid ? this.#asks : this.#bids;
    const gone = other.downTo(setLast.isBid ? bid!.pricePips : ask!.pricePips);
    const { tsRecv, tsEvent, sequence } = message.book;
    const stamp = { tsRecv, tsEvent, sequence };
    const isBid = !setLast.isBid;
    const rows = gone.map(({ pricePips }) => {
      const level = { isBid, pricePips, qtyPips: 0n };
      return { ...stamp, ...level, flags: FLAG_SYNTHETIC };
    });
    this.crossings.removed += rows.length;
    yield this.#write(rows, FLAG_SYNTHETIC);
  }

  /** Messages above `id` that were received; a loss after the first of them parts them from it. */
  #above(id: bigint) {
    const above = this.#applied.filter(({ message }) => message.last > id);
    return above.map(({ message }, i) => ({
      message,
      isBehindGapAfter: above.slice(i + 1).some(({ isBehindGap }) => isBehindGap),
    }));
  }

  #joins(id: bigint, above: readonly { message: ReceivedMessage; isBehindGapAfter: boolean }[]) {
    const [first] = above;
    if (first === undefined) return true;
    if (first.isBehindGapAfter) return false;
    if (this.#options.policy === 'chain') return first.message.prev! <= id;
    return this.#options.policy !== 'contiguous' || first.message.first <= id + 1n;
  }

  #snapshotRows(message: StreamMessage): DepthRow[] {
    // Without ids two snapshots of one receipt time are one message, whose rows keep their stamps.
    const rows = message.rows.map(({ tsRecv, tsEvent, last, ...level }): DepthRow => {
      const { isBid, pricePips, qtyPips } = level;
      const isNone = pricePips === 0n && qtyPips === 0n;
      const flags = FLAG_SNAPSHOT | (isNone ? FLAG_CLEAR : 0);
      return { tsRecv, tsEvent, sequence: last, isBid, pricePips, qtyPips, flags };
    });
    if ((rows[0]!.flags & FLAG_CLEAR) !== 0) return rows;
    const flags = FLAG_CLEAR | FLAG_SNAPSHOT | FLAG_SYNTHETIC;
    const { tsRecv, tsEvent, sequence } = rows[0]!;
    return [
      { tsRecv, tsEvent, sequence, isBid: false, pricePips: 0n, qtyPips: 0n, flags },
      ...rows,
    ];
  }

  /** Applies the rows of one message and says what depthmill must say of them. */
  #write(rows: DepthRow[], ownFlags: number): BookMessage {
    if (this.#state !== 'unseeded') for (const row of rows) this.#apply(row);
    const spread = this.#state === 'unseeded' ? null : this.#spreadSign();
    if (spread === -1) {
      this.crossings.messages++;
      const { crossed = 'reseed', isSingleFeed = false } = this.#options;
      if (crossed === 'reseed' || isSingleFeed) this.#state = 'suspect';
    }
    const state = this.#state === 'live' && this.#wrong.size > 0 ? 'suspect' : this.#state;
    let all = 0;
    if (this.#state === 'unseeded') all |= FLAG_UNSEEDED;
    if (state !== 'live') all |= FLAG_MAYBE_BAD_BOOK;
    const end = FLAG_LAST | (spread === -1 ? FLAG_CROSSED : 0) | (spread === 0 ? FLAG_LOCKED : 0);
    for (const row of rows) row.flags |= all;
    const last = rows.at(-1)!;
    last.flags |= end;
    this.#tsLast = last.tsRecv;
    const { bookDepth } = this.#options;
    const isKnown = this.#state === 'unseeded' || this.#isTopKnown();
    const book = {
      tsRecv: last.tsRecv,
      tsEvent: last.tsEvent,
      sequence: last.sequence,
      flags: ownFlags | all | end | (isKnown ? 0 : FLAG_DEPTH_UNKNOWN),
      bids: this.#bids.top(bookDepth),
      asks: this.#asks.top(bookDepth),
    };
    return { rows, book, state, known: this.#known };
  }

  #apply({ isBid, pricePips, qtyPips, flags }: DepthRow): void {
    if ((flags & FLAG_CLEAR) !== 0) {
      this.#bids.clear();
      this.#asks.clear();
    } else (isBid ? this.#bids : this.#asks).set(pricePips, qtyPips);
  }

  #isTopKnown(): boolean {
    const { bookDepth } = this.#options;
    const nthBid = this.#bids.top(bookDepth)[bookDepth - 1];
    const nthAsk = this.#asks.top(bookDepth)[bookDepth - 1];
    const { bidPips, askPips } = this.#known;
    const isBidKnown = nthBid === undefined ? bidPips === BID_WHOLE : nthBid.pricePips >= bidPips;
    const isAskKnown = nthAsk === undefined ? askPips === ASK_WHOLE : nthAsk.pricePips <= askPips;
    return isBidKnown && isAskKnown;
  }

  #spreadSign(): -1 | 0 | 1 | null {
    const [bid, ask] = [this.#bids.best, this.#asks.best];
    if (bid === null || ask === null) return null;
    if (bid.pricePips > ask.pricePips) return -1;
    return bid.pricePips === ask.pricePips ? 0 : 1;
  }
}

const levelOf = ({ isBid, pricePips }: Pick<DepthRow, 'isBid' | 'pricePips'>): string =>
  `${isBid} ${pricePips}`;
