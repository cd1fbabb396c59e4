import { invariant } from '../errors/errors.js';
import type { RowSlice } from '../parquet/row-slice.js';
import type { RecognisedFile } from './types.js';

/** What is read of a file. */
export interface WantedRows {
  /** Row groups, in this order; of a single one perhaps a slice. */
  readonly rowGroupIndexes: readonly number[];
  readonly slice?: RowSlice | null;
}

/** Where the rows that come out of some row groups, one after the other, stand in their file. */
export class FileRows {
  readonly #groups: { readonly index: number; readonly start: number; readonly end: number }[];
  #at = 0;
  #fileRow = 0;

  constructor(file: RecognisedFile, { rowGroupIndexes, slice }: WantedRows) {
    const { rowGroupRows } = file.footer;
    const starts = startsOf(rowGroupRows);
    this.#groups = [];
    for (const index of rowGroupIndexes) {
      const start = starts[index]!;
      const end = start + rowGroupRows[index]!;
      if (end > start) this.#groups.push({ index, start, end });
    }
    this.#fileRow = (this.#groups[0]?.start ?? 0) + (slice?.start ?? 0);
  }

  /** File row of the next row. */
  get fileRow(): number {
    return this.#fileRow;
  }

  /** Rows from the next one on that follow one another in the file. */
  get rowsInOrder(): number {
    invariant(this.#at < this.#groups.length, 'more rows were handed over than were asked for');
    let last = this.#at;
    while (this.#groups[last + 1]?.start === this.#groups[last]!.end) last++;
    return this.#groups[last]!.end - this.#fileRow;
  }

  /** Passes over `count` rows, at most rowsInOrder. */
  advance(count: number): void {
    this.#fileRow += count;
    while (this.#at < this.#groups.length && this.#fileRow >= this.#groups[this.#at]!.end) {
      this.#at++;
      const next = this.#groups[this.#at];
      if (next !== undefined && next.start > this.#fileRow) this.#fileRow = next.start;
    }
  }

  /** Place of the row `offset` rows behind the next one, within rowsInOrder. */
  placeOf(offset: number): { readonly rowGroupIndex: number; readonly row: number } {
    const row = this.#fileRow + offset;
    let at = this.#at;
    while (row >= this.#groups[at]!.end) at++;
    return { rowGroupIndex: this.#groups[at]!.index, row };
  }
}

/** By the row counts of a file's row groups: a file is decoded in hundreds of tasks. */
const startsKnown = new WeakMap<Float64Array, Float64Array>();

/** The file row that each row group begins with. */
function startsOf(rowGroupRows: Float64Array): Float64Array {
  let starts = startsKnown.get(rowGroupRows);
  if (starts === undefined) {
    starts = new Float64Array(rowGroupRows.length);
    for (let index = 1; index < starts.length; index++) {
      starts[index] = starts[index - 1]! + rowGroupRows[index - 1]!;
    }
    startsKnown.set(rowGroupRows, starts);
  }
  return starts;
}
