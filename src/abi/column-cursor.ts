// The block of a column that is read page by page (assembly/parquet/column-cursor.ts): where its
// next value stands. Offsets in bytes from the block's start, which is 8-byte aligned; i32 unless
// said. Addresses are u32.

/** in: VALUE_...: how a value is stored, and how it comes out. */
export const CURSOR_KIND = 0;
/** in: bytes of a stored value of VALUE_FIXED, 1 to 16. */
export const CURSOR_FIXED_BYTES = 4;
/** in: 1: pages have definition levels (of 0 and 1). */
export const CURSOR_NULLABLE = 8;
/** in: address of u16[CURSOR_CODES_MAX] that one call uses. */
export const CURSOR_CODES_PTR = 12;
/** in: the dictionary as cursorDictionary leaves it: address and entries; 0 entries: there is none. */
export const CURSOR_DICTIONARY_PTR = 16;
export const CURSOR_DICTIONARY_COUNT = 20;
/** VALUE_TEXT: bytes of the dictionary's longest entry. */
export const CURSOR_TEXT_MAX = 24;

// The page in work; written by cursorBegin.
/** ENCODING_... of its values. */
export const CURSOR_ENCODING = 28;
/** out: rows of the page that are not read yet. */
export const CURSOR_ROWS_LEFT = 32;
/** Address of the next stored value, and of the end of the page. */
export const CURSOR_PTR = 36;
export const CURSOR_END = 40;
/** Values (not nulls) of the page that were read. */
export const CURSOR_VALUE_INDEX = 44;
/** BYTE_STREAM_SPLIT: values of the page. */
export const CURSOR_VALUE_COUNT = 48;
/** A hybrid block each: definition levels; dictionary indices, or booleans that are RLE. */
export const CURSOR_LEVELS = 64;
export const CURSOR_INDICES = 96;
/** A delta block. */
export const CURSOR_DELTA = 128;
export const CURSOR_BYTES = 192;

/** Rows that one call of cursorRead takes at most. */
export const CURSOR_CODES_MAX = 16384;

// The hybrid of runs and bit packing (assembly/parquet/hybrid-decode.ts).
/** Address of the next run's header, and of the end. */
export const HYBRID_PTR = 0;
export const HYBRID_END = 4;
/** Bits of a value, 0 to 32. */
export const HYBRID_WIDTH = 8;
/** Values left of the present run of equal ones, and that value. */
export const HYBRID_RUN_LEFT = 12;
export const HYBRID_RUN_VALUE = 16;
/** Values left of the present bit-packed run, and where they begin: address, and values to skip. */
export const HYBRID_LITERALS_LEFT = 20;
export const HYBRID_LITERALS_PTR = 24;
export const HYBRID_LITERALS_SKIP = 28;

// DELTA_BINARY_PACKED (assembly/parquet/delta-decode.ts).
/** i64: the value before the next one (the first one, at the start); smallest delta of the block. */
export const DELTA_LAST = 0;
export const DELTA_SMALLEST = 8;
/** Values left. */
export const DELTA_LEFT = 16;
/** Miniblocks of a block, values of a miniblock. */
export const DELTA_MINIBLOCKS = 20;
export const DELTA_MINIBLOCK_VALUES = 24;
/** Address of the next byte, and of the end. */
export const DELTA_PTR = 28;
export const DELTA_END = 32;
/** Address of the widths of the present block; the miniblock in work. */
export const DELTA_WIDTHS_PTR = 36;
export const DELTA_MINIBLOCK = 40;
/** Values of the miniblock that were read; miniblock values: the next one begins. */
export const DELTA_MINIBLOCK_READ = 44;
/** 1: the first value was not read yet. */
export const DELTA_AT_FIRST = 48;
/** Bits of what first values and deltas may be, 32 or 64. */
export const DELTA_BITS = 52;

// How values are stored and come out. Little-endian on both sides unless said.
/** BOOLEAN: bits out. */
export const VALUE_BOOL = 0;
/** INT32, FLOAT: 4 bytes, as they are. */
export const VALUE_4 = 1;
/** INT64, DOUBLE: 8 bytes, as they are. */
export const VALUE_8 = 2;
/** INT32 that means uint32: 8 bytes out. */
export const VALUE_UINT32 = 3;
/** INT32, INT64: 16 bytes out, sign-extended (decimals). */
export const VALUE_4_TO_16 = 4;
export const VALUE_8_TO_16 = 5;
/** FIXED_LEN_BYTE_ARRAY, big-endian two's complement: 16 bytes out (decimals). */
export const VALUE_FIXED = 6;
/** BYTE_ARRAY: offsets and bytes out (cursorReadTexts). */
export const VALUE_TEXT = 7;
