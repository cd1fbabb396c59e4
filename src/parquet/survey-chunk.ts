import { DICTIONARY_COUNT, DICTIONARY_RUNS, DICTIONARY_SLOT_BITS } from '../abi/dictionary.js';
import { PAGE_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import type { EncodeScratch } from './encode-scratch.js';
import type { PageSource, ValueRun } from './page-source.js';
import { firstAndLast, type MinMax, NO_MIN_MAX, pageMinMax } from './page-statistics.js';
import type { Codec, WriteColumn } from './write-types.js';

/** How the values of a chunk are written. */
export type ChunkEncoding = 'plain' | 'delta' | 'dictionary';

export interface ChunkSurvey {
  readonly encoding: ChunkEncoding;
  /** With 'dictionary': entries in the dictionary block. */
  readonly entryCount: number;
  /** With 'dictionary': how each page's indices are written. */
  readonly indexPages: readonly IndexPage[];
  /** Values of each page that are not missing. */
  readonly presentCounts: readonly number[];
  readonly minMax: readonly MinMax[];
}

export interface IndexPage {
  /** Bits of an index. */
  readonly width: number;
  /** Runs of equal indices. */
  readonly runCount: number;
  /** Nothing but runs is smaller by far than indices packed. */
  readonly inRuns: boolean;
}

/** Deltas of a page that are looked at to guess what the whole page takes: eight blocks. */
const SAMPLE_DELTAS = 2048;

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
  const { type } = source;
  const contest = new Contest(core, scratch, source, codec, isForced);
  const presentCounts: number[] = [];
  const minMax: MinMax[] = [];
  for (let pageIndex = 0; pageIndex < source.pageCount; pageIndex++) {
    const present = source.loadValidity(pageIndex);
    const runs = source.valueRuns(pageIndex, present);
    presentCounts.push(present);
    contest.addPage(pageIndex, runs, present);
    if (!wantsStatistics || type === 'bool') minMax.push(NO_MIN_MAX);
    else if (type !== 'double' && contest.isAscending) minMax.push(firstAndLast(core, type, runs));
    else minMax.push(pageMinMax(core, type, runs, scratch.minMaxPtr));
  }
  const encoding = contest.winner();
  return {
    encoding,
    entryCount: contest.entryCount,
    indexPages: contest.indexPages(),
    presentCounts,
    minMax,
  };
}

/** Bytes of runs, nearly all of them below 64 values. */
function runBytes(runCount: number, width: number): number {
  return runCount * (1 + Math.ceil(width / 8));
}

interface SurveyedPage {
  readonly present: number;
  /** Entries of the dictionary once the page was in: no index of the page is as large. */
  readonly entryCount: number;
  /** Runs of equal values. */
  readonly runCount: number;
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
  readonly #pages: SurveyedPage[] = [];
  #presentCount = 0;
  #runCount = 0;
  #deltaBytes = 0;
  /** Without the entries: the smaller of packed and runs, page by page. */
  #indexBytes = 0;
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

  addPage(pageIndex: number, runs: readonly ValueRun[], present: number): void {
    this.#presentCount += present;
    if (!this.#isForced) this.#deltaBytes += this.#deltaPageBytes(runs, present);
    if (!this.#dictionaryLives) return;
    this.#dictionaryLives =
      this.#addToDictionary(pageIndex, runs, present) && (this.#isForced || this.#mayWin());
  }

  /** No value so far was below the one before it (as integers), and this page has one. */
  get isAscending(): boolean {
    const { views } = this.#core;
    const slotBits = views.i32[(this.#scratch.dictionaryPtr + DICTIONARY_SLOT_BITS) / 4];
    return this.#dictionaryLives && this.#pages.at(-1)!.present > 0 && slotBits === 0;
  }

  winner(): ChunkEncoding {
    const plainBytes = this.#plainBytes();
    const rivalBytes = Math.min(plainBytes, this.#deltaBytes);
    if (this.#isForced) return this.#dictionaryLives ? 'dictionary' : 'plain';
    if (this.#dictionaryLives && this.#dictionaryBytes(plainBytes) < rivalBytes) {
      return 'dictionary';
    }
    return rivalBytes === plainBytes ? 'plain' : 'delta';
  }

  /**
   * Entries come in the order of their first rows, so early pages need fewer bits. Under a codec
   * the entries are sorted, and any page may have any index.
   */
  indexPages(): IndexPage[] {
    return this.#pages.map(({ entryCount, runCount, present }) => {
      const width = indexWidthOf(
        this.#codec === 'none' ? entryCount : this.entryCount,
        this.#codec,
      );
      const inRuns = !this.#isForced && 2 * runBytes(runCount, width) <= (present * width) / 8;
      return { width, runCount, inRuns };
    });
  }

  #plainBytes(): number {
    return this.#presentCount * this.#source.valueBytes;
  }

  /** What the page would take, judged by its first deltas. */
  #deltaPageBytes(runs: readonly ValueRun[], present: number): number {
    const { kernels } = this.#core;
    const { deltaPtr } = this.#scratch;
    const { type, valueBytes } = this.#source;
    // No delta encoding of doubles: never smaller than plain.
    if (type === 'double' || type === 'bool') return present * valueBytes;
    const name = type === 'int64' ? 'deltaBytesI64' : 'deltaBytesI32';
    const { ptr, count } = this.#source.gathered(runs, Math.min(present, SAMPLE_DELTAS + 1));
    const sampleBytes = countOf(name, kernels[name](ptr, count, deltaPtr));
    return count === present ? sampleBytes : Math.ceil((sampleBytes * present) / count);
  }

  /** @returns false where the dictionary is full */
  #addToDictionary(pageIndex: number, runs: readonly ValueRun[], present: number): boolean {
    const { kernels, views } = this.#core;
    const { dictionaryPtr } = this.#scratch;
    const name = this.#source.valueBytes === 4 ? 'dictionaryAddI32' : 'dictionaryAddI64';
    let indicesPtr = this.#indicesPtr(pageIndex);
    for (const { ptr, count } of runs) {
      const taken = countOf(name, kernels[name](dictionaryPtr, ptr, count, indicesPtr));
      if (taken < count) return false;
      indicesPtr += count * 2;
    }
    const runsBefore = this.#runCount;
    this.entryCount = views.i32[(dictionaryPtr + DICTIONARY_COUNT) / 4]!;
    this.#runCount = views.i32[(dictionaryPtr + DICTIONARY_RUNS) / 4]!;
    const page = { present, entryCount: this.entryCount, runCount: this.#runCount - runsBefore };
    this.#pages.push(page);
    const width = indexWidthOf(page.entryCount, this.#codec);
    this.#indexBytes += Math.min((present * width) / 8, runBytes(page.runCount, width));
    return true;
  }

  #indicesPtr(pageIndex: number): number {
    return this.#scratch.indicesPtr + pageIndex * PAGE_ROWS * 2;
  }

  /**
   * A dictionary pays late, its entries come early: where values have come back, it is given up
   * only if it costs more than twice its rival so far. Where none has, it stays as dear as it is.
   */
  #mayWin(): boolean {
    const bytes = this.entryCount * this.#source.valueBytes + this.#indexBytes;
    const rivalBytes = Math.min(this.#plainBytes(), this.#deltaBytes);
    return bytes <= (this.entryCount === this.#runCount ? rivalBytes : 2 * rivalBytes);
  }

  /**
   * As the entries and the smaller of packed and runs of each page. Only where packed indices
   * could take more than plain values, which rowGroupBytesMax relies on, it is counted exactly.
   */
  #dictionaryBytes(plainBytes: number): number {
    const entryBytes = this.entryCount * this.#source.valueBytes;
    const pages = this.indexPages();
    const packedBytes = this.#pages.reduce(
      (sum, { present }, i) => sum + 6 + Math.ceil(present / 8) * (pages[i]!.width + 0.25),
      entryBytes,
    );
    if (packedBytes <= plainBytes) return entryBytes + this.#indexBytes;
    const name = 'hybridBytesU16';
    return this.#pages.reduce((sum, { present }, i) => {
      const indicesPtr = this.#indicesPtr(i);
      const kernel = this.#core.kernels[name];
      return sum + 1 + countOf(name, kernel(indicesPtr, present, pages[i]!.width));
    }, entryBytes);
  }
}
