import { DICTIONARY_ENTRIES_MAX } from '../abi/dictionary.js';
import { PAGE_ROWS, ROW_GROUP_ROWS_MAX } from '../abi/limits.js';
import { PAGE_HEADER_BYTES_MAX } from '../abi/page-header.js';
import type { Core } from '../core/core.js';
import { deltaBytesMax, hybridBytesMax } from '../core/page-encode.js';
import { invariant } from '../errors/errors.js';
import { ChunkEncoder } from './encode-chunk.js';
import { compressedBytesMax, encodeScratch } from './encode-scratch.js';
import { encodeSmallChunk } from './small-table.js';
import { textPageBytes } from './text-dictionary.js';
import type {
  Codec,
  EncodedChunk,
  EncodedRowGroup,
  EncodeRowGroupRequest,
  MemorySpan,
  WriteColumn,
} from './write-types.js';

export { prepareCodec } from './compress.js';
export { encodeScratchBytes } from './encode-scratch.js';

/**
 * Encodes a row group out of the shared memory into `request.out`. Its bytes depend on the values,
 * the columns and the codec only: not on how the rows are cut into segments, nor on the spans.
 *
 * Any thread may call it; `scratch` (encodeScratchBytes) and the output spans are its alone until
 * it returns, afterwards the scratch is free and the spans hold the pages. Before codec 'zstd',
 * {@link prepareCodec} must have settled once in this thread.
 *
 * @param request `rowCount` is 1 to ROW_GROUP_ROWS_MAX
 */
export function encodeRowGroup(
  core: Core,
  scratch: MemorySpan,
  request: EncodeRowGroupRequest,
): EncodedRowGroup {
  const { columns, places, segments, rowCount, codec } = request;
  invariant(rowCount > 0 && rowCount <= ROW_GROUP_ROWS_MAX, `a row group of ${rowCount} rows`);
  invariant(places.length === columns.length, 'one place for each column');
  let segmentRows = 0;
  for (const segment of segments) segmentRows += segment.rowCount;
  invariant(segmentRows === rowCount, `${segmentRows} rows in a row group of ${rowCount}`);
  const blocks = encodeScratch(scratch, rowCount);
  core.kernels.crc32Init(blocks.crcTablesPtr);
  const encoder = new ChunkEncoder(core, blocks, request);
  const { rowTexts } = request;
  const chunks = columns.map((column, i) =>
    column.name === rowTexts?.column
      ? textChunk(column, rowTexts.texts, rowCount)
      : encoder.encode(column, places[i]!),
  );
  return { rowCount, codec, chunks };
}

/** Texts that nearly all differ: plain pages without a codec, made on the host's side of memory. */
function textChunk(
  column: WriteColumn,
  texts: readonly (string | null)[],
  rowCount: number,
): EncodedChunk {
  invariant(column.type === 'string' && texts.length === rowCount, 'a text for each row');
  const { chunk, parts } = encodeSmallChunk(column, texts);
  return { ...chunk, spans: [], parts, codec: 'none' };
}

/**
 * Bytes of output spans that are enough for any values: what `out` of a request must add up to.
 * Pages are split where a span ends, so nothing is lost between spans.
 */
export function rowGroupBytesMax(
  columns: readonly WriteColumn[],
  rowCount: number,
  codec: Codec = 'none',
): number {
  return columns.reduce((sum, column) => sum + chunkBytesMax(column, rowCount, codec), 0);
}

function chunkBytesMax(column: WriteColumn, rowCount: number, codec: Codec): number {
  const page = (byteLength: number): number =>
    PAGE_HEADER_BYTES_MAX + (codec === 'none' ? byteLength : compressedBytesMax(byteLength));
  const levelBytes = (rows: number): number => (column.nullable ? 4 + hybridBytesMax(rows, 1) : 0);
  const wholePages = Math.floor(rowCount / PAGE_ROWS);
  const lastRows = rowCount % PAGE_ROWS;
  let bytes = page(dictionaryBytesMax(column, rowCount));
  bytes += wholePages * page(levelBytes(PAGE_ROWS) + valueBytesMax(column, PAGE_ROWS));
  if (lastRows > 0) bytes += page(levelBytes(lastRows) + valueBytesMax(column, lastRows));
  return bytes;
}

function valueBytesMax(column: WriteColumn, rowCount: number): number {
  switch (column.type) {
    case 'bool':
      return Math.ceil(rowCount / 8);
    case 'string':
      return 1 + hybridBytesMax(rowCount, 16);
    default:
      return deltaBytesMax(rowCount, column.type === 'int32' ? 4 : 8);
  }
}

/** With `auto` a dictionary wins only if it and its indices are smaller than the plain values. */
function dictionaryBytesMax(column: WriteColumn, rowCount: number): number {
  if (column.type === 'string') return textPageBytes(column.dictionary ?? []).byteLength;
  if (column.encoding !== 'dictionary' || column.type === 'bool') return 0;
  return Math.min(rowCount, DICTIONARY_ENTRIES_MAX) * (column.type === 'int32' ? 4 : 8);
}
