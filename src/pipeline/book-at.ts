import type { BookAt, BookSide } from '../audit/day-before.js';
import type { StreamPoint } from '../book/trust.js';
import { bookLevelsInto } from '../core/book.js';
import type { BookHead } from '../core/book-head.js';
import type { Core } from '../core/core.js';
import type { Arena } from '../memory/arena.js';

/** A copy of all levels of a book. */
export function bookAt(
  memory: { readonly core: Core; readonly arena: Arena },
  head: BookHead,
  { tsRecv, sequence }: StreamPoint,
): BookAt {
  return {
    tsRecv,
    sequence,
    bids: sideOf(memory, head.ptr, true, head.bidCount),
    asks: sideOf(memory, head.ptr, false, head.askCount),
    knownBidPips: head.knownBidPips,
    knownAskPips: head.knownAskPips,
  };
}

function sideOf(
  { core, arena }: { readonly core: Core; readonly arena: Arena },
  bookPtr: number,
  isBid: boolean,
  count: number,
): BookSide {
  const byteLength = Math.max(1, count) * 16;
  const pricePtr = arena.allocate(byteLength);
  const qtyPtr = pricePtr + count * 8;
  bookLevelsInto(core, bookPtr, isBid, { pricePtr, qtyPtr, max: count });
  const { i64 } = core.views;
  const pricePips = i64.slice(pricePtr / 8, pricePtr / 8 + count);
  const qtyPips = i64.slice(qtyPtr / 8, qtyPtr / 8 + count);
  arena.free(pricePtr, byteLength);
  return { pricePips, qtyPips };
}
