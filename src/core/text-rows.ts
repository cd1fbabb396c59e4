import {
  CAPTURE_AGG_TRADE,
  CAPTURE_DEPTH,
  CAPTURE_SCRATCH_BYTES,
  CAPTURE_TICKER,
  CAPTURE_TRADE,
  COLUMN_BYTES,
  COLUMN_FIELD,
  COLUMN_INT64,
  COLUMN_INVALID_COUNT,
  COLUMN_KIND,
  COLUMN_LAST_LENGTH,
  COLUMN_NULL_COUNT,
  COLUMN_OFFSETS_PTR,
  COLUMN_STAMP,
  COLUMN_SURVEY,
  COLUMN_TEXT,
  COLUMN_TEXT_BYTES_MAX,
  COLUMN_VALIDITY_PTR,
  COLUMN_VALUES_PTR,
  ROWS_AT,
  ROWS_BOUNDS_PTR,
  ROWS_BROKEN_COUNT,
  ROWS_BROKEN_PTR,
  ROWS_BYTES,
  ROWS_COLUMN_COUNT,
  ROWS_COLUMNS_PTR,
  ROWS_DELIMITER,
  ROWS_END,
  ROWS_FIELD_COUNT,
  ROWS_LINES_PTR,
  ROWS_PASSED_COUNT,
  ROWS_STREAM,
  ROWS_WORDS_PTR,
} from '../abi/text-rows.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signatures of assembly/text/. */
export interface TextRowsKernels {
  csvRows(statePtr: number, rowsMax: number): number;
  captureRows(statePtr: number, rowsMax: number): number;
}

const KINDS = {
  int64: COLUMN_INT64,
  text: COLUMN_TEXT,
  stamp: COLUMN_STAMP,
  survey: COLUMN_SURVEY,
} as const;

/** Which messages of a capture become rows. */
export const CAPTURE_STREAMS = {
  depth: CAPTURE_DEPTH,
  trade: CAPTURE_TRADE,
  ticker: CAPTURE_TICKER,
  aggTrade: CAPTURE_AGG_TRADE,
} as const;

export type CaptureStream = keyof typeof CAPTURE_STREAMS;

/** What rows of captures point at: booleans, sides, a zero. */
const WORDS = new TextEncoder().encode('truefalsebidask0');

/** Bytes that the kernels may read in front of a text, and read or write behind it. */
export const TEXT_PAD_BYTES = 64;

/** Where one field of each row goes. */
export interface TextTarget {
  /** Place of the field in its row, from 0. */
  readonly field: number;
  readonly kind: keyof typeof KINDS;
  /** int64, stamp: values (8-byte aligned); text: bytes, with 16 behind; survey: its block. */
  readonly valuesPtr: number;
  /** text: rowsMax + 1 int32 (4-byte aligned); else 0. */
  readonly offsetsPtr: number;
  /** A bit a row; survey: 0. */
  readonly validityPtr: number;
  /** text: bytes that fit; else 0. */
  readonly textBytesMax: number;
}

export interface TextRowsOptions {
  readonly fieldCount: number;
  /** The byte between fields; lines of a capture: which of them, and fields as CAPTURE_ says. */
  readonly lines: { readonly delimiter: number } | { readonly stream: CaptureStream };
  readonly targets: readonly TextTarget[];
  /** Rows of a run, at most: a multiple of 8. */
  readonly rowsMax: number;
}

/** Takes the lines of a text apart, run by run, into columns of the linear memory. */
export class TextRows {
  readonly #core: Core;
  readonly #ptr: number;
  readonly #options: TextRowsOptions;
  readonly #columnsPtr: number;
  readonly #brokenPtr: number;
  readonly #linesPtr: number;

  /** @param ptr TextRows.byteLength bytes, 8-byte aligned, kept while this is used */
  constructor(core: Core, ptr: number, options: TextRowsOptions) {
    const { fieldCount, lines, targets, rowsMax } = options;
    this.#core = core;
    this.#ptr = ptr;
    this.#options = options;
    this.#columnsPtr = ptr + ROWS_BYTES;
    const boundsPtr = this.#columnsPtr + targets.length * COLUMN_BYTES;
    const wordsPtr = boundsPtr + fieldCount * 8;
    this.#linesPtr = wordsPtr + CAPTURE_SCRATCH_BYTES;
    this.#brokenPtr = this.#linesPtr + rowsMax * 4;
    core.views.u8.fill(0, ptr, this.#brokenPtr + rowsMax / 8);
    core.views.u8.set(WORDS, wordsPtr);
    this.#set(ROWS_FIELD_COUNT, fieldCount);
    if ('stream' in lines) this.#set(ROWS_STREAM, CAPTURE_STREAMS[lines.stream]);
    else this.#set(ROWS_DELIMITER, lines.delimiter);
    this.#set(ROWS_WORDS_PTR, wordsPtr);
    this.#set(ROWS_BOUNDS_PTR, boundsPtr);
    this.#set(ROWS_COLUMNS_PTR, this.#columnsPtr);
    this.#set(ROWS_COLUMN_COUNT, targets.length);
    this.#set(ROWS_BROKEN_PTR, this.#brokenPtr);
    this.#set(ROWS_LINES_PTR, this.#linesPtr);
    for (const [index, target] of targets.entries()) this.#setColumn(index, target);
  }

  /** Bytes of the state, for a number of fields, of targets and of rows a run. */
  static byteLength(fieldCount: number, targetCount: number, rowsMax: number): number {
    const columnBytes = targetCount * COLUMN_BYTES;
    return ROWS_BYTES + columnBytes + fieldCount * 8 + CAPTURE_SCRATCH_BYTES + rowsMax * 5;
  }

  /**
   * The text to take apart: its bytes, with TEXT_PAD_BYTES around them; they stay as they are until
   * its last row is taken.
   */
  setText(ptr: number, byteLength: number): void {
    this.#set(ROWS_AT, ptr);
    this.#set(ROWS_END, ptr + byteLength);
    const { u32 } = this.#core.views;
    for (const index of this.#options.targets.keys()) {
      u32[(this.#columnsPtr + index * COLUMN_BYTES + COLUMN_LAST_LENGTH) / 4] = 0;
    }
  }

  /** Address of the first line that was not read. */
  get at(): number {
    return this.#get(ROWS_AT);
  }

  /** Takes the next rows; 0: no line is complete, or the rows of one have no room. */
  next(rowsMax = this.#options.rowsMax): number {
    const { kernels, views } = this.#core;
    const { targets } = this.#options;
    for (const [index, { validityPtr, kind, offsetsPtr }] of targets.entries()) {
      const columnPtr = this.#columnsPtr + index * COLUMN_BYTES;
      views.i32[(columnPtr + COLUMN_NULL_COUNT) / 4] = 0;
      views.i32[(columnPtr + COLUMN_INVALID_COUNT) / 4] = 0;
      if (kind === 'survey') continue;
      kernels.fillBytes(validityPtr, Math.ceil(rowsMax / 8), 0xff);
      if (kind === 'text') views.i32[offsetsPtr / 4] = 0;
    }
    if (this.brokenCount > 0) kernels.fillBytes(this.#brokenPtr, this.#options.rowsMax / 8, 0);
    return 'stream' in this.#options.lines
      ? countOf('captureRows', kernels.captureRows(this.#ptr, rowsMax))
      : countOf('csvRows', kernels.csvRows(this.#ptr, rowsMax));
  }

  /** Rows of the last run that have no value for a target. */
  nullCount(target: number): number {
    return this.#core.views.i32[
      (this.#columnsPtr + target * COLUMN_BYTES + COLUMN_NULL_COUNT) / 4
    ]!;
  }

  /** Those of them whose field holds something that is none. */
  invalidCount(target: number): number {
    const columnPtr = this.#columnsPtr + target * COLUMN_BYTES;
    return this.#core.views.i32[(columnPtr + COLUMN_INVALID_COUNT) / 4]!;
  }

  /** Lines of the last run that have another number of fields: rows without values. */
  get brokenCount(): number {
    return this.#get(ROWS_BROKEN_COUNT);
  }

  /** Lines of the last run that are no rows: empty ones; of a capture those of other streams. */
  get passedCount(): number {
    return this.#get(ROWS_PASSED_COUNT);
  }

  isBroken(row: number): boolean {
    return ((this.#core.views.u8[this.#brokenPtr + (row >> 3)]! >> (row & 7)) & 1) === 1;
  }

  /** Address of the line of a row of the last run. */
  lineOf(row: number): number {
    return this.#core.views.u32[this.#linesPtr / 4 + row]!;
  }

  #setColumn(index: number, target: TextTarget): void {
    const { u32 } = this.#core.views;
    const base = this.#columnsPtr + index * COLUMN_BYTES;
    u32[(base + COLUMN_FIELD) / 4] = target.field;
    u32[(base + COLUMN_KIND) / 4] = KINDS[target.kind];
    u32[(base + COLUMN_VALUES_PTR) / 4] = target.valuesPtr;
    u32[(base + COLUMN_OFFSETS_PTR) / 4] = target.offsetsPtr;
    u32[(base + COLUMN_VALIDITY_PTR) / 4] = target.validityPtr;
    u32[(base + COLUMN_TEXT_BYTES_MAX) / 4] = target.textBytesMax;
  }

  #get(field: number): number {
    return this.#core.views.u32[(this.#ptr + field) >>> 2]!;
  }

  #set(field: number, value: number): void {
    this.#core.views.u32[(this.#ptr + field) >>> 2] = value;
  }
}
