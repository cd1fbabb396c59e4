// The `flags` column (INT32) of every table: MODEL section 5 (docs/data-model.md).
// The low byte is Databento's; above it stand reasons and marks of depthmill.

/** The last row of a message: only here may the book be looked at. */
export const FLAG_LAST = 128;
/** The row belongs to a snapshot, or to a seed made from one. */
export const FLAG_SNAPSHOT = 32;
/** A stamp of this row is missing at the source (copied from the other) or not to be believed. */
export const FLAG_BAD_TS = 8;
/** The book was not `live` at the end of this message. */
export const FLAG_MAYBE_BAD_BOOK = 4;
/** First row after a loss that the source's ids prove. */
export const FLAG_GAP_BEFORE = 256;
/** No snapshot has been seen: there is no book. */
export const FLAG_UNSEEDED = 512;
/** Best bid above best ask at the end of this message. */
export const FLAG_CROSSED = 1024;
/** Best bid equal to best ask at the end of this message. */
export const FLAG_LOCKED = 2048;
/** Made by depthmill, not received. */
export const FLAG_SYNTHETIC = 4096;
/** All levels go. Price and quantity of the row are 0. */
export const FLAG_CLEAR = 8192;
/** The N-th level of a top-N row lies beyond what is known. */
export const FLAG_DEPTH_UNKNOWN = 16384;
/** A witness disagreed with the book here. */
export const FLAG_WITNESS_OFF = 32768;
/** A trade that was not matched on the book. */
export const FLAG_OFF_BOOK = 65536;
