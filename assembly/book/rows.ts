/**
 * The rows of the `book` table: the cached tops of both sides, when a row is due (the cadence), and
 * writing it. Validity bits are written for runs of rows that show equally many levels.
 */
import {
  BOOK_DEPTH_UNKNOWN,
  BOOK_KNOWN_ASK,
  BOOK_KNOWN_BID,
  BOOK_LAST_MARKS,
  BOOK_LAST_SEQUENCE,
  BOOK_LAST_TS_EVENT,
  BOOK_LAST_TS_RECV,
  BOOK_NEXT_BOUNDARY,
  RUN_CLOCK_IS_EVENT,
  RUN_DEPTH,
  RUN_INTERVAL_NS,
  RUN_OUT_AGE_PTR,
  RUN_OUT_CAPACITY,
  RUN_OUT_COUNT,
  RUN_OUT_FLAGS_PTR,
  RUN_OUT_LEVELS_PTR,
  RUN_OUT_LEVEL_STRIDE,
  RUN_OUT_SEQUENCE_PTR,
  RUN_OUT_TS_EVENT_PTR,
  RUN_OUT_TS_RECV_PTR,
  RUN_OUT_VALIDITY_PTR,
  RUN_OUT_VALIDITY_STRIDE,
} from "../../src/abi/book";
import { FLAG_DEPTH_UNKNOWN } from "../../src/abi/flags";
import {
  K_VALID_ASKS,
  K_VALID_BIDS,
  K_VALID_FROM,
  S_TOP,
  S_TOP_COUNT,
  S_TOP_DIRTY,
  S_TOP_KEY,
  S_FLIP,
  SCRATCH,
  sideOf,
} from "./layout";
import { readLevels } from "./levels";

/** Brings a side's cached top up to date. Returns whether it changed. */
export function refreshTop(book: usize, side: usize, depth: i32): bool {
  if (load<i32>(side, S_TOP_DIRTY) == 0) return false;
  store<i32>(side, 0, S_TOP_DIRTY);
  const scratch = book + SCRATCH;
  const top = load<usize>(side, S_TOP);
  const count = readLevels(book, side, i64.MAX_VALUE, depth, scratch, scratch + 8, 16);
  let changed = count != load<i32>(side, S_TOP_COUNT);
  const bytes = <usize>count << 4;
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const level = v128.load(scratch + offset);
    if (v128.any_true(v128.xor(level, v128.load(top + offset)))) {
      changed = true;
      v128.store(top + offset, level);
    }
  }
  store<i32>(side, count, S_TOP_COUNT);
  // With fewer levels than asked for, every level shows.
  let worst = i64.MIN_VALUE;
  if (count == depth) worst = load<i64>(top + bytes - 16) ^ load<i64>(side, S_FLIP);
  store<i64>(side, worst, S_TOP_KEY);
  return changed;
}

/** FLAG_DEPTH_UNKNOWN if a top of `depth` levels reaches beyond what is known, else 0. */
export function depthMark(book: usize, depth: i32): i32 {
  const knownBid = load<i64>(book, BOOK_KNOWN_BID);
  const knownAsk = load<i64>(book, BOOK_KNOWN_ASK);
  if (knownBid == i64.MIN_VALUE && knownAsk == i64.MAX_VALUE) return 0;
  const bid = sideOf(book, 1);
  const ask = sideOf(book, 0);
  const last = <usize>(depth - 1) << 4;
  const bidBeyond = load<i32>(bid, S_TOP_COUNT) < depth
    ? knownBid != i64.MIN_VALUE
    : load<i64>(load<usize>(bid, S_TOP) + last) < knownBid;
  const askBeyond = load<i32>(ask, S_TOP_COUNT) < depth
    ? knownAsk != i64.MAX_VALUE
    : load<i64>(load<usize>(ask, S_TOP) + last) > knownAsk;
  return bidBeyond || askBeyond ? FLAG_DEPTH_UNKNOWN : 0;
}

@inline
export function outputFull(run: usize): bool {
  return load<i32>(run, RUN_OUT_COUNT) >= load<i32>(run, RUN_OUT_CAPACITY);
}

/** Writes one row from the cached tops; the output has room. `hasBook` 0: all levels are NULL. */
export function writeRow(
  book: usize, run: usize, tsRecv: i64, tsEvent: i64, sequence: i64, flags: i32, hasBook: bool,
): void {
  const row = <usize>load<i32>(run, RUN_OUT_COUNT);
  const depth = load<i32>(run, RUN_DEPTH);
  const bid = sideOf(book, 1);
  const ask = sideOf(book, 0);
  const bids = hasBook ? load<i32>(bid, S_TOP_COUNT) : 0;
  const asks = hasBook ? load<i32>(ask, S_TOP_COUNT) : 0;
  store<i64>(load<usize>(run, RUN_OUT_TS_RECV_PTR) + (row << 3), tsRecv);
  store<i64>(load<usize>(run, RUN_OUT_TS_EVENT_PTR) + (row << 3), tsEvent);
  const sequencePtr = load<usize>(run, RUN_OUT_SEQUENCE_PTR);
  if (sequencePtr != 0) store<i64>(sequencePtr + (row << 3), sequence);
  store<i32>(load<usize>(run, RUN_OUT_FLAGS_PTR) + (row << 2), flags);
  const stride = load<i32>(run, RUN_OUT_LEVEL_STRIDE);
  const at = load<usize>(run, RUN_OUT_LEVELS_PTR) + (row << 3);
  writeSide(at, stride, load<usize>(bid, S_TOP), bids, depth);
  writeSide(at + <usize>(2 * depth) * stride, stride, load<usize>(ask, S_TOP), asks, depth);
  if (bids != load<i32>(book, K_VALID_BIDS) || asks != load<i32>(book, K_VALID_ASKS)) {
    writeValidity(book, run);
    store<i32>(book, bids, K_VALID_BIDS);
    store<i32>(book, asks, K_VALID_ASKS);
  }
  if (flags & FLAG_DEPTH_UNKNOWN) {
    store<i64>(book, load<i64>(book, BOOK_DEPTH_UNKNOWN) + 1, BOOK_DEPTH_UNKNOWN);
  }
  store<i32>(run, <i32>row + 1, RUN_OUT_COUNT);
}

function writeSide(at: usize, stride: usize, top: usize, count: i32, depth: i32): void {
  const end = top + (<usize>count << 4);
  for (let level = top; level < end; level += 16) {
    store<i64>(at, load<i64>(level));
    store<i64>(at + stride, load<i64>(level, 8));
    at += 2 * stride;
  }
  for (let level = count; level < depth; level++) {
    store<i64>(at, 0);
    store<i64>(at + stride, 0);
    at += 2 * stride;
  }
}

/** Writes the validity bits of the rows since K_VALID_FROM, which all show the same levels. */
export function writeValidity(book: usize, run: usize): void {
  const from = load<i32>(book, K_VALID_FROM);
  const to = load<i32>(run, RUN_OUT_COUNT);
  store<i32>(book, to, K_VALID_FROM);
  if (from == to) return;
  const depth = load<i32>(run, RUN_DEPTH);
  const bids = load<i32>(book, K_VALID_BIDS);
  const asks = load<i32>(book, K_VALID_ASKS);
  const stride = <usize>load<i32>(run, RUN_OUT_VALIDITY_STRIDE);
  let at = load<usize>(run, RUN_OUT_VALIDITY_PTR);
  for (let level = 0; level < depth; level++, at += 2 * stride) {
    writeBits(at, from, to, level < bids);
    writeBits(at + stride, from, to, level < bids);
  }
  for (let level = 0; level < depth; level++, at += 2 * stride) {
    writeBits(at, from, to, level < asks);
    writeBits(at + stride, from, to, level < asks);
  }
}

/** Sets or clears bits [from, to) of a bitmap, least significant first; from < to. */
function writeBits(bitmap: usize, from: i32, to: i32, value: bool): void {
  let at = bitmap + (from >> 3);
  const last = bitmap + ((to - 1) >> 3);
  const head: u32 = 0xff << (from & 7);
  const tail: u32 = 0xff >> (7 - ((to - 1) & 7));
  const fill: u32 = value ? 0xff : 0;
  if (at == last) {
    writeMasked(at, head & tail, fill);
    return;
  }
  writeMasked(at, head, fill);
  at++;
  memory.fill(at, <u8>fill, last - at);
  writeMasked(last, tail, fill);
}

@inline
function writeMasked(at: usize, mask: u32, fill: u32): void {
  store<u8>(at, <u8>((load<u8>(at) & ~mask) | (fill & mask)));
}

/**
 * CADENCE_INTERVAL: a row for each boundary before `until`, from the last complete message. Stops
 * and returns false when the output is full; called again it goes on.
 */
export function fillForward(book: usize, run: usize, until: i64): bool {
  let boundary = load<i64>(book, BOOK_NEXT_BOUNDARY);
  if (boundary == i64.MIN_VALUE) return true;
  const interval = load<i64>(run, RUN_INTERVAL_NS);
  const byEvent = load<i32>(run, RUN_CLOCK_IS_EVENT) != 0;
  const tsRecv = load<i64>(book, BOOK_LAST_TS_RECV);
  const tsEvent = load<i64>(book, BOOK_LAST_TS_EVENT);
  const sequence = load<i64>(book, BOOK_LAST_SEQUENCE);
  const flags = load<i32>(book, BOOK_LAST_MARKS);
  const agePtr = load<usize>(run, RUN_OUT_AGE_PTR);
  while (boundary < until) {
    if (outputFull(run)) return false;
    const row = <usize>load<i32>(run, RUN_OUT_COUNT);
    store<i64>(agePtr + (row << 3), boundary - (byEvent ? tsEvent : tsRecv));
    if (byEvent) writeRow(book, run, tsRecv, boundary, sequence, flags, true);
    else writeRow(book, run, boundary, tsEvent, sequence, flags, true);
    boundary = boundary > i64.MAX_VALUE - interval ? i64.MAX_VALUE : boundary + interval;
    store<i64>(book, boundary, BOOK_NEXT_BOUNDARY);
  }
  return true;
}

/** The first multiple of `interval` at or after `clock`. */
export function boundaryFrom(clock: i64, interval: i64): i64 {
  const over = clock % interval;
  if (over == 0) return clock;
  if (over < 0) return clock - over;
  const rest = interval - over;
  return clock > i64.MAX_VALUE - rest ? i64.MAX_VALUE : clock + rest;
}
