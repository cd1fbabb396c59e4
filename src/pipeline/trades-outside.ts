import { TOPS_BYTES } from '../abi/tops.js';
import type { Core } from '../core/core.js';
import {
  type TopColumns,
  Tops,
  type TradesOutsideCounts,
  tradesOutside,
} from '../core/trades-outside.js';
import { tradesLayout } from '../dialects/tables.js';
import type { InstrumentDay } from '../dialects/types.js';
import type { Arena } from '../memory/arena.js';
import { columnPlace, type TableLayout } from '../memory/column-layout.js';
import { bookRowsLayout, bookRowsOf } from './book-rows.js';
import type { JobHost, JobOptions } from './job-host.js';
import type { Segment } from './protocol.js';

/** null: there are no trades, or no row of the book for each state of its best prices. */
export function openTradesOutside(
  { core, arena, rows }: Pick<JobHost, 'core' | 'arena' | 'rows'>,
  day: InstrumentDay,
  options: JobOptions,
): TradesOutside | null {
  const bookRows = bookRowsOf(day, options);
  if (!bookRows.hasTrades) return null;
  return new TradesOutside({ core, arena, rows, bookLayout: bookRowsLayout(day, bookRows) });
}

/** A trade is outside if it is outside of all best prices that held within this time of it. */
export const TRADE_WINDOW_NS = 100_000_000n;

/** Rows of the book that are kept: copies of three int64 and one int32. */
const ROWS_MAX = 32_768;
const I64_BYTES = ROWS_MAX * 8;
const KEPT_BYTES = 3 * I64_BYTES + ROWS_MAX * 4;
/** Fewer rows are not worth moving the others. */
const ROWS_DROPPED_MIN = ROWS_MAX / 4;

export interface TradesOutsideParts {
  readonly core: Core;
  readonly arena: Arena;
  readonly rows: { readonly ptr: number; readonly slotBytes: number };
  /** Of the book's rows: one for each message, or for each change of the best prices. */
  readonly bookLayout: TableLayout;
}

/**
 * Counts trades outside of the best prices, as both tables pass through the host. Trades wait for the
 * book to come as far as they are, and the book for trades when its kept rows are full. Neither holds
 * more slots than its share while it waits, so both go on.
 */
export class TradesOutside {
  readonly #parts: TradesOutsideParts;
  readonly #keptPtr: number;
  readonly #tops: Tops;
  readonly #kept: TopColumns;
  readonly #offsets: TopColumns;
  #areTradesOver = false;
  /** They have used all rows that are here, and need more. */
  #tradesWait = false;
  /** Wakes who waits for the other. */
  #wake: () => void = () => undefined;
  #counts: TradesOutsideCounts | null = null;

  constructor(parts: TradesOutsideParts) {
    this.#parts = parts;
    const { core, arena, bookLayout } = parts;
    this.#keptPtr = arena.allocate(KEPT_BYTES + TOPS_BYTES);
    const ptr = this.#keptPtr;
    const [bidPtr, askPtr, flagsPtr] = [1, 2, 3].map((column) => ptr + column * I64_BYTES);
    this.#kept = { tsRecvPtr: ptr, bidPtr: bidPtr!, askPtr: askPtr!, flagsPtr: flagsPtr! };
    this.#tops = new Tops(core.views, ptr + KEPT_BYTES, this.#kept, TRADE_WINDOW_NS);
    const offset = (name: string): number => columnPlace(bookLayout, name).valuesOffset;
    this.#offsets = {
      tsRecvPtr: offset('ts_recv'),
      bidPtr: offset('bid_0_price_pips'),
      askPtr: offset('ask_0_price_pips'),
      flagsPtr: offset('flags'),
    };
  }

  /** After `close`. */
  get counts(): TradesOutsideCounts {
    return this.#counts!;
  }

  /** Copies rows of the book; resolves once all of them are here, or nobody asks for them. */
  async addBook(segments: readonly Segment[]): Promise<void> {
    for (const { slot, rowStart, rowEnd } of segments) {
      let row = rowStart;
      while (row < rowEnd && !this.#areTradesOver) {
        const room = this.#room();
        if (room === 0) {
          await this.#changed();
          continue;
        }
        const rowCount = Math.min(room, rowEnd - row);
        this.#copy(slot, row, rowCount);
        row += rowCount;
        this.#tradesWait = false;
        this.#wake();
      }
    }
  }

  /** Judges the trades of a slot; resolves once the book has come as far. */
  async take(slot: number, rowCount: number): Promise<void> {
    const { core, rows } = this.#parts;
    const base = rows.ptr + slot * rows.slotBytes;
    const { tsRecv, price, flags } = TRADE_OFFSETS;
    const columns = { tsRecvPtr: base + tsRecv, pricePtr: base + price, flagsPtr: base + flags };
    let row = 0;
    while (!this.#areTradesOver) {
      row = tradesOutside(core, columns, row, rowCount, this.#tops);
      if (row === rowCount) return;
      this.#tradesWait = true;
      this.#wake();
      await this.#changed();
    }
  }

  /** @param tsRecv of the last message */
  bookEnds(tsRecv: bigint): void {
    this.#tops.end(tsRecv);
    this.#wake();
  }

  /** No more trades will come, or the job has failed: nobody waits any more. */
  tradesEnd(): void {
    this.#areTradesOver = true;
    this.#wake();
  }

  /** Gives its memory back; what was found stays. */
  close(): void {
    if (this.#counts !== null) return;
    this.#counts = this.#tops.counts;
    this.tradesEnd();
    this.#parts.arena.free(this.#keptPtr, KEPT_BYTES + TOPS_BYTES);
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const wakeOther = this.#wake;
      this.#wake = () => {
        this.#wake = () => undefined;
        wakeOther();
        resolve();
      };
    });
  }

  /** Rows that can be added; 0: trades must go on first. */
  #room(): number {
    const tops = this.#tops;
    if (tops.count < ROWS_MAX) return ROWS_MAX - tops.count;
    if (tops.low >= ROWS_DROPPED_MIN) this.#drop(tops.low);
    // More messages within the window than are kept: the oldest go.
    else if (this.#tradesWait) this.#drop(ROWS_DROPPED_MIN);
    return ROWS_MAX - tops.count;
  }

  #drop(rowCount: number): void {
    const { u8 } = this.#parts.core.views;
    const { count } = this.#tops;
    for (const [ptr, width] of this.#columns(this.#kept)) {
      u8.copyWithin(ptr, ptr + rowCount * width, ptr + count * width);
    }
    this.#tops.dropped(rowCount);
  }

  #copy(slot: number, row: number, rowCount: number): void {
    const { core, rows } = this.#parts;
    const { u8 } = core.views;
    const base = rows.ptr + slot * rows.slotBytes;
    const from = this.#columns(this.#offsets);
    for (const [index, [ptr, width]] of this.#columns(this.#kept).entries()) {
      const start = base + from[index]![0] + row * width;
      u8.copyWithin(ptr + this.#tops.count * width, start, start + rowCount * width);
    }
    this.#tops.count += rowCount;
  }

  /** Addresses, or offsets, and the bytes of a value. */
  #columns(columns: TopColumns): readonly (readonly [number, number])[] {
    const { tsRecvPtr, bidPtr, askPtr, flagsPtr } = columns;
    return [
      [tsRecvPtr, 8],
      [bidPtr, 8],
      [askPtr, 8],
      [flagsPtr, 4],
    ];
  }
}

const TRADE_OFFSETS = {
  tsRecv: columnPlace(tradesLayout(), 'ts_recv').valuesOffset,
  price: columnPlace(tradesLayout(), 'price_pips').valuesOffset,
  flags: columnPlace(tradesLayout(), 'flags').valuesOffset,
} as const;
