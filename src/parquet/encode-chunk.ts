import { DICTIONARY_ENTRIES, DICTIONARY_SORTED } from '../abi/dictionary.js';
import { PAGE_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import { deltaBytesMax, hybridBytesMax, runBytesMax } from '../core/page-encode.js';
import { invariant } from '../errors/errors.js';
import { type EncodeScratch, PAGE_BODY_BYTES_MAX } from './encode-scratch.js';
import {
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_PLAIN,
  ENCODING_RLE,
  ENCODING_RLE_DICTIONARY,
} from './format.js';
import { columnIndexBytes } from './page-index.js';
import { PageSource } from './page-source.js';
import { bitsMinMax, type MinMax, mergeMinMax, NO_MIN_MAX, pageMinMax } from './page-statistics.js';
import { type PageFacts, PageWriter } from './page-writer.js';
import type { SpanWriter } from './span-writer.js';
import {
  type ChunkEncoding,
  type ChunkSurvey,
  type IndexPage,
  surveyChunk,
} from './survey-chunk.js';
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
  readonly #pages: PageWriter;

  constructor(core: Core, scratch: EncodeScratch, out: SpanWriter, request: ChunkRequest) {
    this.#core = core;
    this.#scratch = scratch;
    this.#out = out;
    this.#request = request;
    const { column, segments, rowCount, codec } = request;
    this.#pages = new PageWriter(core, scratch, out, codec);
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
      byteLength: this.#pages.byteLength,
      uncompressedByteLength: this.#pages.uncompressedByteLength,
      dictionaryByteLength,
      encodings,
      pageByteLengths: pages.map(({ byteLength }) => byteLength),
      columnIndex: columnIndexBytes(column, pages),
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
    return this.#pages.putFrom(ptr, byteLength, {
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
    const rowCount = this.#source.rows(pageIndex);
    // Scratch holds the validity of the survey's last page; where no value is missing none is needed.
    const isWhole = survey?.presentCounts[pageIndex] === rowCount;
    const present = isWhole ? rowCount : this.#source.loadValidity(pageIndex);
    const facts: PageFacts = {
      kind: 'data',
      valueCount: rowCount,
      encoding: ENCODING_NUMBERS[encoding],
    };
    let minMax = survey?.minMax[pageIndex] ?? NO_MIN_MAX;
    const bytesMax = this.#bodyBytesMax(pageIndex, encoding, survey, present);
    const byteLength = this.#pages.put(facts, bytesMax, (toPtr) => {
      const levelBytes = this.#putLevels(rowCount, present, toPtr);
      const valuesPtr = toPtr + levelBytes;
      if (survey !== null && encoding === 'dictionary') {
        return levelBytes + this.#encodeIndices(pageIndex, present, survey, valuesPtr);
      }
      if (survey === null && this.#request.column.statistics) {
        minMax = this.#pageMinMax(pageIndex, present);
      }
      return levelBytes + this.#encodeValues(pageIndex, encoding, present, valuesPtr);
    });
    return { byteLength, rowCount, nullCount: rowCount - present, ...minMax };
  }

  #pageMinMax(pageIndex: number, present: number): MinMax {
    const source = this.#source;
    if (source.type === 'bool') {
      return bitsMinMax(this.#core, source.loadValues(pageIndex, present), present);
    }
    const runs = source.valueRuns(pageIndex, present);
    return pageMinMax(this.#core, source.type, runs, this.#scratch.minMaxPtr);
  }

  /** The most bytes that the kernels touch for a page's body. */
  #bodyBytesMax(
    pageIndex: number,
    encoding: ChunkEncoding,
    survey: ChunkSurvey | null,
    present: number,
  ): number {
    const { nullable, valueBytes } = this.#source;
    const levelBytes = nullable ? 4 + hybridBytesMax(this.#source.rows(pageIndex), 1) : 0;
    switch (encoding) {
      case 'dictionary':
        return levelBytes + 1 + indexBytesMax(present, survey!.indexPages[pageIndex]!);
      case 'delta':
        return levelBytes + deltaBytesMax(present, valueBytes);
      default:
        return levelBytes + present * valueBytes;
    }
  }

  /** Definition levels: their length in 4 bytes, then a hybrid of 0 (missing) and 1. */
  #putLevels(rowCount: number, present: number, toPtr: number): number {
    if (!this.#source.nullable) return 0;
    const { kernels, views } = this.#core;
    const { validityPtr } = this.#scratch;
    const name = 'hybridEncodeBitsInto';
    const byteLength =
      present === rowCount
        ? presentRunInto(rowCount, views.u8, toPtr + 4)
        : countOf(name, kernels[name](validityPtr, rowCount, toPtr + 4));
    for (let i = 0; i < 4; i++) views.u8[toPtr + i] = byteLength >>> (8 * i);
    return 4 + byteLength;
  }

  #encodeIndices(pageIndex: number, present: number, survey: ChunkSurvey, toPtr: number): number {
    const { kernels, views } = this.#core;
    const indicesPtr = this.#scratch.indicesPtr + pageIndex * PAGE_ROWS * 2;
    const { width, inRuns } = survey.indexPages[pageIndex]!;
    views.u8[toPtr] = width;
    const name = inRuns ? 'runEncodeU16Into' : 'hybridEncodeU16Into';
    return 1 + countOf(name, kernels[name](indicesPtr, present, width, toPtr + 1));
  }

  #encodeValues(pageIndex: number, encoding: ChunkEncoding, count: number, toPtr: number): number {
    const { kernels } = this.#core;
    const source = this.#source;
    if (encoding === 'delta') {
      invariant(source.type === 'int64' || source.type === 'int32', 'delta of integers');
      const valuesPtr = source.loadValues(pageIndex, count);
      const name = source.type === 'int64' ? 'deltaEncodeI64Into' : 'deltaEncodeI32Into';
      return countOf(name, kernels[name](valuesPtr, count, toPtr, this.#scratch.deltaPtr));
    }
    if (source.type === 'bool') {
      const bitsPtr = source.loadValues(pageIndex, count);
      return kernels.copyBytes(bitsPtr, toPtr, Math.ceil(count / 8));
    }
    let byteLength = 0;
    for (const run of source.valueRuns(pageIndex, count)) {
      byteLength += kernels.copyBytes(run.ptr, toPtr + byteLength, run.count * source.valueBytes);
    }
    return byteLength;
  }
}

/** The levels of a page that misses nothing, as hybridEncodeBitsInto has them: one run of ones. */
function presentRunInto(rowCount: number, bytes: Uint8Array, toPtr: number): number {
  let at = toPtr;
  let header = rowCount << 1;
  for (; header >= 128; header >>>= 7) bytes[at++] = (header & 127) | 128;
  bytes[at++] = header;
  bytes[at++] = 1;
  return at - toPtr;
}

function indexBytesMax(present: number, { width, runCount, inRuns }: IndexPage): number {
  return inRuns ? runBytesMax(runCount) : hybridBytesMax(present, width);
}
