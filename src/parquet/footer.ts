import { type ErrorDetails, PipelineError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { xxh64Hex } from '../units/xxh64.js';
import { type ChunkTable, HAS_MAX, HAS_MIN } from './footer-chunks.js';
import {
  encryptedError,
  FooterDefect,
  footerError,
  headError,
  printable,
  truncatedError,
} from './footer-errors.js';
import { type FooterTools, footerDigest, readPlainRowGroups } from './footer-kernel.js';
import { type RowGroupFacts, readRowGroups } from './footer-row-groups.js';
import type { ParquetFooter, SourceColumnInfo } from './reader.js';
import { readSchemaElements } from './schema-element.js';
import { type SourceSchema, sourceSchema } from './source-schema.js';
import { THRIFT_STRUCT } from './thrift.js';
import { ThriftReader } from './thrift-reader.js';

const MAGIC = 'PAR1';
const MAGIC_ENCRYPTED = 'PARE';
/** Behind the footer: its length (u32) and the magic. */
const TAIL_BYTES = 8;
const FILE_BYTES_MIN = MAGIC.length + TAIL_BYTES;
/** One read that holds the whole footer of most files. */
const FIRST_READ_BYTES = 65_536;

/**
 * Reads and checks the footer of a Parquet file. Nothing in it is believed that can be checked
 * without reading pages; what it says of flat columns is therefore safe to plan with.
 *
 * @param tools kernels and memory for them, which make the same of it many times faster
 * @throws ParquetError ERR_PARQUET_NOT_PARQUET, ERR_PARQUET_TRUNCATED, ERR_PARQUET_UNSUPPORTED
 *   (encrypted, or data in other files), ERR_PARQUET_FOOTER (it contradicts itself or the file)
 * @throws InputError ERR_INPUT_UNREADABLE
 */
export async function readFooter(
  source: ByteSource,
  tools: FooterTools | null = null,
): Promise<ParquetFooter> {
  const tail = await readTail(source);
  try {
    const footerXxh64 = tools === null ? xxh64Hex(tail) : footerDigest(tools, tail);
    return { ...parse(source, tail, tools), footerXxh64 };
  } catch (cause) {
    if (cause instanceof PipelineError) throw cause;
    const details: ErrorDetails =
      cause instanceof FooterDefect ? { rowGroup: cause.rowGroup, column: cause.column } : {};
    throw footerError(source, cause instanceof Error ? cause.message : String(cause), details);
  }
}

/** Reads the footer with the 8 bytes behind it, after looking at both ends of the file. */
async function readTail(source: ByteSource): Promise<Uint8Array> {
  const { byteLength } = source;
  const head = text(await source.read(0, Math.min(MAGIC.length, byteLength)));
  if (head === MAGIC_ENCRYPTED) throw encryptedError(source);
  if (head !== MAGIC.slice(0, head.length) || head.length === 0) throw headError(source, head);
  if (byteLength < FILE_BYTES_MIN) {
    const message = `it has ${byteLength} bytes, the shortest Parquet file has ${FILE_BYTES_MIN}`;
    throw truncatedError(source, message);
  }
  const last = await source.read(
    Math.max(0, byteLength - FIRST_READ_BYTES),
    Math.min(FIRST_READ_BYTES, byteLength),
  );
  const end = text(last.subarray(last.byteLength - MAGIC.length));
  if (end === MAGIC_ENCRYPTED) throw encryptedError(source);
  if (end !== MAGIC) {
    throw truncatedError(source, `it begins as Parquet but ends with ${printable(end)}`);
  }
  const view = new DataView(last.buffer, last.byteOffset + last.byteLength - TAIL_BYTES);
  const footerBytes = view.getUint32(0, true);
  const tailBytes = footerBytes + TAIL_BYTES;
  if (tailBytes + MAGIC.length > byteLength) {
    const message = `its footer length ${footerBytes} exceeds its size of ${byteLength} bytes`;
    throw truncatedError(source, message, { footerBytes });
  }
  if (tailBytes <= last.byteLength) return last.subarray(last.byteLength - tailBytes);
  return source.read(byteLength - tailBytes, tailBytes);
}

/**
 * Takes the footer apart: FileMetaData of parquet.thrift. Its schema must come before its row
 * groups, as every writer puts it: they are checked against it on the way.
 */
function parse(
  source: ByteSource,
  tail: Uint8Array,
  tools: FooterTools | null,
): Omit<ParquetFooter, 'footerXxh64'> {
  const reader: ThriftReader = new ThriftReader(tail.subarray(0, tail.byteLength - TAIL_BYTES));
  const dataEnd = source.byteLength - tail.byteLength;
  let schema: SourceSchema | null = null;
  let rowGroups: RowGroupFacts | null = null;
  let rowCount = Number.NaN;
  let createdBy: string | null = null;
  let keyValue = new Map<string, string>();
  for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
    if (field === 0x29) {
      if (schema !== null) reader.fail('a second schema begins');
      schema = sourceSchema(readSchemaElements(reader));
    } else if (field === 0x36) {
      rowCount = reader.int();
    } else if (field === 0x49) {
      if (rowGroups !== null) reader.fail('a second list of row groups begins');
      if (schema === null) reader.fail('row groups come before the schema');
      if (tools !== null) rowGroups = readPlainRowGroups(reader, schema, dataEnd, tools);
      rowGroups ??= readRowGroups(reader, schema, source, dataEnd);
    } else if (field === 0x59) {
      keyValue = readKeyValue(reader);
    } else if (field === 0x68) {
      createdBy = reader.text();
    } else reader.skip(field & 0x0f);
  }
  if (schema === null) reader.fail('it ends without a schema');
  if (rowGroups === null) reader.fail('it ends without a list of row groups');
  const rowSum = rowGroups.rowGroupRows.reduce((sum, rows) => sum + rows, 0);
  if (rowCount !== rowSum) {
    const claim = Number.isNaN(rowCount) ? 'no number of' : rowCount;
    throw new Error(`it claims ${claim} rows, its row groups have ${rowSum}`);
  }
  const { name, byteLength } = source;
  const columns = schema.fields.map(({ info }) => info);
  forgetUnsigned(rowGroups.chunks, columns);
  return { name, byteLength, createdBy, rowCount, columns, ...rowGroups, keyValue };
}

/** Bounds of unsigned columns that no int64 holds say nothing of those that one does. */
function forgetUnsigned(chunks: ChunkTable, columns: readonly SourceColumnInfo[]): void {
  const { minIntegers, maxIntegers, statistics } = chunks;
  for (const [column, { isUnsigned }] of columns.entries()) {
    if (!isUnsigned) continue;
    for (let index = column; index < statistics.length; index += columns.length) {
      if (minIntegers[index]! < 0n) statistics[index]! &= ~HAS_MIN;
      if (maxIntegers[index]! < 0n) statistics[index]! &= ~HAS_MAX;
    }
  }
}

function readKeyValue(reader: ThriftReader): Map<string, string> {
  const count = reader.list(THRIFT_STRUCT);
  const pairs = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    let key = '';
    let value = '';
    for (let field = reader.field(0); field !== 0; field = reader.field(field >> 4)) {
      if (field === 0x18) key = reader.text();
      else if (field === 0x28) value = reader.text();
      else reader.skip(field & 0x0f);
    }
    pairs.set(key, value);
  }
  return pairs;
}

/** Bytes as characters of the same numbers, so that nothing is lost in a comparison. */
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
