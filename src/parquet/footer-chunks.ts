import { invariant } from '../errors/errors.js';
import { CODEC_NAMES, ENCODING_NAMES } from './format.js';
import type { ParquetFooter } from './reader.js';

/** Codec of a chunk whose footer names none that is known. */
export const CODEC_UNKNOWN = 255;
/** Codec of a nested column whose leaves differ. */
export const CODEC_MIXED = 254;
/** Bit of ChunkTable.encodings for all encodings that are not known; bit n is encoding n. */
export const ENCODING_UNKNOWN_BIT = 31;

/** Bits of ChunkTable.statistics. */
export const HAS_MIN = 1;
export const HAS_MAX = 2;

/**
 * All column chunks of a file: row group r's chunk of column c stands at `r * columnCount + c`. A
 * nested column's leaves are one chunk here: where the first lies, how big they are together,
 * without statistics. The arrays are views of one buffer, so that a copy of them is one copy.
 */
export interface ChunkTable {
  /** Where a chunk's first page (the dictionary's, if there is one) begins in the file. */
  readonly offsets: Float64Array;
  /** Bytes in the file, page headers included. */
  readonly byteLengths: Float64Array;
  /** Bytes after decompression, page headers included. */
  readonly uncompressedByteLengths: Float64Array;
  /** Bytes from `offset` to the first data page: 0 when the footer announces no dictionary page. */
  readonly dictionaryByteLengths: Float64Array;
  /** -1: the footer does not say. */
  readonly nullCounts: Float64Array;
  /** Smallest values of int32 and int64 columns, where `statistics` has HAS_MIN. */
  readonly minIntegers: BigInt64Array;
  /** Largest values, where `statistics` has HAS_MAX. */
  readonly maxIntegers: BigInt64Array;
  /** The same words as `minIntegers`, for float and double columns. */
  readonly minNumbers: Float64Array;
  readonly maxNumbers: Float64Array;
  /** Bit n: encoding n of the format occurs; ENCODING_UNKNOWN_BIT. */
  readonly encodings: Uint32Array;
  /** Numbers of the format, CODEC_UNKNOWN or CODEC_MIXED. */
  readonly codecs: Uint8Array;
  /** HAS_MIN, HAS_MAX. */
  readonly statistics: Uint8Array;
}

/** How a column is stored over all row groups and leaves; names in the order of their first use. */
export interface ColumnStorage {
  readonly codecs: readonly string[];
  readonly encodings: readonly string[];
}

const WORD_COLUMNS = 7;
/** Bytes of a chunk in all arrays together. */
export const CHUNK_BYTES = WORD_COLUMNS * 8 + 4 + 1 + 1;

/** Room for so many chunks, all zero. */
export function chunkTable(chunkCount: number): ChunkTable {
  const buffer = new ArrayBuffer(chunkCount * CHUNK_BYTES);
  const numbers = (word: number): Float64Array =>
    new Float64Array(buffer, word * chunkCount * 8, chunkCount);
  const integers = (word: number): BigInt64Array =>
    new BigInt64Array(buffer, word * chunkCount * 8, chunkCount);
  const restAt = WORD_COLUMNS * chunkCount * 8;
  return {
    offsets: numbers(0),
    byteLengths: numbers(1),
    uncompressedByteLengths: numbers(2),
    dictionaryByteLengths: numbers(3),
    nullCounts: numbers(4),
    minIntegers: integers(5),
    maxIntegers: integers(6),
    minNumbers: numbers(5),
    maxNumbers: numbers(6),
    encodings: new Uint32Array(buffer, restAt, chunkCount),
    codecs: new Uint8Array(buffer, restAt + chunkCount * 4, chunkCount),
    statistics: new Uint8Array(buffer, restAt + chunkCount * 5, chunkCount),
  };
}

export interface ColumnStatistics {
  /** Numbers as bigint (int32, int64) or number (float, double); null where the file has none. */
  readonly min: bigint | number | null;
  readonly max: bigint | number | null;
  readonly nullCount: number | null;
}

/** One chunk as an object, for those who look at a few. */
export interface ColumnChunkInfo {
  readonly codec: string;
  /** In the order of their numbers. */
  readonly encodings: readonly string[];
  readonly offset: number;
  readonly byteLength: number;
  readonly uncompressedByteLength: number;
  readonly dictionaryByteLength: number;
  readonly statistics: ColumnStatistics;
}

/** @param rowGroup index of a row group that the file has */
export function rowCountOf(footer: ParquetFooter, rowGroup: number): number {
  const rowCount = footer.rowGroupRows[rowGroup];
  // The text is made only when it is needed: this runs for each chunk of each read.
  if (rowCount === undefined) invariant(false, `${footer.name} has no row group ${rowGroup}`);
  return rowCount;
}

/** Place of a chunk in the arrays of ParquetFooter.chunks. */
export function chunkIndexOf(footer: ParquetFooter, rowGroup: number, column: number): number {
  const columnCount = footer.columns.length;
  const isThere = rowGroup < footer.rowGroupRows.length && column < columnCount && column >= 0;
  if (!isThere) invariant(false, `${footer.name}: no column ${column} in a row group ${rowGroup}`);
  return rowGroup * columnCount + column;
}

export function chunkOf(footer: ParquetFooter, rowGroup: number, column: number): ColumnChunkInfo {
  const index = chunkIndexOf(footer, rowGroup, column);
  const { chunks } = footer;
  return {
    codec: codecName(chunks.codecs[index]!),
    encodings: encodingNames(chunks.encodings[index]!),
    offset: chunks.offsets[index]!,
    byteLength: chunks.byteLengths[index]!,
    uncompressedByteLength: chunks.uncompressedByteLengths[index]!,
    dictionaryByteLength: chunks.dictionaryByteLengths[index]!,
    statistics: statisticsOf(footer, rowGroup, column),
  };
}

/** Where a chunk lies in its file. */
export interface ChunkSpan {
  readonly offset: number;
  readonly byteLength: number;
}

export function spanOf(footer: ParquetFooter, rowGroup: number, column: number): ChunkSpan {
  const index = chunkIndexOf(footer, rowGroup, column);
  const { offsets, byteLengths } = footer.chunks;
  return { offset: offsets[index]!, byteLength: byteLengths[index]! };
}

export function statisticsOf(
  footer: ParquetFooter,
  rowGroup: number,
  column: number,
): ColumnStatistics {
  const index = chunkIndexOf(footer, rowGroup, column);
  const { nullCounts, statistics } = footer.chunks;
  const { minIntegers, maxIntegers, minNumbers, maxNumbers } = footer.chunks;
  const { type } = footer.columns[column]!;
  const isNumber = type === 'float' || type === 'double';
  const has = statistics[index]!;
  const nullCount = nullCounts[index]!;
  return {
    min: (has & HAS_MIN) === 0 ? null : (isNumber ? minNumbers : minIntegers)[index]!,
    max: (has & HAS_MAX) === 0 ? null : (isNumber ? maxNumbers : maxIntegers)[index]!,
    nullCount: nullCount < 0 ? null : nullCount,
  };
}

export function codecName(codec: number): string {
  if (codec === CODEC_MIXED) return 'MIXED';
  return CODEC_NAMES[codec] ?? 'UNKNOWN';
}

/** In the order of their numbers. */
export function encodingNames(bits: number): string[] {
  const names = ENCODING_NAMES.filter((_name, encoding) => ((bits >>> encoding) & 1) === 1);
  return bits >>> ENCODING_UNKNOWN_BIT === 1 ? [...names, 'UNKNOWN'] : names;
}
