import type { Arena } from '../memory/arena.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { WitnessRow } from './witness-stream.js';

/** Price and quantity of a level. */
const LEVEL_BYTES = 16;
const WINDOW_BYTES_MAX = 2 ** 20;
const ROWS_MAX = 8_192;
const ROWS_MIN = 16;

/**
 * The last rows of a witness table, copied out of their slots so that none is held: as many as fit,
 * the oldest go. Rows are numbered from 0 over the whole day.
 */
export class WitnessWindow {
  readonly #views: MemoryViews;
  readonly #arena: Arena;
  readonly #ptr: number;
  readonly #rowBytes: number;
  readonly #askOffset: number;
  readonly #capacity: number;
  readonly #rows: WitnessRow[] = [];
  readonly #times: BigInt64Array;
  readonly #matched: Uint8Array;
  #first = 0;
  #end = 0;

  /** @param rowsMax no more are asked for; default: as many as have room */
  constructor(views: MemoryViews, arena: Arena, levelCount: number, rowsMax = ROWS_MAX) {
    this.#views = views;
    this.#arena = arena;
    this.#askOffset = levelCount * LEVEL_BYTES;
    this.#rowBytes = 2 * this.#askOffset;
    const fitting = Math.max(ROWS_MIN, Math.floor(WINDOW_BYTES_MAX / this.#rowBytes));
    this.#capacity = Math.min(fitting, rowsMax);
    this.#ptr = arena.allocate(this.#capacity * this.#rowBytes);
    this.#times = new BigInt64Array(this.#capacity);
    this.#matched = new Uint8Array(this.#capacity);
  }

  free(): void {
    this.#arena.free(this.#ptr, this.#capacity * this.#rowBytes);
  }

  /** Number of the oldest row that is here, and behind the newest. */
  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#end;
  }

  /** @param time at which the row's state begins; the rows come in this order */
  add(row: WitnessRow, time: bigint): void {
    if (this.#end - this.#first === this.#capacity) this.dropFirst();
    const at = this.#end++ % this.#capacity;
    const bidPtr = this.#ptr + at * this.#rowBytes;
    const askPtr = bidPtr + this.#askOffset;
    this.#copySide(row.bidPtr, row.bidCount, row, bidPtr);
    this.#copySide(row.askPtr, row.askCount, row, askPtr);
    const place = { bidPtr, askPtr, levelStride: LEVEL_BYTES, qtyOffset: LEVEL_BYTES / 2 };
    this.#rows[at] = { ...row, ...place };
    this.#times[at] = time;
    this.#matched[at] = 0;
  }

  dropFirst(): void {
    this.#first++;
  }

  row(index: number): WitnessRow {
    return this.#rows[index % this.#capacity]!;
  }

  timeAt(index: number): bigint {
    return this.#times[index % this.#capacity]!;
  }

  /** Whether a state of the book was found that agrees with the row. */
  isMatched(index: number): boolean {
    return this.#matched[index % this.#capacity] === 1;
  }

  setMatched(index: number): void {
    this.#matched[index % this.#capacity] = 1;
  }

  /** Whether a row's best levels are these: price and quantity of the bid, then of the ask (i64). */
  hasBest(index: number, bestPtr: number): boolean {
    const { i32 } = this.#views;
    const bid = (this.#ptr + (index % this.#capacity) * this.#rowBytes) >>> 2;
    const ask = bid + (this.#askOffset >>> 2);
    const best = bestPtr >>> 2;
    for (let word = 0; word < 4; word++) {
      if (i32[bid + word] !== i32[best + word] || i32[ask + word] !== i32[best + 4 + word]) {
        return false;
      }
    }
    return true;
  }

  /** As words: an int64 that is read from an array of them is an object. */
  #copySide(fromPtr: number, count: number, row: WitnessRow, toPtr: number): void {
    const { i32 } = this.#views;
    let from = fromPtr >>> 2;
    let to = toPtr >>> 2;
    const qty = row.qtyOffset >>> 2;
    for (let level = 0; level < count; level++) {
      i32[to] = i32[from]!;
      i32[to + 1] = i32[from + 1]!;
      i32[to + 2] = i32[from + qty]!;
      i32[to + 3] = i32[from + qty + 1]!;
      from += row.levelStride >>> 2;
      to += LEVEL_BYTES >>> 2;
    }
  }
}
