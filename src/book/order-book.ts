import { loadCore } from '#core-loader';
import {
  BOOK_LIVE,
  CADENCE_NONE,
  RUN_BYTES,
  SIDE_ASK,
  SIDE_BID,
  STOP_BOOK_FULL,
  STOP_END,
} from '../abi/book.js';
import { FLAG_LAST } from '../abi/flags.js';
import {
  BOOK_BLOCK_BYTES,
  type BookLevel,
  bookApply,
  bookBest,
  bookClear,
  bookDigestHex,
  bookInit,
  bookLevelsInto,
  bookMove,
  wantsWiderWindow,
} from '../core/book.js';
import { BookHead } from '../core/book-head.js';
import { BookRun } from '../core/book-run.js';
import { type Core, instantiateCore } from '../core/core.js';
import { BookError } from '../errors/errors.js';

/** A level that changes. Prices and quantities are integers in pips: value * 10^scale, int64. */
export interface BookUpdate {
  readonly isBid: boolean;
  readonly pricePips: bigint;
  /** The new quantity at this price; 0 removes the level. */
  readonly qtyPips: bigint;
}

/** The same as columns, all of one length. */
export interface BookUpdateColumns {
  /** 1: bid, 0: ask. */
  readonly isBid: ArrayLike<number>;
  readonly pricePips: BigInt64Array;
  readonly qtyPips: BigInt64Array;
}

export interface OrderBookOptions {
  /** core.wasm, compiled. Default: the one beside this package's files, compiled for this book. */
  readonly module?: WebAssembly.Module;
}

const PAGE_BYTES = 65_536;
/** At most 1 GiB: some 30 million levels. */
const PAGES_MAX = 16_384;
/** Rows that cross into the memory at a time. */
const STAGE_ROWS = 4_096;
const PRICES = PAGE_BYTES;
const QTYS = PRICES + STAGE_ROWS * 8;
const FLAGS = QTYS + STAGE_ROWS * 8;
const IS_BID = FLAGS + STAGE_ROWS * 4;
const RUN = IS_BID + STAGE_ROWS / 8;
/** Stamps of the rows: a book without cadence reads them at message ends, and nobody asks. */
const STAMPS = Math.ceil((RUN + RUN_BYTES) / 64) * 64;
const BLOCKS = STAMPS + STAGE_ROWS * 8;
/** Rows after which the window's misses are looked at. */
const WIDEN_CHECK_ROWS = 65_536n;
const BLOCK_BYTES_WIDE = 4_194_304;

/**
 * An L2 order book over int64 prices and quantities, in a WebAssembly memory of its own that grows
 * with it. The same in Node and in a browser; belongs to the thread that made it.
 *
 * It does what it is told: it does not judge sequence numbers, crossings or trust.
 *
 * ```ts
 * const book = await OrderBook.create();
 * book.apply([{ isBid: true, pricePips: 6_183_763_000_000n, qtyPips: 378_826_000n }]);
 * book.best().bid; // { pricePips: 6183763000000n, qtyPips: 378826000n }
 * ```
 */
export class OrderBook {
  readonly #core: Core;
  readonly #run: BookRun;
  #head: BookHead;
  #blockBytes = BOOK_BLOCK_BYTES;
  /** Where the next block begins; blocks that a book has left lie before it. */
  #blocksEnd = BLOCKS;
  #rowsChecked = { applied: 0n, offWindow: 0n };

  /** @throws KernelError ERR_CORE_VERSION when `options.module` was built for another version */
  static async create(options: OrderBookOptions = {}): Promise<OrderBook> {
    return new OrderBook(options.module ?? (await loadCore()));
  }

  private constructor(module: WebAssembly.Module) {
    const initial = Math.ceil(BLOCKS / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial, maximum: PAGES_MAX, shared: true });
    this.#core = instantiateCore(module, memory);
    const bookPtr = this.#takeBlock(this.#blockBytes);
    bookInit(this.#core, bookPtr, this.#blockBytes);
    this.#head = new BookHead(this.#core.views, bookPtr);
    this.#head.state = BOOK_LIVE;
    this.#run = new BookRun(this.#core.views, RUN);
    this.#run.setOptions({
      cadence: CADENCE_NONE,
      depth: 0,
      suspectOnCross: false,
      intervalNs: 0n,
      clockIsEvent: false,
    });
    this.#run.setColumns({
      tsRecvPtr: STAMPS,
      tsEventPtr: STAMPS,
      sequencePtr: 0,
      isBidPtr: IS_BID,
      pricePtr: PRICES,
      qtyPtr: QTYS,
      flagsPtr: FLAGS,
    });
  }

  /**
   * Sets and removes levels in order; the last word on a level wins. All or nothing: a value that
   * is refused leaves the book as it was.
   * @throws BookError ERR_BOOK_VALUE for a value outside int64, a quantity below 0, or columns of
   *   different lengths; ERR_BOOK_FULL when the book would need more than 1 GiB
   */
  apply(updates: readonly BookUpdate[] | BookUpdateColumns): void {
    if (isColumns(updates)) this.#applyColumns(updates);
    else this.#applyColumns(toColumns(updates));
    this.#widenWhenItPays();
  }

  /** Removes all levels. */
  clear(): void {
    bookClear(this.#core, this.#head.ptr);
  }

  /** The best level of each side; null where a side is empty. May be crossed: see isCrossed. */
  best(): { readonly bid: BookLevel | null; readonly ask: BookLevel | null } {
    return {
      bid: bookBest(this.#core, this.#head.ptr, true),
      ask: bookBest(this.#core, this.#head.ptr, false),
    };
  }

  /** Whether the best bid is above the best ask. */
  get isCrossed(): boolean {
    const { bid, ask } = this.best();
    return bid !== null && ask !== null && bid.pricePips > ask.pricePips;
  }

  /** Up to `count` levels of a side (default: all), from the best on: new objects, yours to keep. */
  levels(side: 'bid' | 'ask', count = Number.POSITIVE_INFINITY): BookLevel[] {
    const isBid = side === 'bid';
    const levelCount = Math.min(count, this.levelCount(side));
    const max = Math.max(0, Math.floor(levelCount));
    const pricePtr = this.#scratch(max * 16);
    const qtyPtr = pricePtr + max * 8;
    bookLevelsInto(this.#core, this.#head.ptr, isBid, { pricePtr, qtyPtr, max });
    const { i64 } = this.#core.views;
    return Array.from({ length: max }, (_, k) => ({
      pricePips: i64[pricePtr / 8 + k]!,
      qtyPips: i64[qtyPtr / 8 + k]!,
    }));
  }

  /** How many levels a side has. */
  levelCount(side: 'bid' | 'ask'): number {
    const { kernels } = this.#core;
    return kernels.bookLevelCount(this.#head.ptr, side === 'bid' ? SIDE_BID : SIDE_ASK);
  }

  /**
   * XXH64 of all levels, as 16 hex digits (docs/data-model.md, "Digest"). Equal digests mean equal
   * books, on any host; the same as in the `keyframes` table.
   */
  digest(): string {
    return bookDigestHex(this.#core, this.#head.ptr);
  }

  /** Greatest common divisor of all prices applied so far, in pips; 0n before the first. */
  get tickPips(): bigint {
    return this.#head.tickPips;
  }

  /** Bytes of the WebAssembly memory that this book holds. */
  get byteLength(): number {
    return this.#core.views.memory.buffer.byteLength;
  }

  #applyColumns({ isBid, pricePips, qtyPips }: BookUpdateColumns): void {
    const rowCount = pricePips.length;
    if (isBid.length !== rowCount || qtyPips.length !== rowCount) {
      throw new BookError(
        'ERR_BOOK_VALUE',
        `Columns of ${isBid.length}, ${rowCount} and ${qtyPips.length} rows; give equally long ones.`,
      );
    }
    const negative = qtyPips.findIndex((qty) => qty < 0n);
    if (negative !== -1) throw refused('qtyPips', negative, qtyPips[negative]!);
    for (let first = 0; first < rowCount; first += STAGE_ROWS) {
      const end = Math.min(first + STAGE_ROWS, rowCount);
      const { u8, i32, i64 } = this.#core.views;
      i64.set(pricePips.subarray(first, end), PRICES / 8);
      i64.set(qtyPips.subarray(first, end), QTYS / 8);
      i32.fill(0, FLAGS / 4, FLAGS / 4 + end - first);
      u8.fill(0, IS_BID, IS_BID + STAGE_ROWS / 8);
      for (let row = first; row < end; row++) {
        if (isBid[row]) u8[IS_BID + ((row - first) >> 3)]! |= 1 << ((row - first) & 7);
      }
      if (end === rowCount) i32[FLAGS / 4 + end - first - 1] = FLAG_LAST;
      this.#applyStage(end - first);
    }
  }

  #applyStage(rowCount: number): void {
    this.#run.setRows({ row: 0, rowEnd: rowCount, messageStart: 0 });
    let stop: number;
    do {
      stop = bookApply(this.#core, this.#head.ptr, this.#run.ptr);
      if (stop === STOP_BOOK_FULL) this.#moveInto(this.#blockBytes * 2);
    } while (stop !== STOP_END);
  }

  #widenWhenItPays(): void {
    const { rowsApplied, rowsOffWindow } = this.#head;
    const applied = rowsApplied - this.#rowsChecked.applied;
    if (applied < WIDEN_CHECK_ROWS) return;
    const offWindow = rowsOffWindow - this.#rowsChecked.offWindow;
    this.#rowsChecked = { applied: rowsApplied, offWindow: rowsOffWindow };
    if (this.#blockBytes < BLOCK_BYTES_WIDE && wantsWiderWindow({ applied, offWindow })) {
      this.#moveInto(this.#blockBytes * 2);
    }
  }

  #moveInto(byteLength: number): void {
    const toPtr = this.#takeBlock(byteLength);
    if (!bookMove(this.#core, this.#head.ptr, toPtr, byteLength)) {
      this.#moveInto(byteLength * 2);
      return;
    }
    this.#blockBytes = byteLength;
    this.#head = new BookHead(this.#core.views, toPtr);
  }

  #takeBlock(byteLength: number): number {
    const ptr = this.#scratch(byteLength);
    this.#blocksEnd = ptr + byteLength;
    return ptr;
  }

  /** Memory behind the blocks, until the next block is taken. */
  #scratch(byteLength: number): number {
    const { views } = this.#core;
    const missing = this.#blocksEnd + byteLength - views.u8.byteLength;
    if (missing > 0) {
      try {
        views.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (cause) {
        throw new BookError(
          'ERR_BOOK_FULL',
          `The book needs ${missing} bytes more than its memory may have; apply fewer levels.`,
          { cause, details: { levels: this.levelCount('bid') + this.levelCount('ask') } },
        );
      }
    }
    return this.#blocksEnd;
  }
}

function isColumns(
  updates: readonly BookUpdate[] | BookUpdateColumns,
): updates is BookUpdateColumns {
  return !Array.isArray(updates);
}

function toColumns(updates: readonly BookUpdate[]): BookUpdateColumns {
  const isBid = new Uint8Array(updates.length);
  const pricePips = new BigInt64Array(updates.length);
  const qtyPips = new BigInt64Array(updates.length);
  updates.forEach((update, row) => {
    isBid[row] = update.isBid ? 1 : 0;
    pricePips[row] = checked('pricePips', row, update.pricePips);
    qtyPips[row] = checked('qtyPips', row, update.qtyPips);
  });
  return { isBid, pricePips, qtyPips };
}

/** Storing in a BigInt64Array would wrap in silence. */
function checked(field: string, row: number, value: bigint): bigint {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) {
    throw refused(field, row, value);
  }
  return value;
}

function refused(field: string, row: number, value: bigint): BookError {
  return new BookError(
    'ERR_BOOK_VALUE',
    `${field} of update ${row} is ${value}; expected a bigint in int64${field === 'qtyPips' ? ', at least 0' : ''}.`,
    { details: { field, row, value: String(value) } },
  );
}
