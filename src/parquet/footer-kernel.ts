import {
  FOOTER_COLUMN_BYTES,
  FOOTER_EXTREMES,
  FOOTER_EXTREMES_F32,
  FOOTER_EXTREMES_F64,
  FOOTER_EXTREMES_I32,
  FOOTER_EXTREMES_I64,
  FOOTER_EXTREMES_NONE,
  FOOTER_EXTREMES_U32,
  FOOTER_NAME_BYTES,
  FOOTER_NAME_PTR,
  FOOTER_NOTE_COUNT,
  FOOTER_NOTES,
  FOOTER_PHYSICAL,
} from '../abi/footer.js';
import { ByteDigest } from '../core/byte-digest.js';
import type { Core } from '../core/core.js';
import { CHUNK_BYTES, chunkTable } from './footer-chunks.js';
import { type RowGroupFacts, rowGroupCount } from './footer-row-groups.js';
import { StorageNotes } from './footer-storage.js';
import { PHYSICAL_TYPE_NAMES } from './format.js';
import type { SourceColumnInfo } from './reader.js';
import type { SourceSchema } from './source-schema.js';
import type { ThriftReader } from './thrift-reader.js';

/** The core and a part of its memory, 8-byte aligned, that is free while a footer is read. */
export interface FooterTools {
  readonly core: Core;
  readonly ptr: number;
  /** At least BYTE_DIGEST_BYTES; four times a footer's bytes let the kernel read it. */
  readonly byteLength: number;
}

/** XXH64 by the kernel, as hex. */
export function footerDigest({ core, ptr }: FooterTools, bytes: Uint8Array): string {
  const digest = new ByteDigest(core, ptr);
  digest.update(bytes);
  return digest.hex();
}

/**
 * Reads the list of row groups at the reader's place with a kernel: cold it is many times faster
 * than code that the interpreter runs. It takes what nearly every market data file is: flat
 * columns in ascending order, all claims right, and room for it in the tools' memory.
 *
 * @returns null, with the reader where it was, for anything else: {@link readRowGroups} tells
 */
export function readPlainRowGroups(
  reader: ThriftReader,
  schema: SourceSchema,
  dataEnd: number,
  { core, ptr, byteLength }: FooterTools,
): RowGroupFacts | null {
  const { fields } = schema;
  if (fields.some(({ info }) => info.type === 'other')) return null;
  const listAt = reader.at;
  const groupCount = rowGroupCount(reader, schema);
  const chunkCount = groupCount * fields.length;
  const rest = reader.bytes.subarray(reader.at);
  const tablePtr = ptr;
  const groupsPtr = tablePtr + aligned(chunkCount * CHUNK_BYTES);
  const columnsPtr = groupsPtr + groupCount * 16;
  const restPtr = columnsPtr + fields.length * FOOTER_COLUMN_BYTES;
  const namesPtr = restPtr + rest.byteLength;
  const namesBytes = schema.leaves.reduce(
    (sum, { node }) => sum + node.element.nameBytes.byteLength,
    0,
  );
  let read = -1;
  if (namesPtr + namesBytes <= ptr + byteLength) {
    const { u8, f64 } = core.views;
    u8.set(rest, restPtr);
    putColumns(core, schema, columnsPtr, namesPtr);
    read = core.kernels.footerChunks(
      restPtr,
      rest.byteLength,
      groupCount,
      fields.length,
      columnsPtr,
      tablePtr,
      groupsPtr,
      dataEnd,
    );
    if (read >= 0) {
      const restAt = reader.at;
      reader.at += read;
      const chunks = chunkTable(chunkCount);
      const bytes = new Uint8Array(chunks.offsets.buffer);
      bytes.set(u8.subarray(tablePtr, tablePtr + bytes.byteLength));
      const groups = groupsPtr / 8;
      return {
        rowGroupRows: f64.slice(groups, groups + groupCount),
        rowGroupBytes: f64.slice(groups + groupCount, groups + 2 * groupCount),
        chunks,
        storage: storageOf(core, reader, restAt, columnsPtr, chunks, fields.length),
      };
    }
  }
  reader.at = listAt;
  return null;
}

function putColumns(
  core: Core,
  { leaves, fields }: SourceSchema,
  columnsPtr: number,
  namesPtr: number,
): void {
  const { u8, i32 } = core.views;
  u8.fill(0, columnsPtr, columnsPtr + fields.length * FOOTER_COLUMN_BYTES);
  let namePtr = namesPtr;
  for (const [column, { node, physical }] of leaves.entries()) {
    const { nameBytes } = node.element;
    const block = columnsPtr + column * FOOTER_COLUMN_BYTES;
    i32[(block + FOOTER_NAME_PTR) / 4] = namePtr;
    i32[(block + FOOTER_NAME_BYTES) / 4] = nameBytes.byteLength;
    i32[(block + FOOTER_PHYSICAL) / 4] = PHYSICAL_TYPE_NAMES.indexOf(physical);
    i32[(block + FOOTER_EXTREMES) / 4] = extremesOf(fields[column]!.info);
    u8.set(nameBytes, namePtr);
    namePtr += nameBytes.byteLength;
  }
}

function extremesOf({ type, physical }: SourceColumnInfo): number {
  if (type === 'int32') return FOOTER_EXTREMES_I32;
  // Unsigned 32 bits are the only int32 that reads as an int64.
  if (type === 'int64') return physical === 'INT32' ? FOOTER_EXTREMES_U32 : FOOTER_EXTREMES_I64;
  if (type === 'float') return FOOTER_EXTREMES_F32;
  return type === 'double' ? FOOTER_EXTREMES_F64 : FOOTER_EXTREMES_NONE;
}

/** Names codecs and encodings in the order in which the kernel met them. */
function storageOf(
  core: Core,
  reader: ThriftReader,
  restAt: number,
  columnsPtr: number,
  { codecs, encodings }: RowGroupFacts['chunks'],
  columnCount: number,
): StorageNotes['columns'] {
  const { i32 } = core.views;
  const storage = new StorageNotes(reader, columnCount);
  for (let column = 0; column < columnCount; column++) {
    const block = (columnsPtr + column * FOOTER_COLUMN_BYTES) / 4;
    const noteCount = i32[block + FOOTER_NOTE_COUNT / 4]!;
    for (let note = 0; note < noteCount; note++) {
      const pair = block + FOOTER_NOTES / 4 + note * 2;
      const index = i32[pair]!;
      storage.note(column, codecs[index]!, encodings[index]!, restAt + i32[pair + 1]!);
    }
  }
  return storage.columns;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;
