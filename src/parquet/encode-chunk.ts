import {
  CHUNK_BYTES,
  CHUNK_COMPRESSED_PTR,
  CHUNK_ENTRIES,
  CHUNK_HAS_MIN_MAX,
  CHUNK_MAX,
  CHUNK_MIN,
  CHUNK_PLAIN_BYTES,
  CHUNK_PRESENT,
  CHUNK_STOP_BYTES,
  CHUNK_STOP_COMPRESS,
  CHUNK_STOP_COMPRESSED,
  CHUNK_STOP_PTR,
  WRITTEN_BYTES,
} from '../abi/chunk-encode.js';
import { DICTIONARY_ENTRIES } from '../abi/dictionary.js';
import { PAGE_ROWS } from '../abi/limits.js';
import { STATUS_OUTPUT_FULL } from '../abi/status.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import { invariant } from '../errors/errors.js';
import { ChunkBlock } from './chunk-block.js';
import { zstdInto } from './compress.js';
import { type EncodeScratch, PAGE_BODY_BYTES_MAX, SEGMENTS_MAX } from './encode-scratch.js';
import { ENCODING_PLAIN, ENCODING_RLE, ENCODING_RLE_DICTIONARY } from './format.js';
import { type MinMax, NO_MIN_MAX, storedType } from './page-statistics.js';
import { textMinMax, textPageBytes } from './text-dictionary.js';
import type {
  EncodedChunk,
  EncodeRowGroupRequest,
  WriteColumn,
  WritePlace,
} from './write-types.js';

/**
 * Encodes the columns of a row group one after the other: each in two kernel calls, one that surveys
 * its values and one that writes its pages. The host does nothing for a page, but for compressing it
 * with zstd: what pages cost outside the kernels was a tenth of the time of a run's first seconds.
 */
export class ChunkEncoder {
  readonly #core: Core;
  readonly #scratch: EncodeScratch;
  readonly #block: ChunkBlock;
  readonly #request: EncodeRowGroupRequest;
  readonly #pageCount: number;
  /** Pages whose segments are listed at once. */
  readonly #windowPages: number;

  constructor(core: Core, scratch: EncodeScratch, request: EncodeRowGroupRequest) {
    this.#core = core;
    this.#scratch = scratch;
    this.#request = request;
    this.#block = new ChunkBlock(core, scratch, request.out);
    this.#pageCount = Math.ceil(request.rowCount / PAGE_ROWS);
    // In more segments than the list takes the rows come page by page.
    const isListed = request.segments.length <= SEGMENTS_MAX;
    this.#windowPages = isListed ? this.#pageCount : 1;
    if (isListed) this.#block.setSegments(request.segments, 0, request.rowCount);
  }

  /** Dictionary page, then data pages. */
  encode(column: WriteColumn, place: WritePlace): EncodedChunk {
    const { kernels } = this.#core;
    const { rowCount, codec } = this.#request;
    const block = this.#block;
    const isInteger = column.type === 'int64' || column.type === 'int32';
    const isDelta = column.encoding === 'delta' && column.type !== 'string';
    invariant(isInteger || !isDelta, `column ${column.name}: delta of integers`);
    block.begin(column, place, rowCount, codec);
    const start = block.place;
    for (let page = 0; page < this.#pageCount; page += this.#windowPages) {
      const pageEnd = this.#openWindow(page);
      countOf('chunkSurvey', kernels.chunkSurvey(block.ptr, page, pageEnd));
    }
    const encoding = countOf('chunkSettle', kernels.chunkSettle(block.ptr));
    const isDictionary = encoding === ENCODING_RLE_DICTIONARY;
    const texts = column.type === 'string' ? this.#usedTexts(column, isDictionary) : null;
    if (isDictionary) this.#putDictionary(texts);
    const dictionaryByteLength = block.get(CHUNK_BYTES);
    for (let page = 0; page < this.#pageCount; page += this.#windowPages) {
      this.#putPages(page, this.#openWindow(page));
    }
    const columnIndex = this.#columnIndex();
    const { min, max } =
      texts === null || !column.statistics ? this.#minMax(column) : textMinMax(texts);
    return {
      spans: block.spansSince(start),
      byteLength: block.get(CHUNK_BYTES),
      uncompressedByteLength: block.get(CHUNK_PLAIN_BYTES),
      dictionaryByteLength,
      encodings: isDictionary ? [ENCODING_RLE, encoding, ENCODING_PLAIN] : [ENCODING_RLE, encoding],
      pageByteLengths: this.#pageByteLengths(),
      columnIndex,
      nullCount: rowCount - block.get(CHUNK_PRESENT),
      min,
      max,
    };
  }

  /** Lists the segments of the pages from `page` on; returns the page behind them. */
  #openWindow(page: number): number {
    const pageEnd = page + this.#windowPages;
    const { segments, rowCount } = this.#request;
    if (this.#windowPages < this.#pageCount) {
      const rowEnd = Math.min(rowCount, pageEnd * PAGE_ROWS);
      this.#block.setSegments(segments, page * PAGE_ROWS, rowEnd);
    }
    return pageEnd;
  }

  #putPages(pageStart: number, pageEnd: number): void {
    const { kernels } = this.#core;
    this.#compressing('chunkPages', (resume) =>
      kernels.chunkPages(this.#block.ptr, pageStart, pageEnd, resume),
    );
  }

  /** Calls a kernel until it has no more pages to be compressed here. */
  #compressing(kernel: string, call: (resume: number) => number): void {
    const block = this.#block;
    let result = call(0);
    while (result === CHUNK_STOP_COMPRESS) {
      const ptr = block.get(CHUNK_STOP_PTR) >>> 0;
      const toPtr = block.get(CHUNK_COMPRESSED_PTR) >>> 0;
      const byteLength = zstdInto(this.#core, ptr, block.get(CHUNK_STOP_BYTES), toPtr);
      block.set(CHUNK_STOP_COMPRESSED, byteLength);
      result = call(1);
    }
    const isFull = result === -STATUS_OUTPUT_FULL;
    invariant(!isFull, 'the output spans are smaller than rowGroupBytesMax');
    countOf(kernel, result);
  }

  /** @param texts the entries, where they are not those of the dictionary's block */
  #putDictionary(texts: readonly string[] | null): void {
    const { kernels, views } = this.#core;
    let ptr = 0;
    let byteLength = 0;
    if (texts !== null) {
      const bytes = textPageBytes(texts);
      byteLength = bytes.byteLength;
      invariant(byteLength <= PAGE_BODY_BYTES_MAX, 'the texts of a column fill a page');
      ptr = this.#scratch.bodyPtr;
      views.u8.set(bytes, ptr);
    }
    this.#compressing('chunkDictionary', (resume) =>
      kernels.chunkDictionary(this.#block.ptr, ptr, byteLength, resume),
    );
  }

  /** Texts of the codes that the row group uses, in the order of the dictionary block. */
  #usedTexts(column: WriteColumn, isDictionary: boolean): string[] {
    const { name, dictionary } = column;
    invariant(isDictionary, `column ${name} has too many distinct texts`);
    const codesPtr = this.#scratch.dictionaryPtr + DICTIONARY_ENTRIES;
    const codes = this.#core.views.i32At(codesPtr, this.#block.get(CHUNK_ENTRIES));
    return Array.from(codes, (code) => {
      const text = dictionary?.[code];
      invariant(text !== undefined, `column ${name} has no text for code ${code}`);
      return text;
    });
  }

  #pageByteLengths(): number[] {
    const lengths: number[] = [];
    for (let page = 0; page < this.#pageCount; page++) {
      lengths.push(this.#block.ofPage(page, WRITTEN_BYTES));
    }
    return lengths;
  }

  /** The pages' min and max together; of the block, so a copy. */
  #minMax(column: WriteColumn): MinMax {
    const block = this.#block;
    if (block.get(CHUNK_HAS_MIN_MAX) === 0) return NO_MIN_MAX;
    const type = storedType(column);
    const byteLength = type === 'bool' ? 1 : type === 'int32' ? 4 : 8;
    const { views } = this.#core;
    return {
      min: views.bytes(block.ptr + CHUNK_MIN, byteLength).slice(),
      max: views.bytes(block.ptr + CHUNK_MAX, byteLength).slice(),
    };
  }

  #columnIndex(): Uint8Array | null {
    const { kernels, views } = this.#core;
    // The room for a page's body is free again.
    const { bodyPtr } = this.#scratch;
    const byteLength = countOf('chunkIndex', kernels.chunkIndex(this.#block.ptr, bodyPtr));
    return byteLength === 0 ? null : views.bytes(bodyPtr, byteLength).slice();
  }
}
