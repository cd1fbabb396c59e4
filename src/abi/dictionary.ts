// The block of a dictionary that is being built (assembly/parquet/dictionary-encode.ts).

/** The most entries: an index fits 16 bits, and the entries and slots stay in a core's L2 cache. */
export const DICTIONARY_ENTRIES_MAX = 65536;

// Offsets in the block, in bytes.
/** out, i32: entries so far. */
export const DICTIONARY_COUNT = 0;
/** out, i32: log2 of the number of slots; 0, no table, while no row was below the one before it. */
export const DICTIONARY_SLOT_BITS = 4;
/** out, i32: runs of equal values so far. */
export const DICTIONARY_RUNS = 8;
/** i32: rows so far. */
export const DICTIONARY_ROWS = 12;
/** i64 or i32: the value of the last row. */
export const DICTIONARY_LAST = 16;
/** i32: 1 where the last batch had few equal neighbours. */
export const DICTIONARY_SCATTERED = 24;
/** u64: what a value is multiplied with to get its slot. */
export const DICTIONARY_MULTIPLIER = 32;
/** out, the entries in order of their first row: i64, f64 or i32 each, DICTIONARY_ENTRIES_MAX of them. */
export const DICTIONARY_ENTRIES = 64;
/** u16 slots, at most 131,072 of them, then scratch. */
export const DICTIONARY_SLOTS = 524352;
/** out, the entries in ascending order, after dictionarySort. */
export const DICTIONARY_SORTED = 1048640;
export const DICTIONARY_BYTES = 1572928;
