import { DICTIONARY_COUNT, DICTIONARY_RUNS } from '../abi/dictionary.js';
import { PAGE_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import type { EncodeScratch } from './encode-scratch.js';
import type { PageSource } from './page-source.js';
import { type MinMax, NO_MIN_MAX, pageMinMax } from './page-statistics.js';
import type { Codec, WriteColumn } from './write-types.js';

/** How the values of a chunk are written. */
export type ChunkEncoding = 'plain' | 'delta' | 'dictionary';

export interface ChunkSurvey {
  readonly encoding: ChunkEncoding;
  /** With 'dictionary': entries in the dictionary block, and the bit width of their indices. */
  readonly entryCount: number;
  readonly indexWidth: number;
  /** Present values and statistics of each page. */
  readonly presentCounts: readonly number[];
  readonly minMax: readonly MinMax[];
}

/**
 * Bits that an index below `entryCount` gets: as few as will do. Under zstd they fill bytes evenly:
 * its entropy coder sees whole symbols then, and more than makes up for the zero bits.
 */
export function indexWidthOf(entryCount: number, codec: Codec): number {
  const width = entryCount <= 1 ? 0 : 32 - Math.clz32(entryCount - 1);
  if (codec !== 'zstd' || width <= 2) return width;
  if (width <= 4) return 4;
  return width <= 8 ? 8 : 16;
}

/**
 * Looks at a chunk's values once and settles its encoding (the rule: docs/encodings.md). While
 * a dictionary is possible it is built on the way, so its pages need no second look at the values.
 */
export function surveyChunk(
  core: Core,
  scratch: EncodeScratch,
  column: WriteColumn,
  source: PageSource,
  codec: Codec,
): ChunkSurvey {
  const isForced = column.type === 'string' || column.encoding === 'dictionary';
  const wantsStatistics = column.statistics && column.type !== 'string';
  const contest = new Contest(core, scratch, source, codec, isForced);
  const presentCounts: number[] = [];
  const minMax: MinMax[] = [];
  for (let pageIndex = 0; pageIndex < source.pageCount; pageIndex++) {
    const present = source.loadValidity(pageIndex);
    const valuesPtr = source.loadValues(pageIndex, present);
    presentCounts.push(present);
    minMax.push(
      wantsStatistics
        ? pageMinMax(core, source.type, valuesPtr, present, scratch.minMaxPtr)
        : NO_MIN_MAX,
    );
    contest.addPage(pageIndex, valuesPtr, present);
  }
  const encoding = contest.winner(presentCounts);
  const { entryCount } = contest;
  return {
    encoding,
    entryCount,
    indexWidth: indexWidthOf(entryCount, codec),
    presentCounts,
    minMax,
  };
}

/** Adds up what each encoding of one chunk would take. */
class Contest {
  entryCount = 0;
  readonly #core: Core;
  readonly #scratch: EncodeScratch;
  readonly #source: PageSource;
  readonly #codec: Codec;
  /** A dictionary is wanted whatever it costs. */
  readonly #isForced: boolean;
  #plainBytes = 0;
  #deltaBytes = 0;
  #dictionaryLives = true;

  constructor(
    core: Core,
    scratch: EncodeScratch,
    source: PageSource,
    codec: Codec,
    isForced: boolean,
  ) {
    this.#codec = codec;
    this.#core = core;
    this.#scratch = scratch;
    this.#source = source;
    this.#isForced = isForced;
    core.kernels.dictionaryInit(scratch.dictionaryPtr);
  }

  addPage(pageIndex: number, valuesPtr: number, present: number): void {
    this.#plainBytes += present * this.#source.valueBytes;
    this.#deltaBytes += this.#deltaPageBytes(valuesPtr, present);
    if (!this.#dictionaryLives) return;
    const indicesPtr = this.#indicesPtr(pageIndex);
    this.#dictionaryLives =
      this.#addToDictionary(valuesPtr, present, indicesPtr) === present &&
      (this.#isForced || this.#dictionaryMayWin());
  }

  winner(presentCounts: readonly number[]): ChunkEncoding {
    const rivalBytes = this.#rivalBytes();
    if (this.#dictionaryLives) {
      if (this.#isForced || this.#packedBytesMax(presentCounts.length) < rivalBytes) {
        return 'dictionary';
      }
      if (this.#dictionaryBytes(presentCounts) < rivalBytes) return 'dictionary';
    }
    return this.#isForced || rivalBytes === this.#plainBytes ? 'plain' : 'delta';
  }

  #rivalBytes(): number {
    return Math.min(this.#plainBytes, this.#deltaBytes);
  }

  #indicesPtr(pageIndex: number): number {
    return this.#scratch.indicesPtr + pageIndex * PAGE_ROWS * 2;
  }

  #deltaPageBytes(valuesPtr: number, present: number): number {
    const { kernels } = this.#core;
    const { deltaPtr } = this.#scratch;
    if (this.#isForced) return 0;
    switch (this.#source.type) {
      case 'int64':
        return countOf('deltaBytesI64', kernels.deltaBytesI64(valuesPtr, present, deltaPtr));
      case 'int32':
        return countOf('deltaBytesI32', kernels.deltaBytesI32(valuesPtr, present, deltaPtr));
      default:
        // No delta encoding of doubles: never smaller than plain.
        return present * this.#source.valueBytes;
    }
  }

  #addToDictionary(valuesPtr: number, present: number, indicesPtr: number): number {
    const { kernels, views } = this.#core;
    const { dictionaryPtr } = this.#scratch;
    const name = this.#source.valueBytes === 4 ? 'dictionaryAddI32' : 'dictionaryAddI64';
    const taken = kernels[name](dictionaryPtr, valuesPtr, present, indicesPtr);
    this.entryCount = views.i32[(dictionaryPtr + DICTIONARY_COUNT) / 4]!;
    return countOf(name, taken);
  }

  /**
   * A dictionary pays late, its entries come early: it is given up only where even its cheapest
   * form costs more than twice its rival so far.
   */
  #dictionaryMayWin(): boolean {
    const { valueBytes } = this.#source;
    const width = indexWidthOf(this.entryCount, this.#codec);
    const runs = this.#core.views.i32[(this.#scratch.dictionaryPtr + DICTIONARY_RUNS) / 4]!;
    const packedBytes = ((this.#plainBytes / valueBytes) * width) / 8;
    const runBytes = runs * (1 + Math.ceil(width / 8));
    const indexBytes = Math.min(packedBytes, runBytes);
    return this.entryCount * valueBytes + indexBytes <= 2 * this.#rivalBytes();
  }

  /** No runs at all; the hybrid is never larger, so most contests need no closer look. */
  #packedBytesMax(pageCount: number): number {
    const { valueBytes } = this.#source;
    const width = indexWidthOf(this.entryCount, this.#codec);
    const groups = this.#plainBytes / valueBytes / 8 + pageCount;
    return this.entryCount * valueBytes + pageCount * 5 + groups * (width + 0.25);
  }

  #dictionaryBytes(presentCounts: readonly number[]): number {
    const width = indexWidthOf(this.entryCount, this.#codec);
    let bytes = this.entryCount * this.#source.valueBytes;
    presentCounts.forEach((present, pageIndex) => {
      const indicesPtr = this.#indicesPtr(pageIndex);
      const { kernels } = this.#core;
      bytes += 1 + countOf('hybridBytesU16', kernels.hybridBytesU16(indicesPtr, present, width));
    });
    return bytes;
  }
}
