// Sizes that the data model fixes (MODEL section 2) and that both compilers need.

/** Rows of a page of the output, and the most rows that one slot holds. */
export const PAGE_ROWS = 16384;
/** A row group ends at the first LAST row at or after so many rows. */
export const ROW_GROUP_ROWS = 131072;
/** A message longer than this is cut here. */
export const ROW_GROUP_ROWS_MAX = 1048576;
/** A part ends at the first LAST row at or after so many rows. */
export const PART_ROWS = 16777216;
/** Bytes of a slot of the shared memory: a page of the widest event layout fits. */
export const SLOT_BYTES = 1048576;
/** Columns start at multiples of this many bytes and are padded to it (as Arrow wants). */
export const COLUMN_ALIGN = 64;
/** The most decimals that an int64 can hold of anything. */
export const SCALE_MAX = 18;
