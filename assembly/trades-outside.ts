/**
 * tradesOutside: compares trades with the best prices of the book round their time.
 *
 * A trade is outside if its price is below every best bid, or above every best ask, that held within
 * TOPS_WINDOW_NS of it. Both come in the order in which they were received; what comes late counts at
 * the time of the one before.
 *
 * ```
 * rows     | r0     | r1  | r2        | r3 ...      a row holds until the next one
 *               [-----------t-----------]           window of a trade: r0 to r2
 * ```
 */
import {
  FLAG_BAD_TS,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_OFF_BOOK,
} from "../src/abi/flags";
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import {
  TOPS_ASK_PTR,
  TOPS_BID_PTR,
  TOPS_COMPARED,
  TOPS_COUNT,
  TOPS_END_TIME,
  TOPS_FLAGS_PTR,
  TOPS_HIGH,
  TOPS_IS_END,
  TOPS_LAST_BAD,
  TOPS_LOW,
  TOPS_OUTSIDE,
  TOPS_PASSED,
  TOPS_TIME,
  TOPS_TS_PTR,
  TOPS_WINDOW_NS,
} from "../src/abi/tops";

/**
 * Judges the trades of rows [row, rowEnd), as far as the rows of the book reach behind them.
 *
 * tsPtr, pricePtr (i64, 8-byte aligned) and flagsPtr (i32, 4-byte): columns of the trades for row 0;
 * only read, as are the columns of the book's rows. tops: the block of src/abi/tops.ts (8-byte
 * aligned), whose counters are raised. Nothing is read past the rows.
 *
 * A trade is passed, not compared: where its flags say OFF_BOOK or BAD_TS, where its window
 * begins before the first row, behind the last message, and where a row in its window has no trusted best prices.
 *
 * Returns the first row that is not judged: it needs rows of the book that are not here yet.
 * -STATUS_BAD_ARGUMENT: nothing is done.
 */
export function tradesOutside(
  tsPtr: usize, pricePtr: usize, flagsPtr: usize, row: i32, rowEnd: i32, tops: usize,
): i32 {
  if ((tsPtr & 7) | (pricePtr & 7) | (flagsPtr & 3) | (tops & 7)) return -STATUS_BAD_ARGUMENT;
  if (row < 0 || rowEnd < row || load<i32>(tops, TOPS_COUNT) < 0) return -STATUS_BAD_ARGUMENT;
  for (; row < rowEnd; row++) {
    const at = <usize>row;
    if (load<i32>(flagsPtr + (at << 2)) & (FLAG_OFF_BOOK | FLAG_BAD_TS)) {
      add(tops, TOPS_PASSED);
      continue;
    }
    const time = max(load<i64>(tsPtr + (at << 3)), load<i64>(tops, TOPS_TIME));
    store<i64>(tops, time, TOPS_TIME);
    if (!reaches(tops, time)) return row;
    judge(tops, time, load<i64>(pricePtr + (at << 3)));
  }
  return row;
}

/** Moves on to the rows of a trade's window; false: some of them are not here yet. */
function reaches(tops: usize, time: i64): bool {
  const ts = load<usize>(tops, TOPS_TS_PTR);
  const count = load<i32>(tops, TOPS_COUNT);
  const window = load<i64>(tops, TOPS_WINDOW_NS);
  let high = load<i32>(tops, TOPS_HIGH);
  while (high < count && load<i64>(ts + (<usize>high << 3)) <= time + window) {
    if (!isTrusted(tops, <usize>high)) store<i32>(tops, high, TOPS_LAST_BAD);
    high++;
  }
  store<i32>(tops, high, TOPS_HIGH);
  let low = load<i32>(tops, TOPS_LOW);
  while (low + 1 < high && load<i64>(ts + (<usize>(low + 1) << 3)) <= time - window) low++;
  store<i32>(tops, low, TOPS_LOW);
  return high < count || load<i32>(tops, TOPS_IS_END) != 0;
}

@inline
function isTrusted(tops: usize, row: usize): bool {
  const flags = load<i32>(load<usize>(tops, TOPS_FLAGS_PTR) + (row << 2));
  if (flags & FLAG_MAYBE_BAD_BOOK) return false;
  const bid = load<i64>(load<usize>(tops, TOPS_BID_PTR) + (row << 3));
  const ask = load<i64>(load<usize>(tops, TOPS_ASK_PTR) + (row << 3));
  return bid != 0 && ask != 0;
}

function judge(tops: usize, time: i64, price: i64): void {
  const ts = load<usize>(tops, TOPS_TS_PTR);
  const low = load<i32>(tops, TOPS_LOW);
  const high = load<i32>(tops, TOPS_HIGH);
  const isBehind =
    load<i32>(tops, TOPS_IS_END) != 0 && time > load<i64>(tops, TOPS_END_TIME);
  // The book has not been there for all of the window.
  const isBefore = high <= low ||
    load<i64>(ts + (<usize>low << 3)) > time - load<i64>(tops, TOPS_WINDOW_NS);
  if (isBehind || isBefore || load<i32>(tops, TOPS_LAST_BAD) >= low) {
    add(tops, TOPS_PASSED);
    return;
  }
  add(tops, TOPS_COMPARED);
  const bids = load<usize>(tops, TOPS_BID_PTR);
  const asks = load<usize>(tops, TOPS_ASK_PTR);
  let isBelow = true;
  let isAbove = true;
  for (let row = low; row < high && (isBelow || isAbove); row++) {
    if (load<i64>(bids + (<usize>row << 3)) <= price) isBelow = false;
    if (load<i64>(asks + (<usize>row << 3)) >= price) isAbove = false;
  }
  if (isBelow || isAbove) add(tops, TOPS_OUTSIDE);
}

@inline
function add(tops: usize, counter: usize): void {
  store<i32>(tops + counter, load<i32>(tops + counter) + 1);
}
