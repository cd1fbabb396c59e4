import type { DayBefore } from './types.js';

/** One side of a book from the best level on, in pips. */
export interface BookSide {
  readonly pricePips: BigInt64Array;
  readonly qtyPips: BigInt64Array;
}

/** A book behind one message, and how far it is known. */
export interface BookAt {
  readonly tsRecv: bigint;
  readonly sequence: bigint | null;
  readonly bids: BookSide;
  readonly asks: BookSide;
  /** Bids are known at and above, asks at and below these prices. */
  readonly knownBidPips: bigint;
  readonly knownAskPips: bigint;
}

/** Compares a day's last book with the first snapshot of the next, as far as both are known. */
export function compareDays(last: BookAt, first: BookAt): DayBefore {
  const bids = compareSides(last.bids, first.bids, (price) => {
    return price >= last.knownBidPips && price >= first.knownBidPips;
  });
  const asks = compareSides(last.asks, first.asks, (price) => {
    return price <= last.knownAskPips && price <= first.knownAskPips;
  });
  return {
    ts_recv_before: last.tsRecv,
    ts_recv_snapshot: first.tsRecv,
    sequence_before: last.sequence,
    sequence_snapshot: first.sequence,
    levels_equal: bids.equal + asks.equal,
    levels_differing: bids.differing + asks.differing,
    best_equal: isSameBest(last.bids, first.bids) && isSameBest(last.asks, first.asks),
  };
}

/** Levels of either side at prices that are known; one that only one has differs. */
function compareSides(
  last: BookSide,
  first: BookSide,
  isKnown: (pricePips: bigint) => boolean,
): { equal: number; differing: number } {
  const levels = new Map<bigint, bigint>();
  for (const [level, price] of last.pricePips.entries()) {
    if (isKnown(price)) levels.set(price, last.qtyPips[level]!);
  }
  let [equal, differing] = [0, 0];
  for (const [level, price] of first.pricePips.entries()) {
    if (!isKnown(price)) continue;
    if (levels.get(price) === first.qtyPips[level]) equal++;
    else differing++;
    levels.delete(price);
  }
  return { equal, differing: differing + levels.size };
}

function isSameBest(last: BookSide, first: BookSide): boolean {
  return last.pricePips[0] === first.pricePips[0] && last.qtyPips[0] === first.qtyPips[0];
}
