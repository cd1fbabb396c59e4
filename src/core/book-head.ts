import {
  BOOK_ASK_COUNT,
  BOOK_BID_COUNT,
  BOOK_BYTES,
  BOOK_CROSS_SINCE,
  BOOK_CROSS_STATE,
  BOOK_CROSSED_MESSAGES,
  BOOK_CROSSED_NS,
  BOOK_DELETES,
  BOOK_DELETES_UNKNOWN,
  BOOK_DEPTH_UNKNOWN,
  BOOK_FIRST_CROSS_ROW,
  BOOK_FIRST_CROSS_SEQUENCE,
  BOOK_FIRST_CROSS_TS,
  BOOK_KNOWN_ASK,
  BOOK_KNOWN_BID,
  BOOK_LAST_MARKS,
  BOOK_LAST_SEQUENCE,
  BOOK_LAST_TS_EVENT,
  BOOK_LAST_TS_RECV,
  BOOK_LOCKED_MESSAGES,
  BOOK_LOCKED_NS,
  BOOK_MESSAGES,
  BOOK_NEXT_BOUNDARY,
  BOOK_ROWS_APPLIED,
  BOOK_ROWS_OFF_WINDOW,
  BOOK_ROWS_TRUSTED,
  BOOK_STATE,
  BOOK_TICK_PIPS,
  BOOK_WINDOW_TICKS,
} from '../abi/book.js';
import type { MemoryViews } from '../memory/shared-memory.js';

/** The head of a book's block by name (src/abi/book.ts says what each field means). */
export class BookHead {
  readonly #views: MemoryViews;
  readonly ptr: number;

  constructor(views: MemoryViews, bookPtr: number) {
    this.#views = views;
    this.ptr = bookPtr;
  }

  #i32(offset: number): number {
    return this.#views.i32[(this.ptr + offset) / 4]!;
  }

  #i64(offset: number): bigint {
    return this.#views.i64[(this.ptr + offset) / 8]!;
  }

  /** BOOK_UNSEEDED, BOOK_LIVE or BOOK_SUSPECT. */
  get state(): number {
    return this.#i32(BOOK_STATE);
  }
  set state(state: number) {
    this.#views.i32[(this.ptr + BOOK_STATE) / 4] = state;
  }

  /** Bids are known at and above this price; KNOWN_ALL_BIDS: all. */
  get knownBidPips(): bigint {
    return this.#i64(BOOK_KNOWN_BID);
  }
  set knownBidPips(pips: bigint) {
    this.#views.i64[(this.ptr + BOOK_KNOWN_BID) / 8] = pips;
  }

  /** Asks are known at and below this price; KNOWN_ALL_ASKS: all. */
  get knownAskPips(): bigint {
    return this.#i64(BOOK_KNOWN_ASK);
  }
  set knownAskPips(pips: bigint) {
    this.#views.i64[(this.ptr + BOOK_KNOWN_ASK) / 8] = pips;
  }

  /** ts_recv of the first crossed message end since this was last set to 0; 0: none. */
  get firstCrossTs(): bigint {
    return this.#i64(BOOK_FIRST_CROSS_TS);
  }
  set firstCrossTs(ns: bigint) {
    this.#views.i64[(this.ptr + BOOK_FIRST_CROSS_TS) / 8] = ns;
  }

  /** Row of its slot at which that message begins. */
  get firstCrossRow(): number {
    return this.#views.i32[(this.ptr + BOOK_FIRST_CROSS_ROW) / 4]!;
  }
  get firstCrossSequence(): bigint {
    return this.#i64(BOOK_FIRST_CROSS_SEQUENCE);
  }

  /** 1 while the last message end was crossed, 2 while it was locked, else 0. */
  get crossState(): number {
    return this.#i32(BOOK_CROSS_STATE);
  }
  get crossSince(): bigint {
    return this.#i64(BOOK_CROSS_SINCE);
  }
  get messages(): bigint {
    return this.#i64(BOOK_MESSAGES);
  }
  get crossedMessages(): bigint {
    return this.#i64(BOOK_CROSSED_MESSAGES);
  }
  get crossedNs(): bigint {
    return this.#i64(BOOK_CROSSED_NS);
  }
  get lockedMessages(): bigint {
    return this.#i64(BOOK_LOCKED_MESSAGES);
  }
  get lockedNs(): bigint {
    return this.#i64(BOOK_LOCKED_NS);
  }
  get deletes(): bigint {
    return this.#i64(BOOK_DELETES);
  }
  get deletesUnknown(): bigint {
    return this.#i64(BOOK_DELETES_UNKNOWN);
  }
  get rowsTrusted(): bigint {
    return this.#i64(BOOK_ROWS_TRUSTED);
  }
  get depthUnknown(): bigint {
    return this.#i64(BOOK_DEPTH_UNKNOWN);
  }
  get tickPips(): bigint {
    return BigInt.asUintN(64, this.#i64(BOOK_TICK_PIPS));
  }
  get lastTsRecv(): bigint {
    return this.#i64(BOOK_LAST_TS_RECV);
  }
  get lastTsEvent(): bigint {
    return this.#i64(BOOK_LAST_TS_EVENT);
  }
  get lastSequence(): bigint {
    return this.#i64(BOOK_LAST_SEQUENCE);
  }
  get lastMarks(): number {
    return this.#i32(BOOK_LAST_MARKS);
  }
  get nextBoundary(): bigint {
    return this.#i64(BOOK_NEXT_BOUNDARY);
  }
  get bidCount(): number {
    return this.#i32(BOOK_BID_COUNT);
  }
  get askCount(): number {
    return this.#i32(BOOK_ASK_COUNT);
  }
  get byteLength(): number {
    return this.#i32(BOOK_BYTES);
  }
  get rowsApplied(): bigint {
    return this.#i64(BOOK_ROWS_APPLIED);
  }
  get rowsOffWindow(): bigint {
    return this.#i64(BOOK_ROWS_OFF_WINDOW);
  }
  get windowTicks(): number {
    return this.#i32(BOOK_WINDOW_TICKS);
  }
}
