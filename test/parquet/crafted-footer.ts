import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import type { ParquetFooter } from '#src/parquet/reader.js';
import { THRIFT_BINARY, THRIFT_I32, THRIFT_STRUCT, ThriftWriter } from '#src/parquet/thrift.js';

/** A chunk of a file whose footer is written by hand; what is left out is what an honest one says. */
export interface CraftedChunk {
  readonly offset: number;
  readonly byteLength: number;
  readonly path?: readonly string[];
  readonly codec?: number;
  readonly encodings?: readonly number[];
  readonly valueCount?: number;
  readonly dictionaryOffset?: number;
  readonly filePath?: string;
  readonly isEncrypted?: boolean;
  readonly statistics?: {
    readonly max?: Uint8Array;
    readonly min?: Uint8Array;
    readonly nullCount?: number;
    readonly maxValue?: Uint8Array;
    readonly minValue?: Uint8Array;
  };
}

export interface CraftedColumn {
  readonly name: string;
  /** Number of the physical type; null: a group of `children`. */
  readonly type: number | null;
  readonly children?: readonly CraftedColumn[];
  /** OPTIONAL; else REQUIRED. */
  readonly isNullable?: boolean;
  readonly converted?: number;
  /** Of a DECIMAL, with no digits behind the point. */
  readonly precision?: number;
}

export interface CraftedGroup {
  readonly rowCount: number;
  /** One for each leaf. */
  readonly chunks: readonly CraftedChunk[];
}

/** Bytes between the magic and the footer. */
export const DATA_BYTES = 1_000;

/** A file with so much data, of no meaning, and this footer behind it. */
export function fileAround(thrift: Uint8Array, dataBytes = DATA_BYTES): Uint8Array {
  const file = new Uint8Array(4 + dataBytes + thrift.byteLength + 8);
  const magic = [0x50, 0x41, 0x52, 0x31];
  file.set(magic);
  file.set(thrift, 4 + dataBytes);
  new DataView(file.buffer).setUint32(file.byteLength - 8, thrift.byteLength, true);
  file.set(magic, file.byteLength - 4);
  return file;
}

/** Reads the footer of such a file. */
export function craftedFooter(
  columns: readonly CraftedColumn[],
  groups: readonly CraftedGroup[],
): Promise<ParquetFooter> {
  return readFooter(memorySource('x.parquet', fileAround(craftedThrift(columns, groups))));
}

/** FileMetaData of such a file. */
export function craftedThrift(
  columns: readonly CraftedColumn[],
  groups: readonly CraftedGroup[],
): Uint8Array {
  const thrift = new ThriftWriter();
  const leaves = columns.flatMap((column) => leavesOf(column, []));
  thrift.i32(1, 2);
  thrift.listBegin(2, THRIFT_STRUCT, 1 + columns.reduce((sum, of) => sum + sizeOf(of), 0));
  thrift.elementStructBegin();
  thrift.string(4, 'schema');
  thrift.i32(5, columns.length);
  thrift.structEnd();
  for (const column of columns) writeColumn(thrift, column);
  thrift.i64(
    3,
    groups.reduce((sum, group) => sum + group.rowCount, 0),
  );
  thrift.listBegin(4, THRIFT_STRUCT, groups.length);
  for (const group of groups) {
    thrift.elementStructBegin();
    thrift.listBegin(1, THRIFT_STRUCT, group.chunks.length);
    group.chunks.forEach((chunk, leaf) => {
      writeChunk(thrift, chunk, leaves[leaf]!, group.rowCount);
    });
    thrift.i64(3, group.rowCount);
    thrift.structEnd();
  }
  return thrift.end();
}

interface Leaf {
  readonly path: readonly string[];
  readonly type: number;
}

function leavesOf(column: CraftedColumn, above: readonly string[]): Leaf[] {
  const path = [...above, column.name];
  if (column.type !== null) return [{ path, type: column.type }];
  return (column.children ?? []).flatMap((child) => leavesOf(child, path));
}

const sizeOf = (column: CraftedColumn): number =>
  1 + (column.children ?? []).reduce((sum, child) => sum + sizeOf(child), 0);

function writeColumn(thrift: ThriftWriter, column: CraftedColumn): void {
  thrift.elementStructBegin();
  if (column.type !== null) thrift.i32(1, column.type);
  thrift.i32(3, column.isNullable === true ? 1 : 0);
  thrift.string(4, column.name);
  if (column.children !== undefined) thrift.i32(5, column.children.length);
  if (column.converted !== undefined) thrift.i32(6, column.converted);
  if (column.precision !== undefined) thrift.i32(8, column.precision);
  thrift.structEnd();
  for (const child of column.children ?? []) writeColumn(thrift, child);
}

function writeChunk(
  thrift: ThriftWriter,
  chunk: CraftedChunk,
  { path, type }: Leaf,
  rowCount: number,
): void {
  const { encodings = [0], codec = 0, statistics } = chunk;
  thrift.elementStructBegin();
  if (chunk.filePath !== undefined) thrift.string(1, chunk.filePath);
  thrift.structBegin(3);
  thrift.i32(1, type);
  thrift.listBegin(2, THRIFT_I32, encodings.length);
  for (const encoding of encodings) thrift.elementInt(encoding);
  const names = chunk.path ?? path;
  thrift.listBegin(3, THRIFT_BINARY, names.length);
  for (const name of names) thrift.elementBinary(new TextEncoder().encode(name));
  thrift.i32(4, codec);
  thrift.i64(5, chunk.valueCount ?? rowCount);
  thrift.i64(6, chunk.byteLength * 2);
  thrift.i64(7, chunk.byteLength);
  thrift.i64(9, chunk.offset);
  if (chunk.dictionaryOffset !== undefined) thrift.i64(11, chunk.dictionaryOffset);
  if (statistics !== undefined) {
    thrift.structBegin(12);
    if (statistics.max !== undefined) thrift.binary(1, statistics.max);
    if (statistics.min !== undefined) thrift.binary(2, statistics.min);
    if (statistics.nullCount !== undefined) thrift.i64(3, statistics.nullCount);
    if (statistics.maxValue !== undefined) thrift.binary(5, statistics.maxValue);
    if (statistics.minValue !== undefined) thrift.binary(6, statistics.minValue);
    thrift.structEnd();
  }
  thrift.structEnd();
  if (chunk.isEncrypted === true) {
    thrift.structBegin(8);
    thrift.structEnd();
  }
  thrift.structEnd();
}
