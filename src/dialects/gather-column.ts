import { invariant } from '../errors/errors.js';
import type { InvalidField, SourceColumn } from '../parquet/reader.js';
import { type GatheredColumn, type InvalidEntry, padded8 } from './gathered-segment.js';
import { isPresent } from './source-values.js';

/** Bytes of a text that a block has room for, on average, at first. */
export const TEXT_BYTES_A_ROW = 16;

/** Rows of one column of a block, as they came, and how those of an instrument are picked out. */
export class BlockColumn {
  readonly column: GatheredColumn;
  readonly #rowsMax: number;
  /** Fixed widths: words of the values. */
  readonly #words: Int32Array;
  /** bool: a byte a row. */
  readonly #bools: Uint8Array;
  /** utf8: where each row's text begins, then where the last one ends. */
  readonly #offsets: Int32Array;
  #text: Uint8Array;
  /** A byte a row, 1: it has a value; null: all have. */
  #present: Uint8Array | null = null;
  readonly #invalid = new Map<number, InvalidField>();

  constructor(column: GatheredColumn, rowsMax: number) {
    const { info, valueBytes } = column;
    this.column = column;
    this.#rowsMax = rowsMax;
    this.#words = new Int32Array((rowsMax * valueBytes) / 4);
    this.#bools = new Uint8Array(info.type === 'bool' ? rowsMax : 0);
    this.#offsets = new Int32Array(info.type === 'utf8' ? rowsMax + 1 : 0);
    this.#text = new Uint8Array(info.type === 'utf8' ? rowsMax * TEXT_BYTES_A_ROW : 0);
  }

  /** Bytes of the texts of the first `rowCount` rows. */
  textBytes(rowCount: number): number {
    return this.#offsets.length === 0 ? 0 : this.#offsets[rowCount]!;
  }

  /** Takes rows [start, start + count) of a source column as rows `at` and on of the block. */
  take(source: SourceColumn, start: number, count: number, at: number): void {
    const { values } = source;
    const { info, valueBytes } = this.column;
    if (info.type === 'utf8') this.#takeTexts(values, source.offsets!, start, count, at);
    else if (info.type === 'bool') {
      for (let row = 0; row < count; row++) {
        const bit = start + row;
        this.#bools[at + row] = (values[bit >> 3]! >> (bit & 7)) & 1;
      }
    } else {
      invariant(values.byteLength >= source.rowCount * valueBytes, `${info.name} is too short`);
      const bytes = values.subarray(start * valueBytes, (start + count) * valueBytes);
      new Uint8Array(this.#words.buffer).set(bytes, at * valueBytes);
    }
    this.#takeNulls(source, start, count, at);
  }

  /** The block begins anew. */
  clear(): void {
    this.#present = null;
    this.#invalid.clear();
  }

  #takeTexts(
    values: Uint8Array,
    offsets: Int32Array,
    start: number,
    count: number,
    at: number,
  ): void {
    const own = this.#offsets;
    const from = offsets[start]!;
    const end = offsets[start + count]!;
    const shift = own[at]! - from;
    if (end + shift > this.#text.length) {
      const larger = new Uint8Array(Math.max(end + shift, this.#text.length * 2));
      larger.set(this.#text.subarray(0, own[at]!));
      this.#text = larger;
    }
    this.#text.set(values.subarray(from, end), own[at]!);
    for (let row = 1; row <= count; row++) own[at + row] = offsets[start + row]! + shift;
  }

  #takeNulls(source: SourceColumn, start: number, count: number, at: number): void {
    if (source.nullCount === 0) {
      this.#present?.fill(1, at, at + count);
      return;
    }
    this.#present ??= new Uint8Array(this.#rowsMax).fill(1, 0, at);
    for (let row = 0; row < count; row++) {
      const isThere = isPresent(source, start + row);
      this.#present[at + row] = isThere ? 1 : 0;
      const invalid = isThere ? null : (source.invalidAt?.(start + row) ?? null);
      if (invalid !== null) this.#invalid.set(at + row, invalid);
    }
  }

  /** Bytes of a row's text. */
  lengthOf(row: number): number {
    return this.#offsets[row + 1]! - this.#offsets[row]!;
  }

  /** What the rows at places [from, to) of `order` take in a segment; their invalid fields as JSON. */
  measure(order: Uint32Array, from: number, to: number): ColumnMeasure {
    const rowCount = to - from;
    const { info, valueBytes } = this.column;
    let valuesBytes = rowCount * valueBytes;
    if (info.type === 'bool') valuesBytes = Math.ceil(rowCount / 8);
    if (info.type === 'utf8') {
      for (let at = from; at < to; at++) valuesBytes += this.lengthOf(order[at]!);
    }
    const { nullCount, invalid } = this.#nulls(order, from, to);
    const offsetsBytes = info.type === 'utf8' ? (rowCount + 1) * 4 : 0;
    const validityBytes = nullCount === 0 ? 0 : Math.ceil(rowCount / 8);
    const byteLength =
      padded8(valuesBytes) +
      padded8(offsetsBytes) +
      padded8(validityBytes) +
      padded8(invalid?.byteLength ?? 0);
    return { valuesBytes, nullCount, invalid, byteLength };
  }

  #nulls(order: Uint32Array, from: number, to: number) {
    const present = this.#present;
    if (present === null) return { nullCount: 0, invalid: null };
    let nullCount = 0;
    const entries: InvalidEntry[] = [];
    for (let at = from; at < to; at++) {
      const row = order[at]!;
      if (present[row] === 1) continue;
      nullCount++;
      const invalid = this.#invalid.get(row);
      if (invalid !== undefined) entries.push([at - from, invalid.text, invalid.isLine]);
    }
    const invalid = entries.length === 0 ? null : new TextEncoder().encode(JSON.stringify(entries));
    return { nullCount, invalid };
  }

  /**
   * Writes the rows at places [from, to) of `order` to bytes [at, ...) of `out`, a multiple of 8.
   * Bytes between the parts may be anything.
   * @returns the byte behind them
   */
  writeInto(
    out: Uint8Array,
    at: number,
    order: Uint32Array,
    from: number,
    to: number,
    measured: ColumnMeasure,
  ): number {
    const { info, valueBytes } = this.column;
    const { valuesBytes, nullCount, invalid } = measured;
    let next = at + padded8(valuesBytes);
    if (info.type === 'utf8') next = this.#writeTexts(out, at, order, from, to, valuesBytes);
    else if (info.type === 'bool') writeBits(out, at, this.#bools, order, from, to);
    else pickWords(wordsOf(out), at >> 2, this.#words, valueBytes >> 2, order, from, to);
    if (nullCount > 0) {
      writeBits(out, next, this.#present!, order, from, to);
      next += padded8(Math.ceil((to - from) / 8));
    }
    if (invalid === null) return next;
    out.set(invalid, next);
    return next + padded8(invalid.byteLength);
  }

  #writeTexts(
    out: Uint8Array,
    at: number,
    order: Uint32Array,
    from: number,
    to: number,
    textBytes: number,
  ): number {
    const own = this.#offsets;
    const text = this.#text;
    const offsetsAt = at + padded8(textBytes);
    const offsetsWord = offsetsAt >> 2;
    const words = wordsOf(out);
    let done = 0;
    for (let place = from; place < to; place++) {
      words[offsetsWord + place - from] = done;
      const row = order[place]!;
      const end = own[row + 1]!;
      for (let byte = own[row]!; byte < end; byte++) out[at + done++] = text[byte]!;
    }
    words[offsetsWord + to - from] = done;
    return offsetsAt + padded8((to - from + 1) * 4);
  }
}

/** What the rows of one instrument take of a column. */
export interface ColumnMeasure {
  readonly valuesBytes: number;
  readonly nullCount: number;
  readonly invalid: Uint8Array | null;
  /** In all. */
  readonly byteLength: number;
}

const wordsKnown = new WeakMap<ArrayBufferLike, Int32Array>();

/** The words of a buffer that `bytes` are all of. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  let words = wordsKnown.get(bytes.buffer);
  if (words === undefined) {
    words = new Int32Array(bytes.buffer);
    wordsKnown.set(bytes.buffer, words);
  }
  return words;
}

/** Numbers are picked as words: a NaN keeps its bits, and no bigint is made. */
function pickWords(
  out: Int32Array,
  outAt: number,
  words: Int32Array,
  wordCount: number,
  order: Uint32Array,
  from: number,
  to: number,
): void {
  let next = outAt;
  if (wordCount === 2) {
    for (let at = from; at < to; at++) {
      const word = order[at]! * 2;
      out[next++] = words[word]!;
      out[next++] = words[word + 1]!;
    }
    return;
  }
  for (let at = from; at < to; at++) {
    const word = order[at]! * wordCount;
    for (let part = 0; part < wordCount; part++) out[next++] = words[word + part]!;
  }
}

/** Bits from bytes that are 0 or 1. */
function writeBits(
  out: Uint8Array,
  outAt: number,
  bits: Uint8Array,
  order: Uint32Array,
  from: number,
  to: number,
): void {
  out.fill(0, outAt, outAt + Math.ceil((to - from) / 8));
  for (let at = from; at < to; at++) {
    const bit = at - from;
    const byte = outAt + (bit >> 3);
    out[byte] = out[byte]! | (bits[order[at]!]! << (bit & 7));
  }
}
