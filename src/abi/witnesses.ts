// The rows of a witness table as bookFollow gets them. Read by both compilers.
// Offsets in bytes from the start of the block; i32 unless said.

/** in: addresses of the columns for row 0 of the slot. By id: sequence, else ts_recv (i64). */
export const WITNESSES_KEY_PTR = 0;
/** in: levels from the best of each row (i32); below 1: a row that must not be used. */
export const WITNESSES_BID_COUNT_PTR = 4;
export const WITNESSES_ASK_COUNT_PTR = 8;
/** in: price (i64) of the best bid and the best ask. */
export const WITNESSES_BID_PTR = 12;
export const WITNESSES_ASK_PTR = 16;
/** in: bytes from a level's price to the next level's, and from a price to its quantity. */
export const WITNESSES_LEVEL_STRIDE = 20;
export const WITNESSES_QTY_OFFSET = 24;
/** in: levels a side that the table has: with fewer, a side of a row is known whole. */
export const WITNESSES_LEVEL_COUNT = 28;
/** in, out: the row that comes next; all before it were used. */
export const WITNESSES_ROW = 32;
/** in: end of the rows, exclusive. */
export const WITNESSES_ROW_END = 36;
/** in: 1: keys are ids, and those of the depth rows ascend; 0: keys are ts_recv, in any order. */
export const WITNESSES_BY_SEQUENCE = 40;
/** in, i64: a row whose key is above this one is not the next of all witnesses. */
export const WITNESSES_KEY_MAX = 48;
export const WITNESSES_BYTES = 64;
