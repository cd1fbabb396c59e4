import { KNOWN_ALL_ASKS, KNOWN_ALL_BIDS } from '../core/book.js';
import type { DepthSlots } from './depth-slots.js';
import type { Segment } from './protocol.js';
import type { MadeRow } from './synthetic-rows.js';

/** How many levels a snapshot has, and the worst price of each side. */
export interface SnapshotSpan {
  /** The level that it begins with; null: it has none. */
  readonly first: { readonly isBid: boolean; readonly pricePips: bigint } | null;
  readonly bidCount: number;
  readonly askCount: number;
  readonly worstBid: bigint;
  readonly worstAsk: bigint;
}

/** The last snapshot of a day: the next one may begin with rows that are missing of it. */
export interface LastSnapshot {
  readonly tsRecv: bigint;
  /** null without ids. */
  readonly sequence: bigint | null;
  /** null: it is the whole book whatever its levels are. */
  readonly span: SnapshotSpan | null;
  /** It came out of a table of snapshots, not out of the stream. */
  readonly isInTable: boolean;
  /** It is the last thing that was received. */
  readonly isLast: boolean;
  /** What stands above it in the book, in the order of ids; null: not known, or too much. */
  readonly above: readonly MadeRow[] | null;
}

const NO_LEVELS: SnapshotSpan = {
  first: null,
  bidCount: 0,
  askCount: 0,
  worstBid: KNOWN_ALL_ASKS,
  worstAsk: KNOWN_ALL_BIDS,
};

/**
 * The span of a snapshot. Where its first level comes again, so does the snapshot, and only the longer
 * of the two counts: a side must not look shorter than the other because that one came twice.
 *
 * @param begun of rows of it that came before these
 */
export function spanOf(
  slots: DepthSlots,
  segments: readonly Segment[],
  begun: SnapshotSpan | null = null,
): SnapshotSpan {
  let { first, bidCount, askCount, worstBid, worstAsk } = begun ?? NO_LEVELS;
  let longest = NO_LEVELS;
  const close = (): void => {
    if (bidCount + askCount <= longest.bidCount + longest.askCount) return;
    longest = { first, bidCount, askCount, worstBid, worstAsk };
  };
  for (const { slot, rowStart, rowEnd } of segments) {
    const columns = slots.columns(slot);
    for (let row = rowStart; row < rowEnd; row++) {
      if (slots.i64(columns.qtyPtr, row) === 0n) continue;
      const price = slots.i64(columns.pricePtr, row);
      const isBid = slots.isBid(columns, row);
      if (first?.pricePips === price && first.isBid === isBid) {
        close();
        ({ bidCount, askCount, worstBid, worstAsk } = NO_LEVELS);
      }
      first ??= { isBid, pricePips: price };
      if (isBid) {
        bidCount++;
        if (price < worstBid) worstBid = price;
      } else {
        askCount++;
        if (price > worstAsk) worstAsk = price;
      }
    }
  }
  close();
  return longest;
}

/**
 * The range that a snapshot proves which was asked for: a side ends at its worst level, but one with
 * fewer levels than the other got all that there is. How many were asked for is not said.
 */
export function rangeOf({ bidCount, askCount, worstBid, worstAsk }: SnapshotSpan): {
  bid: bigint;
  ask: bigint;
} {
  const asked = Math.max(bidCount, askCount);
  return {
    bid: bidCount > 0 && bidCount === asked ? worstBid : KNOWN_ALL_BIDS,
    ask: askCount > 0 && askCount === asked ? worstAsk : KNOWN_ALL_ASKS,
  };
}
