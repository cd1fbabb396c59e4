import {
  BOOK_SUSPECT,
  BOOK_UNSEEDED,
  CADENCE_CHANGE,
  CADENCE_INTERVAL,
  CADENCE_MESSAGE,
  CADENCE_NONE,
  RUN_BYTES,
  STOP_BOOK_FULL,
  STOP_END,
  STOP_HOST,
  STOP_OUT_FULL,
} from '../abi/book.js';
import { FLAG_MAYBE_BAD_BOOK, FLAG_UNSEEDED } from '../abi/flags.js';
import {
  BOOK_BLOCK_BYTES,
  BOOK_BLOCK_BYTES_WIDE,
  bookApply,
  bookDiffInto,
  bookDigestHex,
  bookFill,
  bookFollow,
  bookInit,
  bookMove,
  wantsWiderWindow,
} from '../core/book.js';
import { BookHead } from '../core/book-head.js';
import { BookRun } from '../core/book-run.js';
import type { Core } from '../core/core.js';
import type { WitnessRows } from '../core/witness-rows.js';
import { invariant } from '../errors/errors.js';
import type { Arena } from '../memory/arena.js';
import type { TableLayout } from '../memory/column-layout.js';
import { type BookOffsets, bookOffsets } from './book-columns.js';
import type { DepthColumns } from './depth-slots.js';
import type { BookCadence } from './options.js';
import type { Segment } from './protocol.js';
import type { SyntheticLevel } from './synthetic-rows.js';
import type { WitnessRow } from './witness-stream.js';

/** Rows that a comparison with a witness may give; more, and the witness replaces the book. */
const DIFF_ROWS_MAX = 4096;
const DIFF_PRICE = 0;
const DIFF_QTY = DIFF_ROWS_MAX * 8;
const DIFF_IS_BID = DIFF_ROWS_MAX * 16;
const DIFF_RESULT = DIFF_IS_BID + DIFF_ROWS_MAX / 8;
const DIFF_BYTES = DIFF_RESULT + 64;

export interface BookWriterOptions {
  readonly core: Core;
  /** Where the book's block comes from, and the larger one when it is full. */
  readonly arena: Arena;
  readonly rows: { readonly ptr: number; readonly slotBytes: number };
  /** Layout of the `book` table; null: no book rows are written. */
  readonly bookLayout: TableLayout | null;
  readonly depth: number;
  readonly cadence: BookCadence;
  readonly suspectOnCross: boolean;
  readonly acquireSlots: (count: number) => Promise<number[]>;
}

/** Rows of one slot that are to be applied. */
export interface ApplyRange {
  readonly rowStart: number;
  readonly rowEnd: number;
  /** First row, in this slot, of the message that rowStart is in. */
  readonly messageStart: number;
  readonly firstRowMarks: number;
}

/** A message that left the book crossed. */
export interface CrossedMessage {
  readonly tsRecv: bigint;
  readonly sequence: bigint;
  /** Row of its slot at which it begins, or the slot's first. */
  readonly row: number;
}

const CADENCES = {
  message: CADENCE_MESSAGE,
  change: CADENCE_CHANGE,
  interval: CADENCE_INTERVAL,
} as const;

/**
 * The book of one instrument and the rows of the `book` table that it writes: gives the kernels
 * their blocks and slots, and larger ones when they are full. It decides nothing about trust.
 */
export class BookWriter {
  readonly #options: BookWriterOptions;
  readonly #offsets: BookOffsets | null;
  readonly #run: BookRun;
  readonly #diffPtr: number;
  #head: BookHead;
  #bookBytes = BOOK_BLOCK_BYTES;
  #slot = -1;
  /** Rows of the present slot that `take` has handed on. */
  #rowsTaken = 0;
  #ready: Segment[] = [];
  #done: number[] = [];
  #rowsSeen = { applied: 0n, offWindow: 0n };

  constructor(options: BookWriterOptions) {
    this.#options = options;
    const { core, arena, bookLayout, cadence } = options;
    this.#offsets = bookLayout === null ? null : bookOffsets(bookLayout);
    this.#run = new BookRun(core.views, arena.allocate(RUN_BYTES));
    this.#diffPtr = arena.allocate(DIFF_BYTES);
    this.#head = new BookHead(core.views, arena.allocate(this.#bookBytes));
    bookInit(core, this.#head.ptr, this.#bookBytes);
    this.#run.setOptions({
      cadence: bookLayout === null ? CADENCE_NONE : CADENCES[cadence.kind],
      depth: bookLayout === null ? 0 : options.depth,
      suspectOnCross: options.suspectOnCross,
      intervalNs: cadence.kind === 'interval' ? cadence.intervalNs : 0n,
      clockIsEvent: false,
    });
  }

  /** Counters and state of the book; taken anew for each use, because a book may move. */
  get head(): BookHead {
    return this.#head;
  }

  /** Marks that the state puts on every row of a message. */
  get stateMarks(): number {
    const { state } = this.#head;
    if (state === BOOK_UNSEEDED) return FLAG_UNSEEDED | FLAG_MAYBE_BAD_BOOK;
    return state === BOOK_SUSPECT ? FLAG_MAYBE_BAD_BOOK : 0;
  }

  setKnown(bid: bigint, ask: bigint): void {
    this.#head.knownBidPips = bid;
    this.#head.knownAskPips = ask;
  }

  /** What two proofs say together. */
  widenKnown(bid: bigint, ask: bigint): void {
    const { knownBidPips, knownAskPips } = this.#head;
    this.setKnown(bid < knownBidPips ? bid : knownBidPips, ask > knownAskPips ? ask : knownAskPips);
  }

  /** What is proven only as far as both reach. */
  narrowKnown(bid: bigint, ask: bigint): void {
    const { knownBidPips, knownAskPips } = this.#head;
    this.setKnown(bid > knownBidPips ? bid : knownBidPips, ask < knownAskPips ? ask : knownAskPips);
  }

  /** A crossed message end makes this book suspect. */
  get suspectOnCross(): boolean {
    return this.#options.suspectOnCross;
  }

  /** The first message of the rows applied last that left the book crossed; one did. */
  get firstCross(): CrossedMessage {
    const { firstCrossTs: tsRecv, firstCrossSequence: sequence, firstCrossRow: row } = this.#head;
    invariant(tsRecv !== 0n, 'a crossed message was counted, and none noted');
    return { tsRecv, sequence, row };
  }

  /**
   * @param witnesses those between the rows: goes across them as long as they agree with the book,
   *   and may stop before the end of the rows; `rowReached` and `witnesses.row` say where
   * @returns the marks of the first message that ended among the rows, 0 when none did; a promise
   *   only when an output slot has to be waited for
   */
  apply(
    columns: DepthColumns,
    range: ApplyRange,
    witnesses: WitnessRows | null = null,
  ): number | Promise<number> {
    if (this.#offsets !== null && this.#slot === -1) {
      return this.#renewSlot().then(() => this.apply(columns, range, witnesses));
    }
    const { rowStart: row, rowEnd, messageStart, firstRowMarks } = range;
    // One of rows before, kept, would make findings depend on where rows were cut.
    this.#head.firstCrossTs = 0n;
    this.#run.setColumns(columns);
    this.#run.setRows({ row, rowEnd, messageStart });
    if (firstRowMarks !== 0) this.#run.firstRowMarks = firstRowMarks;
    return this.#goOn(-1, witnesses);
  }

  /** Row behind those that the last `apply` applied. */
  get rowReached(): number {
    return this.#run.row;
  }

  /** @param firstMarks those of the rows so far, -1: no message has ended */
  #goOn(firstMarks: number, witnesses: WitnessRows | null): number | Promise<number> {
    const { core } = this.#options;
    for (;;) {
      const { ptr } = this.#head;
      const stop =
        witnesses === null
          ? bookApply(core, ptr, this.#run.ptr)
          : bookFollow(core, ptr, this.#run.ptr, witnesses.ptr);
      const marks = firstMarks === -1 ? this.#run.firstMarks : firstMarks;
      if (stop === STOP_END || stop === STOP_HOST) return Math.max(marks, 0);
      if (stop === STOP_OUT_FULL) return this.#renewSlot().then(() => this.#goOn(marks, witnesses));
      if (stop === STOP_BOOK_FULL) this.#grow();
      firstMarks = marks;
    }
  }

  /** At a calm moment: gives the book a wider window where many rows miss the present one. */
  retune(): void {
    const { rowsApplied: applied, rowsOffWindow: offWindow } = this.#head;
    const since = {
      applied: applied - this.#rowsSeen.applied,
      offWindow: offWindow - this.#rowsSeen.offWindow,
    };
    this.#rowsSeen = { applied, offWindow };
    if (this.#bookBytes >= BOOK_BLOCK_BYTES_WIDE || !wantsWiderWindow(since)) return;
    const bytes = this.#bookBytes * 2;
    const ptr = this.#options.arena.tryAllocate(bytes);
    // A wider window is only faster; a book does not take the room of another one for it.
    if (ptr !== null) this.#moveTo(ptr, bytes);
  }

  /**
   * Compares the book with a witness row.
   *
   * @param limits worst prices that the row proves
   * @returns the levels that differ inside them, and how many of those lie in the known range;
   *   null when there are so many that the row had better replace the book
   */
  diff(
    witness: WitnessRow,
    limits: { readonly bid: bigint; readonly ask: bigint },
  ): { readonly levels: readonly SyntheticLevel[]; readonly insideKnown: number } | null {
    const { core } = this.#options;
    const base = this.#diffPtr;
    const { bidPtr, bidCount, askPtr, askCount, levelStride, qtyOffset } = witness;
    const given = {
      bidPtr,
      bidCount,
      askPtr,
      askCount,
      levelStride,
      qtyOffset,
      bidLimitPips: limits.bid,
      askLimitPips: limits.ask,
    };
    const found = bookDiffInto(core, this.#head.ptr, given, {
      pricePtr: base + DIFF_PRICE,
      qtyPtr: base + DIFF_QTY,
      isBidPtr: base + DIFF_IS_BID,
      capacity: DIFF_ROWS_MAX,
      resultPtr: base + DIFF_RESULT,
    });
    if (found === null) return null;
    return { levels: this.#diffLevels(found.rowCount), insideKnown: found.insideKnownCount };
  }

  #diffLevels(rowCount: number): readonly SyntheticLevel[] {
    const { u8, i64 } = this.#options.core.views;
    const base = this.#diffPtr;
    return Array.from({ length: rowCount }, (_, row) => ({
      isBid: ((u8[base + DIFF_IS_BID + (row >> 3)]! >> (row & 7)) & 1) === 1,
      pricePips: i64[(base + DIFF_PRICE) / 8 + row]!,
      qtyPips: i64[(base + DIFF_QTY) / 8 + row]!,
    }));
  }

  digest(): string {
    return bookDigestHex(this.#options.core, this.#head.ptr);
  }

  /** Book rows that have been written since the last call, and slots that are full. */
  take(): { segments: Segment[]; done: number[] } {
    if (this.#slot !== -1) this.#sealRows();
    const taken = { segments: this.#ready, done: this.#done };
    this.#ready = [];
    this.#done = [];
    return taken;
  }

  /** The end of the input: rows of boundaries that the last message reaches, then the last slot. */
  async finish(): Promise<void> {
    const { core, cadence } = this.#options;
    if (this.#offsets !== null && cadence.kind === 'interval' && this.#head.messages > 0n) {
      if (this.#slot === -1) await this.#renewSlot();
      const until = this.#head.lastTsRecv;
      while (bookFill(core, this.#head.ptr, this.#run.ptr, until) === STOP_OUT_FULL) {
        await this.#renewSlot();
      }
    }
    this.#closeSlot();
  }

  /** Gives the blocks back to the arena. */
  free(): void {
    const { arena } = this.#options;
    arena.free(this.#head.ptr, this.#bookBytes);
    arena.free(this.#run.ptr, RUN_BYTES);
    arena.free(this.#diffPtr, DIFF_BYTES);
  }

  #sealRows(): void {
    const rowEnd = this.#run.outCount;
    if (rowEnd === this.#rowsTaken) return;
    this.#ready.push({ slot: this.#slot, rowStart: this.#rowsTaken, rowEnd });
    this.#rowsTaken = rowEnd;
  }

  #closeSlot(): void {
    if (this.#slot === -1) return;
    this.#sealRows();
    this.#done.push(this.#slot);
    this.#slot = -1;
  }

  async #renewSlot(): Promise<void> {
    this.#closeSlot();
    const [slot] = await this.#options.acquireSlots(1);
    const offsets = this.#offsets!;
    const base = this.#options.rows.ptr + slot! * this.#options.rows.slotBytes;
    const at = (offset: number): number => (offset === -1 ? 0 : base + offset);
    this.#slot = slot!;
    this.#rowsTaken = 0;
    this.#run.setOutput({
      tsRecvPtr: at(offsets.tsRecv),
      tsEventPtr: at(offsets.tsEvent),
      sequencePtr: at(offsets.sequence),
      flagsPtr: at(offsets.flags),
      agePtr: at(offsets.age),
      levelsPtr: at(offsets.levels),
      levelStride: offsets.stride,
      validityPtr: at(offsets.validity),
      validityStride: offsets.stride,
      capacity: this.#options.bookLayout!.rowCapacity,
    });
  }

  /** The book is full: no level is ever refused, so it gets twice the room. */
  #grow(): void {
    const bytes = this.#bookBytes * 2;
    this.#moveTo(this.#options.arena.allocate(bytes), bytes);
  }

  #moveTo(ptr: number, bytes: number): void {
    const { core, arena } = this.#options;
    invariant(bookMove(core, this.#head.ptr, ptr, bytes), 'a book fits a larger block');
    arena.free(this.#head.ptr, this.#bookBytes);
    this.#head = new BookHead(core.views, ptr);
    this.#bookBytes = bytes;
  }
}
