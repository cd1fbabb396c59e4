import {
  CHUNK_AUTO,
  CHUNK_BODY_PTR,
  CHUNK_BOOL,
  CHUNK_CODEC,
  CHUNK_COMPRESSED_PTR,
  CHUNK_CRC_TABLES_PTR,
  CHUNK_DELTA_PTR,
  CHUNK_DICTIONARY_PTR,
  CHUNK_DOUBLE,
  CHUNK_INDICES_PTR,
  CHUNK_INT32,
  CHUNK_INT64,
  CHUNK_NONE,
  CHUNK_NULLABLE,
  CHUNK_PAGES_PTR,
  CHUNK_ROWS,
  CHUNK_SEGMENTS,
  CHUNK_SNAPPY,
  CHUNK_SNAPPY_TABLE_PTR,
  CHUNK_SPAN_COUNT,
  CHUNK_SPAN_INDEX,
  CHUNK_SPAN_USED,
  CHUNK_SPANS,
  CHUNK_STATISTICS,
  CHUNK_TYPE,
  CHUNK_VALIDITY_OFFSET,
  CHUNK_VALIDITY_PTR,
  CHUNK_VALUES_OFFSET,
  CHUNK_VALUES_PTR,
  CHUNK_WANTED,
  CHUNK_WANTS_DELTA,
  CHUNK_WANTS_DICTIONARY,
  CHUNK_WANTS_PLAIN,
  CHUNK_ZSTD,
  SEGMENT_BYTES,
  SEGMENT_ROW,
  SEGMENT_ROWS,
  SEGMENT_SLOT,
  WRITTEN_PAGE_BYTES,
} from '../abi/chunk-encode.js';
import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import { type EncodeScratch, SEGMENTS_MAX, SPANS_MAX } from './encode-scratch.js';
import { storedType } from './page-statistics.js';
import type { Codec, MemorySpan, RowSegment, WriteColumn, WritePlace } from './write-types.js';

const TYPES = {
  int64: CHUNK_INT64,
  int32: CHUNK_INT32,
  double: CHUNK_DOUBLE,
  bool: CHUNK_BOOL,
} as const;
const WANTED = {
  auto: CHUNK_AUTO,
  plain: CHUNK_WANTS_PLAIN,
  delta: CHUNK_WANTS_DELTA,
  dictionary: CHUNK_WANTS_DICTIONARY,
} as const;
const CODECS = { none: CHUNK_NONE, snappy: CHUNK_SNAPPY, zstd: CHUNK_ZSTD } as const;

/** Where the next byte of a row group's output goes. */
export interface OutputPlace {
  readonly spanIndex: number;
  /** Bytes of the span that are filled. */
  readonly used: number;
}

/**
 * What the kernels that encode a chunk are told, and what they say (src/abi/chunk-encode.ts): one
 * block for all columns of a row group, one after the other. It lies in the encoder's scratch.
 */
export class ChunkBlock {
  readonly ptr: number;
  readonly #core: Core;
  readonly #scratch: EncodeScratch;
  readonly #out: readonly MemorySpan[];

  /** The span that is the first one in the kernels' list. */
  #spanBase = 0;

  /** @param out the spans of the row group, from the first byte on */
  constructor(core: Core, scratch: EncodeScratch, out: readonly MemorySpan[]) {
    this.ptr = scratch.chunkPtr;
    this.#core = core;
    this.#scratch = scratch;
    this.#out = out;
    this.#setPlaces();
    this.#setSpans(0);
  }

  /** An i32 of the block, at its CHUNK_ offset. */
  get(offset: number): number {
    return this.#core.views.i32[(this.ptr + offset) >>> 2]!;
  }

  set(offset: number, value: number): void {
    this.#core.views.u32[(this.ptr + offset) >>> 2] = value;
  }

  /** An i32 of a page, at its WRITTEN_ offset. */
  ofPage(pageIndex: number, offset: number): number {
    const pagePtr = this.#scratch.pagesPtr + pageIndex * WRITTEN_PAGE_BYTES;
    return this.#core.views.i32[(pagePtr + offset) >>> 2]!;
  }

  get place(): OutputPlace {
    const spanIndex = this.#spanBase + this.get(CHUNK_SPAN_INDEX);
    return { spanIndex, used: this.get(CHUNK_SPAN_USED) };
  }

  /** What was written since the output stood at `start`. */
  spansSince(start: OutputPlace): MemorySpan[] {
    const end = this.place;
    const spans: MemorySpan[] = [];
    for (let i = start.spanIndex; i <= end.spanIndex && i < this.#out.length; i++) {
      const { ptr, byteLength } = this.#out[i]!;
      const from = i === start.spanIndex ? start.used : 0;
      const to = i === end.spanIndex ? end.used : byteLength;
      if (to > from) spans.push({ ptr: ptr + from, byteLength: to - from });
    }
    return spans;
  }

  /** The next chunk: its column, and where it lies. */
  begin(column: WriteColumn, place: WritePlace, rowCount: number, codec: Codec): void {
    const isText = column.type === 'string';
    if (this.#spanBase + SPANS_MAX < this.#out.length) this.#setSpans(this.place.spanIndex);
    this.set(CHUNK_VALUES_OFFSET, place.valuesOffset);
    this.set(CHUNK_VALIDITY_OFFSET, place.validityOffset);
    this.set(CHUNK_TYPE, TYPES[storedType(column)]);
    this.set(CHUNK_NULLABLE, column.nullable ? 1 : 0);
    // Texts have statistics for the chunk only.
    this.set(CHUNK_STATISTICS, column.statistics && !isText ? 1 : 0);
    this.set(CHUNK_WANTED, isText ? CHUNK_WANTS_DICTIONARY : WANTED[column.encoding]);
    this.set(CHUNK_CODEC, CODECS[codec]);
    this.set(CHUNK_ROWS, rowCount);
  }

  /** Lists what lies in rows [rowStart, rowEnd) of the row group: SEGMENTS_MAX segments at most. */
  setSegments(segments: readonly RowSegment[], rowStart: number, rowEnd: number): void {
    const { u32 } = this.#core.views;
    const start = this.#scratch.segmentsPtr >>> 2;
    const end = start + SEGMENTS_MAX * (SEGMENT_BYTES / 4);
    let at = start;
    let row = 0;
    for (const { slotPtr, rowStart: slotRow, rowCount } of segments) {
      const skip = Math.max(0, rowStart - row);
      const count = Math.min(rowCount, rowEnd - row) - skip;
      row += rowCount;
      if (count <= 0) continue;
      invariant(at < end, 'more segments than a page has rows');
      u32[at + SEGMENT_SLOT / 4] = slotPtr;
      u32[at + SEGMENT_ROW / 4] = slotRow + skip;
      u32[at + SEGMENT_ROWS / 4] = count;
      at += SEGMENT_BYTES / 4;
    }
  }

  #setPlaces(): void {
    const scratch = this.#scratch;
    this.set(CHUNK_SEGMENTS, scratch.segmentsPtr);
    this.set(CHUNK_SPANS, scratch.spansPtr);
    this.set(CHUNK_SPAN_USED, 0);
    this.set(CHUNK_CRC_TABLES_PTR, scratch.crcTablesPtr);
    this.set(CHUNK_DELTA_PTR, scratch.deltaPtr);
    this.set(CHUNK_VALUES_PTR, scratch.valuesPtr);
    this.set(CHUNK_VALIDITY_PTR, scratch.validityPtr);
    this.set(CHUNK_BODY_PTR, scratch.bodyPtr);
    this.set(CHUNK_COMPRESSED_PTR, scratch.compressedPtr);
    this.set(CHUNK_SNAPPY_TABLE_PTR, scratch.snappyTablePtr);
    this.set(CHUNK_DICTIONARY_PTR, scratch.dictionaryPtr);
    this.set(CHUNK_INDICES_PTR, scratch.indicesPtr);
    this.set(CHUNK_PAGES_PTR, scratch.pagesPtr);
  }

  /** Lists the spans from `spanIndex` on, which the next byte goes to. */
  #setSpans(spanIndex: number): void {
    const { u32 } = this.#core.views;
    const spanCount = Math.min(SPANS_MAX, this.#out.length - spanIndex);
    this.#spanBase = spanIndex;
    this.set(CHUNK_SPAN_COUNT, spanCount);
    this.set(CHUNK_SPAN_INDEX, 0);
    let at = this.#scratch.spansPtr >>> 2;
    for (let i = spanIndex; i < spanIndex + spanCount; i++) {
      const { ptr, byteLength } = this.#out[i]!;
      u32[at++] = ptr;
      u32[at++] = byteLength;
    }
  }
}
