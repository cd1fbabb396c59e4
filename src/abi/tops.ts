// The best prices behind messages as tradesOutside gets them. Read by both compilers.
// Offsets in bytes from the start of the block; i32 unless said.

/** in: addresses of the rows' columns: ts_recv, best bid, best ask (i64; 0: none), flags (i32). */
export const TOPS_TS_PTR = 0;
export const TOPS_BID_PTR = 4;
export const TOPS_ASK_PTR = 8;
export const TOPS_FLAGS_PTR = 12;
/** in: rows that are here. */
export const TOPS_COUNT = 16;
/** in: 1: no more rows will come. */
export const TOPS_IS_END = 20;
/** in, out: rows below it are not needed any more. */
export const TOPS_LOW = 24;
/** in, out: rows below it were looked at. */
export const TOPS_HIGH = 28;
/** in, out: the last row below TOPS_HIGH whose best prices cannot be trusted; -1: none. */
export const TOPS_LAST_BAD = 32;
/** in, out: what was found so far. */
export const TOPS_COMPARED = 36;
export const TOPS_OUTSIDE = 40;
export const TOPS_PASSED = 44;
/** in, i64: how far a trade and a state of the book may be apart. */
export const TOPS_WINDOW_NS = 48;
/** in, out, i64: time of the last trade, never going back. */
export const TOPS_TIME = 56;
/** in, i64: time of the book's last message, once no more rows will come. */
export const TOPS_END_TIME = 64;
export const TOPS_BYTES = 128;
