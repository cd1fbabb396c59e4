// The block of a column whose chunks are read one behind the other (assembly/parquet/column-stream.ts).
// It begins with the CURSOR_ block (column-cursor.ts); these fields follow. Offsets in bytes from the
// block's start; i32, addresses u32.

/** in, out: the next page's header, and the end of the chunk's bytes that are here. */
export const STREAM_AT = 192;
export const STREAM_END = 196;
/** in: number of the chunk's codec; in: bit n: the footer announces encoding n. */
export const STREAM_CODEC = 200;
export const STREAM_ENCODINGS = 204;
/** in, out: rows of the chunk that are not on a page that was begun. */
export const STREAM_ROWS_LEFT = 208;
/** in, out: pages, and data pages, of the chunk that were met. */
export const STREAM_PAGES = 212;
export const STREAM_DATA_PAGES = 216;
/** in: room for a decompressed page, and for the dictionary at CURSOR_DICTIONARY_PTR. */
export const STREAM_BUFFER_PTR = 220;
export const STREAM_BUFFER_BYTES = 224;
export const STREAM_DICTIONARY_BYTES = 228;
/** in: a PAGE_ block for the stream's use; tables of crc32Init. */
export const STREAM_HEADER_PTR = 232;
export const STREAM_CRC_TABLES_PTR = 236;
/** in, out: nulls that the page's header announces and that were not met yet; -1: it does not say. */
export const STREAM_NULLS_LEFT = 240;
/** out: rows of this read that are done, and how many of them have a value. */
export const STREAM_DONE = 244;
export const STREAM_PRESENT = 248;
/** in, out: the CHUNK_ entries that follow: address of the next one, and how many are left. */
export const STREAM_CHUNKS_PTR = 252;
export const STREAM_CHUNKS_LEFT = 256;
/** out: chunks that were opened. */
export const STREAM_CHUNKS_OPENED = 260;
/** in: what snappyInit has filled. */
export const STREAM_SNAPPY_TAGS_PTR = 264;
/** in: the workspace of zstdInit. */
export const STREAM_ZSTD_PTR = 268;
export const STREAM_BYTES = 320;

// A chunk in the list, 4-byte aligned.
export const CHUNK_PTR = 0;
export const CHUNK_END = 4;
export const CHUNK_ROWS = 8;
export const CHUNK_CODEC = 12;
export const CHUNK_ENCODINGS = 16;
export const CHUNK_BYTES = 20;

// Results of streamRead. Below 0: -STATUS_ of reading values.
/** All rows are read. */
export const STREAM_DONE_ALL = 0;
/** The page at STREAM_AT is for the host: too large, of another kind, incomplete, or damaged. */
export const STREAM_STOP_PAGE = 1;
/** The chunk's rows are read and bytes of it are left, or rows are wanted and no bytes are. */
export const STREAM_STOP_CHUNK = 2;
/** A page had other nulls than its header says (STREAM_NULLS_LEFT). */
export const STREAM_STOP_NULLS = 3;
