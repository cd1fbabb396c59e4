import type { Segment } from './protocol.js';

/** A row group of the output: its rows in order, as parts of slots. */
export interface CutGroup {
  readonly segments: readonly Segment[];
  readonly rowCount: number;
  /** The part (file) ends with this group. */
  readonly endsPart: boolean;
}

export interface CutterOptions {
  /** A group ends at the first message end at or after so many rows. */
  readonly rowGroupRows: number;
  /** A message that is longer than this is cut here. */
  readonly rowGroupRowsMax: number;
  /** A part ends at the first message end at or after so many rows. */
  readonly partRows: number;
  /** First row in [rowStart, rowEnd) of a slot that ends a message, or -1. */
  readonly nextMessageEnd: (slot: number, rowStart: number, rowEnd: number) => number;
}

/**
 * Cuts a stream of segments into row groups and parts at the boundaries of MODEL section 2. They
 * depend on the rows alone, so that workers, chunks and memory leave no trace in the files.
 */
export class RowGroupCutter {
  readonly #options: CutterOptions;
  #segments: Segment[] = [];
  #groupRows = 0;
  #partRows = 0;

  constructor(options: CutterOptions) {
    this.#options = options;
  }

  push(segment: Segment): CutGroup[] {
    const groups: CutGroup[] = [];
    let rowStart = segment.rowStart;
    while (rowStart < segment.rowEnd) {
      const cut = this.#cutAt(segment.slot, rowStart, segment.rowEnd);
      const rowEnd = cut === null ? segment.rowEnd : cut.rowEnd;
      this.#segments.push({ slot: segment.slot, rowStart, rowEnd });
      this.#groupRows += rowEnd - rowStart;
      if (cut !== null) groups.push(this.#take(cut.atMessageEnd));
      rowStart = rowEnd;
    }
    return groups;
  }

  /** The rows of the open group, in order. */
  get open(): readonly Segment[] {
    return this.#segments;
  }

  /** The rows of the open group lie elsewhere now. */
  moveOpen(segments: readonly Segment[]): void {
    this.#segments = [...segments];
  }

  /** The rows that are left at the end of the input day; null when there are none. */
  finish(): CutGroup | null {
    return this.#groupRows === 0 ? null : { ...this.#take(true), endsPart: true };
  }

  /** Where the open group ends in these rows of a slot; null: it goes on behind them. */
  #cutAt(
    slot: number,
    rowStart: number,
    rowEnd: number,
  ): { readonly rowEnd: number; readonly atMessageEnd: boolean } | null {
    const { rowGroupRows, rowGroupRowsMax, partRows, nextMessageEnd } = this.#options;
    const wanted = Math.min(rowGroupRows, partRows - this.#partRows) - this.#groupRows;
    const earliest = rowStart + Math.max(wanted, 1) - 1;
    const limit = rowStart + rowGroupRowsMax - this.#groupRows;
    if (earliest < rowEnd) {
      const last = nextMessageEnd(slot, earliest, rowEnd);
      if (last !== -1 && last < limit) return { rowEnd: last + 1, atMessageEnd: true };
    }
    return limit <= rowEnd ? { rowEnd: limit, atMessageEnd: false } : null;
  }

  #take(atMessageEnd: boolean): CutGroup {
    const rowCount = this.#groupRows;
    const endsPart = atMessageEnd && this.#partRows + rowCount >= this.#options.partRows;
    const group = { segments: this.#segments, rowCount, endsPart };
    this.#partRows = endsPart ? 0 : this.#partRows + rowCount;
    this.#segments = [];
    this.#groupRows = 0;
    return group;
  }
}
