import { FLAG_CLEAR, FLAG_LAST, FLAG_MAYBE_BAD_BOOK, FLAG_UNSEEDED } from '#src/abi/flags.js';
import type { DepthColumns } from '../support/outputs.js';
import { bookDigest } from './book-digest.js';
import { type Level, PriceLevels } from './price-levels.js';

/** The book behind a message of `depth`, by the plainest replay there is. */
export interface ReplayedBook {
  /** Index of the message's last row. */
  readonly row: number;
  readonly state: 'unseeded' | 'live' | 'suspect';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly digest: string;
}

/** A book to begin with: levels as a keyframe has them. */
export interface ReplayStart {
  /** The row behind which it holds. */
  readonly row: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/**
 * Replays rows one by one and says how the book stands after the messages that end at `rows`
 * (ascending; each the last row of its message).
 */
export function replayDepth(
  depth: DepthColumns,
  rows: readonly number[],
  start: ReplayStart | null = null,
): ReplayedBook[] {
  const bids = new PriceLevels(true);
  const asks = new PriceLevels(false);
  for (const { pricePips, qtyPips } of start?.bids ?? []) bids.set(pricePips, qtyPips);
  for (const { pricePips, qtyPips } of start?.asks ?? []) asks.set(pricePips, qtyPips);
  const books: ReplayedBook[] = [];
  let wanted = 0;
  for (let row = (start?.row ?? -1) + 1; row < depth.flags.length; row++) {
    const flags = depth.flags[row]!;
    if ((flags & FLAG_CLEAR) !== 0) {
      bids.clear();
      asks.clear();
    } else if ((flags & FLAG_UNSEEDED) === 0) {
      (depth.isBid[row] ? bids : asks).set(depth.pricePips[row]!, depth.qtyPips[row]!);
    }
    for (; wanted < rows.length && rows[wanted] === row; wanted++) {
      const levels = { bids: bids.top(bids.count), asks: asks.top(asks.count) };
      books.push({ row, state: stateOf(flags), ...levels, digest: digestOf(levels) });
    }
  }
  return books;
}

/** The last row of the last message that was complete before a row received after `atNs`; -1: none. */
export function lastRowAt(depth: DepthColumns, atNs: bigint): number {
  let end = depth.tsRecv.findIndex((tsRecv) => tsRecv > atNs);
  if (end < 0) end = depth.tsRecv.length;
  return depth.flags.findLastIndex((flags, row) => row < end && (flags & FLAG_LAST) !== 0);
}

function stateOf(flags: number): ReplayedBook['state'] {
  if ((flags & FLAG_UNSEEDED) !== 0) return 'unseeded';
  return (flags & FLAG_MAYBE_BAD_BOOK) === 0 ? 'live' : 'suspect';
}

function digestOf({ bids, asks }: { bids: readonly Level[]; asks: readonly Level[] }): string {
  return bookDigest(bids, asks);
}
