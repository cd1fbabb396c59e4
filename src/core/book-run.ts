import * as abi from '../abi/book.js';
import type { MemoryViews } from '../memory/shared-memory.js';

/** Addresses of the input columns for row 0 of a slot. */
export interface RunColumns {
  readonly tsRecvPtr: number;
  readonly tsEventPtr: number;
  /** 0 where the source has no ids. */
  readonly sequencePtr: number;
  readonly isBidPtr: number;
  readonly pricePtr: number;
  readonly qtyPtr: number;
  readonly flagsPtr: number;
}

/** Addresses of the output columns for row 0 of an output slot, and the slot's size. */
export interface RunOutput {
  readonly tsRecvPtr: number;
  readonly tsEventPtr: number;
  /** 0: not written. */
  readonly sequencePtr: number;
  readonly flagsPtr: number;
  /** bid_0_price_pips; the next level column lies levelStride bytes on. */
  readonly levelsPtr: number;
  readonly levelStride: number;
  /** Validity bitmap of bid_0_price_pips; the next one lies validityStride bytes on. */
  readonly validityPtr: number;
  readonly validityStride: number;
  /** age_ns; 0 but for CADENCE_INTERVAL. */
  readonly agePtr: number;
  /** Rows that the slot holds. */
  readonly capacity: number;
}

/** What stays the same over all calls for one book. */
export interface RunOptions {
  readonly cadence: number;
  /** Levels a side; 0 with CADENCE_NONE. */
  readonly depth: number;
  readonly suspectOnCross: boolean;
  readonly intervalNs: bigint;
  readonly clockIsEvent: boolean;
}

/**
 * The arguments and results of bookApply by name, over RUN_BYTES bytes (8-byte aligned) of the
 * shared memory that the caller owns.
 */
export class BookRun {
  readonly #views: MemoryViews;
  readonly ptr: number;

  constructor(views: MemoryViews, runPtr: number) {
    this.#views = views;
    this.ptr = runPtr;
    views.u8.fill(0, runPtr, runPtr + abi.RUN_BYTES);
  }

  #get(offset: number): number {
    return this.#views.i32[(this.ptr + offset) / 4]!;
  }

  #set(offset: number, value: number): void {
    this.#views.i32[(this.ptr + offset) / 4] = value;
  }

  setOptions(options: RunOptions): void {
    this.#set(abi.RUN_CADENCE, options.cadence);
    this.#set(abi.RUN_DEPTH, options.depth);
    this.#set(abi.RUN_SUSPECT_ON_CROSS, options.suspectOnCross ? 1 : 0);
    this.#set(abi.RUN_CLOCK_IS_EVENT, options.clockIsEvent ? 1 : 0);
    this.#views.i64[(this.ptr + abi.RUN_INTERVAL_NS) / 8] = options.intervalNs;
  }

  setColumns(columns: RunColumns): void {
    this.#set(abi.RUN_TS_RECV_PTR, columns.tsRecvPtr);
    this.#set(abi.RUN_TS_EVENT_PTR, columns.tsEventPtr);
    this.#set(abi.RUN_SEQUENCE_PTR, columns.sequencePtr);
    this.#set(abi.RUN_IS_BID_PTR, columns.isBidPtr);
    this.#set(abi.RUN_PRICE_PTR, columns.pricePtr);
    this.#set(abi.RUN_QTY_PTR, columns.qtyPtr);
    this.#set(abi.RUN_FLAGS_PTR, columns.flagsPtr);
  }

  /** A fresh output slot: outCount is 0 again. */
  setOutput(output: RunOutput): void {
    this.#set(abi.RUN_OUT_TS_RECV_PTR, output.tsRecvPtr);
    this.#set(abi.RUN_OUT_TS_EVENT_PTR, output.tsEventPtr);
    this.#set(abi.RUN_OUT_SEQUENCE_PTR, output.sequencePtr);
    this.#set(abi.RUN_OUT_FLAGS_PTR, output.flagsPtr);
    this.#set(abi.RUN_OUT_LEVELS_PTR, output.levelsPtr);
    this.#set(abi.RUN_OUT_LEVEL_STRIDE, output.levelStride);
    this.#set(abi.RUN_OUT_VALIDITY_PTR, output.validityPtr);
    this.#set(abi.RUN_OUT_VALIDITY_STRIDE, output.validityStride);
    this.#set(abi.RUN_OUT_AGE_PTR, output.agePtr);
    this.#set(abi.RUN_OUT_CAPACITY, output.capacity);
    this.#set(abi.RUN_OUT_COUNT, 0);
  }

  /**
   * Rows [row, rowEnd) are next. `messageStart`: first row in this slot of the message that `row`
   * is in; 0 at the start of a slot.
   */
  setRows(rows: { row: number; rowEnd: number; messageStart: number }): void {
    this.#set(abi.RUN_ROW, rows.row);
    this.#set(abi.RUN_ROW_END, rows.rowEnd);
    this.#set(abi.RUN_MESSAGE_START, rows.messageStart);
  }

  /** Flags for the next row, which begins a message, and for that message's book row. */
  set firstRowMarks(flags: number) {
    this.#set(abi.RUN_FIRST_ROW_MARKS, flags);
  }

  /** First row that is not applied yet. */
  get row(): number {
    return this.#get(abi.RUN_ROW);
  }
  get rowEnd(): number {
    return this.#get(abi.RUN_ROW_END);
  }
  get messageStart(): number {
    return this.#get(abi.RUN_MESSAGE_START);
  }
  /** STOP_... of the last call. */
  get stop(): number {
    return this.#get(abi.RUN_STOP);
  }
  /** Marks for the rows, in earlier slots, of the first message that ended in the call; -1: none. */
  get firstMarks(): number {
    return this.#get(abi.RUN_FIRST_MARKS);
  }
  /** Rows in the output slot. */
  get outCount(): number {
    return this.#get(abi.RUN_OUT_COUNT);
  }
}
