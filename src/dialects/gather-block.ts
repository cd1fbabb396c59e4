import type { SourceColumn } from '../parquet/reader.js';
import { BlockColumn, type ColumnMeasure, TEXT_BYTES_A_ROW, wordsOf } from './gather-column.js';
import {
  type GatheredColumn,
  padded8,
  SEGMENT_COLUMN_BYTES,
  SEGMENT_HEADER_BYTES,
} from './gathered-segment.js';
import { NO_INSTRUMENT } from './instrument-codes.js';

/** Rows of one instrument that lie together in the temporary file. */
export interface WrittenSegment {
  /** Of the instrument. */
  readonly code: number;
  readonly rowCount: number;
  readonly offset: number;
  readonly byteLength: number;
}

/** About the bytes of a segment: several of them fit into what a worker reads with. */
const SEGMENT_BYTES = 2 ** 20;
/** What a lane of the smallest region holds; only a single row may be longer. */
export const SEGMENT_BYTES_MAX = 4 * 2 ** 20;
/** Segments are written to the file so many bytes at a time. */
const OUT_BYTES = SEGMENT_BYTES_MAX + SEGMENT_BYTES;

/** A row that is too long to be put together with others of its instrument. */
export class RowTooLong extends Error {}

export interface GatherBlockOptions {
  readonly columns: readonly GatheredColumn[];
  readonly instrumentCount: number;
  /** About what the block's rows may take. */
  readonly byteLength: number;
  /** Puts bytes behind all others; returns where they begin. */
  readonly write: (bytes: Uint8Array) => number;
}

/**
 * Rows of a file, of all instruments, until there are many of them; then it sorts them by instrument,
 * each one's in the order of the file, and writes them.
 */
export class GatherBlock {
  readonly #options: GatherBlockOptions;
  readonly #columns: readonly BlockColumn[];
  /** Bytes of a row in a segment, but for its texts. */
  readonly #rowBytes: number;
  readonly #rowsMax: number;
  readonly #fileRows: Uint32Array;
  readonly #codes: Int32Array;
  readonly #order: Uint32Array;
  readonly #out = new Uint8Array(OUT_BYTES);
  #outBytes = 0;
  /** Segments whose bytes are in `out`. */
  #pending: WrittenSegment[] = [];
  #segments: WrittenSegment[] = [];
  #rowCount = 0;

  constructor(options: GatherBlockOptions) {
    const { columns, byteLength } = options;
    this.#options = options;
    let rowBytes = 4;
    for (const { info, valueBytes } of columns) rowBytes += info.type === 'bool' ? 1 : valueBytes;
    const textCount = columns.filter(({ info }) => info.type === 'utf8').length;
    this.#rowBytes = rowBytes + 4 * textCount;
    // Behind the values: codes, order, and what texts are likely to take.
    const blockRowBytes = this.#rowBytes + 8 + TEXT_BYTES_A_ROW * textCount;
    this.#rowsMax = Math.max(1_024, Math.floor(byteLength / blockRowBytes));
    this.#columns = columns.map((column) => new BlockColumn(column, this.#rowsMax));
    this.#fileRows = new Uint32Array(this.#rowsMax);
    this.#codes = new Int32Array(this.#rowsMax);
    this.#order = new Uint32Array(this.#rowsMax);
  }

  /** Rows that may be added now, one or more. */
  room(): number {
    const textBytesMax = this.#rowsMax * TEXT_BYTES_A_ROW * 2;
    const isFull = this.#columns.some((column) => column.textBytes(this.#rowCount) > textBytesMax);
    if (isFull || this.#rowCount === this.#rowsMax) this.#sort();
    return this.#rowsMax - this.#rowCount;
  }

  /**
   * Takes rows [start, start + count) of columns, which follow one another in the file from `fileRow`
   * on.
   * @param columns in the order of the options
   * @param codesInto writes their instruments' codes to an array from a place on
   * @throws RowTooLong
   */
  add(
    columns: readonly SourceColumn[],
    rows: { readonly start: number; readonly count: number; readonly fileRow: number },
    codes: Int32Array,
  ): void {
    const { start, count, fileRow } = rows;
    const at = this.#rowCount;
    let isWanted = false;
    for (let row = 0; row < count; row++) {
      const code = codes[start + row]!;
      if (code !== NO_INSTRUMENT) isWanted = true;
      this.#codes[at + row] = code;
      this.#fileRows[at + row] = fileRow + row;
    }
    if (!isWanted) return;
    for (const [place, column] of this.#columns.entries()) {
      column.take(columns[place]!, start, count, at);
    }
    this.#rowCount += count;
  }

  /** Writes what is left; gives what was written since the last time, and is empty. */
  finish(): WrittenSegment[] {
    this.#sort();
    this.#flush();
    const segments = this.#segments;
    this.#segments = [];
    return segments;
  }

  /** Forgets what was not written. */
  clear(): void {
    for (const column of this.#columns) column.clear();
    this.#rowCount = 0;
    this.#outBytes = 0;
    this.#pending = [];
    this.#segments = [];
  }

  #sort(): void {
    const { instrumentCount } = this.#options;
    const rowCount = this.#rowCount;
    const ends = new Uint32Array(instrumentCount + 1);
    for (let row = 0; row < rowCount; row++) ends[this.#codes[row]! + 1]!++;
    // Rows of no instrument (code -1) stand in front of all others, and stay there.
    for (let code = 1; code <= instrumentCount; code++) ends[code]! += ends[code - 1]!;
    const next = ends.slice();
    next.copyWithin(1, 0, instrumentCount);
    next[0] = 0;
    for (let row = 0; row < rowCount; row++) {
      this.#order[next[this.#codes[row]! + 1]!++] = row;
    }
    for (let code = 0; code < instrumentCount; code++) {
      this.#writeInstrument(code, ends[code]!, ends[code + 1]!);
    }
    for (const column of this.#columns) column.clear();
    this.#rowCount = 0;
  }

  #writeInstrument(code: number, from: number, to: number): void {
    const texts = this.#columns.filter(({ column }) => column.info.type === 'utf8');
    for (let start = from; start < to; ) {
      const rowsMax = Math.max(1, Math.floor(SEGMENT_BYTES / this.#rowBytes));
      let end = Math.min(to, start + rowsMax);
      if (texts.length > 0) end = this.#endByTexts(texts, start, end);
      this.#writeSegment(code, start, end);
      start = end;
    }
  }

  #endByTexts(texts: readonly BlockColumn[], start: number, end: number): number {
    let byteLength = 0;
    for (let at = start; at < end; at++) {
      byteLength += this.#rowBytes;
      for (const column of texts) byteLength += column.lengthOf(this.#order[at]!);
      if (byteLength > SEGMENT_BYTES) return Math.max(at, start + 1);
    }
    return end;
  }

  #writeSegment(code: number, from: number, to: number): void {
    const order = this.#order;
    const measured = this.#columns.map((column) => column.measure(order, from, to));
    const byteLength = this.#bytesOf(to - from, measured);
    if (byteLength > SEGMENT_BYTES_MAX) throw new RowTooLong(`${byteLength} bytes`);
    if (this.#outBytes + byteLength > OUT_BYTES) this.#flush();
    const out = this.#out;
    const words = wordsOf(out);
    const offset = this.#outBytes;
    words[offset >> 2] = to - from;
    words[(offset >> 2) + 1] = this.#columns.length;
    for (const [place, { valuesBytes, nullCount, invalid }] of measured.entries()) {
      const word = (offset + SEGMENT_HEADER_BYTES + place * SEGMENT_COLUMN_BYTES) >> 2;
      words.set([valuesBytes, nullCount, invalid?.byteLength ?? 0, 0], word);
    }
    const rowsAt = offset + SEGMENT_HEADER_BYTES + this.#columns.length * SEGMENT_COLUMN_BYTES;
    const fileRows = this.#fileRows;
    let word = rowsAt >> 2;
    for (let at = from; at < to; at++) words[word++] = fileRows[order[at]!]!;
    let next = rowsAt + padded8((to - from) * 4);
    for (const [place, column] of this.#columns.entries()) {
      next = column.writeInto(out, next, order, from, to, measured[place]!);
    }
    this.#pending.push({ code, rowCount: to - from, offset, byteLength });
    this.#outBytes += byteLength;
  }

  #bytesOf(rowCount: number, measured: readonly ColumnMeasure[]): number {
    const head = SEGMENT_HEADER_BYTES + measured.length * SEGMENT_COLUMN_BYTES;
    return measured.reduce((sum, each) => sum + each.byteLength, head + padded8(rowCount * 4));
  }

  #flush(): void {
    if (this.#outBytes === 0) return;
    const base = this.#options.write(this.#out.subarray(0, this.#outBytes));
    for (const segment of this.#pending) {
      this.#segments.push({ ...segment, offset: base + segment.offset });
    }
    this.#pending = [];
    this.#outBytes = 0;
  }
}
