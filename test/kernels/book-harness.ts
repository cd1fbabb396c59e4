import { BOOK_LIVE, RUN_BYTES, STOP_BOOK_FULL, STOP_END, STOP_HOST } from '#src/abi/book.js';
import {
  bookApply,
  bookDigestHex,
  bookFill,
  bookFollow,
  bookInit,
  bookMove,
} from '#src/core/book.js';
import { BookHead } from '#src/core/book-head.js';
import { BookRun, type RunOptions } from '#src/core/book-run.js';
import type { WitnessRows } from '#src/core/witness-rows.js';
import { columnPlace, tableLayout } from '#src/memory/column-layout.js';
import type { BookTableRow, DepthRow } from '../oracle/book.js';
import { BookOutputSlot } from './book-output-slot.js';
import { Sandbox } from './both-builds.js';

const SLOT_ROWS_MAX = 512;
const LAYOUT = tableLayout(
  [
    { name: 'ts_recv', type: 'int64', nullable: false },
    { name: 'ts_event', type: 'int64', nullable: false },
    { name: 'sequence', type: 'int64', nullable: false },
    { name: 'is_bid', type: 'bool', nullable: false },
    { name: 'price_pips', type: 'int64', nullable: false },
    { name: 'qty_pips', type: 'int64', nullable: false },
    { name: 'flags', type: 'int32', nullable: false },
  ],
  SLOT_ROWS_MAX * 64,
);

/** How a stream of rows is cut up on its way into a book, and which blocks the book gets. */
export interface Cutting {
  /** Rows of the next input slot, at most 512. */
  slotRows(): number;
  /** Capacity of the next output slot, at least 1. */
  outRows(): number;
  readonly outRowsMax: number;
  /** Bytes of the first block, and of the one after a block of `bytes` was full. */
  readonly blockBytes: number;
  readonly blockBytesMax: number;
  grow(bytes: number): number;
}

/** A book in a sandbox, fed through slots of all sizes; what it wrote is read back as rows. */
export class BookHarness {
  readonly sandbox: Sandbox;
  readonly run: BookRun;
  readonly rows: BookTableRow[] = [];
  bookPtr: number;
  blockBytes: number;
  moveCount = 0;
  readonly #cutting: Cutting;
  readonly #blocks: readonly [number, number];
  readonly #slotPtr: number;
  readonly #output: BookOutputSlot;

  constructor(module: WebAssembly.Module, options: RunOptions, cutting: Cutting) {
    this.#cutting = cutting;
    this.sandbox = new Sandbox(module, 2 * cutting.blockBytesMax + 4 * 2 ** 20);
    // Dirty bytes: bookInit must not rely on zeros.
    const block = (): number => this.sandbox.buffer(cutting.blockBytesMax + 64, { fill: 0xee });
    this.#blocks = [block(), block()];
    this.bookPtr = this.#blocks[0];
    this.blockBytes = cutting.blockBytes;
    bookInit(this.sandbox.core, this.bookPtr, this.blockBytes);
    this.run = new BookRun(this.sandbox.core.views, this.sandbox.buffer(RUN_BYTES));
    this.run.setOptions(options);
    this.#slotPtr = this.sandbox.buffer(LAYOUT.byteLength);
    this.#output = new BookOutputSlot(this.sandbox, options, cutting.outRowsMax);
  }

  get head(): BookHead {
    return new BookHead(this.sandbox.core.views, this.bookPtr);
  }

  get digest(): string {
    return bookDigestHex(this.sandbox.core, this.bookPtr);
  }

  seed(): void {
    this.head.state = BOOK_LIVE;
  }

  /** Applies rows cut into slots; the flags that the book set are written back into `rows`. */
  apply(rows: readonly DepthRow[], firstRowMarks = 0): void {
    this.run.firstRowMarks = firstRowMarks;
    // First row of the message that is under way, over all slots.
    let messageFirst = 0;
    for (let first = 0; first < rows.length; ) {
      const slot = rows.slice(first, first + this.#cutting.slotRows());
      this.openSlot(slot);
      this.run.setRows({ row: 0, rowEnd: slot.length, messageStart: 0 });
      const firstMarks = this.#applySlot();
      this.closeSlot(slot);
      // Rows in earlier slots get the marks of their message from the host.
      for (let row = messageFirst; row < first; row++) rows[row]!.flags |= firstMarks;
      if (this.run.messageStart > 0) messageFirst = first + this.run.messageStart;
      first += slot.length;
    }
  }

  /** bookFollow on rows of the slot. @returns STOP_END or STOP_HOST; `run.row` says where */
  follow(
    rows: { row: number; rowEnd: number; messageStart: number },
    witnesses: WitnessRows,
  ): number {
    this.run.setRows(rows);
    this.head.firstCrossTs = 0n;
    for (;;) {
      this.#output.open(this.run, this.#cutting.outRows());
      const stop = bookFollow(this.sandbox.core, this.bookPtr, this.run.ptr, witnesses.ptr);
      this.rows.push(...this.#output.take(this.run.outCount));
      if (stop === STOP_END || stop === STOP_HOST) return stop;
      if (stop === STOP_BOOK_FULL) this.move();
    }
  }

  /** Applies rows of the slot that `openSlot` filled; `row` begins a message, or goes on with one. */
  applyOpen(rows: { row: number; rowEnd: number }): void {
    this.run.setRows({ ...rows, messageStart: rows.row });
    this.#applySlot();
  }

  /** @returns RUN_FIRST_MARKS of the first message that ended in the slot, 0 if none did */
  #applySlot(): number {
    let firstMarks = -1;
    for (;;) {
      this.#output.open(this.run, this.#cutting.outRows());
      const stop = bookApply(this.sandbox.core, this.bookPtr, this.run.ptr);
      if (firstMarks < 0) firstMarks = this.run.firstMarks;
      this.rows.push(...this.#output.take(this.run.outCount));
      if (stop === STOP_END) return Math.max(0, firstMarks);
      if (stop === STOP_BOOK_FULL) this.move();
    }
  }

  fill(untilNs: bigint): void {
    let stop: number;
    do {
      this.#output.open(this.run, this.#cutting.outRows());
      stop = bookFill(this.sandbox.core, this.bookPtr, this.run.ptr, untilNs);
      this.rows.push(...this.#output.take(this.run.outCount));
    } while (stop !== STOP_END);
  }

  /** Moves the book into the other block, made larger until the levels fit. */
  move(): void {
    const to = this.bookPtr === this.#blocks[0] ? this.#blocks[1] : this.#blocks[0];
    const { core } = this.sandbox;
    this.checkGuard();
    do {
      this.blockBytes = this.#cutting.grow(this.blockBytes);
      core.views.u8.fill(0xee, to, to + this.#cutting.blockBytesMax);
    } while (!bookMove(core, this.bookPtr, to, this.blockBytes));
    // Whoever still reads the old block must fail.
    core.views.u8.fill(0xee, this.bookPtr, this.bookPtr + this.#cutting.blockBytesMax);
    this.bookPtr = to;
    this.moveCount++;
  }

  /** Throws when the book wrote behind its block. */
  checkGuard(): void {
    const end = this.bookPtr + this.blockBytes;
    const after = this.sandbox.core.views.u8.subarray(end, end + 64);
    if (after.some((byte) => byte !== 0xee)) throw new Error('the book wrote behind its block');
  }

  #column(name: string): number {
    return this.#slotPtr + columnPlace(LAYOUT, name).valuesOffset;
  }

  /** Fills the slot with at most 512 rows. */
  openSlot(rows: readonly DepthRow[]): void {
    const { u8, i32, i64 } = this.sandbox.core.views;
    const columns = {
      tsRecvPtr: this.#column('ts_recv'),
      tsEventPtr: this.#column('ts_event'),
      sequencePtr: this.#column('sequence'),
      isBidPtr: this.#column('is_bid'),
      pricePtr: this.#column('price_pips'),
      qtyPtr: this.#column('qty_pips'),
      flagsPtr: this.#column('flags'),
    };
    this.run.setColumns(columns);
    rows.forEach((row, k) => {
      i64[columns.tsRecvPtr / 8 + k] = row.tsRecv;
      i64[columns.tsEventPtr / 8 + k] = row.tsEvent;
      i64[columns.sequencePtr / 8 + k] = row.sequence;
      i64[columns.pricePtr / 8 + k] = row.pricePips;
      i64[columns.qtyPtr / 8 + k] = row.qtyPips;
      i32[columns.flagsPtr / 4 + k] = row.flags;
      const byte = columns.isBidPtr + (k >> 3);
      u8[byte] = row.isBid ? u8[byte]! | (1 << (k & 7)) : u8[byte]! & ~(1 << (k & 7));
    });
  }

  /** Writes the flags that the book set back into the rows of the slot. */
  closeSlot(rows: readonly DepthRow[]): void {
    const at = this.#column('flags') / 4;
    rows.forEach((row, k) => {
      row.flags = this.sandbox.core.views.i32[at + k]!;
    });
  }
}
