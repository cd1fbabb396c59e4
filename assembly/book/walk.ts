/**
 * The loop over the rows of a slot: bookApply's heart.
 *
 * Most messages need nothing but their rows applied and, at most, the best prices written. Those
 * *calm* ones are ended right here, with their counts kept in locals; everything else is left to
 * endMessage, after `settle` has written down what the locals hold. A call's first message always
 * goes that way, so what the host changed between calls is seen.
 *
 * The loop is one long function because all that it keeps in registers would otherwise go through
 * memory for every row.
 */
import {
  BOOK_CROSS_STATE,
  BOOK_DELETES,
  BOOK_DELETES_UNKNOWN,
  BOOK_DEPTH_UNKNOWN,
  BOOK_KNOWN_ASK,
  BOOK_KNOWN_BID,
  BOOK_LAST_MARKS,
  BOOK_LAST_SEQUENCE,
  BOOK_LAST_TS_EVENT,
  BOOK_LAST_TS_RECV,
  BOOK_LIVE,
  BOOK_MESSAGES,
  BOOK_NEXT_BOUNDARY,
  BOOK_ROWS_APPLIED,
  BOOK_ROWS_TRUSTED,
  BOOK_STATE,
  BOOK_UNSEEDED,
  CADENCE_CHANGE,
  CADENCE_INTERVAL,
  CADENCE_MESSAGE,
  CADENCE_NONE,
  RUN_CADENCE,
  RUN_CLOCK_IS_EVENT,
  RUN_DEPTH,
  RUN_FLAGS_PTR,
  RUN_IS_BID_PTR,
  RUN_MESSAGE_START,
  RUN_OUT_CAPACITY,
  RUN_OUT_COUNT,
  RUN_OUT_FLAGS_PTR,
  RUN_OUT_LEVELS_PTR,
  RUN_OUT_LEVEL_STRIDE,
  RUN_OUT_SEQUENCE_PTR,
  RUN_OUT_TS_EVENT_PTR,
  RUN_OUT_TS_RECV_PTR,
  RUN_PRICE_PTR,
  RUN_QTY_PTR,
  RUN_ROW,
  RUN_ROW_END,
  RUN_SEQUENCE_PTR,
  RUN_TS_EVENT_PTR,
  RUN_TS_RECV_PTR,
  STOP_BOOK_FULL,
  STOP_END,
  STOP_OUT_FULL,
} from "../../src/abi/book";
import { FLAG_CLEAR, FLAG_DEPTH_UNKNOWN, FLAG_LAST } from "../../src/abi/flags";
import { clearLevels } from "./block";
import {
  K_INVERSE,
  K_LIMIT,
  K_PENDING_ROWS,
  K_SHIFT,
  K_TICK,
  K_VALID_ASKS,
  K_VALID_BIDS,
  S_BASE,
  S_BEST,
  S_QTY,
  S_SPILL_BEST,
  S_TOP_DIRTY,
  S_TOP_KEY,
  sideOf,
} from "./layout";
import { FLAGS_CARRIED, endMessage } from "./message";
import { setOffWindow, windowIndex } from "./retune";
import { fillForward } from "./rows";
import { SPILL_FULL, SPILL_UNKNOWN } from "./spill";
import { windowTurn } from "./window";

export function walk(book: usize, run: usize): i32 {
  const ask = sideOf(book, 0);
  const bid = sideOf(book, 1);
  const flagsPtr = load<usize>(run, RUN_FLAGS_PTR);
  const isBidPtr = load<usize>(run, RUN_IS_BID_PTR);
  const pricePtr = load<usize>(run, RUN_PRICE_PTR);
  const qtyPtr = load<usize>(run, RUN_QTY_PTR);
  const hasBook = load<i32>(book, BOOK_STATE) != BOOK_UNSEEDED;
  const cadence = load<i32>(run, RUN_CADENCE);
  // With these cadences a message that leaves the cached tops alone has no row.
  const watchesTops = cadence == CADENCE_CHANGE || cadence == CADENCE_INTERVAL;
  const writesBest = cadence == CADENCE_MESSAGE && load<i32>(run, RUN_DEPTH) == 1;
  const tsRecvPtr = load<usize>(run, RUN_TS_RECV_PTR);
  const tsEventPtr = load<usize>(run, RUN_TS_EVENT_PTR);
  const sequencePtr = load<usize>(run, RUN_SEQUENCE_PTR);
  const outTsRecvPtr = load<usize>(run, RUN_OUT_TS_RECV_PTR);
  const outTsEventPtr = load<usize>(run, RUN_OUT_TS_EVENT_PTR);
  const outSequencePtr = load<usize>(run, RUN_OUT_SEQUENCE_PTR);
  const outFlagsPtr = load<usize>(run, RUN_OUT_FLAGS_PTR);
  const levelsPtr = load<usize>(run, RUN_OUT_LEVELS_PTR);
  const stride = <usize>load<i32>(run, RUN_OUT_LEVEL_STRIDE);
  const canBeCalm = watchesTops || cadence == CADENCE_NONE ||
    (writesBest && (outSequencePtr == 0 || sequencePtr != 0));
  let inverse = load<u64>(book, K_INVERSE);
  let shift = load<u64>(book, K_SHIFT);
  let limit = load<u64>(book, K_LIMIT);
  let tick = load<i64>(book, K_TICK);
  let isCalm = false;
  let calmCount = 0;
  let calmRow = -1;
  let out = load<i32>(run, RUN_OUT_COUNT);
  let deletes = 0;
  let unknown = 0;
  let stop = STOP_END;
  const rowStart = load<i32>(run, RUN_ROW);
  const rowEnd = load<i32>(run, RUN_ROW_END);
  const outCapacity = load<i32>(run, RUN_OUT_CAPACITY);
  let row = rowStart;
  // First row that is not yet counted into a message.
  store<i32>(book, load<i32>(book, K_PENDING_ROWS) - rowStart, K_PENDING_ROWS);
  for (; row < rowEnd; row++) {
    const flags = load<i32>(flagsPtr + (<usize>row << 2));
    if ((flags & FLAG_LAST) != 0 && cadence != CADENCE_NONE) {
      // What this message end writes must find room before its last row is applied.
      let hasRoom = out < outCapacity;
      if (cadence == CADENCE_INTERVAL) {
        hasRoom = true;
        if (load<i64>(book, BOOK_NEXT_BOUNDARY) < clockOf(run, row)) {
          settle(book, run, calmRow, calmCount, out);
          calmCount = 0;
          hasRoom = fillForward(book, run, clockOf(run, row));
          out = load<i32>(run, RUN_OUT_COUNT);
        }
      }
      if (!hasRoom) {
        stop = STOP_OUT_FULL;
        break;
      }
    }
    if (hasBook) {
      if ((flags & FLAG_CLEAR) != 0) {
        clearLevels(book);
      } else {
        const isBid = (<usize>load<u8>(isBidPtr + (row >> 3)) >> (row & 7)) & 1;
        const side = sideOf(book, isBid);
        const qty = load<i64>(qtyPtr + (<usize>row << 3));
        const key = load<i64>(pricePtr + (<usize>row << 3)) ^ (<i64>isBid - 1);
        const index = windowIndex(key, load<i64>(side, S_BASE), inverse, shift);
        if (key >= load<i64>(side, S_TOP_KEY)) store<i32>(side, 1, S_TOP_DIRTY);
        const isDelete = i32(qty == 0);
        if (index < limit) {
          const at = load<usize>(side, S_QTY) + (<usize>index << 3);
          const wasEmpty = i32(load<i64>(at) == 0);
          store<i64>(at, qty);
          deletes += isDelete;
          unknown += isDelete & wasEmpty;
          windowTurn(side, <i32>index, isDelete ^ wasEmpty, wasEmpty);
        } else {
          const result = setOffWindow(book, side, key, qty);
          if (result == SPILL_FULL) {
            stop = STOP_BOOK_FULL;
            break;
          }
          deletes += isDelete;
          unknown += i32(result == SPILL_UNKNOWN);
          inverse = load<u64>(book, K_INVERSE);
          shift = load<u64>(book, K_SHIFT);
          limit = load<u64>(book, K_LIMIT);
          tick = load<i64>(book, K_TICK);
        }
      }
    }
    if ((flags & FLAG_LAST) == 0) continue;
    if (isCalm) {
      const bidIndex = load<i32>(bid, S_BEST);
      const askIndex = load<i32>(ask, S_BEST);
      const bidKey = load<i64>(bid, S_BASE) + <i64>bidIndex * tick;
      const askKey = load<i64>(ask, S_BASE) + <i64>askIndex * tick;
      if (
        (bidIndex | askIndex) >= 0 &&
        bidKey < ~askKey &&
        bidKey >= load<i64>(bid, S_SPILL_BEST) &&
        askKey >= load<i64>(ask, S_SPILL_BEST) &&
        !(watchesTops && (load<i32>(bid, S_TOP_DIRTY) | load<i32>(ask, S_TOP_DIRTY)) != 0)
      ) {
        calmCount++;
        calmRow = row;
        if (writesBest) {
          const from = <usize>row << 3;
          const to = <usize>out << 3;
          store<i64>(outTsRecvPtr + to, load<i64>(tsRecvPtr + from));
          store<i64>(outTsEventPtr + to, load<i64>(tsEventPtr + from));
          if (outSequencePtr != 0) store<i64>(outSequencePtr + to, load<i64>(sequencePtr + from));
          store<i32>(outFlagsPtr + (to >> 1), bestMarks(book, flags, bidKey, ~askKey));
          const at = levelsPtr + to;
          store<i64>(at, bidKey);
          store<i64>(at + stride, load<i64>(load<usize>(bid, S_QTY) + (<usize>bidIndex << 3)));
          store<i64>(at + stride * 2, ~askKey);
          store<i64>(at + stride * 3, load<i64>(load<usize>(ask, S_QTY) + (<usize>askIndex << 3)));
          out++;
        }
        continue;
      }
    }
    settle(book, run, calmRow, calmCount, out);
    calmCount = 0;
    endMessage(book, run, row);
    out = load<i32>(run, RUN_OUT_COUNT);
    isCalm = canBeCalm && staysCalm(book, cadence);
  }
  settle(book, run, calmRow, calmCount, out);
  store<i32>(run, row, RUN_ROW);
  store<i32>(book, load<i32>(book, K_PENDING_ROWS) + row, K_PENDING_ROWS);
  add(book + BOOK_DELETES, deletes);
  add(book + BOOK_DELETES_UNKNOWN, unknown);
  if (hasBook) add(book + BOOK_ROWS_APPLIED, row - rowStart);
  return stop;
}

@inline
function add(at: usize, count: i64): void {
  store<i64>(at, load<i64>(at) + count);
}

@inline
function clockOf(run: usize, row: i32): i64 {
  const clocks = load<i32>(run, RUN_CLOCK_IS_EVENT) != 0
    ? load<usize>(run, RUN_TS_EVENT_PTR)
    : load<usize>(run, RUN_TS_RECV_PTR);
  return load<i64>(clocks + (<usize>row << 3));
}

/**
 * Whether messages like the one that just ended may end in the loop, as long as the book is
 * two-sided, uncrossed, and has its best levels in the window.
 */
function staysCalm(book: usize, cadence: i32): bool {
  if (load<i32>(book, BOOK_STATE) != BOOK_LIVE) return false;
  if (load<i32>(book, BOOK_CROSS_STATE) != 0) return false;
  // Rows written in the loop continue a run of rows whose validity bits are all ones.
  return cadence != CADENCE_MESSAGE ||
    (load<i32>(book, K_VALID_BIDS) == 1 && load<i32>(book, K_VALID_ASKS) == 1);
}

/** Writes down `count` calm messages, the last of which ended with `row`. */
function settle(book: usize, run: usize, row: i32, count: i32, out: i32): void {
  if (count == 0) return;
  add(book + BOOK_MESSAGES, count);
  add(book + BOOK_ROWS_TRUSTED, load<i32>(book, K_PENDING_ROWS) + row + 1);
  store<i32>(book, -1 - row, K_PENDING_ROWS);
  store<i32>(run, row + 1, RUN_MESSAGE_START);
  store<i32>(run, out, RUN_OUT_COUNT);
  const offset = <usize>row << 3;
  store<i64>(book, load<i64>(load<usize>(run, RUN_TS_RECV_PTR) + offset), BOOK_LAST_TS_RECV);
  store<i64>(book, load<i64>(load<usize>(run, RUN_TS_EVENT_PTR) + offset), BOOK_LAST_TS_EVENT);
  const sequencePtr = load<usize>(run, RUN_SEQUENCE_PTR);
  if (sequencePtr != 0) store<i64>(book, load<i64>(sequencePtr + offset), BOOK_LAST_SEQUENCE);
  store<i32>(book, lastMarks(book, run, row, out), BOOK_LAST_MARKS);
}

/** Flags of the book row of the calm message that ended with `row`. */
function lastMarks(book: usize, run: usize, row: i32, out: i32): i32 {
  if (load<i32>(run, RUN_CADENCE) == CADENCE_MESSAGE) {
    return load<i32>(load<usize>(run, RUN_OUT_FLAGS_PTR) + (<usize>(out - 1) << 2));
  }
  const flags = load<i32>(load<usize>(run, RUN_FLAGS_PTR) + (<usize>row << 2));
  // The cached tops and the known range are what they were at the message before.
  const depthMark = load<i32>(book, BOOK_LAST_MARKS) & FLAG_DEPTH_UNKNOWN;
  return FLAG_LAST | (flags & FLAGS_CARRIED) | depthMark;
}

/** Flags of the calm message's book row at depth 1. */
@inline
function bestMarks(book: usize, flags: i32, bidPrice: i64, askPrice: i64): i32 {
  const marks = FLAG_LAST | (flags & FLAGS_CARRIED);
  if (bidPrice >= load<i64>(book, BOOK_KNOWN_BID) && askPrice <= load<i64>(book, BOOK_KNOWN_ASK)) {
    return marks;
  }
  add(book + BOOK_DEPTH_UNKNOWN, 1);
  return marks | FLAG_DEPTH_UNKNOWN;
}
