// The tables of a dictionary (dictionary-encode.ts): where a value's entry may stand.
//
//   hashes  slot, u16: the index of an entry; 0 where the slot is free. All values at first, later those
//           that the grid cannot hold; grows with them.
//   grid    dictionary-grid.ts: nearly every value of a column of prices or quantities has a slot of
//           its own there, neighbours in value are neighbours in memory, and the values that come
//           again and again share a few cache lines. It is laid when enough entries have shown their
//           step, and given up where more than a quarter of the entries are not on it.
//
// In the table of hashes a value's own slot is the top bits of value * SCATTER. A value whose own slot
// is taken goes to the first free one on a path of its hash's. A free slot needs no mark of its own:
// entry 0 has its own slot, where no other goes, and it reads as if it were free. Whatever a row's slot
// says, that entry is compared with the row's value.
//
// A block without tables has DICTIONARY_HAS_SLOTS 0. The dictionary's kernels, which call these, have
// checked the block.
import {
  DICTIONARY_BASE,
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_ENTRIES_MAX,
  DICTIONARY_GRID,
  DICTIONARY_GRID_STATE,
  DICTIONARY_HASH_BITS,
  DICTIONARY_HASH_COUNT,
  DICTIONARY_HAS_SLOTS,
  DICTIONARY_INVERSE,
  DICTIONARY_SLOTS,
  DICTIONARY_STEP,
} from "../../src/abi/dictionary";
import {
  GRID_FREE,
  commonStep,
  fitsGrid,
  gridSlot,
  isOf,
  layGrid,
  slotWord,
  stepsOf,
  turnOf,
} from "./dictionary-grid";

// DICTIONARY_GRID_STATE.
export const GRID_NOT_YET: i32 = 0;
export const GRID_LAID: i32 = 1;
const GRID_GIVEN_UP: i32 = 2;

const HASH_BITS_MIN: i32 = 12;
/** Up to here a quarter of the slots of hashes may be taken, beyond it a half. */
const HASH_BITS_SPARSE: i32 = 14;
const HASH_BITS_MAX: i32 = 17;
/** Entries that a grid is laid for: a table of hashes as small as that stays in the L1 cache. */
const GRID_ENTRIES_MIN: i32 = 64;
/** Entries that the step is taken from; others that do not fit it are noticed one by one. */
const STEP_ENTRIES: i32 = 1024;
/** MurmurHash3's constant. */
const SCATTER: u64 = 0xff51_afd7_ed55_8ccd;
/** Entries that do not fit the step before it is taken anew: that costs as much as some thousand rows. */
const MISFITS_MAX: i32 = 32;
/** i32: how many there are. In front of it are notes of the batch. */
const MISFITS: usize = DICTIONARY_SLOTS + 262_144 + 2_048;
/** Room for the indices that move to a larger table. */
const MOVING: usize = DICTIONARY_SLOTS + 262_144 + 4_096;

/** Bytes from the first slot of hashes to the value's own. */
// @ts-ignore: decorator
@inline
export function hashSlot<T>(value: T, shift: u64): usize {
  return <usize>((<u64>(<i64>value) * SCATTER) >> shift) << 1;
}

/** Values that a table of hashes takes before it grows. */
export function hashCountMax(bits: i32): i32 {
  if (bits == HASH_BITS_MAX) return DICTIONARY_ENTRIES_MAX;
  return bits > HASH_BITS_SPARSE ? 1 << (bits - 1) : 1 << (bits - 2);
}

/** Index of a value that is in: without tables only of the last entry. */
export function find<T>(block: usize, value: T): i32 {
  if (load<i32>(block, DICTIONARY_HAS_SLOTS) == 0) return load<i32>(block, DICTIONARY_COUNT) - 1;
  return findOrInsert<T>(block, value);
}

/** Index of the entry that holds the value, which is made if it may be; -1 if it may not. */
export function findOrInsert<T>(block: usize, value: T): i32 {
  if (load<i32>(block, DICTIONARY_HAS_SLOTS) == 0) makeSlots<T>(block);
  const state = load<i32>(block, DICTIONARY_GRID_STATE);
  const entryCount = load<i32>(block, DICTIONARY_COUNT);
  let fits = false;
  if (state == GRID_LAID) {
    const step = load<u64>(block, DICTIONARY_STEP);
    const base = load<u64>(block, DICTIONARY_BASE);
    const steps = stepsOf<T>(value, base, load<u64>(block, DICTIONARY_INVERSE), turnOf(step));
    const at = block + DICTIONARY_GRID + gridSlot(steps);
    const slot = <i64>load<i32>(at);
    if (isOf(slot, steps)) return <i32>(slot & 0xffff);
    fits = fitsGrid(steps);
    if (slot == GRID_FREE && fits) {
      if (entryCount == DICTIONARY_ENTRIES_MAX) return -1;
      store<i32>(at, slotWord(steps, entryCount));
      append<T>(block, value);
      return entryCount;
    }
  }
  const at = search<T>(block, value);
  const found = <i32>load<u16>(at);
  if (load<T>(block + DICTIONARY_ENTRIES + (<usize>found) * sizeof<T>()) == value) return found;
  if (entryCount == DICTIONARY_ENTRIES_MAX) return -1;
  append<T>(block, value);
  store<u16>(at, <u16>entryCount);
  const count = load<i32>(block, DICTIONARY_HASH_COUNT) + 1;
  store<i32>(block, count, DICTIONARY_HASH_COUNT);
  if (state == GRID_NOT_YET) {
    if (entryCount + 1 >= GRID_ENTRIES_MIN) makeGrid<T>(block);
  } else if (state == GRID_LAID && !fits && isMisfit<T>(block, value)) {
    makeGrid<T>(block);
  } else if (count > hashCountMax(load<i32>(block, DICTIONARY_HASH_BITS))) {
    growHashes<T>(block);
  }
  return entryCount;
}

/** Counts a value that does not fit the grid's step; whether they are many. */
function isMisfit<T>(block: usize, value: T): bool {
  const step = load<u64>(block, DICTIONARY_STEP);
  if (commonStep<T>(block, step, value) == step) return false;
  const count = load<i32>(block, MISFITS) + 1;
  store<i32>(block, count, MISFITS);
  return count == MISFITS_MAX;
}

// @ts-ignore: decorator
@inline
function append<T>(block: usize, value: T): void {
  const index = load<i32>(block, DICTIONARY_COUNT);
  store<T>(block + DICTIONARY_ENTRIES + (<usize>index) * sizeof<T>(), value);
  store<i32>(block, index + 1, DICTIONARY_COUNT);
}

/** Address of the slot of hashes that holds the value, or is free for it, or is entry 0's for it. */
function search<T>(block: usize, value: T): usize {
  const entries = block + DICTIONARY_ENTRIES;
  const slots = block + DICTIONARY_SLOTS;
  const bits = load<i32>(block, DICTIONARY_HASH_BITS);
  const shift = <u64>(64 - bits);
  const first = load<T>(entries);
  const slot0 = slots + hashSlot<T>(first, shift);
  if (value == first) return slot0;
  let at = slots + hashSlot<T>(value, shift);
  let index = <usize>load<u16>(at);
  if (index == 0 ? at != slot0 : load<T>(entries + index * sizeof<T>()) == value) return at;
  const mask = ((<usize>2) << <usize>bits) - 2;
  // The product's top bits depend on the high half only through its low bits; fold it in.
  const word = <u64>(<i64>value);
  const hash = (word ^ (word >> 32) ^ SCATTER) * SCATTER;
  let slot = <usize>(hash >> shift) << 1;
  // Clashes of the product come in stretches: leave them by long steps of any length.
  const step = (<usize>(hash >> 24) | 1) << 1;
  while (true) {
    at = slots + slot;
    index = <usize>load<u16>(at);
    if (index == 0 ? at != slot0 : load<T>(entries + index * sizeof<T>()) == value) return at;
    slot = (slot + step) & mask;
  }
}

/** Makes the tables: all entries by their hashes, and the grid if there are enough. */
function makeSlots<T>(block: usize): void {
  store<i32>(block, 1, DICTIONARY_HAS_SLOTS);
  if (load<i32>(block, DICTIONARY_COUNT) >= GRID_ENTRIES_MIN) makeGrid<T>(block);
  else hashAll<T>(block);
}

/** Lays the grid, with the step of the entries that are there; the table of hashes gets the rest. */
function makeGrid<T>(block: usize): void {
  const entryCount = load<i32>(block, DICTIONARY_COUNT);
  let step: u64 = 0;
  for (let i = 1; i < min(entryCount, STEP_ENTRIES); i++) {
    step = commonStep<T>(block, step, load<T>(block + DICTIONARY_ENTRIES + (<usize>i) * sizeof<T>()));
  }
  do {
    layGrid<T>(block, step);
    step = fillGrid<T>(block, entryCount);
  } while (step != load<u64>(block, DICTIONARY_STEP));
  store<i32>(block, 0, MISFITS);
  const left = load<i32>(block, DICTIONARY_HASH_COUNT);
  const isWorthIt = left << 2 <= entryCount;
  store<i32>(block, isWorthIt ? GRID_LAID : GRID_GIVEN_UP, DICTIONARY_GRID_STATE);
  if (isWorthIt) hashListed<T>(block, left);
  else hashAll<T>(block);
}

/**
 * Puts the entries into the grid and lists those that it cannot hold; returns its step, or the one
 * that it must have for all of them.
 */
function fillGrid<T>(block: usize, entryCount: i32): u64 {
  const entries = block + DICTIONARY_ENTRIES;
  const step = load<u64>(block, DICTIONARY_STEP);
  const base = load<u64>(block, DICTIONARY_BASE);
  const inverse = load<u64>(block, DICTIONARY_INVERSE);
  const turn = turnOf(step);
  let left = 0;
  for (let i = 0; i < entryCount; i++) {
    const value = load<T>(entries + (<usize>i) * sizeof<T>());
    const steps = stepsOf<T>(value, base, inverse, turn);
    const at = block + DICTIONARY_GRID + gridSlot(steps);
    const fits = fitsGrid(steps);
    if (fits && <i64>load<i32>(at) == GRID_FREE) {
      store<i32>(at, slotWord(steps, i));
      continue;
    }
    const common = fits ? step : commonStep<T>(block, step, value);
    if (common != step) return common;
    store<u16>(block + MOVING + ((<usize>left) << 1), <u16>i);
    left++;
  }
  store<i32>(block, left, DICTIONARY_HASH_COUNT);
  return step;
}

/** Gives the values of the table of hashes more room, or leaves the grid where they are too many. */
export function growHashes<T>(block: usize): void {
  const count = load<i32>(block, DICTIONARY_HASH_COUNT);
  if (count << 2 > load<i32>(block, DICTIONARY_COUNT)) return leaveGrid<T>(block);
  const slots = block + DICTIONARY_SLOTS;
  const slotsEnd = slots + ((<usize>2) << <usize>load<i32>(block, DICTIONARY_HASH_BITS));
  let moving = block + MOVING;
  for (let slot = slots; slot < slotsEnd; slot += 2) {
    const index = load<u16>(slot);
    store<u16>(moving, index);
    moving += index != 0 ? 2 : 0;
  }
  hashListed<T>(block, count);
}

/** Finds all values by their hashes from now on. */
export function leaveGrid<T>(block: usize): void {
  store<i32>(block, GRID_GIVEN_UP, DICTIONARY_GRID_STATE);
  hashAll<T>(block);
}

/** Makes the table of hashes of all entries but the first, whose slot stays free. */
function hashAll<T>(block: usize): void {
  const count = load<i32>(block, DICTIONARY_COUNT) - 1;
  for (let i = 0; i < count; i++) {
    store<u16>(block + MOVING + ((<usize>i) << 1), <u16>(i + 1));
  }
  hashListed<T>(block, count);
}

/** Makes the table of hashes of the entries that are listed at MOVING, with room for more. */
function hashListed<T>(block: usize, count: i32): void {
  let bits = HASH_BITS_MIN;
  while (count >= hashCountMax(bits) && bits < HASH_BITS_MAX) bits = min(bits + 2, HASH_BITS_MAX);
  store<i32>(block, bits, DICTIONARY_HASH_BITS);
  store<i32>(block, count, DICTIONARY_HASH_COUNT);
  memory.fill(block + DICTIONARY_SLOTS, 0, (<usize>2) << bits);
  for (let i = 0; i < count; i++) {
    const index = load<u16>(block + MOVING + ((<usize>i) << 1));
    const value = load<T>(block + DICTIONARY_ENTRIES + (<usize>index) * sizeof<T>());
    store<u16>(search<T>(block, value), index);
  }
}
