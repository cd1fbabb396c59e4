/**
 * bookApply: walks the rows of a slot, applies them to a book and ends its messages.
 *
 * The columns of the run block are Arrow's (i64 stamps, prices and quantities, i32 flags, one bit a
 * row for the side; all 8-byte aligned, the bits 4-byte) and may not overlap the book's block or
 * the output. Written are: flags (in place), the output columns up to their capacity, the run
 * block's results, and the book. Nothing is read past the rows.
 */
import {
  BOOK_ASK_COUNT,
  BOOK_BID_COUNT,
  BOOK_DELETES,
  BOOK_DELETES_UNKNOWN,
  BOOK_DEPTH_MAX,
  BOOK_NEXT_BOUNDARY,
  BOOK_ROWS_APPLIED,
  BOOK_ROWS_OFF_WINDOW,
  BOOK_STATE,
  BOOK_UNSEEDED,
  CADENCE_INTERVAL,
  CADENCE_NONE,
  RUN_CADENCE,
  RUN_CLOCK_IS_EVENT,
  RUN_DEPTH,
  RUN_FIRST_MARKS,
  RUN_FIRST_ROW_MARKS,
  RUN_FLAGS_PTR,
  RUN_INTERVAL_NS,
  RUN_IS_BID_PTR,
  RUN_MESSAGE_START,
  RUN_OUT_AGE_PTR,
  RUN_OUT_COUNT,
  RUN_PRICE_PTR,
  RUN_QTY_PTR,
  RUN_ROW,
  RUN_ROW_END,
  RUN_STOP,
  RUN_TS_EVENT_PTR,
  RUN_TS_RECV_PTR,
  STOP_BOOK_FULL,
  STOP_END,
  STOP_OUT_FULL,
} from "../../src/abi/book";
import { FLAG_CLEAR, FLAG_LAST } from "../../src/abi/flags";
import { STATUS_BAD_ARGUMENT, STATUS_BAD_STATE } from "../../src/abi/status";
import { clearLevels } from "./block";
import {
  K_INVERSE,
  K_LIMIT,
  K_PENDING_MARKS,
  K_PENDING_ROWS,
  K_SHIFT,
  K_TOP_DEPTH,
  K_VALID_FROM,
  K_WRITTEN_FLAGS,
  MAGIC,
  S_BASE,
  S_FLIP,
  S_QTY,
  S_TOP_DIRTY,
  S_TOP_KEY,
  levelCount,
  sideOf,
} from "./layout";
import { endMessage } from "./message";
import { noteMiss, notePrice, windowIndex } from "./retune";
import { fillForward, outputFull, writeValidity } from "./rows";
import { SPILL_FULL, SPILL_UNKNOWN, spillSet } from "./spill";
import { windowInsert, windowRemove } from "./window";

/**
 * Applies rows RUN_ROW to RUN_ROW_END. Returns STOP_END, STOP_OUT_FULL or STOP_BOOK_FULL (also in
 * RUN_STOP), with RUN_ROW at the first row that is not applied: called again with a fresh output
 * slot, or after bookMove, it goes on there. -STATUS_BAD_STATE or -STATUS_BAD_ARGUMENT: nothing is
 * done.
 */
export function bookApply(book: usize, run: usize): i32 {
  if (load<u64>(book) != MAGIC) return -STATUS_BAD_STATE;
  if (!runIsValid(run)) return -STATUS_BAD_ARGUMENT;
  beginRun(book, run);
  const stop = walk(book, run);
  endRun(book, run, stop);
  return stop;
}

/**
 * CADENCE_INTERVAL at the end of the input: writes the rows of the boundaries up to and including
 * `untilNs`. Returns STOP_END, or STOP_OUT_FULL: call again with a fresh output slot.
 */
export function bookFill(book: usize, run: usize, untilNs: i64): i32 {
  if (load<u64>(book) != MAGIC) return -STATUS_BAD_STATE;
  if (!runIsValid(run) || load<i32>(run, RUN_CADENCE) != CADENCE_INTERVAL) {
    return -STATUS_BAD_ARGUMENT;
  }
  store<i32>(book, load<i32>(run, RUN_OUT_COUNT), K_VALID_FROM);
  const until = untilNs == i64.MAX_VALUE ? untilNs : untilNs + 1;
  const stop = fillForward(book, run, until) ? STOP_END : STOP_OUT_FULL;
  writeValidity(book, run);
  store<i32>(run, stop, RUN_STOP);
  return stop;
}

function runIsValid(run: usize): bool {
  const row = load<i32>(run, RUN_ROW);
  const start = load<i32>(run, RUN_MESSAGE_START);
  if (start < 0 || start > row || row > load<i32>(run, RUN_ROW_END)) return false;
  const cadence = load<i32>(run, RUN_CADENCE);
  const depth = load<i32>(run, RUN_DEPTH);
  if (cadence < CADENCE_NONE || cadence > CADENCE_INTERVAL) return false;
  if (cadence != CADENCE_NONE && (depth < 1 || depth > BOOK_DEPTH_MAX)) return false;
  return cadence != CADENCE_INTERVAL || load<i64>(run, RUN_INTERVAL_NS) > 0;
}

function beginRun(book: usize, run: usize): void {
  store<i32>(run, -1, RUN_FIRST_MARKS);
  store<i32>(book, load<i32>(run, RUN_OUT_COUNT), K_VALID_FROM);
  const depth = load<i32>(run, RUN_CADENCE) == CADENCE_NONE ? 0 : load<i32>(run, RUN_DEPTH);
  if (depth != load<i32>(book, K_TOP_DEPTH)) keepTops(book, depth);
  const marks = load<i32>(run, RUN_FIRST_ROW_MARKS);
  const row = load<i32>(run, RUN_ROW);
  if (marks != 0 && row < load<i32>(run, RUN_ROW_END)) {
    const at = load<usize>(run, RUN_FLAGS_PTR) + (<usize>row << 2);
    store<i32>(at, load<i32>(at) | marks);
    store<i32>(book, load<i32>(book, K_PENDING_MARKS) | marks, K_PENDING_MARKS);
    store<i32>(run, 0, RUN_FIRST_ROW_MARKS);
  }
}

/** From here on the tops hold `depth` levels; what was written before is forgotten. */
function keepTops(book: usize, depth: i32): void {
  store<i32>(book, depth, K_TOP_DEPTH);
  store<i32>(book, -1, K_WRITTEN_FLAGS);
  store<i64>(book, i64.MIN_VALUE, BOOK_NEXT_BOUNDARY);
  for (let isBid: usize = 0; isBid < 2; isBid++) {
    store<i32>(sideOf(book, isBid), 1, S_TOP_DIRTY);
    store<i64>(sideOf(book, isBid), depth == 0 ? i64.MAX_VALUE : i64.MIN_VALUE, S_TOP_KEY);
  }
}

function endRun(book: usize, run: usize, stop: i32): void {
  writeValidity(book, run);
  store<i32>(run, stop, RUN_STOP);
  store<i32>(book, levelCount(sideOf(book, 1)), BOOK_BID_COUNT);
  store<i32>(book, levelCount(sideOf(book, 0)), BOOK_ASK_COUNT);
}

/** Whether what message end `row` may have to write finds room; writes the rows due before it. */
function outputReady(book: usize, run: usize, row: i32): bool {
  const cadence = load<i32>(run, RUN_CADENCE);
  if (cadence == CADENCE_NONE) return true;
  if (cadence != CADENCE_INTERVAL) return !outputFull(run);
  const byEvent = load<i32>(run, RUN_CLOCK_IS_EVENT) != 0;
  const clocks = byEvent ? load<usize>(run, RUN_TS_EVENT_PTR) : load<usize>(run, RUN_TS_RECV_PTR);
  return fillForward(book, run, load<i64>(clocks + (<usize>row << 3)));
}

function walk(book: usize, run: usize): i32 {
  const flagsPtr = load<usize>(run, RUN_FLAGS_PTR);
  const isBidPtr = load<usize>(run, RUN_IS_BID_PTR);
  const pricePtr = load<usize>(run, RUN_PRICE_PTR);
  const qtyPtr = load<usize>(run, RUN_QTY_PTR);
  const rowEnd = load<i32>(run, RUN_ROW_END);
  const hasBook = load<i32>(book, BOOK_STATE) != BOOK_UNSEEDED;
  const rowStart = load<i32>(run, RUN_ROW);
  let counted = rowStart;
  let pendingRows = load<i32>(book, K_PENDING_ROWS);
  let inverse = load<u64>(book, K_INVERSE);
  let shift = load<u64>(book, K_SHIFT);
  let limit = load<u64>(book, K_LIMIT);
  let deletes: i64 = 0;
  let unknown: i64 = 0;
  let stop = STOP_END;
  let row = rowStart;
  for (; row < rowEnd; row++) {
    const flags = load<i32>(flagsPtr + (<usize>row << 2));
    if ((flags & FLAG_LAST) != 0 && !outputReady(book, run, row)) {
      stop = STOP_OUT_FULL;
      break;
    }
    if (hasBook) {
      if ((flags & FLAG_CLEAR) != 0) {
        clearLevels(book);
      } else {
        const isBid = (<usize>load<u8>(isBidPtr + (row >> 3)) >> (row & 7)) & 1;
        const side = sideOf(book, isBid);
        const qty = load<i64>(qtyPtr + (<usize>row << 3));
        const key = load<i64>(pricePtr + (<usize>row << 3)) ^ load<i64>(side, S_FLIP);
        const index = windowIndex(key, load<i64>(side, S_BASE), inverse, shift);
        if (key >= load<i64>(side, S_TOP_KEY)) store<i32>(side, 1, S_TOP_DIRTY);
        if (index < limit) {
          const at = load<usize>(side, S_QTY) + (<usize>index << 3);
          const before = load<i64>(at);
          store<i64>(at, qty);
          if (qty != 0) {
            if (before == 0) windowInsert(side, <i32>index);
          } else {
            deletes++;
            if (before != 0) windowRemove(side, <i32>index);
            else unknown++;
          }
        } else {
          const result = setOffWindow(book, side, key, qty);
          if (result == SPILL_FULL) {
            stop = STOP_BOOK_FULL;
            break;
          }
          deletes += <i64>(qty == 0);
          unknown += <i64>(result == SPILL_UNKNOWN);
          inverse = load<u64>(book, K_INVERSE);
          shift = load<u64>(book, K_SHIFT);
          limit = load<u64>(book, K_LIMIT);
        }
      }
    }
    if ((flags & FLAG_LAST) != 0) {
      endMessage(book, run, row, pendingRows + row + 1 - counted);
      pendingRows = 0;
      counted = row + 1;
      store<i32>(run, row + 1, RUN_MESSAGE_START);
    }
  }
  store<i32>(run, row, RUN_ROW);
  store<i32>(book, pendingRows + row - counted, K_PENDING_ROWS);
  add(book + BOOK_DELETES, deletes);
  add(book + BOOK_DELETES_UNKNOWN, unknown);
  if (hasBook) add(book + BOOK_ROWS_APPLIED, row - rowStart);
  return stop;
}

@inline
function add(at: usize, count: i64): void {
  store<i64>(at, load<i64>(at) + count);
}

function setOffWindow(book: usize, side: usize, key: i64, qty: i64): i32 {
  const result = spillSet(book, side, key, qty);
  if (result == SPILL_FULL) return result;
  add(book + BOOK_ROWS_OFF_WINDOW, 1);
  notePrice(book, key ^ load<i64>(side, S_FLIP));
  noteMiss(book, side);
  return result;
}
