/**
 * The end of a message, the only place where a book is looked at: crossed and locked, trust, marks,
 * and the rows of the `book` table.
 */
import {
  BOOK_CROSSED_MESSAGES,
  BOOK_CROSSED_NS,
  BOOK_CROSS_SINCE,
  BOOK_CROSS_STATE,
  BOOK_FIRST_CROSS_ROW,
  BOOK_FIRST_CROSS_SEQUENCE,
  BOOK_FIRST_CROSS_TS,
  BOOK_LAST_MARKS,
  BOOK_LAST_SEQUENCE,
  BOOK_LAST_TS_EVENT,
  BOOK_LAST_TS_RECV,
  BOOK_LIVE,
  BOOK_LOCKED_MESSAGES,
  BOOK_LOCKED_NS,
  BOOK_MESSAGES,
  BOOK_NEXT_BOUNDARY,
  BOOK_ROWS_TRUSTED,
  BOOK_STATE,
  BOOK_SUSPECT,
  BOOK_UNSEEDED,
  CADENCE_CHANGE,
  CADENCE_INTERVAL,
  CADENCE_MESSAGE,
  CADENCE_NONE,
  RUN_CADENCE,
  RUN_CLOCK_IS_EVENT,
  RUN_DEPTH,
  RUN_FIRST_MARKS,
  RUN_FLAGS_PTR,
  RUN_INTERVAL_NS,
  RUN_MESSAGE_START,
  RUN_SEQUENCE_PTR,
  RUN_SUSPECT_ON_CROSS,
  RUN_TS_EVENT_PTR,
  RUN_TS_RECV_PTR,
} from "../../src/abi/book";
import {
  FLAG_CROSSED,
  FLAG_DEPTH_UNKNOWN,
  FLAG_LAST,
  FLAG_LOCKED,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_SNAPSHOT,
  FLAG_SYNTHETIC,
  FLAG_UNSEEDED,
  FLAG_WITNESS_OFF,
} from "../../src/abi/flags";
import { K_PENDING_MARKS, K_PENDING_ROWS, K_WRITTEN_FLAGS, levelCount, sideOf } from "./layout";
import { bestKey } from "./levels";
import { boundaryFrom, depthMark, refreshTop, writeRow } from "./rows";

/** Values of BOOK_CROSS_STATE. */
const NOT_CROSSED = 0;
export const CROSSED = 1;
const LOCKED = 2;

/** What a row of the `book` table takes over from the message's last row. */
export const FLAGS_CARRIED = FLAG_SNAPSHOT | FLAG_SYNTHETIC | FLAG_WITNESS_OFF;
/** What makes a row due with CADENCE_CHANGE though the levels are the same. */
const FLAGS_COMPARED = FLAG_MAYBE_BAD_BOOK | FLAG_CROSSED | FLAG_LOCKED | FLAG_DEPTH_UNKNOWN;

/** `row` is the LAST row of a message, applied. */
export function endMessage(book: usize, run: usize, row: i32): void {
  const offset = <usize>row << 3;
  const tsRecv = load<i64>(load<usize>(run, RUN_TS_RECV_PTR) + offset);
  const tsEvent = load<i64>(load<usize>(run, RUN_TS_EVENT_PTR) + offset);
  const sequencePtr = load<usize>(run, RUN_SEQUENCE_PTR);
  const sequence = sequencePtr == 0 ? 0 : load<i64>(sequencePtr + offset);

  const cross = crossState(book);
  if ((cross | load<i32>(book, BOOK_CROSS_STATE)) != NOT_CROSSED) {
    noteCross(book, run, cross, tsRecv, sequence);
  }
  const state = load<i32>(book, BOOK_STATE);
  const marks = marksOf(state);
  markRows(run, row, marks, cross);
  store<i64>(book, load<i64>(book, BOOK_MESSAGES) + 1, BOOK_MESSAGES);
  const rows = load<i32>(book, K_PENDING_ROWS) + row + 1;
  store<i32>(book, -1 - row, K_PENDING_ROWS);
  store<i32>(run, row + 1, RUN_MESSAGE_START);
  if (state == BOOK_LIVE) {
    store<i64>(book, load<i64>(book, BOOK_ROWS_TRUSTED) + rows, BOOK_ROWS_TRUSTED);
  }
  const carried = load<i32>(load<usize>(run, RUN_FLAGS_PTR) + (<usize>row << 2)) & FLAGS_CARRIED;
  const pending = load<i32>(book, K_PENDING_MARKS);
  const flags = FLAG_LAST | marks | crossMark(cross) | carried | pending;
  store<i32>(book, 0, K_PENDING_MARKS);
  store<i64>(book, tsRecv, BOOK_LAST_TS_RECV);
  store<i64>(book, tsEvent, BOOK_LAST_TS_EVENT);
  store<i64>(book, sequence, BOOK_LAST_SEQUENCE);
  store<i32>(book, flags, BOOK_LAST_MARKS);
  if (load<i32>(run, RUN_CADENCE) != CADENCE_NONE) {
    bookRow(book, run, tsRecv, tsEvent, sequence, flags, state != BOOK_UNSEEDED);
  }
}

function crossState(book: usize): i32 {
  const bid = sideOf(book, 1);
  const ask = sideOf(book, 0);
  if (load<i32>(book, BOOK_STATE) == BOOK_UNSEEDED) return NOT_CROSSED;
  if (levelCount(bid) == 0 || levelCount(ask) == 0) return NOT_CROSSED;
  const bidPrice = bestKey(book, bid);
  const askPrice = ~bestKey(book, ask);
  return bidPrice < askPrice ? NOT_CROSSED : bidPrice > askPrice ? CROSSED : LOCKED;
}

@inline
function marksOf(state: i32): i32 {
  if (state == BOOK_LIVE) return 0;
  return state == BOOK_SUSPECT ? FLAG_MAYBE_BAD_BOOK : FLAG_MAYBE_BAD_BOOK | FLAG_UNSEEDED;
}

@inline
function crossMark(cross: i32): i32 {
  return cross == NOT_CROSSED ? 0 : cross == CROSSED ? FLAG_CROSSED : FLAG_LOCKED;
}

/** Counts crossed and locked messages and their time; a crossing can end the book's trust. */
function noteCross(book: usize, run: usize, cross: i32, tsRecv: i64, sequence: i64): void {
  const before = load<i32>(book, BOOK_CROSS_STATE);
  if (before != NOT_CROSSED) {
    // What the message before left behind held until this one.
    const held = tsRecv - load<i64>(book, BOOK_LAST_TS_RECV);
    const total = book + <usize>(before == CROSSED ? BOOK_CROSSED_NS : BOOK_LOCKED_NS);
    store<i64>(total, load<i64>(total) + held);
  }
  if (cross != before) {
    store<i32>(book, cross, BOOK_CROSS_STATE);
    store<i64>(book, cross == NOT_CROSSED ? 0 : tsRecv, BOOK_CROSS_SINCE);
  }
  if (cross == LOCKED) {
    store<i64>(book, load<i64>(book, BOOK_LOCKED_MESSAGES) + 1, BOOK_LOCKED_MESSAGES);
  } else if (cross == CROSSED) {
    store<i64>(book, load<i64>(book, BOOK_CROSSED_MESSAGES) + 1, BOOK_CROSSED_MESSAGES);
    if (load<i64>(book, BOOK_FIRST_CROSS_TS) == 0) {
      store<i64>(book, tsRecv, BOOK_FIRST_CROSS_TS);
      store<i64>(book, sequence, BOOK_FIRST_CROSS_SEQUENCE);
      store<i32>(book, load<i32>(run, RUN_MESSAGE_START), BOOK_FIRST_CROSS_ROW);
    }
    if (load<i32>(run, RUN_SUSPECT_ON_CROSS) != 0 && load<i32>(book, BOOK_STATE) == BOOK_LIVE) {
      store<i32>(book, BOOK_SUSPECT, BOOK_STATE);
    }
  }
}

/** The state's marks go to every row of the message in this slot, the crossing to its last row. */
function markRows(run: usize, row: i32, marks: i32, cross: i32): void {
  if (load<i32>(run, RUN_FIRST_MARKS) < 0) store<i32>(run, marks, RUN_FIRST_MARKS);
  const flags = load<usize>(run, RUN_FLAGS_PTR);
  const last = flags + (<usize>row << 2);
  if (marks != 0) {
    let at = flags + (<usize>load<i32>(run, RUN_MESSAGE_START) << 2);
    for (; at <= last; at += 4) store<i32>(at, load<i32>(at) | marks);
  }
  if (cross != NOT_CROSSED) store<i32>(last, load<i32>(last) | crossMark(cross));
}

/** Keeps the cached tops, and writes the message's row if the cadence wants one. */
function bookRow(
  book: usize, run: usize, tsRecv: i64, tsEvent: i64, sequence: i64, flags: i32, hasBook: bool,
): void {
  const cadence = load<i32>(run, RUN_CADENCE);
  const depth = load<i32>(run, RUN_DEPTH);
  if (!hasBook) {
    if (cadence == CADENCE_MESSAGE) writeRow(book, run, tsRecv, tsEvent, sequence, flags, false);
    else if (cadence == CADENCE_INTERVAL) store<i64>(book, i64.MIN_VALUE, BOOK_NEXT_BOUNDARY);
    return;
  }
  const bidChanged = refreshTop(book, sideOf(book, 1), depth);
  const askChanged = refreshTop(book, sideOf(book, 0), depth);
  flags |= depthMark(book, depth);
  store<i32>(book, flags, BOOK_LAST_MARKS);
  if (cadence == CADENCE_MESSAGE) {
    writeRow(book, run, tsRecv, tsEvent, sequence, flags, true);
  } else if (cadence == CADENCE_CHANGE) {
    // K_WRITTEN_FLAGS is -1 before the first row, which has every bit set: never equal.
    const written = load<i32>(book, K_WRITTEN_FLAGS);
    if (bidChanged || askChanged || written < 0 || ((flags ^ written) & FLAGS_COMPARED) != 0) {
      store<i32>(book, flags, K_WRITTEN_FLAGS);
      writeRow(book, run, tsRecv, tsEvent, sequence, flags, true);
    }
  } else {
    if (load<i64>(book, BOOK_NEXT_BOUNDARY) == i64.MIN_VALUE) {
      const clock = load<i32>(run, RUN_CLOCK_IS_EVENT) != 0 ? tsEvent : tsRecv;
      store<i64>(book, boundaryFrom(clock, load<i64>(run, RUN_INTERVAL_NS)), BOOK_NEXT_BOUNDARY);
    }
  }
}
