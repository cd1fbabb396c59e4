// One row of Lake's `book` table: the 20 best levels of each side after a message, NaN beyond the
// last level of a thin book.
import { SIDE_ASK, SIDE_BID } from "../../src/abi/book";
import {
  GEN_ASK,
  GEN_ASKS_PTR,
  GEN_BID,
  GEN_BIDS_PTR,
  GEN_BOOK_LEVEL_STRIDE,
  GEN_BOOK_LEVELS,
  GEN_BOOK_LEVELS_PTR,
  GEN_BOOK_ROW,
  GEN_BOOK_SEQUENCE_PTR,
  GEN_BOOK_TS_EVENT_PTR,
  GEN_BOOK_TS_RECV_PTR,
  GEN_LOT_PIPS,
  GEN_MESSAGE_LAST,
  GEN_MESSAGE_TS_EVENT,
  GEN_MESSAGE_TS_RECV,
  GEN_NEXT_BOOK_NS,
  GEN_TICK_PIPS,
  GEN_TICKS,
} from "../../src/abi/generate";
import { storeNumber } from "./number";

const SECOND_NS: i64 = 1000000000;

export function writeBookRow(s: usize, message: usize): void {
  const row = load<i32>(s, GEN_BOOK_ROW);
  const at = <usize>row << 3;
  const received = load<i64>(message, GEN_MESSAGE_TS_RECV);
  store<i64>(load<usize>(s, GEN_BOOK_TS_RECV_PTR) + at, received);
  store<i64>(load<usize>(s, GEN_BOOK_TS_EVENT_PTR) + at, load<i64>(message, GEN_MESSAGE_TS_EVENT));
  store<i64>(load<usize>(s, GEN_BOOK_SEQUENCE_PTR) + at, load<i64>(message, GEN_MESSAGE_LAST));
  const levels = load<usize>(s, GEN_BOOK_LEVELS_PTR) + at;
  const sideBytes = <usize>(2 * GEN_BOOK_LEVELS) * load<usize>(s, GEN_BOOK_LEVEL_STRIDE);
  writeSide(s, SIDE_BID, levels);
  writeSide(s, SIDE_ASK, levels + sideBytes);
  store<i32>(s, row + 1, GEN_BOOK_ROW);
  // A quiet stretch gives one row, not one for each second that passed in it.
  const due = load<i64>(s, GEN_NEXT_BOOK_NS);
  store<i64>(s, due + ((received - due) / SECOND_NS + 1) * SECOND_NS, GEN_NEXT_BOOK_NS);
}

function writeSide(s: usize, side: i32, at: usize): void {
  const stride = load<usize>(s, GEN_BOOK_LEVEL_STRIDE);
  const quantities = side == SIDE_BID ? load<usize>(s, GEN_BIDS_PTR) : load<usize>(s, GEN_ASKS_PTR);
  const outward = side == SIDE_BID ? -1 : 1;
  let tick = side == SIDE_BID ? load<i32>(s, GEN_BID) : load<i32>(s, GEN_ASK);
  let level = 0;
  for (; level < GEN_BOOK_LEVELS && tick > 0 && tick < GEN_TICKS; tick += outward) {
    const lots = load<u32>(quantities + (<usize>tick << 2));
    if (lots == 0) continue;
    storeNumber(s, at, <i64>tick * load<i64>(s, GEN_TICK_PIPS));
    storeNumber(s, at + stride, <i64>lots * load<i64>(s, GEN_LOT_PIPS));
    at += 2 * stride;
    level++;
  }
  for (; level < GEN_BOOK_LEVELS; level++) {
    store<f64>(at, NaN);
    store<f64>(at + stride, NaN);
    at += 2 * stride;
  }
}
