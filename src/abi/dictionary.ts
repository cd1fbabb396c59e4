// The block of a dictionary that is being built (assembly/parquet/dictionary-encode.ts).

/** The most entries: an index fits 16 bits, and the entries and slots stay in a core's L2 cache. */
export const DICTIONARY_ENTRIES_MAX = 65536;

// Offsets in the block, in bytes.
/** out, i32: entries so far. */
export const DICTIONARY_COUNT = 0;
/** out, i32: 1 once there are tables: not while no row was below the one before it. */
export const DICTIONARY_HAS_SLOTS = 4;
/** out, i32: runs of equal values so far. */
export const DICTIONARY_RUNS = 8;
/** i32: rows so far. */
export const DICTIONARY_ROWS = 12;
/** i64 or i32: the value of the last row. */
export const DICTIONARY_LAST = 16;
/** i32: 1 where the last batch had few equal neighbours. */
export const DICTIONARY_SCATTERED = 24;
/** i32: whether values are found by the grid (dictionary-slots.ts), or by their hashes alone. */
export const DICTIONARY_GRID_STATE = 28;
/** u64: the grid's step, 0 while there is one entry; its base, and the inverse of the step's odd part. */
export const DICTIONARY_STEP = 32;
export const DICTIONARY_BASE = 40;
export const DICTIONARY_INVERSE = 48;
/** i32: log2 of the number of slots of hashes, and how many values are in them. */
export const DICTIONARY_HASH_BITS = 56;
export const DICTIONARY_HASH_COUNT = 60;
/** out, the entries in order of their first row: i64, f64 or i32 each, DICTIONARY_ENTRIES_MAX of them. */
export const DICTIONARY_ENTRIES = 64;
/** u16 slots of values found by their hashes, at most 131,072 of them, then scratch. */
export const DICTIONARY_SLOTS = 524352;
/** out, the entries in ascending order, after dictionarySort. */
export const DICTIONARY_SORTED = 1048640;
/** i32 slots of the grid, 65,536 of them: until the entries are sorted. */
export const DICTIONARY_GRID = 1048640;
export const DICTIONARY_BYTES = 1572928;
