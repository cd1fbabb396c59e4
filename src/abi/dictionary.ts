// The block of a dictionary that is being built (assembly/parquet/dictionary-encode.ts).

/** The most entries: an index fits 16 bits, and the entries and slots stay in a core's L2 cache. */
export const DICTIONARY_ENTRIES_MAX = 65536;

// Offsets in the block, in bytes.
/** out, i32: entries so far. */
export const DICTIONARY_COUNT = 0;
/** i32: slots of the hash table less one. */
export const DICTIONARY_SLOT_MASK = 4;
/** i32: bits to shift a 64-bit hash right by, to get a slot. */
export const DICTIONARY_SHIFT = 8;
/** out, i32: runs of equal values so far; each call starts a new one. */
export const DICTIONARY_RUNS = 12;
/** out, the entries in order of their first row: i64, f64 or i32 each, DICTIONARY_ENTRIES_MAX of them. */
export const DICTIONARY_ENTRIES = 64;
/** u32 each: index of an entry plus 1, 0 for an empty slot. */
export const DICTIONARY_SLOTS = 524352;
export const DICTIONARY_BYTES = 1048640;
