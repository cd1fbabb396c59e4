import { KNOWN_ALL_ASKS, KNOWN_ALL_BIDS } from '../core/book.js';
import type { DepthSlots } from './depth-slots.js';
import type { Segment } from './protocol.js';
import type { MadeRow } from './synthetic-rows.js';

/** How many levels a snapshot has, and the worst price of each side. */
export interface SnapshotSpan {
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
  readonly span: SnapshotSpan;
  /** It came out of a table of snapshots, not out of the stream. */
  readonly isInTable: boolean;
  /** It is the last thing that was received. */
  readonly isLast: boolean;
  /** What stands above it in the book, in the order of ids; null: not known, or too much. */
  readonly above: readonly MadeRow[] | null;
}

const NO_LEVELS: SnapshotSpan = {
  bidCount: 0,
  askCount: 0,
  worstBid: KNOWN_ALL_ASKS,
  worstAsk: KNOWN_ALL_BIDS,
};

export function spanOf(slots: DepthSlots, segments: readonly Segment[]): SnapshotSpan {
  let { bidCount, askCount, worstBid, worstAsk } = NO_LEVELS;
  for (const { slot, rowStart, rowEnd } of segments) {
    const columns = slots.columns(slot);
    for (let row = rowStart; row < rowEnd; row++) {
      if (slots.i64(columns.qtyPtr, row) === 0n) continue;
      const price = slots.i64(columns.pricePtr, row);
      if (slots.isBid(columns, row)) {
        bidCount++;
        if (price < worstBid) worstBid = price;
      } else {
        askCount++;
        if (price > worstAsk) worstAsk = price;
      }
    }
  }
  return { bidCount, askCount, worstBid, worstAsk };
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
