/**
 * Where everything of a book lies in its block, and how a block is divided.
 *
 * ```
 * head (src/abi/book.ts) | K_ fields | side ask | side bid | top ask | top bid | scratch |
 * what the rows' loop keeps | quantities ask, bid | bits ask, bid | touched ask, bid |
 * directory ask, bid | pool of spill blocks
 * ```
 *
 * Both sides run the same code on *keys*: a bid's key is its price, an ask's is `~price`, so that
 * the greater key is the better level on either side, for every int64.
 *
 * A level lives in exactly one of two places. The dense window holds the keys `base + index * tick`
 * for `index < limit` as an array of quantities (0: no such level), with a bit for each that is in
 * use and a byte for each word of bits (window.ts). Every other key lives in the spill. Which ticks
 * the window covers is only a matter of speed; retune.ts decides it.
 *
 * The arrays of both sides lie end to end, so that the rows' loop has one *place* for a level on
 * either side: the index for an ask, the window's ticks more for a bid (places.ts).
 */
import { BOOK_DEPTH_MAX, BOOK_HEAD_BYTES } from "../../src/abi/book";

/** "dmbook01", little-endian: a block that bookInit formatted. */
export const MAGIC: u64 = 0x31306b6f6f626d64;

// The kernel's own fields, shared by both sides.
/** u64: step of the window's grid, in pips; 0 while there is none. */
export const K_TICK = BOOK_HEAD_BYTES;
/** u64: inverse of the tick's odd part modulo 2^64. */
export const K_INVERSE = BOOK_HEAD_BYTES + 8;
/** u64: trailing zeros of the tick. */
export const K_SHIFT = BOOK_HEAD_BYTES + 16;
/** u64: indices of the window that are in use: its ticks, or 0 while there is no grid. */
export const K_LIMIT = BOOK_HEAD_BYTES + 24;
/** u32: how often a window was placed or the grid changed: until then places hold. It may wrap. */
export const K_PLACEMENTS = BOOK_HEAD_BYTES + 32;
/** i32: log2 of the window's ticks. */
export const K_WINDOW_BITS = BOOK_HEAD_BYTES + 40;
/** u32: first block of the free list, 0: none; those from K_FRESH to K_POOL_END were never used. */
export const K_FREE = BOOK_HEAD_BYTES + 44;
export const K_FRESH = BOOK_HEAD_BYTES + 48;
export const K_POOL = BOOK_HEAD_BYTES + 52;
export const K_POOL_END = BOOK_HEAD_BYTES + 56;
/** i32: spill blocks that can still be taken. */
export const K_FREE_COUNT = BOOK_HEAD_BYTES + 60;
/** i32: work that misses of the window have paid for (retune.ts). */
export const K_CREDIT = BOOK_HEAD_BYTES + 64;
/** i32: misses until the grid is looked at again, and the distance after that. */
export const K_GRID_CHECK_IN = BOOK_HEAD_BYTES + 68;
export const K_GRID_CHECK_EVERY = BOOK_HEAD_BYTES + 72;
/** i32: levels a side that the cached tops hold; 0: they are not kept. */
export const K_TOP_DEPTH = BOOK_HEAD_BYTES + 76;
/** i32: flags of the last row written with CADENCE_CHANGE; -1: none written. */
export const K_WRITTEN_FLAGS = BOOK_HEAD_BYTES + 80;
/** i32: RUN_FIRST_ROW_MARKS of the message that is under way. */
export const K_PENDING_MARKS = BOOK_HEAD_BYTES + 84;
/**
 * i32: rows of the message that is under way which earlier calls walked; during a call less the
 * number of the row that follows those.
 */
export const K_PENDING_ROWS = BOOK_HEAD_BYTES + 88;
/** i32: first output row whose validity bits are not yet written, and the levels present since. */
export const K_VALID_FROM = BOOK_HEAD_BYTES + 92;
export const K_VALID_BIDS = BOOK_HEAD_BYTES + 96;
export const K_VALID_ASKS = BOOK_HEAD_BYTES + 100;

// A side's fields, from its own address.
/** i64: key of index 0 of the window. */
export const S_BASE = 0;
/** i64: greatest key of the spill; I64_MIN while it is empty. */
export const S_SPILL_BEST = 8;
/** i64: updates at or above this key change the cached top. */
export const S_TOP_KEY = 16;
/** i32: greatest index in use in the window, -1: none. */
export const S_BEST = 24;
/** i32: levels in the window; in the spill; blocks in the directory. */
export const S_DENSE_COUNT = 28;
export const S_SPILL_COUNT = 32;
export const S_DIR_COUNT = 36;
/** u32: addresses: quantities (i64 each), bits of indices in use, a byte a word of those bits. */
export const S_QTY = 40;
export const S_BITS = 44;
export const S_TOUCHED = 48;
/** u32: addresses of the directory: lower bounds (i64 each); block address and count (u32, u32). */
export const S_DIR_KEYS = 56;
export const S_DIR_BLOCKS = 60;
/** u32: address of the cached top: pairs of price and quantity (i64, i64). */
export const S_TOP = 64;
/** i32: levels in the cached top; 1: it is out of date. */
export const S_TOP_COUNT = 68;
export const S_TOP_DIRTY = 72;
/** i32: greatest index below S_TOP_KEY, -1: none; a row above it may show in the cached top. */
export const S_TOP_BELOW = 76;
/** i64: what turns a price into a key and back by exclusive or: 0 for bids, -1 for asks. */
export const S_FLIP = 80;

const WINDOW_BITS_MIN = 7;
const WINDOW_BITS_MAX = 18;

export const SIDES = BOOK_HEAD_BYTES + 128;
export const SIDE_SHIFT = 7;
const SIDE_BYTES = 1 << SIDE_SHIFT;
const TOPS = SIDES + 2 * SIDE_BYTES;
const TOP_BYTES = BOOK_DEPTH_MAX * 16;
/** BOOK_DEPTH_MAX pairs for the use of one call. */
export const SCRATCH = TOPS + 2 * TOP_BYTES;
/** Places (i32) of PLACE_ROWS rows. */
export const PLACES = SCRATCH + TOP_BYTES;
export const PLACE_ROWS = 64;
/** How places follow from prices: 32 bytes a side (places.ts). */
export const PLACE_RULES = PLACES + PLACE_ROWS * 4;
/** i32: place of a bid with index 0, in the bids' rule. */
export const PLACE_OF_BIDS = PLACE_RULES + 48;
/** Rows applied since the sides' fields were brought up to date, by what they did (placed.ts). */
export const TURNS = PLACE_RULES + 64;
/** i32 each: the greatest place of an ask, and of a bid, that mattered since then. */
export const HIGHS = TURNS + 32;
/** Quantities (i64) of asks and bids, by place. */
export const QUANTITIES = HIGHS + 32;
const FIXED_BYTES = QUANTITIES;

/** A spill block: keys, ascending, then their quantities. */
export const SPILL_ENTRIES = 64;
export const SPILL_QTYS = SPILL_ENTRIES * 8;
export const SPILL_BLOCK_BYTES = SPILL_ENTRIES * 16;
/** A directory entry on each side for each block of the pool. */
const SPILL_TOTAL_BYTES = SPILL_BLOCK_BYTES + 2 * 16;

const BLOCKS_MIN = 4;

@inline
function padded(bytes: u32): u32 {
  return (bytes + 63) & ~63;
}

/** Of both sides: quantities, bits, touched bytes. */
function denseBytes(bits: i32): u32 {
  const ticks: u32 = 1 << bits;
  return ticks * 16 + padded(ticks >> 2) + padded(ticks >> 5);
}

export function bytesMin(): u32 {
  return FIXED_BYTES + denseBytes(WINDOW_BITS_MIN) + 128 + BLOCKS_MIN * SPILL_TOTAL_BYTES;
}

/** The largest window that leaves three eighths of the block to the spill. */
export function windowBits(bytes: u32): i32 {
  const room = <u64>(bytes - FIXED_BYTES) * 5 / 8;
  let bits = WINDOW_BITS_MIN;
  while (bits < WINDOW_BITS_MAX && <u64>denseBytes(bits + 1) <= room) bits++;
  return bits;
}

/** Writes all addresses of a block of `bytes` bytes, and clears what must be zero. */
export function formatBlock(book: usize, bytes: u32): void {
  const bits = windowBits(bytes);
  const ticks: usize = 1 << bits;
  memory.fill(book, 0, FIXED_BYTES);
  memory.fill(book + FIXED_BYTES, 0, denseBytes(bits));

  let at = book + FIXED_BYTES;
  const ask = book + SIDES;
  const bid = ask + SIDE_BYTES;
  store<usize>(ask, at, S_QTY);
  store<usize>(bid, at + ticks * 8, S_QTY);
  at += ticks * 16;
  store<usize>(ask, at, S_BITS);
  store<usize>(bid, at + (ticks >> 3), S_BITS);
  at += padded(<u32>(ticks >> 2));
  store<usize>(ask, at, S_TOUCHED);
  store<usize>(bid, at + (ticks >> 6), S_TOUCHED);
  at += padded(<u32>(ticks >> 5));
  const blocks = (book + bytes - at - 128) / SPILL_TOTAL_BYTES;
  for (let side = ask; side <= bid; side += SIDE_BYTES) {
    store<usize>(side, at, S_DIR_KEYS);
    at += blocks * 8;
    store<usize>(side, at, S_DIR_BLOCKS);
    at += blocks * 8;
  }
  at = (at + 63) & ~63;
  store<usize>(book, at, K_POOL);
  store<usize>(book, at + blocks * SPILL_BLOCK_BYTES, K_POOL_END);
  store<i32>(book, bits, K_WINDOW_BITS);
  store<usize>(book, ticks, PLACE_OF_BIDS);
  store<usize>(ask, book + TOPS, S_TOP);
  store<usize>(bid, book + TOPS + TOP_BYTES, S_TOP);
  store<i64>(ask, -1, S_FLIP);
}

/** Address of a side's fields; `isBid` is 0 or 1. */
@inline
export function sideOf(book: usize, isBid: usize): usize {
  return book + SIDES + (isBid << SIDE_SHIFT);
}

@inline
export function levelCount(side: usize): i32 {
  return load<i32>(side, S_DENSE_COUNT) + load<i32>(side, S_SPILL_COUNT);
}
