import { ParquetError } from '../errors/errors.js';
import type { ByteSource } from '../io/byte-source.js';
import { type ColumnChunkInfo, chunkOf, rowCountOf } from './footer-chunks.js';
import { CODEC_NAMES, PHYSICAL_TYPE_NAMES } from './format.js';
import type { ParquetFooter, SourceColumnInfo } from './reader.js';
import { THRIFT_BINARY, THRIFT_I32, THRIFT_STRUCT, ThriftWriter } from './thrift.js';

// A decoder of whole files is handed a small file of its own: the wanted chunks, byte for byte as
// they are, behind a footer that is written here and says only what decoding needs. So the decoder
// sees no foreign footer (it would take that of a vendor's day apart in every thread), no nested
// or unknown types, no names (they may repeat, or hold dots), no hints to Arrow's richer types,
// and no way to wait for more bytes: it either returns or throws.

/** Chunks that lie this close are fetched by one read, with what lies between them. */
const READ_GAP_BYTES = 65_536;

const MAGIC = [0x50, 0x41, 0x52, 0x31];
const CONVERTED_UTF8 = 0;
const CONVERTED_DECIMAL = 5;
const CONVERTED_UINT_32 = 13;
const REQUIRED = 0;
const OPTIONAL = 1;

/** What of a file is wanted: row groups in ascending order, columns that are not `other`. */
export interface Extract {
  readonly rowGroupIndexes: readonly number[];
  readonly columnIndexes: readonly number[];
}

/** Where a chunk's bytes go: `at` counts from the start of the small file. */
interface PlacedChunk {
  readonly chunk: ColumnChunkInfo;
  at: number;
}

interface ReadSpan {
  readonly offset: number;
  end: number;
}

/**
 * Reads the chunks of `extract` and makes a file of them with columns named by their place in
 * `columnIndexes`. The result is a view of `buffer`, or of a new one where that is too small.
 *
 * @throws ParquetError ERR_PARQUET_UNSUPPORTED for a codec that is not known
 * @throws InputError ERR_INPUT_UNREADABLE
 */
export async function extractFile(
  source: ByteSource,
  footer: ParquetFooter,
  extract: Extract,
  buffer: Uint8Array,
): Promise<Uint8Array> {
  const groups = extract.rowGroupIndexes.map((rowGroup) =>
    extract.columnIndexes.map((column): PlacedChunk => {
      const chunk = chunkOf(footer, rowGroup, column);
      refuseUnknownCodec(footer, chunk, rowGroup, column);
      return { chunk, at: 0 };
    }),
  );
  const spans = placeChunks(groups.flat());
  const thrift = smallFooter(footer, extract, groups);
  const dataEnd = spans.reduce((at, span) => at + span.end - span.offset, MAGIC.length);
  const byteLength = dataEnd + thrift.byteLength + 4 + MAGIC.length;
  const file = (buffer.byteLength >= byteLength ? buffer : new Uint8Array(byteLength)).subarray(
    0,
    byteLength,
  );
  file.set(MAGIC, 0);
  let at = MAGIC.length;
  for (const { offset, end } of spans) {
    await source.readInto(offset, file.subarray(at, at + end - offset));
    at += end - offset;
  }
  file.set(thrift, dataEnd);
  const lengthAt = dataEnd + thrift.byteLength;
  new DataView(file.buffer, file.byteOffset).setUint32(lengthAt, thrift.byteLength, true);
  file.set(MAGIC, lengthAt + 4);
  return file;
}

/** Gives each chunk its place, and tells which runs of the source have to be read in turn. */
function placeChunks(chunks: readonly PlacedChunk[]): ReadSpan[] {
  const inOrder = [...chunks].sort((a, b) => a.chunk.offset - b.chunk.offset);
  const spans: ReadSpan[] = [];
  let spanAt = MAGIC.length;
  for (const placed of inOrder) {
    const { offset, byteLength } = placed.chunk;
    let span = spans.at(-1);
    if (span === undefined || offset > span.end + READ_GAP_BYTES) {
      if (span !== undefined) spanAt += span.end - span.offset;
      span = { offset, end: offset };
      spans.push(span);
    }
    placed.at = spanAt + offset - span.offset;
    span.end = offset + byteLength;
  }
  return spans;
}

function refuseUnknownCodec(
  footer: ParquetFooter,
  chunk: ColumnChunkInfo,
  rowGroup: number,
  columnIndex: number,
): void {
  if (CODEC_NAMES.includes(chunk.codec) && chunk.codec !== 'LZO') return;
  const column = footer.columns[columnIndex]!.name;
  throw new ParquetError(
    'ERR_PARQUET_UNSUPPORTED',
    `${footer.name}, row group ${rowGroup}, column ${column}: codec ${chunk.codec} is not read; ` +
      `known are ${CODEC_NAMES.filter((codec) => codec !== 'LZO').join(', ')}.`,
    { details: { path: footer.name, rowGroup, column, codec: chunk.codec } },
  );
}

function smallFooter(
  footer: ParquetFooter,
  { columnIndexes, rowGroupIndexes }: Extract,
  groups: readonly (readonly PlacedChunk[])[],
): Uint8Array {
  const columns = columnIndexes.map((index) => footer.columns[index]!);
  const rowCounts = rowGroupIndexes.map((index) => rowCountOf(footer, index));
  const thrift = new ThriftWriter();
  thrift.i32(1, 2);
  writeSchema(thrift, columns);
  thrift.i64(
    3,
    rowCounts.reduce((sum, rowCount) => sum + rowCount, 0),
  );
  thrift.listBegin(4, THRIFT_STRUCT, groups.length);
  for (const [index, chunks] of groups.entries()) {
    thrift.elementStructBegin();
    thrift.listBegin(1, THRIFT_STRUCT, chunks.length);
    for (const [place, placed] of chunks.entries()) {
      writeChunk(thrift, placed, columns[place]!, place, rowCounts[index]!);
    }
    thrift.i64(
      2,
      chunks.reduce((sum, { chunk }) => sum + chunk.uncompressedByteLength, 0),
    );
    thrift.i64(3, rowCounts[index]!);
    thrift.structEnd();
  }
  return thrift.end();
}

const columnName = (place: number): Uint8Array => new TextEncoder().encode(String(place));

function writeSchema(thrift: ThriftWriter, columns: readonly SourceColumnInfo[]): void {
  thrift.listBegin(2, THRIFT_STRUCT, columns.length + 1);
  thrift.elementStructBegin();
  thrift.string(4, 'rows');
  thrift.i32(5, columns.length);
  thrift.structEnd();
  for (const [place, column] of columns.entries()) {
    thrift.elementStructBegin();
    thrift.i32(1, PHYSICAL_TYPE_NAMES.indexOf(column.physical!));
    if (column.fixedBytes > 0) thrift.i32(2, column.fixedBytes);
    thrift.i32(3, column.nullable ? OPTIONAL : REQUIRED);
    thrift.binary(4, columnName(place));
    const converted = convertedType(column);
    if (converted !== null) thrift.i32(6, converted);
    if (converted === CONVERTED_DECIMAL) {
      thrift.i32(7, column.decimals);
      thrift.i32(8, Math.max(decimalPrecision(column), column.decimals));
    }
    thrift.structEnd();
  }
}

/** Only what changes the decoded bytes: times and small integers are their stored integers. */
function convertedType(column: SourceColumnInfo): number | null {
  if (column.type === 'utf8') return CONVERTED_UTF8;
  if (column.type === 'decimal128') return CONVERTED_DECIMAL;
  return column.type === 'int64' && column.physical === 'INT32' ? CONVERTED_UINT_32 : null;
}

/** The most decimal digits that the storage holds for certain. */
function decimalPrecision({ physical, fixedBytes }: SourceColumnInfo): number {
  if (physical === 'INT32') return 9;
  if (physical === 'INT64') return 18;
  if (physical === 'BYTE_ARRAY') return 38;
  return Math.floor((8 * fixedBytes - 1) * Math.log10(2));
}

function writeChunk(
  thrift: ThriftWriter,
  { chunk, at }: PlacedChunk,
  column: SourceColumnInfo,
  place: number,
  rowCount: number,
): void {
  thrift.elementStructBegin();
  thrift.i64(2, at);
  thrift.structBegin(3);
  thrift.i32(1, PHYSICAL_TYPE_NAMES.indexOf(column.physical!));
  // Which encodings occur stands in the pages; the list may not be absent, but it may be empty.
  thrift.listBegin(2, THRIFT_I32, 0);
  thrift.listBegin(3, THRIFT_BINARY, 1);
  thrift.elementBinary(columnName(place));
  thrift.i32(4, CODEC_NAMES.indexOf(chunk.codec));
  thrift.i64(5, rowCount);
  thrift.i64(6, chunk.uncompressedByteLength);
  thrift.i64(7, chunk.byteLength);
  thrift.i64(9, at + chunk.dictionaryByteLength);
  if (chunk.dictionaryByteLength > 0) thrift.i64(11, at);
  thrift.structEnd();
  thrift.structEnd();
}
