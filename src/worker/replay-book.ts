import { BOOK_LIVE, BOOK_UNSEEDED } from '../abi/book.js';
import { FLAG_LAST, FLAG_UNSEEDED } from '../abi/flags.js';
import { PAGE_ROWS } from '../abi/limits.js';
import { type BookLevel, bookLevelsInto } from '../core/book.js';
import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import type { Arena } from '../memory/arena.js';
import { int64Words } from '../parquet/column-words.js';
import type { SourceColumn } from '../parquet/reader.js';
import { BookWriter } from '../pipeline/book-writer.js';
import type { DepthColumns } from '../pipeline/depth-slots.js';

/** Columns of `depth` that a replay reads, in this order. */
export const REPLAY_COLUMNS = ['ts_recv', 'ts_event', 'is_bid', 'price_pips', 'qty_pips', 'flags'];

/** Where rows lie that the reader did not decode into the memory of the core. */
const STAGE = {
  tsRecv: 0,
  tsEvent: PAGE_ROWS * 8,
  price: PAGE_ROWS * 16,
  qty: PAGE_ROWS * 24,
  flags: PAGE_ROWS * 32,
  isBid: PAGE_ROWS * 36,
  byteLength: PAGE_ROWS * 36 + PAGE_ROWS / 8,
};

/** Levels of a whole book: bids and asks from the best. */
export interface WholeBook {
  /** 1: bid, 0: ask. */
  readonly isBid: Uint8Array;
  readonly pricePips: BigInt64Array;
  readonly qtyPips: BigInt64Array;
}

/** A book that rows of `depth` are applied to where the reader has decoded them. */
export class ReplayBook {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #writer: BookWriter;
  readonly #stagePtr: number;
  #rowCount = 0;

  constructor(core: Core, arena: Arena) {
    this.#core = core;
    this.#arena = arena;
    this.#writer = new BookWriter({
      core,
      arena,
      rows: { ptr: 0, slotBytes: 0 },
      bookLayout: null,
      depth: 0,
      cadence: { kind: 'message' },
      suspectOnCross: false,
      acquireSlots: () => Promise.reject(new Error('a replay writes no rows')),
    });
    this.#writer.head.state = BOOK_UNSEEDED;
    this.#stagePtr = arena.allocate(STAGE.byteLength);
  }

  /** Rows that were applied, the keyframe's not among them. */
  get rowCount(): number {
    return this.#rowCount;
  }

  get bidCount(): number {
    return this.#writer.head.bidCount;
  }

  get askCount(): number {
    return this.#writer.head.askCount;
  }

  digest(): string {
    return this.#writer.digest();
  }

  /** Makes a fresh book this one. */
  load({ isBid, pricePips, qtyPips }: WholeBook): void {
    this.#writer.head.state = BOOK_LIVE;
    const { u8, i32, i64 } = this.#core.views;
    const at = this.#stagePtr;
    for (let start = 0; start < pricePips.length; start += PAGE_ROWS) {
      const end = Math.min(start + PAGE_ROWS, pricePips.length);
      i64.set(pricePips.subarray(start, end), (at + STAGE.price) / 8);
      i64.set(qtyPips.subarray(start, end), (at + STAGE.qty) / 8);
      i32.fill(0, (at + STAGE.flags) / 4, (at + STAGE.flags) / 4 + PAGE_ROWS);
      u8.fill(0, at + STAGE.isBid, at + STAGE.isBid + PAGE_ROWS / 8);
      for (let row = start; row < end; row++) {
        if (isBid[row]) u8[at + STAGE.isBid + ((row - start) >> 3)]! |= 1 << (row & 7);
      }
      i32[(at + STAGE.flags) / 4 + end - start - 1] = FLAG_LAST;
      this.#apply(this.#staged(), 0, end - start);
    }
  }

  /** Applies rows [rowStart, rowEnd) of a run of REPLAY_COLUMNS, which it may change. */
  apply(columns: readonly SourceColumn[], rowStart: number, rowEnd: number): void {
    if (rowStart >= rowEnd) return;
    this.#rowCount += rowEnd - rowStart;
    if (columns.every(({ valuesPtr }) => valuesPtr !== null)) {
      const [tsRecv, tsEvent, isBid, price, qty, flags] = columns.map((each) => each.valuesPtr!);
      const ptrs = columnsAt(tsRecv!, tsEvent!, isBid!, price!, qty!, flags!);
      this.#applySeeded(ptrs, rowStart, rowEnd);
      return;
    }
    for (let first = 0; first < rowEnd; first += PAGE_ROWS) {
      const end = Math.min(first + PAGE_ROWS, rowEnd);
      if (end <= rowStart) continue;
      this.#stage(columns, first, end);
      this.#applySeeded(this.#staged(), Math.max(0, rowStart - first), end - first);
    }
  }

  /** Up to `count` levels of a side, from the best on. */
  levels(isBid: boolean, count: number): BookLevel[] {
    const max = Math.min(count, isBid ? this.bidCount : this.askCount);
    const byteLength = Math.max(16, max * 16);
    const pricePtr = this.#arena.allocate(byteLength);
    const qtyPtr = pricePtr + max * 8;
    bookLevelsInto(this.#core, this.#writer.head.ptr, isBid, { pricePtr, qtyPtr, max });
    const { i64 } = this.#core.views;
    const levels = Array.from({ length: max }, (_, k) => ({
      pricePips: i64[pricePtr / 8 + k]!,
      qtyPips: i64[qtyPtr / 8 + k]!,
    }));
    this.#arena.free(pricePtr, byteLength);
    return levels;
  }

  /** Rows in front of the first snapshot build no book; they stand at the beginning only. */
  #applySeeded(columns: DepthColumns, rowStart: number, rowEnd: number): void {
    const { head } = this.#writer;
    let row = rowStart;
    if (head.state === BOOK_UNSEEDED) {
      const { i32 } = this.#core.views;
      const flags = columns.flagsPtr / 4;
      while (row < rowEnd && (i32[flags + row]! & FLAG_UNSEEDED) !== 0) row++;
      if (row === rowEnd) return;
      head.state = BOOK_LIVE;
    }
    this.#apply(columns, row, rowEnd);
  }

  #apply(columns: DepthColumns, rowStart: number, rowEnd: number): void {
    const range = { rowStart, rowEnd, messageStart: rowStart, firstRowMarks: 0 };
    const applied = this.#writer.apply(columns, range);
    invariant(typeof applied === 'number', 'a replay waits for nothing');
    this.#writer.retune();
  }

  #stage(columns: readonly SourceColumn[], first: number, end: number): void {
    const { u8, i64 } = this.#core.views;
    const at = this.#stagePtr;
    const [tsRecv, tsEvent, isBid, price, qty, flags] = columns;
    const int64 = (column: SourceColumn, offset: number): void =>
      i64.set(int64Words(column).subarray(first, end), (at + offset) / 8);
    int64(tsRecv!, STAGE.tsRecv);
    int64(tsEvent!, STAGE.tsEvent);
    int64(price!, STAGE.price);
    int64(qty!, STAGE.qty);
    u8.set(flags!.values.subarray(first * 4, end * 4), at + STAGE.flags);
    u8.set(isBid!.values.subarray(first / 8, Math.ceil(end / 8)), at + STAGE.isBid);
  }

  #staged(): DepthColumns {
    const at = this.#stagePtr;
    return columnsAt(
      at + STAGE.tsRecv,
      at + STAGE.tsEvent,
      at + STAGE.isBid,
      at + STAGE.price,
      at + STAGE.qty,
      at + STAGE.flags,
    );
  }
}

function columnsAt(
  tsRecvPtr: number,
  tsEventPtr: number,
  isBidPtr: number,
  pricePtr: number,
  qtyPtr: number,
  flagsPtr: number,
): DepthColumns {
  const none = { sequencePtr: 0, sequenceFirstPtr: 0, sequencePrevPtr: 0 };
  return { tsRecvPtr, tsEventPtr, isBidPtr, pricePtr, qtyPtr, flagsPtr, ...none };
}
