/**
 * Where the window lies, and on which grid. Never a matter of correctness: a level that the window
 * does not take is in the spill. So everything here is paid for by misses of the window (a miss
 * adds CREDIT_A_MISS units, moving a level costs one), is skipped while the pool has no room, and
 * cannot be made to thrash by any input.
 *
 * The grid is the greatest common divisor of the best levels of both sides, looked at again ever
 * more seldom while it stays the same: some odd price far away does not spoil it. The window is
 * placed with the best price at seven eighths of its height, because levels lie behind the best.
 */
import {
  BOOK_ROWS_OFF_WINDOW,
  BOOK_TICK_PIPS,
  RUN_IS_BID_PTR,
  RUN_PRICE_PTR,
} from "../../src/abi/book";
import {
  K_CREDIT,
  K_FREE_COUNT,
  K_GRID_CHECK_EVERY,
  K_GRID_CHECK_IN,
  K_INVERSE,
  K_LIMIT,
  K_PLACEMENTS,
  K_SHIFT,
  K_TICK,
  K_WINDOW_BITS,
  S_BASE,
  S_BITS,
  S_DENSE_COUNT,
  S_DIR_COUNT,
  S_FLIP,
  S_QTY,
  S_SPILL_COUNT,
  S_TOP_DIRTY,
  S_TOP_KEY,
  SCRATCH,
  SPILL_ENTRIES,
  SPILL_QTYS,
  levelCount,
  sideOf,
} from "./layout";
import { bestKey, readLevels, windowKey } from "./levels";
import {
  blockCount,
  blockOf,
  SPILL_FULL,
  closeEntry,
  entryOf,
  positionOf,
  refreshSpillBest,
  setBlockCount,
  spillSet,
} from "./spill";
import { windowClear, windowInsert } from "./window";

const CREDIT_A_MISS = 16;
const CREDIT_MAX = 1 << 20;
const GRID_LEVELS = 64;
const GRID_CHECK_EVERY_MAX = 1 << 16;
/** A window of 2^18 ticks of this many pips spans 2^62: no sum below can overflow. */
const TICK_MAX: u64 = 1 << 44;

/** Greatest common divisor; of 0 and n it is n. */
function gcd(a: u64, b: u64): u64 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

@inline
function magnitude(price: i64): u64 {
  return <u64>(price < 0 ? -price : price);
}

/**
 * Applies a row whose key the window does not take. Returns SPILL_DONE or SPILL_UNKNOWN, or
 * SPILL_FULL with no level changed. The window may have moved afterwards, and the grid changed.
 */
export function setOffWindow(book: usize, run: usize, row: i32, qty: i64): i32 {
  const sides = <usize>load<u8>(load<usize>(run, RUN_IS_BID_PTR) + (row >> 3));
  const side = sideOf(book, (sides >> (row & 7)) & 1);
  const price = load<i64>(load<usize>(run, RUN_PRICE_PTR) + (<usize>row << 3));
  const key = price ^ load<i64>(side, S_FLIP);
  if (key >= load<i64>(side, S_TOP_KEY)) store<i32>(side, 1, S_TOP_DIRTY);
  const result = spillSet(book, side, key, qty);
  if (result == SPILL_FULL) return result;
  store<i64>(book, load<i64>(book, BOOK_ROWS_OFF_WINDOW) + 1, BOOK_ROWS_OFF_WINDOW);
  notePrice(book, price);
  noteMiss(book, side);
  return result;
}

/** Keeps BOOK_TICK_PIPS, the divisor of all prices seen. */
function notePrice(book: usize, price: i64): void {
  const tick = load<u64>(book, BOOK_TICK_PIPS);
  const size = magnitude(price);
  if (tick == 0 || size % tick != 0) store<u64>(book, gcd(tick, size), BOOK_TICK_PIPS);
}

/** Called after a row that missed the window was applied to the spill. */
function noteMiss(book: usize, side: usize): void {
  const credit = load<i32>(book, K_CREDIT);
  if (credit < CREDIT_MAX) store<i32>(book, credit + CREDIT_A_MISS, K_CREDIT);
  const checkIn = load<i32>(book, K_GRID_CHECK_IN) - 1;
  store<i32>(book, checkIn, K_GRID_CHECK_IN);
  if (checkIn <= 0) checkGrid(book);
  else if (load<u64>(book, K_LIMIT) != 0 && !wellPlaced(book, side)) moveWindow(book, side);
}

/** Sets up the arithmetic of index = (key - base) / tick without a division. */
export function setGrid(book: usize, tick: u64): void {
  store<u32>(book, load<u32>(book, K_PLACEMENTS) + 1, K_PLACEMENTS);
  store<u64>(book, tick, K_TICK);
  if (tick == 0 || tick > TICK_MAX) {
    store<u64>(book, 0, K_LIMIT);
    return;
  }
  const shift = ctz<u64>(tick);
  const odd = tick >> shift;
  // Newton's iteration doubles the correct low bits; odd * odd = 1 modulo 8 gives the first three.
  let inverse = odd;
  for (let bits = 3; bits < 64; bits *= 2) inverse *= 2 - odd * inverse;
  store<u64>(book, inverse, K_INVERSE);
  store<u64>(book, shift, K_SHIFT);
  store<u64>(book, <u64>1 << load<i32>(book, K_WINDOW_BITS), K_LIMIT);
}

/** (key - base) / tick if that is a whole number below the limit; else something at or above it. */
@inline
export function windowIndex(key: i64, base: i64, inverse: u64, shift: u64): u64 {
  // A multiple of tick = odd * 2^shift: times the inverse of odd it loses that factor, and rotated
  // by shift the power of two. Anything else comes out above (2^64 - 1) / tick.
  return rotr<u64>(<u64>(key - base) * inverse, shift);
}

function gridOfBest(book: usize): u64 {
  let tick: u64 = 0;
  const scratch = book + SCRATCH;
  for (let isBid: usize = 0; isBid < 2; isBid++) {
    const side = sideOf(book, isBid);
    const count = readLevels(book, side, i64.MAX_VALUE, GRID_LEVELS, scratch, scratch + 8, 16);
    for (let at = scratch; at < scratch + (<usize>count << 4); at += 16) {
      tick = gcd(magnitude(load<i64>(at)), tick);
    }
  }
  return tick;
}

function checkGrid(book: usize): void {
  const every = load<i32>(book, K_GRID_CHECK_EVERY);
  const tick = gridOfBest(book);
  if (tick == load<u64>(book, K_TICK) || tick == 0) {
    const later = every < GRID_CHECK_EVERY_MAX ? every * 2 : every;
    store<i32>(book, later, K_GRID_CHECK_EVERY);
    store<i32>(book, later, K_GRID_CHECK_IN);
    return;
  }
  store<i32>(book, every, K_GRID_CHECK_IN);
  const ask = sideOf(book, 0);
  const bid = sideOf(book, 1);
  const moved = load<i32>(ask, S_DENSE_COUNT) + load<i32>(bid, S_DENSE_COUNT);
  if (!pay(book, 2 * moved + 16, moved)) return;
  flush(book, ask);
  flush(book, bid);
  setGrid(book, tick);
  place(book, ask);
  place(book, bid);
  store<i32>(book, 1, K_GRID_CHECK_EVERY);
  store<i32>(book, 1, K_GRID_CHECK_IN);
}

/** Whether the best price lies between five eighths and 31/32 of the window's height. */
function wellPlaced(book: usize, side: usize): bool {
  if (levelCount(side) == 0) return true;
  const base = load<i64>(side, S_BASE);
  const best = bestKey(book, side);
  if (best < base) return false;
  const span = load<u64>(book, K_TICK) << load<i32>(book, K_WINDOW_BITS);
  const height = <u64>(best - base);
  return height >= (span >> 3) * 5 && height <= span - (span >> 5);
}

function moveWindow(book: usize, side: usize): void {
  const moved = load<i32>(side, S_DENSE_COUNT);
  if (!pay(book, 2 * moved + 64, moved)) return;
  flush(book, side);
  place(book, side);
}

/** Takes `cost` units if there are so many and `moved` levels find room in the spill. */
function pay(book: usize, cost: i32, moved: i32): bool {
  const credit = load<i32>(book, K_CREDIT);
  // Sorted input fills blocks at least half.
  const blocks = moved / (SPILL_ENTRIES / 2) + 4;
  if (credit < cost || load<i32>(book, K_FREE_COUNT) < blocks) return false;
  store<i32>(book, credit - cost, K_CREDIT);
  return true;
}

/** Moves all levels of the window to the spill. The caller has made sure of the room. */
function flush(book: usize, side: usize): void {
  let left = load<i32>(side, S_DENSE_COUNT);
  const qtys = load<usize>(side, S_QTY);
  for (let word = load<usize>(side, S_BITS), first = 0; left > 0; word += 8, first += 64) {
    for (let bits = load<u64>(word); bits != 0; bits &= bits - 1) {
      const index = first + <i32>ctz<u64>(bits);
      const qty = load<i64>(qtys + (<usize>index << 3));
      spillSet(book, side, windowKey(book, side, index), qty);
      left--;
    }
  }
  windowClear(side);
}

/** Places the empty window around the best level, and moves what it covers into it. */
export function place(book: usize, side: usize): void {
  store<u32>(book, load<u32>(book, K_PLACEMENTS) + 1, K_PLACEMENTS);
  if (load<u64>(book, K_LIMIT) == 0) return;
  if (levelCount(side) == 0) {
    // Any base will do that leaves the whole window inside int64, whatever the tick.
    store<i64>(side, 0, S_BASE);
    return;
  }
  store<i64>(side, baseFor(book, side, bestKey(book, side)), S_BASE);
  pull(book, side);
}

/** The base, a key on the grid, of a window with `best` at seven eighths, as int64 allows. */
export function baseFor(book: usize, side: usize, best: i64): i64 {
  const tick = load<i64>(book, K_TICK);
  const ticks = <u64>1 << load<i32>(book, K_WINDOW_BITS);
  // Prices of the grid are multiples of the tick; keys of asks are those less one, negated.
  let over = best % tick;
  if (over < 0) over += tick;
  if (load<i64>(side, S_FLIP) != 0) over = (over + 1) % tick;
  const below = <u64>(best - i64.MIN_VALUE);
  const onGrid = below >= <u64>over ? best - over : best - over + tick;
  const ticksBelow = min<u64>(ticks - (ticks >> 3), <u64>(onGrid - i64.MIN_VALUE) / <u64>tick);
  const base = onGrid - <i64>ticksBelow * tick;
  const ticksAbove = <u64>(i64.MAX_VALUE - base) / <u64>tick;
  return ticksAbove >= ticks - 1 ? base : base - <i64>(ticks - 1 - ticksAbove) * tick;
}

/** Moves the levels of the spill that lie on the window's ticks into it. */
function pull(book: usize, side: usize): void {
  if (load<i32>(side, S_DIR_COUNT) == 0) return;
  const base = load<i64>(side, S_BASE);
  const limit = load<u64>(book, K_LIMIT);
  const last = windowKey(book, side, <i32>limit - 1);
  let pulled = 0;
  let entry = entryOf(side, base);
  while (entry < load<i32>(side, S_DIR_COUNT)) {
    const block = blockOf(side, entry);
    const count = blockCount(side, entry);
    const kept = pullBlock(book, side, block, count, base);
    pulled += count - kept;
    const beyond = kept > 0 && load<i64>(block + (<usize>(kept - 1) << 3)) > last;
    setBlockCount(side, entry, kept);
    if (kept == 0) closeEntry(book, side, entry);
    else entry++;
    if (beyond) break;
  }
  store<i32>(side, load<i32>(side, S_SPILL_COUNT) - pulled, S_SPILL_COUNT);
  refreshSpillBest(side);
}

/** Returns how many of a block's entries stay. */
function pullBlock(book: usize, side: usize, block: usize, count: i32, base: i64): i32 {
  const inverse = load<u64>(book, K_INVERSE);
  const shift = load<u64>(book, K_SHIFT);
  const limit = load<u64>(book, K_LIMIT);
  const qtys = load<usize>(side, S_QTY);
  const first = positionOf(block, count, base);
  let to = block + (<usize>first << 3);
  const end = block + (<usize>count << 3);
  for (let from = to; from < end; from += 8) {
    const key = load<i64>(from);
    const qty = load<i64>(from, SPILL_QTYS);
    const index = windowIndex(key, base, inverse, shift);
    if (index < limit) {
      store<i64>(qtys + (<usize>index << 3), qty);
      windowInsert(side, <i32>index);
    } else {
      store<i64>(to, key);
      store<i64>(to, qty, SPILL_QTYS);
      to += 8;
    }
  }
  return <i32>((to - block) >> 3);
}
