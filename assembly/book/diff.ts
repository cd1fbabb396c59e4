/** Comparing a book with levels that somebody else says it should have: witness and reseed. */
import { BOOK_KNOWN_ASK, BOOK_KNOWN_BID } from "../../src/abi/book";
import { STATUS_BAD_ARGUMENT, STATUS_BAD_STATE, STATUS_OUTPUT_FULL } from "../../src/abi/status";
import { MAGIC, S_FLIP, SCRATCH, sideOf } from "./layout";
import { readLevels } from "./levels";

/** Levels of the book that are read at a time, the first time as many as are given at most. */
const CHUNK = 32;

/** Where the next row goes, and what was found; per instance, and valid during one call only. */
let outCount: i32 = 0;
let outCapacity: i32 = 0;
let outPrice: usize = 0;
let outQty: usize = 0;
let outIsBid: usize = 0;
let insideKnown: i32 = 0;

/**
 * The rows which, applied to the book, make its bids at and above `bidLimit` and its asks at and
 * below `askLimit` equal to the given levels: set quantities, and removals with quantity 0; bids
 * from the best on, then asks.
 *
 * Given levels: sorted from the best on, price (i64) at ptr + k * stride, quantity (i64) at
 * qtyOffset behind it, 8-byte aligned; a quantity of 0 means no level. Those beyond the limit are
 * not looked at. bidLimit I64_MIN, askLimit I64_MAX: the whole side is given.
 *
 * Output: prices and quantities (i64), sides (bits from bit 0 of outIsBidPtr on). At resultPtr
 * (i32): how many of the rows lie inside BOOK_KNOWN_BID and BOOK_KNOWN_ASK.
 *
 * Returns the number of rows; -STATUS_OUTPUT_FULL when there are more than outCapacity,
 * -STATUS_BAD_STATE, -STATUS_BAD_ARGUMENT.
 */
export function bookDiff(
  book: usize, bidPtr: usize, bidCount: i32, askPtr: usize, askCount: i32,
  levelStride: i32, qtyOffset: i32, bidLimit: i64, askLimit: i64,
  outPricePtr: usize, outQtyPtr: usize, outIsBidPtr: usize, capacity: i32, resultPtr: usize,
): i32 {
  if (load<u64>(book) != MAGIC) return -STATUS_BAD_STATE;
  if (bidCount < 0 || askCount < 0 || capacity < 0) return -STATUS_BAD_ARGUMENT;
  outCount = 0;
  outCapacity = capacity;
  outPrice = outPricePtr;
  outQty = outQtyPtr;
  outIsBid = outIsBidPtr;
  insideKnown = 0;
  const fits =
    diffSide(book, 1, bidPtr, bidCount, levelStride, qtyOffset, bidLimit) &&
    diffSide(book, 0, askPtr, askCount, levelStride, qtyOffset, ~askLimit);
  if (!fits) return -STATUS_OUTPUT_FULL;
  store<i32>(resultPtr, insideKnown);
  return outCount;
}

/** Whether a side has no row to give; `limitKey`: of bids the limit, of asks its complement. */
export function sideAgrees(
  book: usize, isBid: usize, given: usize, givenCount: i32, stride: usize, qtyOffset: usize,
  limitKey: i64,
): bool {
  outCount = 0;
  outCapacity = 0;
  return diffSide(book, isBid, given, givenCount, stride, qtyOffset, limitKey);
}

/** Merges both lists, best first, by key. Returns false when the output is full. */
function diffSide(
  book: usize, isBid: usize, given: usize, givenCount: i32, stride: usize, qtyOffset: usize,
  limitKey: i64,
): bool {
  const side = sideOf(book, isBid);
  const flip = load<i64>(side, S_FLIP);
  const known = isBid ? load<i64>(book, BOOK_KNOWN_BID) : ~load<i64>(book, BOOK_KNOWN_ASK);
  const givenEnd = given + <usize>givenCount * stride;
  const scratch = book + SCRATCH;
  let key = i64.MAX_VALUE;
  let wanted = min(max(givenCount, 1), CHUNK);
  let more = true;
  let at = scratch;
  let end = scratch;
  while (true) {
    if (at == end && more) {
      const count = readLevels(book, side, key, wanted, scratch, scratch + 8, 16);
      at = scratch;
      end = scratch + (<usize>count << 4);
      if (count > 0) key = load<i64>(end - 16) ^ flip;
      // A book that agrees ends at the limit with as many levels as are given.
      more = count == wanted && key > limitKey;
      wanted = CHUNK;
      key--;
    }
    const hasBook = at < end && (load<i64>(at) ^ flip) >= limitKey;
    while (given < givenEnd && load<i64>(given + qtyOffset) == 0) given += stride;
    const hasGiven = given < givenEnd && (load<i64>(given) ^ flip) >= limitKey;
    if (!hasBook && !hasGiven) return true;
    const bookKey = hasBook ? load<i64>(at) ^ flip : 0;
    const givenKey = hasGiven ? load<i64>(given) ^ flip : 0;
    if (hasBook && hasGiven && bookKey == givenKey) {
      const qty = load<i64>(given + qtyOffset);
      if (qty != load<i64>(at, 8) && !put(isBid, givenKey, flip, qty, known)) return false;
      at += 16;
      given += stride;
    } else if (hasBook && (!hasGiven || bookKey > givenKey)) {
      if (!put(isBid, bookKey, flip, 0, known)) return false;
      at += 16;
    } else {
      if (!put(isBid, givenKey, flip, load<i64>(given + qtyOffset), known)) return false;
      given += stride;
    }
  }
}

function put(isBid: usize, key: i64, flip: i64, qty: i64, known: i64): bool {
  if (outCount == outCapacity) return false;
  const row = <usize>outCount;
  store<i64>(outPrice + (row << 3), key ^ flip);
  store<i64>(outQty + (row << 3), qty);
  const at = outIsBid + (row >> 3);
  const bit = <u8>1 << <u8>(row & 7);
  store<u8>(at, isBid ? load<u8>(at) | bit : load<u8>(at) & ~bit);
  if (key >= known) insideKnown++;
  outCount++;
  return true;
}
