import { CHUNK_BLOCK_BYTES, SEGMENT_BYTES, WRITTEN_PAGE_BYTES } from '../abi/chunk-encode.js';
import { DICTIONARY_BYTES, DICTIONARY_ENTRIES_MAX } from '../abi/dictionary.js';
import { PAGE_ROWS, ROW_GROUP_ROWS_MAX } from '../abi/limits.js';
import { CRC_TABLE_BYTES } from '../core/crc32.js';
import { DELTA_SCRATCH_BYTES, deltaBytesMax, hybridBytesMax } from '../core/page-encode.js';
import { SNAPPY_TABLE_BYTES, snappyBytesMax } from '../core/snappy-compress.js';
import { invariant } from '../errors/errors.js';
import type { MemorySpan } from './write-types.js';

/** Kernels store whole words: no block's last bytes may be another's first. */
const PAD_BYTES = 64;

/** Kernels read and write that far behind the last index. */
const INDICES_PAD_BYTES = 128;

/** The most bytes of a page before compression: definition levels, then values. */
export const PAGE_BODY_BYTES_MAX = 4 + hybridBytesMax(PAGE_ROWS, 1) + deltaBytesMax(PAGE_ROWS, 8);

/** Segments that the encoder looks at together: as many as a page may have. */
export const SEGMENTS_MAX = PAGE_ROWS;

/** Spans of the output that one column may go through. */
export const SPANS_MAX = 1024;

const DICTIONARY_PAGE_BYTES_MAX = DICTIONARY_ENTRIES_MAX * 8;

/** The most bytes that a codec makes of `byteLength` bytes: zstd's bound lies below snappy's. */
export const compressedBytesMax = snappyBytesMax;

/** Blocks of the scratch memory of one encoder: addresses. */
export interface EncodeScratch {
  /** The block of the chunk that is being encoded (src/abi/chunk-encode.ts), and its pages. */
  readonly chunkPtr: number;
  readonly pagesPtr: number;
  /** SEGMENTS_MAX segments, and SPANS_MAX spans of the output. */
  readonly segmentsPtr: number;
  readonly spansPtr: number;
  readonly crcTablesPtr: number;
  readonly deltaPtr: number;
  /** The values of a page, 8 bytes a row. */
  readonly valuesPtr: number;
  /** The validity of a page. */
  readonly validityPtr: number;
  /** A page before compression. */
  readonly bodyPtr: number;
  /** A page after compression; the dictionary page is the largest. */
  readonly compressedPtr: number;
  readonly snappyTablePtr: number;
  readonly dictionaryPtr: number;
  /** u16 a row of the row group; last, because its size depends on the row group. */
  readonly indicesPtr: number;
}

function layOut(basePtr: number): EncodeScratch {
  let next = Math.ceil(basePtr / 64) * 64;
  const take = (byteLength: number): number => {
    const ptr = next;
    next += Math.ceil((byteLength + PAD_BYTES) / 64) * 64;
    return ptr;
  };
  return {
    chunkPtr: take(CHUNK_BLOCK_BYTES),
    pagesPtr: take(Math.ceil(ROW_GROUP_ROWS_MAX / PAGE_ROWS) * WRITTEN_PAGE_BYTES),
    segmentsPtr: take(SEGMENTS_MAX * SEGMENT_BYTES),
    spansPtr: take(SPANS_MAX * 8),
    crcTablesPtr: take(CRC_TABLE_BYTES),
    deltaPtr: take(DELTA_SCRATCH_BYTES),
    valuesPtr: take(PAGE_ROWS * 8),
    validityPtr: take(PAGE_ROWS / 8),
    bodyPtr: take(PAGE_BODY_BYTES_MAX),
    compressedPtr: take(compressedBytesMax(DICTIONARY_PAGE_BYTES_MAX)),
    snappyTablePtr: take(SNAPPY_TABLE_BYTES),
    dictionaryPtr: take(DICTIONARY_BYTES),
    indicesPtr: next,
  };
}

/**
 * Bytes of scratch that encodeRowGroup needs for row groups of at most `rowCountMax` rows; 64-byte
 * alignment of the span is not asked for. About 3 MB, and 2 bytes a row.
 */
export function encodeScratchBytes(rowCountMax = ROW_GROUP_ROWS_MAX): number {
  return layOut(0).indicesPtr + 64 + rowCountMax * 2 + INDICES_PAD_BYTES;
}

/** Cuts a span into the encoder's blocks. */
export function encodeScratch(span: MemorySpan, rowCount: number): EncodeScratch {
  invariant(
    span.byteLength >= encodeScratchBytes(rowCount),
    `scratch of ${span.byteLength} bytes is too small for a row group of ${rowCount} rows`,
  );
  return layOut(span.ptr);
}
