import { FLAG_LAST, FLAG_SNAPSHOT } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import { columnPlace, type TableLayout } from '../memory/column-layout.js';
import type { Segment } from './protocol.js';

/** Addresses of the depth columns of one slot; 0 for a column that this source does not have. */
export interface DepthColumns {
  readonly tsRecvPtr: number;
  readonly tsEventPtr: number;
  readonly sequencePtr: number;
  readonly sequenceFirstPtr: number;
  readonly sequencePrevPtr: number;
  readonly isBidPtr: number;
  readonly pricePtr: number;
  readonly qtyPtr: number;
  readonly flagsPtr: number;
}

/** Looks at depth rows where they lie: row by row for the seldom cases, never for whole columns. */
export class DepthSlots {
  readonly #core: Core;
  readonly #basePtr: number;
  readonly #slotBytes: number;
  readonly #offsets: DepthColumns;
  readonly layout: TableLayout;

  constructor(core: Core, layout: TableLayout, rows: { ptr: number; slotBytes: number }) {
    this.#core = core;
    this.layout = layout;
    this.#basePtr = rows.ptr;
    this.#slotBytes = rows.slotBytes;
    const names = new Set(layout.columns.map(({ name }) => name));
    const offset = (name: string): number =>
      names.has(name) ? columnPlace(layout, name).valuesOffset : -1;
    this.#offsets = {
      tsRecvPtr: offset('ts_recv'),
      tsEventPtr: offset('ts_event'),
      sequencePtr: offset('sequence'),
      sequenceFirstPtr: offset('sequence_first'),
      sequencePrevPtr: offset('sequence_prev'),
      isBidPtr: offset('is_bid'),
      pricePtr: offset('price_pips'),
      qtyPtr: offset('qty_pips'),
      flagsPtr: offset('flags'),
    };
  }

  columns(slot: number): DepthColumns {
    const base = this.#basePtr + slot * this.#slotBytes;
    const at = (offset: number): number => (offset === -1 ? 0 : base + offset);
    const o = this.#offsets;
    return {
      tsRecvPtr: at(o.tsRecvPtr),
      tsEventPtr: at(o.tsEventPtr),
      sequencePtr: at(o.sequencePtr),
      sequenceFirstPtr: at(o.sequenceFirstPtr),
      sequencePrevPtr: at(o.sequencePrevPtr),
      isBidPtr: at(o.isBidPtr),
      pricePtr: at(o.pricePtr),
      qtyPtr: at(o.qtyPtr),
      flagsPtr: at(o.flagsPtr),
    };
  }

  i64(columnPtr: number, row: number): bigint {
    return this.#core.views.i64[(columnPtr >>> 3) + row]!;
  }

  isBid(columns: DepthColumns, row: number): boolean {
    return ((this.#core.views.u8[columns.isBidPtr + (row >> 3)]! >> (row & 7)) & 1) === 1;
  }

  flags(columns: DepthColumns, row: number): number {
    return this.#core.views.i32[(columns.flagsPtr >>> 2) + row]!;
  }

  endsMessage(columns: DepthColumns, row: number): boolean {
    return (this.flags(columns, row) & FLAG_LAST) !== 0;
  }

  /** First row in [rowStart, rowEnd) with any of `mask`, or -1. */
  nextFlag(columns: DepthColumns, rowStart: number, rowEnd: number, mask: number): number {
    const flags = this.#core.views.i32;
    const base = columns.flagsPtr >>> 2;
    for (let row = rowStart; row < rowEnd; row++) if ((flags[base + row]! & mask) !== 0) return row;
    return -1;
  }

  /** Row behind the last message end in [rowStart, rowEnd); rowStart when none ends there. */
  behindLastMessage(columns: DepthColumns, rowStart: number, rowEnd: number): number {
    const flags = this.#core.views.i32;
    const base = columns.flagsPtr >>> 2;
    for (let row = rowEnd - 1; row >= rowStart; row--) {
      if ((flags[base + row]! & FLAG_LAST) !== 0) return row + 1;
    }
    return rowStart;
  }

  /** First row in [rowStart, rowEnd) whose value in an ascending int64 column is above `key`. */
  firstAbove(columnPtr: number, rowStart: number, rowEnd: number, key: bigint): number {
    const values = this.#core.views.i64;
    const base = columnPtr >>> 3;
    let low = rowStart;
    let high = rowEnd;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (values[base + middle]! > key) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The same for a column that is in no order: the first such row from rowStart on. */
  firstAboveUnsorted(columnPtr: number, rowStart: number, rowEnd: number, key: bigint): number {
    const values = this.#core.views.i64;
    const base = columnPtr >>> 3;
    for (let row = rowStart; row < rowEnd; row++) if (values[base + row]! > key) return row;
    return rowEnd;
  }

  /** First row in [rowStart, rowEnd) that sets this level, or -1. */
  findLevel(
    columns: DepthColumns,
    rowStart: number,
    rowEnd: number,
    level: { readonly isBid: boolean; readonly pricePips: bigint },
  ): number {
    const { kernels } = this.#core;
    const { pricePtr, isBidPtr } = columns;
    const isBid = level.isBid ? 1 : 0;
    return kernels.matchLevel(pricePtr, isBidPtr, level.pricePips, isBid, rowStart, rowEnd);
  }

  /** ORs marks into the flags of a segment's rows. */
  mark(segment: Segment, marks: number): void {
    const { slot, rowStart, rowEnd } = segment;
    const { flagsPtr } = this.columns(slot);
    countOf('orInto32', this.#core.kernels.orInto32(flagsPtr, rowStart, rowEnd, marks));
  }

  /** Takes marks off a row. */
  unmark(columns: DepthColumns, row: number, marks: number): void {
    const flags = this.#core.views.i32;
    const at = (columns.flagsPtr >>> 2) + row;
    flags[at] = flags[at]! & ~marks;
  }

  /**
   * Ends messages where a snapshot begins or ends: it is a message of its own whatever its keys
   * are (Tardis: the first changes share its stamp), and so is the one behind it with another stamp.
   * @param next the slot behind this one, or null
   */
  endSnapshots(columns: DepthColumns, rowCount: number, next: DepthColumns | null): void {
    const flags = this.#core.views.i32;
    const base = columns.flagsPtr >>> 2;
    const isSnapshot = (row: number): boolean => (flags[base + row]! & FLAG_SNAPSHOT) !== 0;
    let wasSnapshot = isSnapshot(0);
    for (let row = 1; row < rowCount; row++) {
      const is = isSnapshot(row);
      const isOther = is
        ? !wasSnapshot || this.i64(columns.tsRecvPtr, row) !== this.i64(columns.tsRecvPtr, row - 1)
        : wasSnapshot;
      if (isOther) flags[base + row - 1]! |= FLAG_LAST;
      wasSnapshot = is;
    }
    if (next === null) return;
    const is = (flags[next.flagsPtr >>> 2]! & FLAG_SNAPSHOT) !== 0;
    const isSameStamp = this.i64(next.tsRecvPtr, 0) === this.i64(columns.tsRecvPtr, rowCount - 1);
    if (is !== wasSnapshot || (is && !isSameStamp)) flags[base + rowCount - 1]! |= FLAG_LAST;
  }

  /** Writes one row. `ptr`s as `columns` gives them. */
  write(
    columns: DepthColumns,
    row: number,
    values: {
      tsRecv: bigint;
      tsEvent: bigint;
      sequence: bigint;
      /** Of sources that have them; without them, `sequence`. */
      sequenceFirst?: bigint;
      sequencePrev?: bigint;
      isBid: boolean;
      pricePips: bigint;
      qtyPips: bigint;
      flags: number;
    },
  ): void {
    const { views } = this.#core;
    const i64 = views.i64;
    const { sequence } = values;
    const { sequencePtr, sequenceFirstPtr, sequencePrevPtr } = columns;
    i64[(columns.tsRecvPtr >>> 3) + row] = values.tsRecv;
    i64[(columns.tsEventPtr >>> 3) + row] = values.tsEvent;
    const { sequenceFirst = sequence, sequencePrev = sequence } = values;
    if (sequencePtr !== 0) i64[(sequencePtr >>> 3) + row] = sequence;
    if (sequenceFirstPtr !== 0) i64[(sequenceFirstPtr >>> 3) + row] = sequenceFirst;
    if (sequencePrevPtr !== 0) i64[(sequencePrevPtr >>> 3) + row] = sequencePrev;
    i64[(columns.pricePtr >>> 3) + row] = values.pricePips;
    i64[(columns.qtyPtr >>> 3) + row] = values.qtyPips;
    views.i32[(columns.flagsPtr >>> 2) + row] = values.flags;
    const byte = columns.isBidPtr + (row >> 3);
    const bit = 1 << (row & 7);
    const old = views.u8[byte]!;
    views.u8[byte] = values.isBid ? old | bit : old & ~bit;
  }
}
