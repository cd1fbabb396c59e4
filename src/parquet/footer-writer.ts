import { VERSION } from '../units/version.js';
import {
  CODECS,
  CONVERTED_DECIMAL,
  CONVERTED_UTF8,
  PHYSICAL_TYPES,
  REPETITION_OPTIONAL,
  REPETITION_REQUIRED,
} from './format.js';
import { THRIFT_BINARY, THRIFT_I32, THRIFT_STRUCT, ThriftWriter } from './thrift.js';
import type { Codec, EncodedChunk, WriteColumn } from './write-types.js';

/** A chunk that stands in the file. Offsets are bytes from the file's start. */
export interface PlacedChunk {
  readonly chunk: Omit<EncodedChunk, 'spans'>;
  readonly offset: number;
  /** Set by the page index; null where there is none. */
  columnIndex: ByteRange | null;
  offsetIndex: ByteRange | null;
}

export interface ByteRange {
  readonly offset: number;
  readonly byteLength: number;
}

export interface PlacedRowGroup {
  readonly rowCount: number;
  readonly codec: Codec;
  readonly chunks: readonly PlacedChunk[];
}

export interface Footer {
  readonly columns: readonly WriteColumn[];
  readonly rowGroups: readonly PlacedRowGroup[];
  readonly keyValue: ReadonlyMap<string, string>;
}

/** FileMetaData of parquet.thrift, without its length and the magic. */
export function footerBytes(footer: Footer): Uint8Array {
  const { columns, rowGroups, keyValue } = footer;
  const thrift = new ThriftWriter();
  // 2: DELTA_BINARY_PACKED and RLE_DICTIONARY belong to the second version of the format.
  thrift.i32(1, 2);
  putSchema(thrift, columns);
  thrift.i64(
    3,
    sum(rowGroups, (group) => group.rowCount),
  );
  thrift.listBegin(4, THRIFT_STRUCT, rowGroups.length);
  for (const group of rowGroups) putRowGroup(thrift, columns, group);
  if (keyValue.size > 0) putKeyValue(thrift, keyValue);
  thrift.string(6, `depthmill version ${VERSION}`);
  putColumnOrders(thrift, columns.length);
  return thrift.end();
}

function putSchema(thrift: ThriftWriter, columns: readonly WriteColumn[]): void {
  thrift.listBegin(2, THRIFT_STRUCT, columns.length + 1);
  thrift.elementStructBegin();
  thrift.string(4, 'schema');
  thrift.i32(5, columns.length);
  thrift.structEnd();
  for (const column of columns) {
    thrift.elementStructBegin();
    thrift.i32(1, PHYSICAL_TYPES[column.type]);
    thrift.i32(3, column.nullable ? REPETITION_OPTIONAL : REPETITION_REQUIRED);
    thrift.string(4, column.name);
    if (column.type === 'string') {
      thrift.i32(6, CONVERTED_UTF8);
      thrift.structBegin(10);
      thrift.structBegin(1);
      thrift.structEnd();
      thrift.structEnd();
    }
    if (column.decimal !== undefined) putDecimal(thrift, column.decimal);
    thrift.structEnd();
  }
}

/** ConvertedType and LogicalType: old readers know the first, new ones look at the second. */
function putDecimal(
  thrift: ThriftWriter,
  { digits, scale }: NonNullable<WriteColumn['decimal']>,
): void {
  thrift.i32(6, CONVERTED_DECIMAL);
  thrift.i32(7, scale);
  thrift.i32(8, digits);
  thrift.structBegin(10);
  thrift.structBegin(5);
  thrift.i32(1, scale);
  thrift.i32(2, digits);
  thrift.structEnd();
  thrift.structEnd();
}

function putRowGroup(
  thrift: ThriftWriter,
  columns: readonly WriteColumn[],
  group: PlacedRowGroup,
): void {
  thrift.elementStructBegin();
  thrift.listBegin(1, THRIFT_STRUCT, group.chunks.length);
  group.chunks.forEach((placed, i) => {
    thrift.elementStructBegin();
    // file_offset is deprecated; 0 as the format now recommends.
    thrift.i64(2, 0);
    putColumnMetaData(thrift, columns[i]!, placed, group);
    if (placed.offsetIndex !== null) {
      thrift.i64(4, placed.offsetIndex.offset);
      thrift.i32(5, placed.offsetIndex.byteLength);
    }
    if (placed.columnIndex !== null) {
      thrift.i64(6, placed.columnIndex.offset);
      thrift.i32(7, placed.columnIndex.byteLength);
    }
    thrift.structEnd();
  });
  thrift.i64(
    2,
    sum(group.chunks, ({ chunk }) => chunk.uncompressedByteLength),
  );
  thrift.i64(3, group.rowCount);
  thrift.i64(5, group.chunks[0]?.offset ?? 0);
  thrift.i64(
    6,
    sum(group.chunks, ({ chunk }) => chunk.byteLength),
  );
  thrift.structEnd();
}

function putColumnMetaData(
  thrift: ThriftWriter,
  column: WriteColumn,
  placed: PlacedChunk,
  group: PlacedRowGroup,
): void {
  const { chunk, offset } = placed;
  thrift.structBegin(3);
  thrift.i32(1, PHYSICAL_TYPES[column.type]);
  thrift.listBegin(2, THRIFT_I32, chunk.encodings.length);
  for (const encoding of chunk.encodings) thrift.elementInt(encoding);
  thrift.listBegin(3, THRIFT_BINARY, 1);
  thrift.elementBinary(new TextEncoder().encode(column.name));
  thrift.i32(4, CODECS[chunk.codec ?? group.codec]);
  thrift.i64(5, group.rowCount);
  thrift.i64(6, chunk.uncompressedByteLength);
  thrift.i64(7, chunk.byteLength);
  thrift.i64(9, offset + chunk.dictionaryByteLength);
  if (chunk.dictionaryByteLength > 0) thrift.i64(11, offset);
  if (column.statistics) putStatistics(thrift, chunk);
  thrift.structEnd();
}

function putStatistics(thrift: ThriftWriter, chunk: PlacedChunk['chunk']): void {
  thrift.structBegin(12);
  thrift.i64(3, chunk.nullCount);
  if (chunk.max !== null) thrift.binary(5, chunk.max);
  if (chunk.min !== null) thrift.binary(6, chunk.min);
  thrift.structEnd();
}

function putKeyValue(thrift: ThriftWriter, keyValue: ReadonlyMap<string, string>): void {
  thrift.listBegin(5, THRIFT_STRUCT, keyValue.size);
  for (const [key, value] of keyValue) {
    thrift.elementStructBegin();
    thrift.string(1, key);
    thrift.string(2, value);
    thrift.structEnd();
  }
}

/** Without them min_value and max_value must not be trusted: all are in the type's own order. */
function putColumnOrders(thrift: ThriftWriter, columnCount: number): void {
  thrift.listBegin(7, THRIFT_STRUCT, columnCount);
  for (let i = 0; i < columnCount; i++) {
    thrift.elementStructBegin();
    thrift.structBegin(1);
    thrift.structEnd();
    thrift.structEnd();
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
