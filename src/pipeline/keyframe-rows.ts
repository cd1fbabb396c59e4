import { KNOWN_ALL_ASKS, KNOWN_ALL_BIDS } from '../core/book.js';
import type { Core } from '../core/core.js';
import { type ColumnPlace, columnPlace, type TableLayout } from '../memory/column-layout.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import { keyframeLayout } from './keyframe-columns.js';
import type { MemoryMap, Segment } from './protocol.js';

/** A book as it was after a message; its levels are the keyframe's own copy. */
export interface Keyframe {
  /** Counts the day's keyframes, from 0. */
  readonly number: number;
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
  /** A BOOK_… state. */
  readonly state: number;
  /** KNOWN_ALL_… where a side is known whole. */
  readonly knownBidPips: bigint;
  readonly knownAskPips: bigint;
  /** Part of `depth`, and the row in it after which the book is this. */
  readonly part: number;
  readonly row: number;
  /** Of the levels, which are bids from the best, then asks from the best. */
  readonly bidCount: number;
  readonly prices: BigInt64Array;
  readonly qtys: BigInt64Array;
}

export interface KeyframeRowsOptions {
  readonly core: Core;
  readonly rows: MemoryMap['rows'];
  readonly hasSequence: boolean;
  readonly acquireSlots: (count: number) => Promise<number[]>;
}

/** Writes keyframes into slots that it fills one by one. */
export class KeyframeRows {
  readonly #options: KeyframeRowsOptions;
  readonly #layout: TableLayout;
  #ready: Segment[] = [];
  #done: number[] = [];
  #slot = -1;
  /** Rows of the slot that are written, and those that `take` has handed on. */
  #row = 0;
  #rowsTaken = 0;

  constructor(options: KeyframeRowsOptions) {
    this.#options = options;
    this.#layout = keyframeLayout(options.hasSequence);
  }

  /** One row for each level; several slots where they do not fit one. */
  async write(keyframe: Keyframe): Promise<void> {
    const levelCount = keyframe.prices.length;
    for (let level = 0; level < levelCount; ) {
      if (this.#slot === -1 || this.#row === this.#layout.rowCapacity) await this.#renew();
      const rowCount = Math.min(levelCount - level, this.#layout.rowCapacity - this.#row);
      this.#fill(keyframe, level, rowCount);
      this.#row += rowCount;
      level += rowCount;
    }
  }

  /** Rows since the last call, and slots that are full; at the end the last one too. */
  take(atEnd: boolean): { segments: Segment[]; done: number[] } {
    if (atEnd) this.#close();
    else this.#seal();
    const taken = { segments: this.#ready, done: this.#done };
    this.#ready = [];
    this.#done = [];
    return taken;
  }

  #fill(keyframe: Keyframe, level: number, rowCount: number): void {
    const { views } = this.#options.core;
    const { number, prices, qtys, bidCount, state } = keyframe;
    const same = (name: string, value: bigint | number): void =>
      this.#fillSame(views, columnPlace(this.#layout, name), value, rowCount);
    same('keyframe', number);
    same('ts_recv', keyframe.tsRecv);
    same('ts_event', keyframe.tsEvent);
    if (this.#options.hasSequence) same('sequence', keyframe.sequence);
    same('state', state);
    this.#fillBound('known_bid_pips', keyframe.knownBidPips, KNOWN_ALL_BIDS, rowCount);
    this.#fillBound('known_ask_pips', keyframe.knownAskPips, KNOWN_ALL_ASKS, rowCount);
    same('part', keyframe.part);
    same('row', BigInt(keyframe.row));
    const bids = Math.max(0, Math.min(bidCount - level, rowCount));
    const isBidPtr = this.#ptr(columnPlace(this.#layout, 'is_bid').valuesOffset);
    setBits(views, isBidPtr, this.#row, this.#row + bids, true);
    setBits(views, isBidPtr, this.#row + bids, this.#row + rowCount, false);
    const pricesAt = this.#ptr(columnPlace(this.#layout, 'price_pips').valuesOffset) / 8;
    const qtysAt = this.#ptr(columnPlace(this.#layout, 'qty_pips').valuesOffset) / 8;
    views.i64.set(prices.subarray(level, level + rowCount), pricesAt + this.#row);
    views.i64.set(qtys.subarray(level, level + rowCount), qtysAt + this.#row);
    // The code of a digest is its place in the day's list, which is the keyframe's number.
    same('digest', number);
  }

  #fillSame(
    views: MemoryViews,
    { type, valuesOffset }: ColumnPlace,
    value: bigint | number,
    rowCount: number,
  ): void {
    const ptr = this.#ptr(valuesOffset);
    if (type === 'int64') {
      const at = ptr / 8 + this.#row;
      views.i64.fill(value as bigint, at, at + rowCount);
    } else {
      const at = ptr / 4 + this.#row;
      views.i32.fill(value as number, at, at + rowCount);
    }
  }

  /** NULL where there is no bound. */
  #fillBound(name: string, pips: bigint, none: bigint, rowCount: number): void {
    const { views } = this.#options.core;
    const place = columnPlace(this.#layout, name);
    this.#fillSame(views, place, pips === none ? 0n : pips, rowCount);
    const validityPtr = this.#ptr(place.validityOffset);
    setBits(views, validityPtr, this.#row, this.#row + rowCount, pips !== none);
  }

  #ptr(offset: number): number {
    const { ptr, slotBytes } = this.#options.rows;
    return ptr + this.#slot * slotBytes + offset;
  }

  #seal(): void {
    if (this.#slot === -1 || this.#row === this.#rowsTaken) return;
    this.#ready.push({ slot: this.#slot, rowStart: this.#rowsTaken, rowEnd: this.#row });
    this.#rowsTaken = this.#row;
  }

  #close(): void {
    this.#seal();
    if (this.#slot !== -1) this.#done.push(this.#slot);
    this.#slot = -1;
  }

  async #renew(): Promise<void> {
    this.#close();
    const [slot] = await this.#options.acquireSlots(1);
    this.#slot = slot!;
    this.#row = 0;
    this.#rowsTaken = 0;
  }
}

/** Bits [start, end) of a bitmap; those around them stay. */
function setBits(views: MemoryViews, ptr: number, start: number, end: number, on: boolean): void {
  const { u8 } = views;
  for (let row = start; row < end; row++) {
    const byte = ptr + (row >> 3);
    if ((row & 7) === 0 && row + 8 <= end) {
      u8[byte] = on ? 0xff : 0;
      row += 7;
      continue;
    }
    const bit = 1 << (row & 7);
    u8[byte] = on ? u8[byte]! | bit : u8[byte]! & ~bit;
  }
}
