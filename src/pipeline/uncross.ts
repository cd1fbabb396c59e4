import type { BookWriter } from './book-writer.js';
import type { DepthSlots } from './depth-slots.js';
import type { Segment } from './protocol.js';
import type { SyntheticLevel } from './synthetic-rows.js';

/** Levels that are read at a time. */
const READ_LEVELS = 256;

/**
 * The rows that uncross a book: what the message set last is believed, and the other side's levels
 * at or through it go.
 *
 * @param segment rows of the message that left the book crossed, with its last one
 */
export function impossibleLevels(
  writer: BookWriter,
  slots: DepthSlots,
  segment: Segment,
): SyntheticLevel[] {
  const bid = writer.top(true, 1)[0]!.pricePips;
  const ask = writer.top(false, 1)[0]!.pricePips;
  const staysBid = lastCrossingIsBid(slots, segment, { bid, ask });
  const isThrough = (pricePips: bigint): boolean =>
    staysBid ? pricePips <= bid : pricePips >= ask;
  for (let count = READ_LEVELS; ; count *= 2) {
    const read = writer.top(!staysBid, count);
    const gone = read.filter(({ pricePips }) => isThrough(pricePips));
    // What is left of a book with more than can be read goes at the next message end.
    if (gone.length < count || read.length < count) {
      return gone.map(({ pricePips }) => ({ isBid: !staysBid, pricePips, qtyPips: 0n }));
    }
  }
}

/** The side of the last row that set a level at or through the other side's best. */
function lastCrossingIsBid(
  slots: DepthSlots,
  { slot, rowStart, rowEnd }: Segment,
  best: { readonly bid: bigint; readonly ask: bigint },
): boolean {
  const columns = slots.columns(slot);
  for (let row = rowEnd - 1; row >= rowStart; row--) {
    if (slots.i64(columns.qtyPtr, row) === 0n) continue;
    const pricePips = slots.i64(columns.pricePtr, row);
    const isBid = slots.isBid(columns, row);
    if (isBid ? pricePips >= best.ask : pricePips <= best.bid) return isBid;
  }
  return slots.isBid(columns, rowEnd - 1);
}
