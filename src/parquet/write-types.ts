/** Codecs of output pages. */
export type Codec = 'none' | 'snappy' | 'zstd';

/**
 * How the values of a column are encoded. `auto` chooses from the values of the row group alone
 * (docs/encodings.md). `delta` is for int64 and int32; bool is always plain. `dictionary` becomes
 * plain in a row group of more than 65,536 distinct values; its pages mix runs and packed indices,
 * as other writers' do, even where nothing but runs would be smaller.
 */
export type ColumnEncoding = 'auto' | 'plain' | 'delta' | 'dictionary';

export interface WriteColumn {
  readonly name: string;
  readonly type: 'int64' | 'int32' | 'bool' | 'double' | 'string';
  /**
   * Type 'string' out of the shared memory only: the texts. The slot's column is int32 and holds
   * indices into this list. Always written with a dictionary page, whatever `encoding` says.
   */
  readonly dictionary?: readonly string[];
  /** Type 'int64' only: the integers are decimals with so many digits, `scale` behind the point. */
  readonly decimal?: { readonly digits: number; readonly scale: number };
  /** REQUIRED when false, OPTIONAL when true. */
  readonly nullable: boolean;
  readonly encoding: ColumnEncoding;
  /** Write min, max and null count, in the row group and in the page index. */
  readonly statistics: boolean;
}

/** Consecutive rows of one slot in the shared memory. */
export interface RowSegment {
  /** Address of the slot. */
  readonly slotPtr: number;
  /** First row of the slot that belongs to the segment. */
  readonly rowStart: number;
  readonly rowCount: number;
}

/** Where a column lies in every slot: byte offsets from the slot's start, for its row 0. */
export interface WritePlace {
  readonly valuesOffset: number;
  /** -1: the slots have no bitmap, no value is missing. */
  readonly validityOffset: number;
}

export interface MemorySpan {
  readonly ptr: number;
  readonly byteLength: number;
}

export interface EncodeRowGroupRequest {
  readonly columns: readonly WriteColumn[];
  /** One for each column. */
  readonly places: readonly WritePlace[];
  /** The rows in order; `rowCount` in all. */
  readonly segments: readonly RowSegment[];
  readonly rowCount: number;
  readonly codec: Codec;
  /** Texts of a nullable column of type 'string', one a row; null: none. Their pages are plain. */
  readonly rowTexts?: { readonly column: string; readonly texts: readonly (string | null)[] };
  /** Where the pages go; rowGroupBytesMax() says how much is enough in the worst case. */
  readonly out: readonly MemorySpan[];
}

/** What the page index says of a data page. */
export interface EncodedPage {
  /** With its header. */
  readonly byteLength: number;
  readonly rowCount: number;
  readonly nullCount: number;
  /**
   * Plain-encoded min and max (8, 4 or 1 bytes little endian), null when absent: no statistics
   * wanted, no value there, or text, which has them for the chunk only.
   */
  readonly min: Uint8Array | null;
  readonly max: Uint8Array | null;
}

export interface EncodedChunk {
  /** The chunk's bytes in order: dictionary page first, then data pages, headers included. */
  readonly spans: readonly MemorySpan[];
  /** The same bytes where they are not in the shared memory (EncodeRowGroupRequest.rowTexts). */
  readonly parts?: readonly Uint8Array[];
  /** Where it is not the row group's. */
  readonly codec?: Codec;
  readonly byteLength: number;
  readonly uncompressedByteLength: number;
  /** Bytes of the dictionary page at the chunk's start, 0 without one. */
  readonly dictionaryByteLength: number;
  readonly encodings: readonly number[];
  /** Of each data page with its header; they hold PAGE_ROWS rows each, the last what is left. */
  readonly pageByteLengths: readonly number[];
  /** Serialised ColumnIndex; null where there is none (page-index.ts says when). */
  readonly columnIndex: Uint8Array | null;
  readonly nullCount: number;
  /** As a page's. */
  readonly min: Uint8Array | null;
  readonly max: Uint8Array | null;
}

/** An encoded row group: plain data that names spans of the shared memory. */
export interface EncodedRowGroup {
  readonly rowCount: number;
  readonly codec: Codec;
  readonly chunks: readonly EncodedChunk[];
}
