// What a column asks of a scale: the block that f64Decimals and decimalTextDecimals add to.
// Offsets in bytes. The host clears it before the first piece of a column.

/** i32: the most decimals that any value needs; DECIMALS_TOO_MANY: more than 18. */
export const DECIMALS_MAX = 0;
/** i32 (text only): 18 less the largest scale at which all values fit int64; 19: none does. */
export const DECIMALS_SCALE_LOST = 4;
/** f64 (doubles only): the largest magnitude. */
export const DECIMALS_MAX_ABS = 8;
export const DECIMALS_BYTES = 16;

export const DECIMALS_TOO_MANY = 19;
