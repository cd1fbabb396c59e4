// Row groups out of JS values: for tables of few rows (gaps, quality, rejects) that are never in the
// shared memory, and for columns of texts that nearly all differ (trade ids). Plain pages, no codec;
// where there are many rows, use encodeRowGroup.
import { PAGE_ROWS, ROW_GROUP_ROWS } from '../abi/limits.js';
import { invariant } from '../errors/errors.js';
import type { ByteSink } from '../io/byte-sink.js';
import { type FileWriterOptions, ParquetFileWriter, type WrittenFile } from './file-writer.js';
import { ENCODING_PLAIN, ENCODING_RLE } from './format.js';
import { pageHeaderBytes } from './page-header.js';
import { columnIndexBytes } from './page-index.js';
import {
  comparePlain,
  type MinMax,
  mergeMinMax,
  NO_MIN_MAX,
  storedType,
} from './page-statistics.js';
import { textMinMax, textPageBytes } from './text-dictionary.js';
import type { EncodedChunk, EncodedPage, WriteColumn } from './write-types.js';

/** int64 as bigint, int32 and double as number; null only in a nullable column. */
export type SmallValue = bigint | number | boolean | string | null;
/** A row by column names; a column that is missing is null. */
export type SmallRow = Readonly<Record<string, SmallValue>>;
/** `encoding` is not asked for: always plain. A string column needs no `dictionary`. */
export type SmallColumn = Pick<
  WriteColumn,
  'name' | 'type' | 'nullable' | 'statistics' | 'decimal'
>;

export interface SmallRowGroup {
  readonly rowCount: number;
  readonly codec: 'none';
  readonly chunks: readonly Omit<EncodedChunk, 'spans'>[];
  /** The bytes of each chunk. */
  readonly parts: readonly (readonly Uint8Array[])[];
}

/**
 * Writes a whole table and leaves the sink open: close and publish are the caller's. No rows give a
 * valid file without row groups.
 */
export async function writeSmallTable(
  sink: ByteSink,
  columns: readonly SmallColumn[],
  rows: readonly SmallRow[],
  options: Omit<FileWriterOptions, 'columns'> & { keyValue?: ReadonlyMap<string, string> } = {},
): Promise<WrittenFile> {
  const { keyValue, ...rest } = options;
  const plainColumns = columns.map((column) => ({ ...column, encoding: 'plain' as const }));
  const writer = new ParquetFileWriter(sink, { columns: plainColumns, ...rest });
  for (let start = 0; start < rows.length; start += ROW_GROUP_ROWS) {
    const group = encodeSmallRowGroup(columns, rows.slice(start, start + ROW_GROUP_ROWS));
    await writer.appendChunks(group, group.parts);
  }
  return writer.finish(keyValue === undefined ? {} : { keyValue });
}

/** Encodes rows for ParquetFileWriter.appendChunks. */
export function encodeSmallRowGroup(
  columns: readonly SmallColumn[],
  rows: readonly SmallRow[],
): SmallRowGroup {
  const encoded = columns.map((column) =>
    encodeSmallChunk(
      column,
      rows.map((row) => row[column.name] ?? null),
    ),
  );
  return {
    rowCount: rows.length,
    codec: 'none',
    chunks: encoded.map(({ chunk }) => chunk),
    parts: encoded.map(({ parts }) => parts),
  };
}

/** Encodes a column of a row group. */
export function encodeSmallChunk(
  column: SmallColumn,
  ofRows: readonly SmallValue[],
): { chunk: Omit<EncodedChunk, 'spans'>; parts: Uint8Array[] } {
  const parts: Uint8Array[] = [];
  const pages: EncodedPage[] = [];
  const minMaxes: MinMax[] = [];
  for (let start = 0; start < ofRows.length; start += PAGE_ROWS) {
    const values = ofRows.slice(start, start + PAGE_ROWS);
    const { body, nullCount, minMax } = encodePage(column, values);
    const header = pageHeaderBytes({
      kind: 'data',
      byteLength: body.byteLength,
      compressedByteLength: body.byteLength,
      crc: crc32(body),
      valueCount: values.length,
      encoding: ENCODING_PLAIN,
    });
    parts.push(header, body);
    minMaxes.push(minMax);
    // Texts have statistics for the chunk only, as encodeRowGroup's.
    const pageMinMax = column.type === 'string' ? NO_MIN_MAX : minMax;
    const byteLength = header.byteLength + body.byteLength;
    pages.push({ byteLength, rowCount: values.length, nullCount, ...pageMinMax });
  }
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const chunk = {
    byteLength,
    uncompressedByteLength: byteLength,
    dictionaryByteLength: 0,
    encodings: [ENCODING_RLE, ENCODING_PLAIN],
    pageByteLengths: pages.map((page) => page.byteLength),
    columnIndex: columnIndexBytes(column, pages),
    nullCount: pages.reduce((sum, page) => sum + page.nullCount, 0),
    ...chunkMinMax(column, minMaxes),
  };
  return { chunk, parts };
}

function encodePage(
  column: SmallColumn,
  values: readonly SmallValue[],
): { body: Uint8Array; nullCount: number; minMax: MinMax } {
  const present = values.filter((value) => value !== null);
  const nullCount = values.length - present.length;
  invariant(column.nullable || nullCount === 0, `column ${column.name} is required but has a null`);
  const levels = column.nullable ? levelBytes(values) : new Uint8Array(0);
  const plain = plainBytes(column.type, present);
  const body = new Uint8Array(levels.byteLength + plain.byteLength);
  body.set(levels);
  body.set(plain, levels.byteLength);
  const minMax = column.statistics ? valuesMinMax(column, present) : NO_MIN_MAX;
  return { body, nullCount, minMax };
}

/** Definition levels as one bit-packed run, behind their length in 4 bytes. */
function levelBytes(values: readonly SmallValue[]): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  const header: number[] = [];
  for (let left = groups * 2 + 1; left > 0; left = Math.floor(left / 128)) {
    header.push((left % 128) | (left >= 128 ? 128 : 0));
  }
  const bytes = new Uint8Array(4 + header.length + groups);
  new DataView(bytes.buffer).setUint32(0, header.length + groups, true);
  bytes.set(header, 4);
  bytes.set(bitBytes(values.map((value) => value !== null)), 4 + header.length);
  return bytes;
}

function plainBytes(type: WriteColumn['type'], values: readonly SmallValue[]): Uint8Array {
  if (type === 'string') return textPageBytes(values as string[]);
  if (type === 'bool') return bitBytes(values as boolean[]);
  const valueBytes = type === 'int32' ? 4 : 8;
  const bytes = new Uint8Array(values.length * valueBytes);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    if (type === 'int64') view.setBigInt64(i * 8, value as bigint, true);
    else if (type === 'int32') view.setInt32(i * 4, value as number, true);
    else view.setFloat64(i * 8, value as number, true);
  });
  return bytes;
}

function bitBytes(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    if (bit) bytes[i >> 3] = bytes[i >> 3]! | (1 << (i & 7));
  });
  return bytes;
}

function valuesMinMax(column: SmallColumn, values: readonly SmallValue[]): MinMax {
  if (column.type === 'string') return textMinMax(values as string[]);
  const type = storedType(column);
  const numbers = column.type === 'double' ? values.filter((x) => !Number.isNaN(x)) : values;
  let min: Uint8Array | null = null;
  let max: Uint8Array | null = null;
  for (const value of numbers) {
    const bytes = plainBytes(column.type, [value]);
    if (min === null || comparePlain(type, bytes, min) < 0) min = bytes;
    if (max === null || comparePlain(type, bytes, max) > 0) max = bytes;
  }
  if (column.type !== 'double' || min === null || max === null) return { min, max };
  return { min: signedZero(min, -0), max: signedZero(max, 0) };
}

/** A smallest zero stands as -0, a largest as +0: the format's rule for doubles. */
function signedZero(bytes: Uint8Array, zero: number): Uint8Array {
  return new DataView(bytes.buffer).getFloat64(0, true) === 0
    ? plainBytes('double', [zero])
    : bytes;
}

function chunkMinMax(column: SmallColumn, minMaxes: readonly MinMax[]): MinMax {
  if (column.type !== 'string') return mergeMinMax(storedType(column), minMaxes);
  const texts = minMaxes.flatMap(({ min, max }) => [min, max]).filter((bytes) => bytes !== null);
  // With a byte order mark, if one begins a text: without it a bound would not hold.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return textMinMax(texts.map((bytes) => decoder.decode(bytes)));
}

/** Remainders of all bytes: the kernel's tables live in the shared memory, which is not used here. */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ REMAINDERS[(crc ^ byte) & 255]!;
  return ~crc;
}
