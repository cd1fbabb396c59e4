// The workspace of the zstd decompressor (assembly/compress/zstd-decompress.ts): offsets in bytes from
// its start, which is 8-byte aligned. zstdInit fills what does not change; the rest is a frame's.

/** u32: the offsets that came last, the latest first. */
export const ZSTD_RECENT_OFFSETS = 0;
/** i32: bits of the longest code of the Huffman tree; 0: the frame has had none. */
export const ZSTD_HUFFMAN_BITS = 12;
/** i32 for each kind of code: log2 of the entries of its table; -1: the frame has had none. */
export const ZSTD_TABLE_BITS = 16;
/** i32: a block's bits that are left, and u32 for each kind of code: its state, as bytes in its table. */
export const ZSTD_PLACE = 32;
export const ZSTD_STATES = 2_624;
/** u32, i32: where a block's literals lie, and how many there are. */
export const ZSTD_LITERALS_PTR = 40;
export const ZSTD_LITERALS_COUNT = 44;
/** i32: log2 of the entries, and symbols, of the distribution that was read last. */
export const ZSTD_COUNTS_BITS = 48;
export const ZSTD_COUNTS_SYMBOLS = 52;

/** Kinds of codes, each with a table of its own. */
export const ZSTD_LITERAL_LENGTHS = 0;
export const ZSTD_OFFSETS = 1;
export const ZSTD_MATCH_LENGTHS = 2;
export const ZSTD_WEIGHTS = 3;

/** For each kind u32[64]: the value that a code begins with, and how many bits are added to it. */
export const ZSTD_BASES = 64;
export const ZSTD_ADDED_BITS = 1_088;
/** i16[64]: the distribution that was read last; u16[64]: scratch of the table that is made of it. */
export const ZSTD_COUNTS = 2_112;
export const ZSTD_NEXT = 2_240;
/** u8[256]: weights of the Huffman tree. */
export const ZSTD_TREE_WEIGHTS = 2_368;
/** u64 entries: tables of the format's own distributions, 64 for each kind of code. */
export const ZSTD_DEFAULT_TABLES = 2_688;
/** u64 entries: the tables in use, 512 for each kind of code. */
export const ZSTD_USED_TABLES = 4_224;
/** u16[2048]: a symbol and the bits of its code, for each value of the longest code's bits. */
export const ZSTD_HUFFMAN_TABLE = 20_608;
/** Sequences that are decoded before they are executed: literals, match, offset, u32 each, and 4 bytes. */
export const ZSTD_SEQUENCES = 24_704;
export const ZSTD_SEQUENCES_MAX = 256;
/** Room for the literals of a block that do not stand in the source as they are. */
export const ZSTD_LITERALS = 28_800;
export const ZSTD_BLOCK_BYTES_MAX = 131_072;
export const ZSTD_WORKSPACE_BYTES = 159_936;
