/**
 * bookFollow: bookApply across the witnesses that stand between the rows and agree with the book.
 *
 * A witness is the state behind the last message whose key (id, or ts_recv where there are none) is
 * not above its own. It agrees plainly when the levels that it proves are the book's (bookDiff gives
 * no row); all that this changes in the book is the known range, which grows. Whatever else may have
 * to be done about a witness is left to the host.
 *
 * ```
 * rows       | m1 m1 | m2 | m3 m3 m3 | m4 ...
 * witnesses          ^ key of m1     ^ key of m3 or more, below m4's
 * ```
 *
 * Blocks and columns as for bookApply; those of the witnesses (src/abi/witnesses.ts; 8-byte aligned,
 * counts 4-byte) are only read, but for WITNESSES_ROW, and may not overlap what is written. Nothing
 * is read past the rows.
 */
import {
  BOOK_CROSS_STATE,
  BOOK_FIRST_CROSS_TS,
  BOOK_KNOWN_ASK,
  BOOK_KNOWN_BID,
  BOOK_LIVE,
  BOOK_STATE,
  RUN_ROW,
  RUN_ROW_END,
  RUN_SEQUENCE_PTR,
  RUN_SUSPECT_ON_CROSS,
  RUN_TS_RECV_PTR,
  STOP_END,
  STOP_HOST,
} from "../../src/abi/book";
import { STATUS_BAD_ARGUMENT, STATUS_BAD_STATE } from "../../src/abi/status";
import {
  WITNESSES_ASK_COUNT_PTR,
  WITNESSES_ASK_PTR,
  WITNESSES_BID_COUNT_PTR,
  WITNESSES_BID_PTR,
  WITNESSES_BY_SEQUENCE,
  WITNESSES_KEY_MAX,
  WITNESSES_KEY_PTR,
  WITNESSES_LEVEL_COUNT,
  WITNESSES_LEVEL_STRIDE,
  WITNESSES_QTY_OFFSET,
  WITNESSES_ROW,
  WITNESSES_ROW_END,
} from "../../src/abi/witnesses";
import { levelsAgree } from "./agree";
import { beginRun, endRun, runIsValid } from "./apply";
import { K_PENDING_ROWS, MAGIC } from "./layout";
import { CROSSED } from "./message";
import { walk } from "./walk";

/**
 * Applies rows RUN_ROW to RUN_ROW_END as bookApply does, and uses the witnesses in front of them
 * that agree plainly. Returns STOP_END, STOP_OUT_FULL or STOP_BOOK_FULL as bookApply; STOP_HOST in
 * front of row RUN_ROW where
 *
 * - the witness at WITNESSES_ROW stands there, and does not agree plainly, or a message is open;
 * - the next witness is not the one at WITNESSES_ROW: there is none, or WITNESSES_KEY_MAX says so;
 * - a message crossed the book (BOOK_FIRST_CROSS_TS, which the host clears before a first call, not
 *   before one that goes on) where RUN_SUSPECT_ON_CROSS is set; not before the next witness' place.
 *
 * -STATUS_BAD_STATE or -STATUS_BAD_ARGUMENT: nothing is done.
 */
export function bookFollow(book: usize, run: usize, witnesses: usize): i32 {
  if (load<u64>(book) != MAGIC) return -STATUS_BAD_STATE;
  if (!runIsValid(run) || !witnessesAreValid(run, witnesses)) return -STATUS_BAD_ARGUMENT;
  const rowEnd = load<i32>(run, RUN_ROW_END);
  beginRun(book, run);
  const stop = follow(book, run, rowEnd, witnesses);
  store<i32>(run, rowEnd, RUN_ROW_END);
  endRun(book, run, stop);
  return stop;
}

function witnessesAreValid(run: usize, witnesses: usize): bool {
  const row = load<i32>(witnesses, WITNESSES_ROW);
  if (row < 0 || row > load<i32>(witnesses, WITNESSES_ROW_END)) return false;
  if (load<i32>(witnesses, WITNESSES_LEVEL_COUNT) < 1) return false;
  return keysOf(run, witnesses) != 0;
}

/** The column of the depth rows that the witnesses' keys are compared with; 0: there is none. */
@inline
function keysOf(run: usize, witnesses: usize): usize {
  return load<i32>(witnesses, WITNESSES_BY_SEQUENCE) != 0
    ? load<usize>(run, RUN_SEQUENCE_PTR)
    : load<usize>(run, RUN_TS_RECV_PTR);
}

function follow(book: usize, run: usize, rowEnd: i32, witnesses: usize): i32 {
  const keys = keysOf(run, witnesses);
  const isSorted = load<i32>(witnesses, WITNESSES_BY_SEQUENCE) != 0;
  const keyMax = load<i64>(witnesses, WITNESSES_KEY_MAX);
  const witnessKeys = load<usize>(witnesses, WITNESSES_KEY_PTR);
  const witnessEnd = load<i32>(witnesses, WITNESSES_ROW_END);
  let witness = load<i32>(witnesses, WITNESSES_ROW);
  let row = load<i32>(run, RUN_ROW);
  while (row < rowEnd) {
    if (witness == witnessEnd) return STOP_HOST;
    const key = load<i64>(witnessKeys + (<usize>witness << 3));
    if (key > keyMax) return STOP_HOST;
    if (key < load<i64>(keys + (<usize>row << 3))) {
      if (load<i32>(book, K_PENDING_ROWS) != 0) return STOP_HOST;
      if (!agreesPlainly(book, witnesses, witness)) return STOP_HOST;
      witness++;
      store<i32>(witnesses, witness, WITNESSES_ROW);
      continue;
    }
    const due = isSorted
      ? firstAbove(keys, row, rowEnd, key)
      : firstAboveUnsorted(keys, row, rowEnd, key);
    store<i32>(run, due, RUN_ROW_END);
    const stop = walk(book, run);
    row = load<i32>(run, RUN_ROW);
    if (stop != STOP_END) return stop;
    if (load<i32>(run, RUN_SUSPECT_ON_CROSS) != 0 && load<i64>(book, BOOK_FIRST_CROSS_TS) != 0) {
      return STOP_HOST;
    }
  }
  return STOP_END;
}

/** Compares a witness with a live, uncrossed book; true: it agrees, and the known range has grown. */
function agreesPlainly(book: usize, witnesses: usize, witness: i32): bool {
  if (load<i32>(book, BOOK_STATE) != BOOK_LIVE) return false;
  if (load<i32>(book, BOOK_CROSS_STATE) == CROSSED) return false;
  const countOffset = <usize>witness << 2;
  const bidCount = load<i32>(load<usize>(witnesses, WITNESSES_BID_COUNT_PTR) + countOffset);
  const askCount = load<i32>(load<usize>(witnesses, WITNESSES_ASK_COUNT_PTR) + countOffset);
  if (bidCount < 1 || askCount < 1) return false;
  const levelCount = load<i32>(witnesses, WITNESSES_LEVEL_COUNT);
  const stride = load<i32>(witnesses, WITNESSES_LEVEL_STRIDE);
  const qtyOffset = load<i32>(witnesses, WITNESSES_QTY_OFFSET);
  const bidPtr = load<usize>(witnesses, WITNESSES_BID_PTR) + (<usize>witness << 3);
  const askPtr = load<usize>(witnesses, WITNESSES_ASK_PTR) + (<usize>witness << 3);
  const bidLimit = bidCount < levelCount ? i64.MIN_VALUE : worstOf(bidPtr, bidCount, stride);
  const askLimit = askCount < levelCount ? i64.MAX_VALUE : worstOf(askPtr, askCount, stride);
  if (!levelsAgree(book, bidPtr, bidCount, askPtr, askCount, stride, qtyOffset, bidLimit, askLimit)) {
    return false;
  }
  // Two proofs add up.
  store<i64>(book, min(bidLimit, load<i64>(book, BOOK_KNOWN_BID)), BOOK_KNOWN_BID);
  store<i64>(book, max(askLimit, load<i64>(book, BOOK_KNOWN_ASK)), BOOK_KNOWN_ASK);
  return true;
}

@inline
function worstOf(bestPtr: usize, levelCount: i32, stride: i32): i64 {
  return load<i64>(bestPtr + <usize>(levelCount - 1) * <usize>stride);
}

/**
 * First row in [row, rowEnd) whose key in an ascending column is above `key`, or rowEnd; that of
 * `row` is not. Steps get longer from `row` on: the place is near.
 */
function firstAbove(keys: usize, row: i32, rowEnd: i32, key: i64): i32 {
  let low = row + 1;
  let step = 64;
  while (low + step < rowEnd && load<i64>(keys + (<usize>(low + step) << 3)) <= key) {
    low += step + 1;
    step <<= 1;
  }
  let high = min(low + step, rowEnd);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i64>(keys + (<usize>middle << 3)) > key) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The same for a column that is in no order. */
function firstAboveUnsorted(keys: usize, row: i32, rowEnd: i32, key: i64): i32 {
  const wanted = i64x2.splat(key);
  let next = row + 1;
  for (; next + 4 <= rowEnd; next += 4) {
    const at = keys + (<usize>next << 3);
    const above = v128.or(
      i64x2.gt_s(v128.load(at), wanted),
      i64x2.gt_s(v128.load(at, 16), wanted),
    );
    if (v128.any_true(above)) break;
  }
  while (next < rowEnd && load<i64>(keys + (<usize>next << 3)) <= key) next++;
  return next;
}
