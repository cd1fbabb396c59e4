import { BOOK_LIVE, CADENCE_MESSAGE, RUN_BYTES } from '#src/abi/book.js';
import { PAGE_ROWS, SLOT_BYTES } from '#src/abi/limits.js';
import { SEQ_BLOCK_BYTES, SEQUENCE_MONOTONIC } from '#src/abi/sequence.js';
import { STAMPS_BLOCK_BYTES } from '#src/abi/stamps.js';
import { bookApply, bookClear, bookInit } from '#src/core/book.js';
import { BookHead } from '#src/core/book-head.js';
import { BookRun } from '#src/core/book-run.js';
import { markMessages } from '#src/core/messages.js';
import { scaleDoubles } from '#src/core/scale.js';
import { SequenceScanner } from '#src/core/sequence.js';
import { StampCounter } from '#src/core/stamps.js';
import { columnPlace } from '#src/memory/column-layout.js';
import { bookLayout, bookOffsets } from '#src/pipeline/book-columns.js';
import type { BenchMemory } from '../bench-memory.js';
import type { Stage } from './stage.js';
import type { TapeSlots } from './tape-slots.js';

const SCALE = 8;
const BOOK_BYTES = 4 * 2 ** 20;

export const BOOK_LAYOUT = bookLayout({ hasSequence: true, hasAge: false, depth: 1 });

/** The chunks of the tape as they lie in slots, and where their book rows go. */
export interface Chunks {
  readonly slots: TapeSlots;
  /** Rows in each slot. */
  readonly rowCounts: readonly number[];
  /** Address of the book rows of each chunk; filled, with `bookRowCounts`, by the book stage. */
  readonly bookPtrs: readonly number[];
  readonly bookRowCounts: number[];
}

export function chunksOf(memory: BenchMemory, slots: TapeSlots, rowCounts: number[]): Chunks {
  const bookPtrs = rowCounts.map(() => memory.buffer(SLOT_BYTES));
  return { slots, rowCounts, bookPtrs, bookRowCounts: rowCounts.map(() => 0) };
}

/** Scaling, ids and messages, the book: what happens to columns in chunks that stay in the cache. */
export function bookingStages(
  memory: BenchMemory,
  chunks: Chunks,
  doubles: { readonly price: Float64Array; readonly size: Float64Array },
): Stage[] {
  return [
    scaleStage(memory, chunks, doubles),
    sequenceStage(memory, chunks),
    bookStage(memory, chunks),
  ];
}

const eventsOf = ({ rowCounts }: Chunks): number =>
  rowCounts.reduce((sum, rowCount) => sum + rowCount, 0);

/** Address of a column of a chunk. */
function ptrOf({ slots }: Chunks, chunk: number, name: string): number {
  return slots.ptr(chunk) + columnPlace(slots.layout, name).valuesOffset;
}

/** Prices and sizes from doubles to pips where they lie, each proven exact. */
function scaleStage(
  memory: BenchMemory,
  chunks: Chunks,
  { price, size }: { price: Float64Array; size: Float64Array },
): Stage {
  const { core } = memory;
  const bitmapPtr = memory.buffer(PAGE_ROWS / 8);
  const bytes = eventsOf(chunks) * 16;
  return {
    name: 'scale',
    pieces: chunks.rowCounts.length,
    prepare: (chunk) => {
      for (const [name, values] of [['price_pips', price] as const, ['qty_pips', size] as const]) {
        const rows = values.subarray(chunk * PAGE_ROWS, (chunk + 1) * PAGE_ROWS);
        core.views.f64.set(rows, ptrOf(chunks, chunk, name) / 8);
      }
    },
    run: (chunk) => {
      for (const name of ['price_pips', 'qty_pips']) {
        const ptr = ptrOf(chunks, chunk, name);
        const bad = scaleDoubles(core, ptr, chunks.rowCounts[chunk]!, SCALE, bitmapPtr);
        if (bad > 0) throw new Error(`${bad} values are not exact.`);
      }
    },
    bytesIn: bytes,
    bytesOut: () => bytes,
    bytesCopied: 0,
  };
}

/** Ends of messages, the order of their ids, and what their stamps are like. */
function sequenceStage(memory: BenchMemory, chunks: Chunks): Stage {
  const { core } = memory;
  const blockPtr = memory.buffer(SEQ_BLOCK_BYTES);
  const stamps = new StampCounter(core, memory.buffer(STAMPS_BLOCK_BYTES));
  const events = eventsOf(chunks);
  return {
    name: 'sequence (messages, ids, stamps)',
    pieces: chunks.rowCounts.length,
    prepare: (chunk) => {
      const flagsPtr = ptrOf(chunks, chunk, 'flags');
      core.views.i32.fill(0, flagsPtr / 4, flagsPtr / 4 + chunks.rowCounts[chunk]!);
    },
    run: (chunk) => {
      const rowCount = chunks.rowCounts[chunk]!;
      const at = (name: string): number => ptrOf(chunks, chunk, name);
      const [recvPtr, sequencePtr, flagsPtr] = [at('ts_recv'), at('sequence'), at('flags')];
      markMessages(core, { key1Ptr: recvPtr, key2Ptr: sequencePtr, rowCount }, null, flagsPtr);
      const columns = { sequencePtr, firstPtr: 0, prevPtr: 0, flagsPtr };
      const scanner = SequenceScanner.start(core, blockPtr, SEQUENCE_MONOTONIC);
      const broken = scanner.scan(columns, 0, rowCount);
      if (broken !== rowCount) throw new Error(`Row ${broken} breaks the order of ids.`);
      const { mixedCount } = stamps.add(
        { tsRecvPtr: recvPtr, tsEventPtr: at('ts_event'), flagsPtr },
        rowCount,
      );
      if (mixedCount > 0) throw new Error('A message has two event times.');
    },
    bytesIn: events * 28,
    bytesOut: () => events * 4,
    bytesCopied: 0,
  };
}

/** Each level change applied, and the best bid and ask after each message. */
function bookStage(memory: BenchMemory, chunks: Chunks): Stage {
  const { core } = memory;
  const bookPtr = memory.buffer(BOOK_BYTES);
  bookInit(core, bookPtr, BOOK_BYTES);
  const run = new BookRun(core.views, memory.buffer(RUN_BYTES));
  run.setOptions({
    cadence: CADENCE_MESSAGE,
    depth: 1,
    suspectOnCross: false,
    intervalNs: 0n,
    clockIsEvent: false,
  });
  const offsets = bookOffsets(BOOK_LAYOUT);
  const events = eventsOf(chunks);
  return {
    name: 'book',
    pieces: chunks.rowCounts.length,
    prepare: (chunk) => {
      if (chunk > 0) return;
      bookClear(core, bookPtr);
      new BookHead(core.views, bookPtr).state = BOOK_LIVE;
    },
    run: (chunk) => {
      const at = (name: string): number => ptrOf(chunks, chunk, name);
      run.setColumns({
        tsRecvPtr: at('ts_recv'),
        tsEventPtr: at('ts_event'),
        sequencePtr: at('sequence'),
        isBidPtr: at('is_bid'),
        pricePtr: at('price_pips'),
        qtyPtr: at('qty_pips'),
        flagsPtr: at('flags'),
      });
      const base = chunks.bookPtrs[chunk]!;
      run.setOutput({
        tsRecvPtr: base + offsets.tsRecv,
        tsEventPtr: base + offsets.tsEvent,
        sequencePtr: base + offsets.sequence,
        flagsPtr: base + offsets.flags,
        agePtr: 0,
        levelsPtr: base + offsets.levels,
        levelStride: offsets.stride,
        validityPtr: base + offsets.validity,
        validityStride: offsets.stride,
        capacity: BOOK_LAYOUT.rowCapacity,
      });
      const rowEnd = chunks.rowCounts[chunk]!;
      run.setRows({ row: 0, rowEnd, messageStart: 0 });
      bookApply(core, bookPtr, run.ptr);
      if (run.row !== rowEnd) throw new Error(`The book stopped at row ${run.row}.`);
      chunks.bookRowCounts[chunk] = run.outCount;
    },
    // Three stamps, price, quantity, flags and side of a row; of a message three stamps, flags,
    // and two levels with their bits.
    bytesIn: events * (5 * 8 + 4 + 1 / 8),
    bytesOut: () => chunks.bookRowCounts.reduce((sum, rows) => sum + rows * (7 * 8 + 4.5), 0),
    bytesCopied: 0,
  };
}
