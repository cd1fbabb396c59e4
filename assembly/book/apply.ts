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
  BOOK_DEPTH_MAX,
  BOOK_NEXT_BOUNDARY,
  CADENCE_INTERVAL,
  CADENCE_NONE,
  RUN_CADENCE,
  RUN_DEPTH,
  RUN_FIRST_MARKS,
  RUN_FIRST_ROW_MARKS,
  RUN_FLAGS_PTR,
  RUN_INTERVAL_NS,
  RUN_MESSAGE_START,
  RUN_OUT_COUNT,
  RUN_ROW,
  RUN_ROW_END,
  RUN_STOP,
  STOP_END,
  STOP_OUT_FULL,
} from "../../src/abi/book";
import { STATUS_BAD_ARGUMENT, STATUS_BAD_STATE } from "../../src/abi/status";
import {
  K_PENDING_MARKS,
  K_TOP_DEPTH,
  K_VALID_FROM,
  K_WRITTEN_FLAGS,
  MAGIC,
  S_TOP_DIRTY,
  S_TOP_KEY,
  levelCount,
  sideOf,
} from "./layout";
import { fillForward, writeValidity } from "./rows";
import { walk } from "./walk";

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

export function runIsValid(run: usize): bool {
  const row = load<i32>(run, RUN_ROW);
  const start = load<i32>(run, RUN_MESSAGE_START);
  if (start < 0 || start > row || row > load<i32>(run, RUN_ROW_END)) return false;
  const cadence = load<i32>(run, RUN_CADENCE);
  const depth = load<i32>(run, RUN_DEPTH);
  if (cadence < CADENCE_NONE || cadence > CADENCE_INTERVAL) return false;
  if (cadence != CADENCE_NONE && (depth < 1 || depth > BOOK_DEPTH_MAX)) return false;
  return cadence != CADENCE_INTERVAL || load<i64>(run, RUN_INTERVAL_NS) > 0;
}

export function beginRun(book: usize, run: usize): void {
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

export function endRun(book: usize, run: usize, stop: i32): void {
  writeValidity(book, run);
  store<i32>(run, stop, RUN_STOP);
  store<i32>(book, levelCount(sideOf(book, 1)), BOOK_BID_COUNT);
  store<i32>(book, levelCount(sideOf(book, 0)), BOOK_ASK_COUNT);
}
