// Encodes a column of known values in a memory of its own, every block of it between canaries.
import { CHUNK_BLOCK_BYTES, SEGMENT_BYTES, WRITTEN_PAGE_BYTES } from '#src/abi/chunk-encode.js';
import { DICTIONARY_BYTES } from '#src/abi/dictionary.js';
import { PAGE_ROWS } from '#src/abi/limits.js';
import { CRC_TABLE_BYTES } from '#src/core/crc32.js';
import { DELTA_SCRATCH_BYTES } from '#src/core/page-encode.js';
import { SNAPPY_TABLE_BYTES } from '#src/core/snappy-compress.js';
import { ChunkEncoder } from '#src/parquet/encode-chunk.js';
import { rowGroupBytesMax } from '#src/parquet/encode-row-group.js';
import {
  compressedBytesMax,
  type EncodeScratch,
  PAGE_BODY_BYTES_MAX,
  SEGMENTS_MAX,
  SPANS_MAX,
} from '#src/parquet/encode-scratch.js';
import type {
  EncodedChunk,
  RowSegment,
  WriteColumn,
  WritePlace,
} from '#src/parquet/write-types.js';
import type { ChunkValue } from '../oracle/chunk-encode.js';
import { Sandbox } from './both-builds.js';

const PAD = 64;

export interface Encoded {
  readonly chunk: EncodedChunk;
  readonly bytes: Uint8Array;
  /** Addresses outside all blocks that something wrote to. */
  readonly trespasses: number[];
}

function scratchIn(sandbox: Sandbox, rowCount: number): EncodeScratch {
  const take = (byteLength: number): number => sandbox.buffer(byteLength, { fill: 0x77 });
  const pageCount = Math.ceil(rowCount / PAGE_ROWS);
  return {
    chunkPtr: take(CHUNK_BLOCK_BYTES),
    pagesPtr: take(pageCount * WRITTEN_PAGE_BYTES),
    segmentsPtr: take(SEGMENTS_MAX * SEGMENT_BYTES),
    spansPtr: take(SPANS_MAX * 8),
    crcTablesPtr: take(CRC_TABLE_BYTES),
    deltaPtr: take(DELTA_SCRATCH_BYTES),
    valuesPtr: take(PAGE_ROWS * 8 + PAD),
    validityPtr: take(PAGE_ROWS / 8 + PAD),
    bodyPtr: take(PAGE_BODY_BYTES_MAX + PAD),
    compressedPtr: take(compressedBytesMax(PAGE_BODY_BYTES_MAX + 65_536 * 8) + PAD),
    snappyTablePtr: take(SNAPPY_TABLE_BYTES),
    dictionaryPtr: take(DICTIONARY_BYTES),
    indicesPtr: take(rowCount * 2 + 2 * PAD),
  };
}

/** Encodes rows that come in segments of `segmentRows()` each, into spans of `spanBytes` each. */
export function encoded(
  module: WebAssembly.Module,
  column: WriteColumn,
  rows: readonly ChunkValue[],
  how: {
    codec: 'none' | 'snappy';
    segmentRows: () => number;
    spanBytes: number;
    /** Cuts each segment into segments of so many rows. */
    segmentCut?: number;
    /** Bytes of all spans, if not enough for anything. */
    outBytes?: number;
  },
): Encoded {
  const sandbox = new Sandbox(module, 32 * 2 ** 20);
  const { core } = sandbox;
  const rowCount = rows.length;
  const scratch = scratchIn(sandbox, rowCount);
  core.kernels.crc32Init(scratch.crcTablesPtr);
  const place = { valuesOffset: 4096, validityOffset: column.nullable ? 0 : -1 };
  const segments: RowSegment[] = [];
  for (let row = 0; row < rowCount; ) {
    const count = Math.min(how.segmentRows(), rowCount - row);
    const segment = putSegment(sandbox, column, place, rows.slice(row, row + count), row % 5);
    const cut = how.segmentCut ?? count;
    for (let at = 0; at < count; at += cut) {
      const cutRows = Math.min(cut, count - at);
      segments.push({ ...segment, rowStart: segment.rowStart + at, rowCount: cutRows });
    }
    row += count;
  }
  const out = [];
  const outBytes = how.outBytes ?? rowGroupBytesMax([column], rowCount, how.codec);
  for (let left = outBytes; left > 0; ) {
    const byteLength = Math.min(left, how.spanBytes);
    out.push({ ptr: sandbox.buffer(byteLength), byteLength });
    left -= byteLength;
  }
  const { codec } = how;
  const request = { columns: [column], places: [place], segments, rowCount, codec, out };
  const chunk = new ChunkEncoder(core, scratch, request).encode(column, place);
  const bytes = Buffer.concat(
    chunk.spans.map(({ ptr, byteLength }) => core.views.bytes(ptr, byteLength).slice()),
  );
  return { chunk, bytes, trespasses: sandbox.trespasses() };
}

/** The bitmap, if any, in front of the values; what is around the rows is anything. */
function putSegment(
  sandbox: Sandbox,
  column: WriteColumn,
  place: WritePlace,
  values: readonly ChunkValue[],
  rowStart: number,
): RowSegment {
  const slotRows = rowStart + values.length;
  const slotPtr = sandbox.buffer(place.valuesOffset + slotRows * 8 + 16, { fill: 0x5a });
  const { views } = sandbox.core;
  const bit = (ptr: number, row: number, on: boolean): void => {
    const mask = 1 << (row & 7);
    const at = ptr + (row >> 3);
    views.u8[at] = on ? views.u8[at]! | mask : views.u8[at]! & ~mask;
  };
  values.forEach((value, i) => {
    const row = rowStart + i;
    const ptr = slotPtr + place.valuesOffset;
    if (column.nullable) bit(slotPtr, row, value !== null);
    if (value === null) return;
    if (column.type === 'bool') bit(ptr, row, value === 1n);
    else if (column.type === 'int32') views.i32[ptr / 4 + row] = Number(value);
    else views.i64[ptr / 8 + row] = value;
  });
  return { slotPtr, rowStart, rowCount: values.length };
}
