// The block of a column chunk that is being encoded (assembly/parquet/chunk-*.ts). Offsets in bytes from
// its start, which is 8-byte aligned; i32 unless said, addresses u32.

// What the chunk is: in.
/** CHUNK_INT64 and so on: how the values lie in memory. */
export const CHUNK_TYPE = 0;
/** 1: OPTIONAL. */
export const CHUNK_NULLABLE = 4;
/** 1: min and max of each page are wanted. */
export const CHUNK_STATISTICS = 8;
/** CHUNK_AUTO and so on. */
export const CHUNK_WANTED = 12;
/** CHUNK_NONE and so on: the codec. */
export const CHUNK_CODEC = 16;
export const CHUNK_ROWS = 20;

// Where things are: in.
/** SEGMENT_ entries of the pages that a call goes over; each page's rows are in them. */
export const CHUNK_SEGMENTS = 24;
/** From a slot's address to the column's values for its row 0, and to its validity; -1: all are there. */
export const CHUNK_VALUES_OFFSET = 28;
export const CHUNK_VALIDITY_OFFSET = 156;
/** Spans that take the output: address and length (u32 each), and how many. */
export const CHUNK_SPANS = 32;
export const CHUNK_SPAN_COUNT = 36;
/** in, out: the span that is being filled, and how many bytes of it are. */
export const CHUNK_SPAN_INDEX = 40;
export const CHUNK_SPAN_USED = 44;
/** Scratch; its sizes: src/parquet/encode-scratch.ts. */
export const CHUNK_CRC_TABLES_PTR = 48;
export const CHUNK_DELTA_PTR = 52;
export const CHUNK_VALUES_PTR = 56;
export const CHUNK_VALIDITY_PTR = 60;
export const CHUNK_BODY_PTR = 64;
export const CHUNK_COMPRESSED_PTR = 68;
export const CHUNK_SNAPPY_TABLE_PTR = 72;
export const CHUNK_DICTIONARY_PTR = 76;
export const CHUNK_INDICES_PTR = 80;
/** out: a WRITTEN_ entry for each page. */
export const CHUNK_PAGES_PTR = 84;

// What came of it: out.
/** ENCODING_PLAIN, ENCODING_DELTA_BINARY_PACKED or ENCODING_RLE_DICTIONARY. */
export const CHUNK_ENCODING = 88;
/** Entries of the dictionary. */
export const CHUNK_ENTRIES = 92;
/** Bytes so far, headers included, as they stand in the file and before compression. */
export const CHUNK_BYTES = 96;
export const CHUNK_PLAIN_BYTES = 100;
/** With CHUNK_STOP_COMPRESS: the page before compression. */
export const CHUNK_STOP_PTR = 104;
export const CHUNK_STOP_BYTES = 108;
/** in, when called again: bytes at CHUNK_COMPRESSED_PTR. */
export const CHUNK_STOP_COMPRESSED = 112;

/** 1: the chunk's min and max are there, plain-encoded, in the low bytes of their 8. */
export const CHUNK_HAS_MIN_MAX = 116;
export const CHUNK_MIN = 120;
export const CHUNK_MAX = 128;
/** Values that are not missing. */
export const CHUNK_PRESENT = 136;

// The kernels' own.
/** Page of CHUNK_STOP_COMPRESS. */
export const CHUNK_STOP_PAGE = 140;
/** Bytes of the last page's header. */
export const CHUNK_HEADER_BYTES = 144;
/** The next page's first row: address of its segment, and the row there. */
export const CHUNK_SEGMENT_AT = 148;
export const CHUNK_SEGMENT_ROW = 152;
/** 1 while a dictionary is possible. */
export const CHUNK_LIVES = 160;
/** Runs of equal values. */
export const CHUNK_RUNS = 164;
/** f64: what delta pages take, and indices (the smaller of packed and runs, page by page). */
export const CHUNK_DELTA_BYTES = 168;
export const CHUNK_INDEX_BYTES = 176;
/** A page's header. */
export const CHUNK_HEADER = 184;
export const CHUNK_BLOCK_BYTES = 248;

// Consecutive rows of a slot; all columns of the row group have them there.
/** Address of the slot. */
export const SEGMENT_SLOT = 0;
/** First row of the slot that belongs to the segment, and how many do: one at least. */
export const SEGMENT_ROW = 4;
export const SEGMENT_ROWS = 8;
export const SEGMENT_BYTES = 12;

// A page of the chunk; 8-byte aligned.
export const WRITTEN_ROWS = 0;
/** Values that are not missing. */
export const WRITTEN_PRESENT = 4;
/** With its header, as it stands in the file. */
export const WRITTEN_BYTES = 8;
/** Entries of the dictionary once the page was in, and runs of equal values in it. */
export const WRITTEN_ENTRIES = 12;
export const WRITTEN_RUNS = 16;
/** Bits of an index; 1: its indices are written as runs only. */
export const WRITTEN_WIDTH = 20;
export const WRITTEN_IN_RUNS = 24;
/** 1: min and max are there, plain-encoded, in the low bytes of their 8. */
export const WRITTEN_HAS_MIN_MAX = 28;
export const WRITTEN_MIN = 32;
export const WRITTEN_MAX = 40;
export const WRITTEN_PAGE_BYTES = 48;

// CHUNK_TYPE.
export const CHUNK_INT64 = 0;
export const CHUNK_INT32 = 1;
export const CHUNK_DOUBLE = 2;
export const CHUNK_BOOL = 3;

// CHUNK_WANTED: the smallest (docs/encodings.md), or one of them; a dictionary only if it fits.
export const CHUNK_AUTO = 0;
export const CHUNK_WANTS_PLAIN = 1;
export const CHUNK_WANTS_DELTA = 2;
export const CHUNK_WANTS_DICTIONARY = 3;

// CHUNK_CODEC.
export const CHUNK_NONE = 0;
export const CHUNK_SNAPPY = 1;
/** The host compresses, page by page; an index then fills bytes evenly. */
export const CHUNK_ZSTD = 2;

// Results of chunkDictionary and chunkPages. Below 0: -STATUS_.
export const CHUNK_DONE = 0;
/** The page at CHUNK_STOP_PTR is for the host to compress. */
export const CHUNK_STOP_COMPRESS = 1;
