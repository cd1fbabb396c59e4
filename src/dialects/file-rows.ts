import { invariant } from '../errors/errors.js';
import type { SourceColumn } from '../parquet/reader.js';
import type { RowSlice } from '../parquet/row-slice.js';
import { FILE_ROW_COLUMN } from './gathered-segment.js';
import type { PlannedFile, RecognisedFile } from './types.js';

/** What is read of a file. */
export interface WantedRows {
  /** Row groups, in this order; of a single one perhaps a slice. */
  readonly rowGroupIndexes: readonly number[];
  readonly slice?: RowSlice | null;
}

/** Rows that follow one another in their file. */
export interface FileRun {
  readonly fileRow: number;
  readonly count: number;
}

/** Where the rows that are handed over, one after the other, stand in their file. */
export interface RowNumbers {
  /** Told of the columns of each run before its rows are asked for. */
  begin(columns: readonly SourceColumn[]): void;
  /** Rows from the next one on that can be asked for. */
  readonly rowsKnown: number;
  /** File row of the row `offset` rows behind the next one, within rowsKnown. */
  rowOf(offset: number): number;
  /** The same with its row group. */
  placeOf(offset: number): { readonly rowGroupIndex: number; readonly row: number };
  /** The rows at offsets [start, end), as runs. */
  runs(start: number, end: number): Iterable<FileRun>;
  /** Passes over `count` rows, at most rowsKnown. */
  advance(count: number): void;
}

export function rowNumbersOf(file: PlannedFile, wanted: WantedRows): RowNumbers {
  return file.gathered === undefined ? new FileRows(file, wanted) : new ListedRows(file);
}

/** Of the rows of some row groups. */
export class FileRows implements RowNumbers {
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

  begin(): void {
    // What is read says which rows come.
  }

  /** Rows from the next one on that follow one another in the file. */
  get rowsKnown(): number {
    invariant(this.#at < this.#groups.length, 'more rows were handed over than were asked for');
    let last = this.#at;
    while (this.#groups[last + 1]?.start === this.#groups[last]!.end) last++;
    return this.#groups[last]!.end - this.#fileRow;
  }

  rowOf(offset: number): number {
    return this.#fileRow + offset;
  }

  placeOf(offset: number): { readonly rowGroupIndex: number; readonly row: number } {
    const row = this.#fileRow + offset;
    let at = this.#at;
    while (row >= this.#groups[at]!.end) at++;
    return { rowGroupIndex: this.#groups[at]!.index, row };
  }

  runs(start: number, end: number): readonly FileRun[] {
    return [{ fileRow: this.#fileRow + start, count: end - start }];
  }

  advance(count: number): void {
    this.#fileRow += count;
    while (this.#at < this.#groups.length && this.#fileRow >= this.#groups[this.#at]!.end) {
      this.#at++;
      const next = this.#groups[this.#at];
      if (next !== undefined && next.start > this.#fileRow) this.#fileRow = next.start;
    }
  }
}

/** Of gathered rows: a column says which they are. */
class ListedRows implements RowNumbers {
  readonly #file: RecognisedFile;
  #rows: Uint32Array = new Uint32Array(0);
  #at = 0;

  constructor(file: RecognisedFile) {
    this.#file = file;
  }

  begin(columns: readonly SourceColumn[]): void {
    const { values } = columns.find(({ info }) => info.name === FILE_ROW_COLUMN)!;
    this.#rows = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
    this.#at = 0;
  }

  get rowsKnown(): number {
    return this.#rows.length - this.#at;
  }

  rowOf(offset: number): number {
    return this.#rows[this.#at + offset]!;
  }

  placeOf(offset: number): { readonly rowGroupIndex: number; readonly row: number } {
    const row = this.rowOf(offset);
    const starts = startsOf(this.#file.footer.rowGroupRows);
    return { rowGroupIndex: lastNotAbove(starts, row), row };
  }

  *runs(start: number, end: number): Generator<FileRun> {
    for (let from = this.#at + start; from < this.#at + end; ) {
      const fileRow = this.#rows[from]!;
      let count = 1;
      while (from + count < this.#at + end && this.#rows[from + count] === fileRow + count) count++;
      yield { fileRow, count };
      from += count;
    }
  }

  advance(count: number): void {
    this.#at += count;
  }
}

/** Place of the last of ascending numbers that is not above `limit`; of equal ones the last. */
function lastNotAbove(numbers: Float64Array, limit: number): number {
  let [low, high] = [0, numbers.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= limit) low = middle;
    else high = middle;
  }
  return low;
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
