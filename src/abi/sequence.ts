// Policies and the block of the sequence scan (assembly/sequence.ts). Offsets in bytes; i64 unless
// said (i32 = I).

/** Nothing is checked; the last id is still carried. */
export const SEQUENCE_NONE = 0;
/** The id of each message is above the one before. */
export const SEQUENCE_MONOTONIC = 1;
/** The first id of a message (its id where there is no first) is the last id + 1. */
export const SEQUENCE_CONTIGUOUS = 2;
/** The previous id that a message names is the last id. */
export const SEQUENCE_CHAIN = 3;

/** in: addresses (I) of the columns for row 0; SEQ_FIRST_PTR 0: the source has no first ids. */
export const SEQ_SEQUENCE_PTR = 0;
export const SEQ_FIRST_PTR = 4;
/** in: address (I); read by SEQUENCE_CHAIN only. */
export const SEQ_PREV_PTR = 8;
/** in: address (I) of the flags (i32), FLAG_LAST set at message ends. */
export const SEQ_FLAGS_PTR = 12;
/** in (I): SEQUENCE_... */
export const SEQ_POLICY = 16;
/** in, out (I): 1 once an id was applied: SEQ_LAST_ID is valid. */
export const SEQ_HAS_LAST = 20;
/** in, out (I): 1 while the row before the next one did not end its message. */
export const SEQ_MESSAGE_OPEN = 24;
/** in, out: id of the last message that ended. */
export const SEQ_LAST_ID = 32;
export const SEQ_BLOCK_BYTES = 40;
