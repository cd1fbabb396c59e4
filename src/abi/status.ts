// Status codes of the kernels. A kernel returns a count >= 0, or one of these negated.
// Codes are never reused; src/core/kernel-error.ts gives each its sentence.

/** An address is misaligned, or a length, count or capacity is outside its stated range. */
export const STATUS_BAD_ARGUMENT = 1;
/** The output has no room for the next item; the caller gives more room and calls again. */
export const STATUS_OUTPUT_FULL = 2;
/** The memory block of a book has no room for another level; see bookMove. */
export const STATUS_BOOK_FULL = 3;
/** The input ends before what it announces. */
export const STATUS_TRUNCATED = 4;
/** The input contradicts its own format. */
export const STATUS_CORRUPT = 5;
/** A value cannot be held exactly at the scale that was asked for. */
export const STATUS_NOT_EXACT = 6;
/** A block was not formatted by this kernel, or by one of another ABI version. */
export const STATUS_BAD_STATE = 7;
