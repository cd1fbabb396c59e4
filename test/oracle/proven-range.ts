import { ASK_WHOLE, BID_WHOLE, type KnownRange } from './lake-book.js';
import type { StreamMessage } from './stream-rows.js';

/** What a snapshot that was asked for proves: to its worst levels; a side with fewer than the other got all that there is. */
export function provenBy({ rows }: StreamMessage): KnownRange {
  const prices = (isBid: boolean): bigint[] =>
    rows
      .filter((row) => row.isBid === isBid && row.qtyPips > 0n)
      .map((row) => row.pricePips)
      .sort((a, b) => Number(a > b) - Number(a < b));
  const [bids, asks] = [prices(true), prices(false)];
  return {
    bidPips: bids.length < Math.max(asks.length, 1) ? BID_WHOLE : bids[0]!,
    askPips: asks.length < Math.max(bids.length, 1) ? ASK_WHOLE : asks.at(-1)!,
  };
}
