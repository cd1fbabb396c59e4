// The block of the grid kernel (assembly/value-grid.ts): what an instrument's prices and quantities
// have in common. Offsets in bytes; i64 unless said. The host writes the values of an empty block
// (core/value-grid.ts), and any number of calls widen them.

/** Smallest and largest price in pips; the smallest is above the largest while there is none. */
export const GRID_PRICE_MIN = 0;
export const GRID_PRICE_MAX = 8;
/** u64: greatest common divisor of the prices (quantities) in pips that are not 0; 0: none yet. */
export const GRID_TICK = 16;
export const GRID_LOT = 24;
/** i32: row of the last call whose price changed GRID_TICK last; -1: none did. */
export const GRID_TICK_ROW = 32;
export const GRID_BLOCK_BYTES = 40;
