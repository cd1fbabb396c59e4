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
import { bookDigest } from './book-digest.js';
import {
  type BookRow,
  type DeltaRow,
  type DepthRow,
  messagesOf,
  type Stamp,
  type WitnessRow,
} from './lake-rows.js';
import { PriceLevels } from './price-levels.js';

// What MODEL sections 2, 4 and 5 say of a Crypto Lake instrument and day, in the plainest words that
// TypeScript has. Written from MODEL alone, without a look at the pipeline that it judges.

export type BookState = 'unseeded' | 'live' | 'suspect';

/** Bids are known at `bidPips` and above, asks at `askPips` and below. */
export interface KnownRange {
  readonly bidPips: bigint;
  readonly askPips: bigint;
}

/** Bounds of a side that is known whole. */
export const BID_WHOLE = -(2n ** 63n);
export const ASK_WHOLE = 2n ** 63n - 1n;

/** One message with all that depthmill must say of it. */
export interface BookMessage {
  readonly rows: DepthRow[];
  readonly book: BookRow;
  readonly state: BookState;
  readonly known: KnownRange | null;
}

/** Doubt, from the last proof to the recovery (or the last message of the day). */
export interface Doubt {
  readonly state: 'unseeded' | 'suspect';
  readonly from: Stamp;
  readonly to: Stamp;
}

export interface LakeBookOptions {
  readonly bookDepth: number;
  readonly crossedAfterNs: bigint;
}

export class LakeBook {
  readonly #bids = new PriceLevels(true);
  readonly #asks = new PriceLevels(false);
  readonly #options: LakeBookOptions;
  #state: BookState = 'unseeded';
  #known: KnownRange | null = null;
  #crossedSinceNs: bigint | null = null;
  /** Reasons of suspicion that only a witness ends. */
  #lostFaith = false;
  /** Levels that a refused row would have set, as `keyOf` names them. */
  readonly #refusedLevels = new Set<string>();
  #lastProof: Stamp | null = null;
  #firstMessage: Stamp | null = null;
  #lastMessage: Stamp | null = null;
  /** Where the present doubt begins: nobody knows when it went wrong, so at the last proof. */
  #doubtFrom: Stamp | null = null;

  readonly doubts: Doubt[] = [];
  readonly witness = { compared: 0, agreed: 0 };

  constructor(options: LakeBookOptions) {
    this.#options = options;
  }

  get digest(): string {
    return bookDigest(this.#bids.top(this.#bids.count), this.#asks.top(this.#asks.count));
  }

  /** Applies one received message. All rows share stamp and sequence. */
  message(source: readonly DeltaRow[]): BookMessage {
    const stamp = stampOf(source[0]!);
    this.#firstMessage ??= stamp;
    this.#lastMessage = stamp;
    const rows: DepthRow[] = [];
    for (const row of source) {
      const { isBid, pricePips, qtyPips } = row;
      if (row.refused !== undefined) {
        if (this.#state !== 'unseeded') this.#refuse(row);
        continue;
      }
      rows.push({ ...stamp, isBid, pricePips, qtyPips, flags: 0 });
      if (this.#state === 'unseeded') continue;
      this.#side(isBid).set(pricePips, qtyPips);
      if (this.#refusedLevels.size > 0) this.#refusedLevels.delete(keyOf(row));
    }
    if (this.#state !== 'unseeded') {
      if (this.#observeCrossing(stamp)) this.#lostFaith = true;
      this.#settle(stamp);
    }
    return this.#finish(stamp, rows, 0);
  }

  /**
   * Applies a witness row behind the messages that it covers.
   * @returns the message that depthmill writes for it, or null where there is nothing to write
   */
  apply(witness: WitnessRow): BookMessage | null {
    const stamp = stampOf(witness);
    if (this.#state === 'unseeded') return this.#seed(witness);
    const longCrossed =
      this.#crossedSinceNs !== null &&
      witness.tsRecv - this.#crossedSinceNs >= this.#options.crossedAfterNs;
    if (longCrossed) return this.#seed(witness);

    const span = spanOf(witness);
    const differences = this.#differences(witness, span);
    const isDisagreement = differences.some(({ isBid, pricePips }) =>
      this.#isKnown(isBid, pricePips),
    );
    this.witness.compared++;
    if (!isDisagreement) this.witness.agreed++;

    const wasTrusted = this.#state === 'live' && !isDisagreement;
    this.#known = wasTrusted ? unionOf(this.#known!, span) : span;
    for (const { isBid, pricePips, qtyPips } of differences) {
      this.#side(isBid).set(pricePips, qtyPips);
    }
    if (isDisagreement) this.#doubtFrom = this.#lastProof;
    this.#trust(stamp);
    this.#observeCrossing(stamp);
    if (differences.length === 0) return null;
    const flags = FLAG_SYNTHETIC | (isDisagreement ? FLAG_WITNESS_OFF : 0);
    const rows = differences.map((difference) => ({ ...stamp, ...difference, flags }));
    return this.#finish(stamp, rows, flags);
  }

  /** Ends the day: doubt that nothing ended lasts to the last message. */
  end(): void {
    if (this.#lastMessage === null) return;
    if (this.#state === 'unseeded') {
      this.doubts.push({ state: 'unseeded', from: this.#firstMessage!, to: this.#lastMessage });
    } else if (this.#doubtFrom !== null) {
      this.doubts.push({ state: 'suspect', from: this.#doubtFrom, to: this.#lastMessage });
    }
  }

  /** The whole book is replaced by the witness: CLEAR, then its levels. */
  #seed(witness: WitnessRow): BookMessage {
    const stamp = stampOf(witness);
    const flags = FLAG_SYNTHETIC | FLAG_SNAPSHOT;
    const rows: DepthRow[] = [
      { ...stamp, isBid: false, pricePips: 0n, qtyPips: 0n, flags: flags | FLAG_CLEAR },
    ];
    this.#bids.clear();
    this.#asks.clear();
    for (const isBid of [true, false]) {
      for (const { pricePips, qtyPips } of isBid ? witness.bids : witness.asks) {
        rows.push({ ...stamp, isBid, pricePips, qtyPips, flags });
        this.#side(isBid).set(pricePips, qtyPips);
      }
    }
    this.#known = spanOf(witness);
    if (this.#state === 'unseeded' && this.#firstMessage !== null) {
      this.doubts.push({ state: 'unseeded', from: this.#firstMessage, to: stamp });
    }
    this.#trust(stamp);
    this.#observeCrossing(stamp);
    return this.#finish(stamp, rows, flags);
  }

  /** What must change inside the witness' span, bids from the best, then asks from the best. */
  #differences(witness: WitnessRow, span: KnownRange) {
    const differences: { isBid: boolean; pricePips: bigint; qtyPips: bigint }[] = [];
    for (const isBid of [true, false]) {
      const side = this.#side(isBid);
      const theirs = new Map(
        (isBid ? witness.bids : witness.asks).map((level) => [level.pricePips, level.qtyPips]),
      );
      const ours = side.downTo(isBid ? span.bidPips : span.askPips);
      const prices = new Set([...theirs.keys(), ...ours.map((level) => level.pricePips)]);
      const fromBest = [...prices].sort((a, b) => (a < b === isBid ? 1 : -1));
      for (const pricePips of fromBest) {
        const qtyPips = theirs.get(pricePips) ?? 0n;
        if (side.quantityAt(pricePips) !== qtyPips) differences.push({ isBid, pricePips, qtyPips });
      }
    }
    return differences;
  }

  #refuse(row: DeltaRow): void {
    if (row.refused === 'level') this.#refusedLevels.add(keyOf(row));
    else this.#lostFaith = true;
  }

  /** The book is proven here: whatever was in doubt is not any more. */
  #trust(stamp: Stamp): void {
    this.#lostFaith = false;
    this.#refusedLevels.clear();
    this.#lastProof = stamp;
    this.#settle(stamp);
  }

  /** Live or suspect from here on. Doubt by a refused row ends when its level is set again. */
  #settle(stamp: Stamp): void {
    const isInDoubt = this.#lostFaith || this.#refusedLevels.size > 0;
    this.#state = isInDoubt ? 'suspect' : 'live';
    if (isInDoubt) {
      this.#doubtFrom ??= this.#lastProof;
      return;
    }
    if (this.#doubtFrom !== null) {
      this.doubts.push({ state: 'suspect', from: this.#doubtFrom, to: stamp });
    }
    this.#doubtFrom = null;
  }

  /** @returns whether the book is crossed, and remembers since when */
  #observeCrossing({ tsRecv }: Stamp): boolean {
    const isCrossed = (this.#spreadSign() ?? 1) < 0;
    if (!isCrossed) this.#crossedSinceNs = null;
    else this.#crossedSinceNs ??= tsRecv;
    return isCrossed;
  }

  /** Writes the marks of a message end on its rows and makes its row of `book`. */
  #finish(stamp: Stamp, rows: DepthRow[], ownFlags: number): BookMessage {
    let all = 0;
    if (this.#state === 'unseeded') all |= FLAG_UNSEEDED;
    if (this.#state !== 'live') all |= FLAG_MAYBE_BAD_BOOK;
    let last = FLAG_LAST;
    const spread = this.#state === 'unseeded' ? null : this.#spreadSign();
    if (spread === -1) last |= FLAG_CROSSED;
    if (spread === 0) last |= FLAG_LOCKED;
    for (const row of rows) row.flags |= all;
    const lastRow = rows.at(-1);
    if (lastRow !== undefined) lastRow.flags |= last;
    const isDeepEnough = this.#state === 'unseeded' || this.#isTopKnown();
    const flags = ownFlags | all | last | (isDeepEnough ? 0 : FLAG_DEPTH_UNKNOWN);
    const { bookDepth } = this.#options;
    const bids = this.#bids.top(bookDepth);
    const asks = this.#asks.top(bookDepth);
    return { rows, book: { ...stamp, flags, bids, asks }, state: this.#state, known: this.#known };
  }

  /** Whether the N-th price of each side lies inside what is known. */
  #isTopKnown(): boolean {
    return [true, false].every((isBid) => {
      const nth = this.#side(isBid).top(this.#options.bookDepth)[this.#options.bookDepth - 1];
      if (nth !== undefined) return this.#isKnown(isBid, nth.pricePips);
      return isBid ? this.#known!.bidPips === BID_WHOLE : this.#known!.askPips === ASK_WHOLE;
    });
  }

  #isKnown(isBid: boolean, pricePips: bigint): boolean {
    const known = this.#known!;
    return this.#side(isBid).isWithin(pricePips, isBid ? known.bidPips : known.askPips);
  }

  /** -1 crossed, 0 locked, 1 neither, null where a side is empty. */
  #spreadSign(): -1 | 0 | 1 | null {
    const bid = this.#bids.best;
    const ask = this.#asks.best;
    if (bid === null || ask === null) return null;
    if (bid.pricePips > ask.pricePips) return -1;
    return bid.pricePips === ask.pricePips ? 0 : 1;
  }

  #side(isBid: boolean): PriceLevels {
    return isBid ? this.#bids : this.#asks;
  }
}

/**
 * Runs a day: messages in file order, and each witness behind the last message whose sequence is not
 * above its own (before the first message where all are above). A message of which nothing is left,
 * since all its rows were refused, is not written: it only casts doubt.
 * @param witnesses valid rows in file order; one whose sequence has passed already is left out
 */
export function* runLakeBook(
  book: LakeBook,
  deltas: Iterable<DeltaRow>,
  witnesses: readonly WitnessRow[],
): Generator<BookMessage> {
  let next = 0;
  let sequenceLast: bigint | null = null;
  for (const message of messagesOf(deltas)) {
    const { sequence } = message[0]!;
    for (; next < witnesses.length && witnesses[next]!.sequence < sequence; next++) {
      if (sequenceLast !== null && witnesses[next]!.sequence < sequenceLast) continue;
      const written = book.apply(witnesses[next]!);
      if (written !== null) yield written;
    }
    const received = book.message(message);
    if (received.rows.length > 0) yield received;
    sequenceLast = sequence;
  }
  for (; next < witnesses.length; next++) {
    if (sequenceLast !== null && witnesses[next]!.sequence < sequenceLast) continue;
    const written = book.apply(witnesses[next]!);
    if (written !== null) yield written;
  }
  book.end();
}

function keyOf({ isBid, pricePips }: DeltaRow): string {
  return `${isBid ? 'bid' : 'ask'} ${pricePips}`;
}

function stampOf({ tsRecv, tsEvent, sequence }: Stamp): Stamp {
  return { tsRecv, tsEvent, sequence };
}

/** The prices that a witness row proves. */
function spanOf({ bids, asks, depth }: WitnessRow): KnownRange {
  return {
    bidPips: bids.length < depth ? BID_WHOLE : bids.at(-1)!.pricePips,
    askPips: asks.length < depth ? ASK_WHOLE : asks.at(-1)!.pricePips,
  };
}

function unionOf(a: KnownRange, b: KnownRange): KnownRange {
  const bidPips = [a.bidPips, b.bidPips].sort(byValue)[0]!;
  const askPips = [a.askPips, b.askPips].sort(byValue)[1]!;
  return { bidPips, askPips };
}

function byValue(a: bigint, b: bigint): number {
  return Number(a > b) - Number(a < b);
}
