/**
 * The spill of one side: the levels off the window, as a blocked sorted list. Blocks hold up to
 * SPILL_ENTRIES keys, ascending; a directory holds, in order, a lower bound of each block's keys
 * (the first block's is minus infinity, whatever stands there), its address and its count. So a
 * change moves a few hundred bytes however many levels there are. Blocks come from a pool that both
 * sides share.
 */
import {
  K_FREE,
  K_FREE_COUNT,
  K_FRESH,
  K_POOL,
  K_POOL_END,
  S_DIR_BLOCKS,
  S_DIR_COUNT,
  S_DIR_KEYS,
  S_SPILL_BEST,
  S_SPILL_COUNT,
  SPILL_BLOCK_BYTES,
  SPILL_ENTRIES,
  SPILL_QTYS,
} from "./layout";

/** Results of spillSet. */
export const SPILL_DONE = 0;
export const SPILL_UNKNOWN = 1;
export const SPILL_FULL = 2;

/** A block that loses entries joins a neighbour when both then fill at most this much. */
const MERGED_MAX = SPILL_ENTRIES * 3 / 4;
const MERGE_BELOW = SPILL_ENTRIES / 4;

/** Gives all blocks back and forgets both sides' levels in the spill. */
export function spillReset(book: usize, ask: usize, bid: usize): void {
  const pool = load<usize>(book, K_POOL);
  store<usize>(book, 0, K_FREE);
  store<usize>(book, pool, K_FRESH);
  const bytes = load<usize>(book, K_POOL_END) - pool;
  store<i32>(book, <i32>(bytes / SPILL_BLOCK_BYTES), K_FREE_COUNT);
  forget(ask);
  forget(bid);
}

function forget(side: usize): void {
  store<i32>(side, 0, S_DIR_COUNT);
  store<i32>(side, 0, S_SPILL_COUNT);
  store<i64>(side, i64.MIN_VALUE, S_SPILL_BEST);
}

/** The caller has seen that K_FREE_COUNT is above 0. */
function takeBlock(book: usize): usize {
  store<i32>(book, load<i32>(book, K_FREE_COUNT) - 1, K_FREE_COUNT);
  const freed = load<usize>(book, K_FREE);
  if (freed != 0) {
    store<usize>(book, load<usize>(freed), K_FREE);
    return freed;
  }
  const fresh = load<usize>(book, K_FRESH);
  store<usize>(book, fresh + SPILL_BLOCK_BYTES, K_FRESH);
  return fresh;
}

function giveBlock(book: usize, block: usize): void {
  store<i32>(book, load<i32>(book, K_FREE_COUNT) + 1, K_FREE_COUNT);
  store<usize>(block, load<usize>(book, K_FREE));
  store<usize>(book, block, K_FREE);
}

@inline
export function blockOf(side: usize, entry: i32): usize {
  return load<usize>(load<usize>(side, S_DIR_BLOCKS) + (<usize>entry << 3));
}

@inline
export function blockCount(side: usize, entry: i32): i32 {
  return load<i32>(load<usize>(side, S_DIR_BLOCKS) + (<usize>entry << 3), 4);
}

@inline
export function setBlockCount(side: usize, entry: i32, count: i32): void {
  store<i32>(load<usize>(side, S_DIR_BLOCKS) + (<usize>entry << 3), count, 4);
}

/** The directory entry whose block holds, or would hold, `key`. The directory is not empty. */
export function entryOf(side: usize, key: i64): i32 {
  const keys = load<usize>(side, S_DIR_KEYS);
  let at = keys;
  let count = load<i32>(side, S_DIR_COUNT);
  while (count > 1) {
    const half = count >> 1;
    const middle = at + (<usize>half << 3);
    at = select<usize>(middle, at, load<i64>(middle) <= key);
    count -= half;
  }
  return <i32>((at - keys) >> 3);
}

/** How many of a block's `count` keys are below `key`. */
export function positionOf(block: usize, count: i32, key: i64): i32 {
  let at = block;
  while (count > 1) {
    const half = count >> 1;
    const middle = at + (<usize>half << 3);
    at = select<usize>(middle, at, load<i64>(middle - 8) < key);
    count -= half;
  }
  const position = <i32>((at - block) >> 3);
  return count == 1 && load<i64>(at) < key ? position + 1 : position;
}

/** Sets (`qty` other than 0) or removes a level. Changes nothing when it returns SPILL_FULL. */
export function spillSet(book: usize, side: usize, key: i64, qty: i64): i32 {
  if (load<i32>(side, S_DIR_COUNT) == 0) {
    if (qty == 0) return SPILL_UNKNOWN;
    if (load<i32>(book, K_FREE_COUNT) == 0) return SPILL_FULL;
    openEntry(book, side, 0, key);
  }
  const entry = entryOf(side, key);
  const block = blockOf(side, entry);
  const count = blockCount(side, entry);
  const position = positionOf(block, count, key);
  const at = block + (<usize>position << 3);
  if (position < count && load<i64>(at) == key) {
    if (qty != 0) store<i64>(at, qty, SPILL_QTYS);
    else remove(book, side, entry, position);
    return SPILL_DONE;
  }
  if (qty == 0) return SPILL_UNKNOWN;
  if (count < SPILL_ENTRIES) {
    insert(side, entry, position, key, qty);
  } else {
    if (load<i32>(book, K_FREE_COUNT) == 0) return SPILL_FULL;
    splitAndInsert(book, side, entry, position, key, qty);
  }
  store<i32>(side, load<i32>(side, S_SPILL_COUNT) + 1, S_SPILL_COUNT);
  if (key > load<i64>(side, S_SPILL_BEST)) store<i64>(side, key, S_SPILL_BEST);
  return SPILL_DONE;
}

function insert(side: usize, entry: i32, position: i32, key: i64, qty: i64): void {
  const block = blockOf(side, entry);
  const count = blockCount(side, entry);
  const at = block + (<usize>position << 3);
  for (let slot = block + (<usize>count << 3); slot > at; slot -= 8) {
    store<i64>(slot, load<i64>(slot - 8));
    store<i64>(slot, load<i64>(slot - 8, SPILL_QTYS), SPILL_QTYS);
  }
  store<i64>(at, key);
  store<i64>(at, qty, SPILL_QTYS);
  setBlockCount(side, entry, count + 1);
}

/** The block is full. At its ends a new one is opened, so that sorted input fills blocks whole. */
function splitAndInsert(
  book: usize, side: usize, entry: i32, position: i32, key: i64, qty: i64,
): void {
  if (position == SPILL_ENTRIES) {
    openEntry(book, side, entry + 1, key);
    insert(side, entry + 1, 0, key, qty);
    return;
  }
  const left = blockOf(side, entry);
  if (position == 0) {
    // The new block takes the old bound, which may lie far below the old block's first key.
    openEntry(book, side, entry, load<i64>(load<usize>(side, S_DIR_KEYS) + (<usize>entry << 3)));
    store<i64>(load<usize>(side, S_DIR_KEYS) + (<usize>(entry + 1) << 3), load<i64>(left));
    insert(side, entry, 0, key, qty);
    return;
  }
  const half = SPILL_ENTRIES / 2;
  openEntry(book, side, entry + 1, load<i64>(left, half * 8));
  const right = blockOf(side, entry + 1);
  memory.copy(right, left + half * 8, half * 8);
  memory.copy(right + SPILL_QTYS, left + SPILL_QTYS + half * 8, half * 8);
  setBlockCount(side, entry, half);
  setBlockCount(side, entry + 1, half);
  if (position <= half) insert(side, entry, position, key, qty);
  else insert(side, entry + 1, position - half, key, qty);
}

/** Puts an empty block into the directory at `entry`; `bound` is the lower bound of its keys. */
function openEntry(book: usize, side: usize, entry: i32, bound: i64): void {
  const block = takeBlock(book);
  const keys = load<usize>(side, S_DIR_KEYS) + (<usize>entry << 3);
  const blocks = load<usize>(side, S_DIR_BLOCKS) + (<usize>entry << 3);
  const count = load<i32>(side, S_DIR_COUNT);
  const moved = <usize>(count - entry) << 3;
  memory.copy(keys + 8, keys, moved);
  memory.copy(blocks + 8, blocks, moved);
  store<i64>(keys, bound);
  store<usize>(blocks, block);
  store<i32>(blocks, 0, 4);
  store<i32>(side, count + 1, S_DIR_COUNT);
}

/** Takes the block at `entry` out of the directory and gives it back. */
export function closeEntry(book: usize, side: usize, entry: i32): void {
  giveBlock(book, blockOf(side, entry));
  const keys = load<usize>(side, S_DIR_KEYS) + (<usize>entry << 3);
  const blocks = load<usize>(side, S_DIR_BLOCKS) + (<usize>entry << 3);
  const count = load<i32>(side, S_DIR_COUNT) - 1;
  const moved = <usize>(count - entry) << 3;
  memory.copy(keys, keys + 8, moved);
  memory.copy(blocks, blocks + 8, moved);
  store<i32>(side, count, S_DIR_COUNT);
}

function remove(book: usize, side: usize, entry: i32, position: i32): void {
  const block = blockOf(side, entry);
  const count = blockCount(side, entry) - 1;
  const end = block + (<usize>count << 3);
  for (let slot = block + (<usize>position << 3); slot < end; slot += 8) {
    store<i64>(slot, load<i64>(slot, 8));
    store<i64>(slot, load<i64>(slot, SPILL_QTYS + 8), SPILL_QTYS);
  }
  setBlockCount(side, entry, count);
  store<i32>(side, load<i32>(side, S_SPILL_COUNT) - 1, S_SPILL_COUNT);
  if (count == 0) closeEntry(book, side, entry);
  else if (count < MERGE_BELOW) mergeAround(book, side, entry);
  refreshSpillBest(side);
}

function mergeAround(book: usize, side: usize, entry: i32): void {
  const count = blockCount(side, entry);
  if (entry + 1 < load<i32>(side, S_DIR_COUNT)) {
    if (count + blockCount(side, entry + 1) <= MERGED_MAX) merge(book, side, entry);
  } else if (entry > 0) {
    if (count + blockCount(side, entry - 1) <= MERGED_MAX) merge(book, side, entry - 1);
  }
}

/** Appends the block at `entry + 1` to the one at `entry`. */
function merge(book: usize, side: usize, entry: i32): void {
  const left = blockCount(side, entry);
  const right = blockCount(side, entry + 1);
  const to = blockOf(side, entry) + (<usize>left << 3);
  const from = blockOf(side, entry + 1);
  memory.copy(to, from, <usize>right << 3);
  memory.copy(to + SPILL_QTYS, from + SPILL_QTYS, <usize>right << 3);
  setBlockCount(side, entry, left + right);
  closeEntry(book, side, entry + 1);
}

export function refreshSpillBest(side: usize): void {
  const last = load<i32>(side, S_DIR_COUNT) - 1;
  if (last < 0) {
    store<i64>(side, i64.MIN_VALUE, S_SPILL_BEST);
    return;
  }
  const at = blockOf(side, last) + (<usize>(blockCount(side, last) - 1) << 3);
  store<i64>(side, load<i64>(at), S_SPILL_BEST);
}
