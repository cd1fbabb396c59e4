/**
 * The loop over the messages of a slot: bookApply's heart.
 *
 * Each 64 rows are passed over twice: places.ts finds where their levels lie and where messages
 * end, placed.ts applies the rows up to the next end. Most messages need nothing more but, at most,
 * the best prices written. Those *calm* ones are ended right here, with their counts kept in
 * locals; everything else is left to endMessage, after `settle` has written down what the locals
 * hold. A call's first message always goes that way, so what the host changed between calls is
 * seen.
 *
 * The loop is one long function because all that it keeps in registers would otherwise go through
 * memory for every message.
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
  CADENCE_INTERVAL,
  CADENCE_MESSAGE,
  CADENCE_NONE,
  RUN_CADENCE,
  RUN_CLOCK_IS_EVENT,
  RUN_DEPTH,
  RUN_FLAGS_PTR,
  RUN_MESSAGE_START,
  RUN_OUT_CAPACITY,
  RUN_OUT_COUNT,
  RUN_OUT_FLAGS_PTR,
  RUN_OUT_LEVELS_PTR,
  RUN_OUT_LEVEL_STRIDE,
  RUN_OUT_SEQUENCE_PTR,
  RUN_OUT_TS_EVENT_PTR,
  RUN_OUT_TS_RECV_PTR,
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
  K_PENDING_ROWS,
  K_PLACEMENTS,
  K_TICK,
  K_VALID_ASKS,
  K_VALID_BIDS,
  S_BASE,
  S_QTY,
  S_SPILL_BEST,
  S_TOP_DIRTY,
  sideOf,
} from "./layout";
import { FLAGS_CARRIED, endMessage } from "./message";
import { add, applyPlaced, settleBest, settleSides, startHighs } from "./placed";
import { endsAmong, placeRows } from "./places";
import { setOffWindow } from "./retune";
import { fillForward } from "./rows";
import { SPILL_FULL, SPILL_UNKNOWN } from "./spill";

export function walk(book: usize, run: usize): i32 {
  const ask = sideOf(book, 0);
  const bid = sideOf(book, 1);
  const flagsPtr = load<usize>(run, RUN_FLAGS_PTR);
  const qtyPtr = load<usize>(run, RUN_QTY_PTR);
  const hasBook = load<i32>(book, BOOK_STATE) != BOOK_UNSEEDED;
  const cadence = load<i32>(run, RUN_CADENCE);
  const writesBest = cadence == CADENCE_MESSAGE && load<i32>(run, RUN_DEPTH) == 1;
  // Whether it is noted that a row may show in the cached tops: calm messages of which the best
  // prices are written do without, and the first message may follow such a one.
  let tracksTops = cadence != CADENCE_NONE && !writesBest;
  const canBeCalm = cadence != CADENCE_MESSAGE || (writesBest &&
    (load<usize>(run, RUN_OUT_SEQUENCE_PTR) == 0 || load<usize>(run, RUN_SEQUENCE_PTR) != 0));
  const rowStart = load<i32>(run, RUN_ROW);
  const rowEnd = load<i32>(run, RUN_ROW_END);
  const outCapacity = load<i32>(run, RUN_OUT_CAPACITY);
  let out = load<i32>(run, RUN_OUT_COUNT);
  let isCalm = false;
  let calmCount = 0;
  let calmRow = -1;
  let stop = STOP_END;
  let row = rowStart;
  let placedEnd = rowStart;
  let ends: u64 = 0;
  startHighs(book, tracksTops);
  // First row that is not yet counted into a message.
  store<i32>(book, load<i32>(book, K_PENDING_ROWS) - rowStart, K_PENDING_ROWS);
  while (true) {
    if (row == placedEnd) {
      if (row == rowEnd) break;
      placedEnd = min((row & ~63) + 64, rowEnd);
      ends = endsAmong(run, row, placedEnd);
      if (hasBook) placeRows(book, run, row, placedEnd);
    }
    // The rows up to the next message end are applied at once.
    const left = ends >> (row & 63);
    const endRow = left == 0 ? placedEnd : row + <i32>ctz<u64>(left);
    let flags = 0;
    let applyEnd = endRow;
    if (left != 0) {
      flags = load<i32>(flagsPtr + (<usize>endRow << 2));
      if ((flags & FLAG_CLEAR) == 0) applyEnd++;
      if ((flags & FLAG_LAST) != 0 && cadence != CADENCE_NONE) {
        // What this message end writes must find room before its last row is applied.
        let hasRoom = out < outCapacity;
        if (cadence == CADENCE_INTERVAL) {
          hasRoom = true;
          if (load<i64>(book, BOOK_NEXT_BOUNDARY) < clockOf(run, endRow)) {
            settle(book, run, calmRow, calmCount, out);
            calmCount = 0;
            hasRoom = fillForward(book, run, clockOf(run, endRow));
            out = load<i32>(run, RUN_OUT_COUNT);
          }
        }
        if (!hasRoom) {
          stop = STOP_OUT_FULL;
          applyEnd = endRow;
        }
      }
    }
    if (hasBook) {
      row = applyPlaced(book, qtyPtr, row, applyEnd);
      while (row < applyEnd) {
        // A row off the window, which may move now.
        settleSides(book, tracksTops);
        const placements = load<u32>(book, K_PLACEMENTS);
        const qty = load<i64>(qtyPtr + (<usize>row << 3));
        const result = setOffWindow(book, run, row, qty);
        if (result == SPILL_FULL) {
          stop = STOP_BOOK_FULL;
          break;
        }
        startHighs(book, tracksTops);
        add(book + BOOK_DELETES, i64(qty == 0));
        add(book + BOOK_DELETES_UNKNOWN, i64(result == SPILL_UNKNOWN));
        row++;
        if (row < placedEnd && load<u32>(book, K_PLACEMENTS) != placements) {
          placeRows(book, run, row, placedEnd);
        }
        row = applyPlaced(book, qtyPtr, row, applyEnd);
      }
      if (stop == STOP_BOOK_FULL) break;
    }
    row = applyEnd;
    if (stop != STOP_END) break;
    if ((flags & FLAG_CLEAR) != 0) {
      row++;
      if (hasBook) {
        settleSides(book, tracksTops);
        clearLevels(book);
        startHighs(book, tracksTops);
      }
    }
    if ((flags & FLAG_LAST) == 0) continue;
    const last = row - 1;
    if (isCalm) {
      const bidIndex = settleBest(book, 1, tracksTops);
      const askIndex = settleBest(book, 0, tracksTops);
      const tick = load<i64>(book, K_TICK);
      const bidKey = load<i64>(bid, S_BASE) + <i64>bidIndex * tick;
      const askKey = load<i64>(ask, S_BASE) + <i64>askIndex * tick;
      if (
        (bidIndex | askIndex) >= 0 &&
        bidKey < ~askKey &&
        bidKey >= load<i64>(bid, S_SPILL_BEST) &&
        askKey >= load<i64>(ask, S_SPILL_BEST) &&
        !(tracksTops && (load<i32>(bid, S_TOP_DIRTY) | load<i32>(ask, S_TOP_DIRTY)) != 0)
      ) {
        calmCount++;
        calmRow = last;
        if (writesBest) {
          writeBest(book, run, last, out, flags, bidKey, bidIndex, askKey, askIndex);
          out++;
        }
        continue;
      }
    }
    settle(book, run, calmRow, calmCount, out);
    calmCount = 0;
    settleSides(book, tracksTops);
    if (!tracksTops) {
      store<i32>(bid, 1, S_TOP_DIRTY);
      store<i32>(ask, 1, S_TOP_DIRTY);
    }
    endMessage(book, run, last);
    out = load<i32>(run, RUN_OUT_COUNT);
    isCalm = canBeCalm && staysCalm(book, cadence);
    tracksTops = cadence != CADENCE_NONE && !(writesBest && isCalm);
    startHighs(book, tracksTops);
  }
  settle(book, run, calmRow, calmCount, out);
  settleSides(book, tracksTops);
  store<i32>(run, row, RUN_ROW);
  store<i32>(book, load<i32>(book, K_PENDING_ROWS) + row, K_PENDING_ROWS);
  if (hasBook) add(book + BOOK_ROWS_APPLIED, row - rowStart);
  return stop;
}

/** Writes the row of a calm message that ended with `row`; the output has room. */
@inline
function writeBest(
  book: usize, run: usize, row: i32, out: i32, flags: i32,
  bidKey: i64, bidIndex: i32, askKey: i64, askIndex: i32,
): void {
  const from = <usize>row << 3;
  const to = <usize>out << 3;
  copyI64(run, RUN_TS_RECV_PTR, from, RUN_OUT_TS_RECV_PTR, to);
  copyI64(run, RUN_TS_EVENT_PTR, from, RUN_OUT_TS_EVENT_PTR, to);
  if (load<usize>(run, RUN_OUT_SEQUENCE_PTR) != 0) {
    copyI64(run, RUN_SEQUENCE_PTR, from, RUN_OUT_SEQUENCE_PTR, to);
  }
  store<i32>(
    load<usize>(run, RUN_OUT_FLAGS_PTR) + (to >> 1), bestMarks(book, flags, bidKey, ~askKey),
  );
  const at = load<usize>(run, RUN_OUT_LEVELS_PTR) + to;
  const stride = <usize>load<i32>(run, RUN_OUT_LEVEL_STRIDE);
  store<i64>(at, bidKey);
  store<i64>(at + stride, qtyAt(sideOf(book, 1), bidIndex));
  store<i64>(at + stride * 2, ~askKey);
  store<i64>(at + stride * 3, qtyAt(sideOf(book, 0), askIndex));
}

@inline
function copyI64(run: usize, fromField: usize, from: usize, toField: usize, to: usize): void {
  store<i64>(load<usize>(run + toField) + to, load<i64>(load<usize>(run + fromField) + from));
}

@inline
function qtyAt(side: usize, index: i32): i64 {
  return load<i64>(load<usize>(side, S_QTY) + (<usize>index << 3));
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
