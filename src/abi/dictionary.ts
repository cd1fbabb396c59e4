// The block of a dictionary that is being built (assembly/parquet/dictionary-encode.ts).

/** The most entries: an index fits 16 bits, and the entries and slots stay in a core's L2 cache. */
export const DICTIONARY_ENTRIES_MAX = 65536;

/** Entries of one bucket of the hash table. */
export const DICTIONARY_BUCKET_ENTRIES = 8;

// Offsets in the block, in bytes.
/** out, i32: entries so far. */
export const DICTIONARY_COUNT = 0;
/** i32: log2 of the number of buckets. */
export const DICTIONARY_BUCKET_BITS = 4;
/** out, i32: runs of equal values so far; each call starts a new one. */
export const DICTIONARY_RUNS = 8;
/** out, the entries in order of their first row: i64, f64 or i32 each, DICTIONARY_ENTRIES_MAX of them. */
export const DICTIONARY_ENTRIES = 64;
/** Buckets of 32 bytes: 8 tags (u16, 0: free), then the index of each tag's entry (u16). */
export const DICTIONARY_BUCKETS = 524352;
/** out, the entries in ascending order, after dictionarySort. Its first bytes also pad the buckets. */
export const DICTIONARY_SORTED = 1048640;
export const DICTIONARY_BYTES = 1572928;
