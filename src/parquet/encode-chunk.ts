import { DICTIONARY_ENTRIES, DICTIONARY_SORTED } from '../abi/dictionary.js';
import { PAGE_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import { invariant } from '../errors/errors.js';
import { compressInto } from './compress.js';
import { type EncodeScratch, PAGE_BODY_BYTES_MAX } from './encode-scratch.js';
import {
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_PLAIN,
  ENCODING_RLE,
  ENCODING_RLE_DICTIONARY,
} from './format.js';
import { type PageHeader, pageHeaderBytes } from './page-header.js';
import { PageSource } from './page-source.js';
import { type MinMax, mergeMinMax, NO_MIN_MAX, pageMinMax } from './page-statistics.js';
import type { SpanWriter } from './span-writer.js';
import { type ChunkEncoding, type ChunkSurvey, surveyChunk } from './survey-chunk.js';
import { textMinMax, textPageBytes } from './text-dictionary.js';
import type {
  Codec,
  ColumnSegment,
  EncodedChunk,
  EncodedPage,
  WriteColumn,
} from './write-types.js';

export interface ChunkRequest {
  readonly column: WriteColumn;
  readonly segments: readonly ColumnSegment[];
  readonly rowCount: number;
  readonly codec: Codec;
}

const ENCODING_NUMBERS: Readonly<Record<ChunkEncoding, number>> = {
  plain: ENCODING_PLAIN,
  delta: ENCODING_DELTA_BINARY_PACKED,
  dictionary: ENCODING_RLE_DICTIONARY,
};

/** Encodes one column of a row group: dictionary page, then data pages. */
export class ChunkEncoder {
  readonly #core: Core;
  readonly #scratch: EncodeScratch;
  readonly #out: SpanWriter;
  readonly #request: ChunkRequest;
  readonly #source: PageSource;
  #byteLength = 0;
  #uncompressedByteLength = 0;

  constructor(core: Core, scratch: EncodeScratch, out: SpanWriter, request: ChunkRequest) {
    this.#core = core;
    this.#scratch = scratch;
    this.#out = out;
    this.#request = request;
    const { column, segments, rowCount } = request;
    this.#source = new PageSource(core, scratch, column, segments, rowCount);
  }

  encode(): EncodedChunk {
    const { column } = this.#request;
    const survey = this.#needsSurvey()
      ? surveyChunk(this.#core, this.#scratch, column, this.#source, this.#request.codec)
      : null;
    const encoding = survey?.encoding ?? (column.encoding === 'delta' ? 'delta' : 'plain');
    const texts = column.type === 'string' ? this.#usedTexts(survey) : null;
    const dictionaryByteLength =
      survey !== null && encoding === 'dictionary' ? this.#putDictionary(survey, texts) : 0;
    const pages: EncodedPage[] = [];
    for (let pageIndex = 0; pageIndex < this.#source.pageCount; pageIndex++) {
      pages.push(this.#putPage(pageIndex, encoding, survey));
    }
    const encodings = [ENCODING_RLE, ENCODING_NUMBERS[encoding]];
    if (encoding === 'dictionary') encodings.push(ENCODING_PLAIN);
    const { min, max } = this.#chunkMinMax(pages, texts);
    return {
      spans: this.#out.takeSpans(),
      byteLength: this.#byteLength,
      uncompressedByteLength: this.#uncompressedByteLength,
      dictionaryByteLength,
      encodings,
      pages,
      nullCount: pages.reduce((sum, page) => sum + page.nullCount, 0),
      min,
      max,
    };
  }

  #needsSurvey(): boolean {
    const { type, encoding } = this.#request.column;
    if (type === 'bool') return false;
    return type === 'string' || encoding === 'auto' || encoding === 'dictionary';
  }

  /** Texts of the codes that the row group uses, in the order of the dictionary block. */
  #usedTexts(survey: ChunkSurvey | null): string[] {
    const { name, dictionary } = this.#request.column;
    invariant(survey?.encoding === 'dictionary', `column ${name} has too many distinct texts`);
    const codesPtr = this.#scratch.dictionaryPtr + DICTIONARY_ENTRIES;
    return Array.from(this.#core.views.i32At(codesPtr, survey.entryCount), (code) => {
      const text = dictionary?.[code];
      invariant(text !== undefined, `column ${name} has no text for code ${code}`);
      return text;
    });
  }

  #chunkMinMax(pages: readonly EncodedPage[], texts: readonly string[] | null): MinMax {
    if (!this.#request.column.statistics) return NO_MIN_MAX;
    return texts === null ? mergeMinMax(this.#source.type, pages) : textMinMax(texts);
  }

  /** @returns bytes of the dictionary page with its header */
  #putDictionary(survey: ChunkSurvey, texts: readonly string[] | null): number {
    const { dictionaryPtr } = this.#scratch;
    let ptr = dictionaryPtr + DICTIONARY_ENTRIES;
    let byteLength = survey.entryCount * this.#source.valueBytes;
    if (texts === null && this.#request.codec !== 'none') {
      // Without a codec the order of the entries changes no size.
      this.#sortDictionary();
      ptr = dictionaryPtr + DICTIONARY_SORTED;
    }
    if (texts !== null) {
      const bytes = textPageBytes(texts);
      invariant(bytes.byteLength <= PAGE_BODY_BYTES_MAX, 'the texts of a column fill a page');
      ptr = this.#scratch.bodyPtr;
      byteLength = bytes.byteLength;
      this.#core.views.u8.set(bytes, ptr);
    }
    return this.#put(ptr, byteLength, {
      kind: 'dictionary',
      valueCount: survey.entryCount,
      encoding: ENCODING_PLAIN,
    });
  }

  #sortDictionary(): void {
    const { dictionaryPtr, indicesPtr } = this.#scratch;
    const name = this.#source.valueBytes === 4 ? 'dictionarySortI32' : 'dictionarySortI64';
    countOf(name, this.#core.kernels[name](dictionaryPtr, indicesPtr, this.#request.rowCount));
  }

  #putPage(pageIndex: number, encoding: ChunkEncoding, survey: ChunkSurvey | null): EncodedPage {
    const source = this.#source;
    const { bodyPtr, minMaxPtr } = this.#scratch;
    const rowCount = source.rows(pageIndex);
    const present = source.loadValidity(pageIndex);
    const levelBytes = this.#putLevels(rowCount, present);
    let minMax = survey?.minMax[pageIndex] ?? NO_MIN_MAX;
    let valueBytes: number;
    if (survey !== null && encoding === 'dictionary') {
      valueBytes = this.#encodeIndices(pageIndex, present, survey, bodyPtr + levelBytes);
    } else {
      const valuesPtr = source.loadValues(pageIndex, present);
      if (survey === null && this.#request.column.statistics) {
        minMax = pageMinMax(this.#core, source.type, valuesPtr, present, minMaxPtr);
      }
      valueBytes = this.#encodeValues(encoding, valuesPtr, present, bodyPtr + levelBytes);
    }
    const byteLength = this.#put(bodyPtr, levelBytes + valueBytes, {
      kind: 'data',
      valueCount: rowCount,
      encoding: ENCODING_NUMBERS[encoding],
    });
    return {
      byteLength,
      firstRowIndex: pageIndex * PAGE_ROWS,
      rowCount,
      nullCount: rowCount - present,
      ...minMax,
    };
  }

  /** Definition levels: their length in 4 bytes, then a hybrid of 0 (missing) and 1. */
  #putLevels(rowCount: number, present: number): number {
    if (!this.#source.nullable) return 0;
    const { kernels, views } = this.#core;
    const { bodyPtr, validityPtr } = this.#scratch;
    // All present is one run; the bitmap is then all ones up to rowCount.
    const byteLength = countOf(
      'hybridEncodeBitsInto',
      kernels.hybridEncodeBitsInto(validityPtr, rowCount, bodyPtr + 4),
    );
    invariant(present <= rowCount, 'more values than rows');
    views.i32[bodyPtr / 4] = byteLength;
    return 4 + byteLength;
  }

  #encodeIndices(pageIndex: number, present: number, survey: ChunkSurvey, toPtr: number): number {
    const { kernels, views } = this.#core;
    const indicesPtr = this.#scratch.indicesPtr + pageIndex * PAGE_ROWS * 2;
    views.u8[toPtr] = survey.indexWidth;
    const name = 'hybridEncodeU16Into';
    return 1 + countOf(name, kernels[name](indicesPtr, present, survey.indexWidth, toPtr + 1));
  }

  #encodeValues(encoding: ChunkEncoding, valuesPtr: number, count: number, toPtr: number): number {
    const { kernels, views } = this.#core;
    if (encoding === 'delta') {
      invariant(
        this.#source.type === 'int64' || this.#source.type === 'int32',
        'delta of integers',
      );
      const name = this.#source.type === 'int64' ? 'deltaEncodeI64Into' : 'deltaEncodeI32Into';
      return countOf(name, kernels[name](valuesPtr, count, toPtr, this.#scratch.deltaPtr));
    }
    const bits = this.#source.type === 'bool' ? 1 : this.#source.valueBytes * 8;
    const byteLength = Math.ceil((count * bits) / 8);
    views.u8.copyWithin(toPtr, valuesPtr, valuesPtr + byteLength);
    return byteLength;
  }

  /** Compresses and writes a page; returns its bytes with the header. */
  #put(
    ptr: number,
    byteLength: number,
    header: Pick<PageHeader, 'kind' | 'valueCount' | 'encoding'>,
  ): number {
    const { codec } = this.#request;
    const { compressedPtr, crcTablesPtr } = this.#scratch;
    let pagePtr = ptr;
    let compressedByteLength = byteLength;
    if (codec !== 'none') {
      pagePtr = compressedPtr;
      compressedByteLength = compressInto(this.#core, codec, this.#scratch, ptr, byteLength);
    }
    const crc = this.#core.kernels.crc32(crcTablesPtr, pagePtr, compressedByteLength, 0);
    const bytes = pageHeaderBytes({ ...header, byteLength, compressedByteLength, crc });
    this.#out.put(bytes);
    this.#out.copy(pagePtr, compressedByteLength);
    this.#byteLength += bytes.byteLength + compressedByteLength;
    this.#uncompressedByteLength += bytes.byteLength + byteLength;
    return bytes.byteLength + compressedByteLength;
  }
}
