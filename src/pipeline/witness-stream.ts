import type { Core } from '../core/core.js';
import type { WitnessColumns, WitnessRange } from '../core/witness-rows.js';
import { columnPlace, type TableLayout } from '../memory/column-layout.js';
import type { ChunkQueue } from './chunk-queue.js';
import type { Chunk } from './protocol.js';

const I64_MAX = 2n ** 63n - 1n;

/** One row of a witness table where it lies in the shared memory. */
export interface WitnessRow {
  /** Of its table, as the audit names it. */
  readonly kind: string;
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
  /** Levels from the best; bidCount is negative (WITNESS_...) for a row that must not be used. */
  readonly bidCount: number;
  readonly askCount: number;
  /** Levels a side that the table has: with fewer, a side is known whole. */
  readonly levelCount: number;
  /** Addresses of the best bid's and best ask's price in this row. */
  readonly bidPtr: number;
  readonly askPtr: number;
  /** Bytes from a level's price to the next level's, and from a price to its quantity. */
  readonly levelStride: number;
  readonly qtyOffset: number;
}

export interface WitnessSource {
  readonly kind: string;
  readonly layout: TableLayout;
  readonly levelCount: number;
  readonly chunks: ChunkQueue;
}

/** The rows of one witness table, one at a time, in the order of their files. */
export class WitnessStream {
  readonly #source: WitnessSource;
  readonly #core: Core;
  readonly #rows: { readonly ptr: number; readonly slotBytes: number };
  readonly #onSlotDone: (slot: number) => void;
  #chunk: Chunk | null = null;
  #rowIndex = 0;
  #ended = false;
  #current: WitnessRow | null = null;
  readonly #offsets: Readonly<
    Record<'tsRecv' | 'tsEvent' | 'sequence' | 'bidCount' | 'askCount' | 'bid' | 'ask', number>
  >;
  readonly #qtyOffset: number;

  constructor(
    core: Core,
    source: WitnessSource,
    rows: { readonly ptr: number; readonly slotBytes: number },
    onSlotDone: (slot: number) => void,
  ) {
    this.#core = core;
    this.#source = source;
    this.#rows = rows;
    this.#onSlotDone = onSlotDone;
    const offset = (name: string): number => columnPlace(source.layout, name).valuesOffset;
    this.#offsets = {
      tsRecv: offset('ts_recv'),
      tsEvent: offset('ts_event'),
      sequence: offset('sequence'),
      bidCount: offset('bid_count'),
      askCount: offset('ask_count'),
      bid: offset('bid_0_price_pips'),
      ask: offset('ask_0_price_pips'),
    };
    this.#qtyOffset = offset('bid_0_qty_pips') - this.#offsets.bid;
  }

  /** As `peek` if the answer is here, else undefined. A promise a row costs more than its use. */
  peekNow(): WitnessRow | null | undefined {
    if (this.#current !== null || this.#ended) return this.#current;
    if (this.#chunk === null || this.#rowIndex >= this.#chunk.rowCount) return undefined;
    this.#current = this.#row(this.#chunk.slot, this.#rowIndex);
    return this.#current;
  }

  /** The row that comes next, or null at the end. Valid until `advance`. */
  async peek(): Promise<WitnessRow | null> {
    if (this.#current !== null || this.#ended) return this.#current;
    while (this.#chunk === null || this.#rowIndex >= this.#chunk.rowCount) {
      if (this.#chunk !== null) this.#onSlotDone(this.#chunk.slot);
      this.#chunk = await this.#source.chunks.next();
      this.#rowIndex = 0;
      if (this.#chunk === null) {
        this.#ended = true;
        return null;
      }
    }
    this.#current = this.#row(this.#chunk.slot, this.#rowIndex);
    return this.#current;
  }

  advance(): void {
    this.#current = null;
    this.#rowIndex++;
  }

  /** The rows that are left have no message to stand behind: gives their slot back. */
  close(): void {
    if (this.#chunk !== null) this.#onSlotDone(this.#chunk.slot);
    for (const { slot } of this.#source.chunks.takeReady()) this.#onSlotDone(slot);
    this.#chunk = null;
    this.#current = null;
    this.#ended = true;
  }

  /** The rows of the present chunk from the next one on, once that was peeked at. */
  get rows(): { readonly row: number; readonly rowEnd: number; readonly columns: WitnessColumns } {
    const { slot, rowCount } = this.#chunk!;
    return { row: this.#rowIndex, rowEnd: rowCount, columns: this.#columns(slot) };
  }

  /** `row` of the present chunk comes next: those before it were used. */
  advanceTo(row: number): void {
    this.#current = null;
    this.#rowIndex = row;
  }

  #columns(slot: number): WitnessColumns {
    const base = this.#rows.ptr + slot * this.#rows.slotBytes;
    const offsets = this.#offsets;
    return {
      tsRecvPtr: base + offsets.tsRecv,
      tsEventPtr: base + offsets.tsEvent,
      sequencePtr: base + offsets.sequence,
      bidCountPtr: base + offsets.bidCount,
      askCountPtr: base + offsets.askCount,
      bidPtr: base + offsets.bid,
      askPtr: base + offsets.ask,
      levelStride: 2 * this.#qtyOffset,
      qtyOffset: this.#qtyOffset,
      levelCount: this.#source.levelCount,
    };
  }

  #row(slot: number, row: number): WitnessRow {
    const { i64, i32 } = this.#core.views;
    const columns = this.#columns(slot);
    return {
      kind: this.#source.kind,
      tsRecv: i64[(columns.tsRecvPtr >>> 3) + row]!,
      tsEvent: i64[(columns.tsEventPtr >>> 3) + row]!,
      sequence: i64[(columns.sequencePtr >>> 3) + row]!,
      bidCount: i32[(columns.bidCountPtr >>> 2) + row]!,
      askCount: i32[(columns.askCountPtr >>> 2) + row]!,
      levelCount: columns.levelCount,
      bidPtr: columns.bidPtr + row * 8,
      askPtr: columns.askPtr + row * 8,
      levelStride: columns.levelStride,
      qtyOffset: columns.qtyOffset,
    };
  }
}

/**
 * The witnesses of an instrument by id, or by ts_recv where there are none; at equal keys the deeper
 * one first, so that it is the one to seed from.
 */
export class WitnessMerger {
  readonly #streams: readonly WitnessStream[];
  readonly #bySequence: boolean;
  #first: WitnessStream | null = null;

  /** @param streams the deepest first */
  constructor(streams: readonly WitnessStream[], bySequence: boolean) {
    this.#streams = streams;
    this.#bySequence = bySequence;
  }

  /** As `peek` if the answer is here, else undefined. */
  peekNow(): WitnessRow | null | undefined {
    let first: WitnessRow | null = null;
    this.#first = null;
    for (const stream of this.#streams) {
      const row = stream.peekNow();
      if (row === undefined) return undefined;
      if (row === null) continue;
      if (first !== null && this.#keyOf(first) <= this.#keyOf(row)) continue;
      first = row;
      this.#first = stream;
    }
    return first;
  }

  /** The row that comes next, or null at the end. Valid until `advance`. */
  async peek(): Promise<WitnessRow | null> {
    for (const stream of this.#streams) await stream.peek();
    return this.peekNow() ?? null;
  }

  advance(): void {
    this.#first?.advance();
    this.#first = null;
  }

  /**
   * The rows of one table from that row on which `peekNow` gave, as many as are here. None above
   * `keyMax` is the next of all tables.
   */
  get run(): { readonly columns: WitnessColumns; readonly range: WitnessRange } {
    const { columns, row, rowEnd } = this.#first!.rows;
    let keyMax = I64_MAX;
    let isDeeper = true;
    for (const stream of this.#streams) {
      const other = stream.peekNow();
      if (stream === this.#first) isDeeper = false;
      else if (other != null) {
        const last = isDeeper ? this.#keyOf(other) - 1n : this.#keyOf(other);
        if (last < keyMax) keyMax = last;
      }
    }
    return { columns, range: { row, rowEnd, bySequence: this.#bySequence, keyMax } };
  }

  /** `row` of that table comes next: those before it were used. */
  advanceTo(row: number): void {
    this.#first!.advanceTo(row);
    this.#first = null;
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  #keyOf({ sequence, tsRecv }: WitnessRow): bigint {
    return this.#bySequence ? sequence : tsRecv;
  }
}
