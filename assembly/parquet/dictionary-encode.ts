// Builds a dictionary: the distinct values of a column, and for each row the index of its value.
//
// The block (src/abi/dictionary.ts) holds the entries in the order of their first rows, and tables of
// slots that find them (dictionary-slots.ts).
//
// Rows are taken in batches, each in one of three ways; all give the same indices.
//
//   runs    SIMD comparisons with the value before find where runs of equal values start; only
//           those are looked up, and the indices of a run are filled by stores of 16 bytes. As long
//           as each run's value is above all entries (stamps, ids), there are no tables: they are
//           made when the first value goes back.
//   few     i32 with 4 entries at most (flags): four rows are compared with every entry at once
//   rows    a first pass without branches takes the entry that each row's slot names and notes the
//           rows where it is not the value; a second pass goes through those in order.
//
// dictionaryInit(block): 0. The block is 64-byte aligned and DICTIONARY_BYTES long.
// dictionaryAddI64(block, values, count, indices): how many values were taken
//   values   i64[count] (or the bits of f64: -0, 0 and each NaN are entries of their own), read
//   indices  u16[count], written; up to 32 bytes behind them are written too
//   Fewer than count means: DICTIONARY_ENTRIES_MAX distinct values are in and the next is another.
//   How rows are cut into calls changes nothing.
// dictionaryAddI32: the same for i32[count]. A block takes values of one width only.
// No overlap. Misaligned addresses or a negative count give -STATUS_BAD_ARGUMENT.
import {
  DICTIONARY_BASE,
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_ENTRIES_MAX,
  DICTIONARY_GRID,
  DICTIONARY_HASH_BITS,
  DICTIONARY_HASH_COUNT,
  DICTIONARY_GRID_STATE,
  DICTIONARY_HAS_SLOTS,
  DICTIONARY_INVERSE,
  DICTIONARY_LAST,
  DICTIONARY_ROWS,
  DICTIONARY_RUNS,
  DICTIONARY_SCATTERED,
  DICTIONARY_SLOTS,
  DICTIONARY_STEP,
} from "../../src/abi/dictionary";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { addFew } from "./dictionary-few";
import { changes, fill, runStarts } from "./dictionary-runs";
import {
  GRID_FREE,
  fitsGrid,
  gridSlot,
  isOf,
  quickLook,
  slotWord,
  stepsOf,
  turnOf,
} from "./dictionary-grid";
import {
  GRID_LAID,
  GRID_NOT_YET,
  find,
  findOrInsert,
  hashCountMax,
  hashSlot,
  leaveGrid,
} from "./dictionary-slots";

const BATCH_ROWS: i32 = 512;
const FEW_ENTRIES: i32 = 4;
/** Rows of the batch that wait for the second pass, or where its runs start: u16 each. */
const NOTES: usize = DICTIONARY_SLOTS + 262_144;

export function dictionaryInit(block: usize): i32 {
  if ((block & 63) != 0) return -STATUS_BAD_ARGUMENT;
  store<i32>(block, 0, DICTIONARY_COUNT);
  store<i32>(block, 0, DICTIONARY_RUNS);
  store<i32>(block, 0, DICTIONARY_ROWS);
  store<i32>(block, 0, DICTIONARY_HAS_SLOTS);
  store<i32>(block, 0, DICTIONARY_SCATTERED);
  store<i32>(block, 0, DICTIONARY_GRID_STATE);
  return 0;
}

export function dictionaryAddI64(block: usize, values: usize, count: i32, indices: usize): i32 {
  if (((block & 63) | (values & 7) | (indices & 1)) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  return add<i64>(block, values, count, indices);
}

export function dictionaryAddI32(block: usize, values: usize, count: i32, indices: usize): i32 {
  if (((block & 63) | (values & 3) | (indices & 1)) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  return add<i32>(block, values, count, indices);
}

// @ts-ignore: decorator
@inline
function add<T>(block: usize, values: usize, count: i32, indices: usize): i32 {
  if (count == 0) return 0;
  const entries = block + DICTIONARY_ENTRIES;
  let i = 0;
  if (load<i32>(block, DICTIONARY_ROWS) == 0) {
    // Entry 0 is there from the first row on: free slots are compared with it.
    const first = load<T>(values);
    store<T>(entries, first);
    store<T>(block, first, DICTIONARY_LAST);
    store<i32>(block, 1, DICTIONARY_COUNT);
    store<i32>(block, 1, DICTIONARY_RUNS);
  }
  while (i < count) {
    const rows = min(BATCH_ROWS, count - i);
    const from = values + (<usize>i) * sizeof<T>();
    const taken = addBatch<T>(block, from, rows, indices + ((<usize>i) << 1));
    i += taken;
    if (taken < rows) break;
  }
  store<i32>(block, load<i32>(block, DICTIONARY_ROWS) + i, DICTIONARY_ROWS);
  return i;
}

/** How many rows of the batch were taken. */
function addBatch<T>(block: usize, values: usize, rows: i32, indices: usize): i32 {
  if (sizeof<T>() == 4) {
    const entryCount = load<i32>(block, DICTIONARY_COUNT);
    // Without a table rows must not go back to earlier entries.
    const isOpen = entryCount == 1 || load<i32>(block, DICTIONARY_HAS_SLOTS) != 0;
    if (entryCount <= FEW_ENTRIES && isOpen && addFew(block, values, rows, indices)) return rows;
  }
  const scattered = load<i32>(block, DICTIONARY_SCATTERED);
  const runsBefore = load<i32>(block, DICTIONARY_RUNS);
  const taken = load<i32>(block, DICTIONARY_HAS_SLOTS) != 0 && scattered != 0
    ? addRows<T>(block, values, rows, indices)
    : addRuns<T>(block, values, rows, indices);
  const runs = load<i32>(block, DICTIONARY_RUNS) - runsBefore;
  // The next batch is likely as this one. A short one says little.
  if (rows >= 64) store<i32>(block, i32(runs * 3 >= rows), DICTIONARY_SCATTERED);
  return taken;
}

/** A batch by its runs; how many rows were taken. */
function addRuns<T>(block: usize, values: usize, rows: i32, indices: usize): i32 {
  const entries = block + DICTIONARY_ENTRIES;
  const starts = block + NOTES;
  const startCount = runStarts<T>(values, rows, load<T>(block, DICTIONARY_LAST), starts);
  store<u16>(starts + ((<usize>startCount) << 1), <u16>rows);
  let entryCount = load<i32>(block, DICTIONARY_COUNT);
  let last: T = load<T>(block, DICTIONARY_LAST);
  // What the batch begins with belongs to the run before it, unless a run starts at row 0.
  let next = <i32>load<u16>(starts);
  if (next > 0) fill(indices, 0, next, find<T>(block, last));
  for (let k = 0; k < startCount; k++) {
    const row = next;
    next = <i32>load<u16>(starts + ((<usize>k) << 1), 2);
    const value = load<T>(values + (<usize>row) * sizeof<T>());
    let index = entryCount;
    const isAbove = load<i32>(block, DICTIONARY_HAS_SLOTS) == 0 && value > last;
    if (isAbove && entryCount < DICTIONARY_ENTRIES_MAX) {
      store<T>(entries + (<usize>entryCount) * sizeof<T>(), value);
      entryCount++;
    } else {
      store<i32>(block, entryCount, DICTIONARY_COUNT);
      index = findOrInsert<T>(block, value);
      if (index < 0) return row;
      entryCount = load<i32>(block, DICTIONARY_COUNT);
    }
    last = value;
    fill(indices, row, next, index);
  }
  store<i32>(block, entryCount, DICTIONARY_COUNT);
  store<T>(block, last, DICTIONARY_LAST);
  store<i32>(block, load<i32>(block, DICTIONARY_RUNS) + startCount, DICTIONARY_RUNS);
  return rows;
}

/** A batch row by row; how many were taken. The tables are there. */
function addRows<T>(block: usize, values: usize, rows: i32, indices: usize): i32 {
  const countBefore = load<i32>(block, DICTIONARY_COUNT);
  const hasGrid = load<i32>(block, DICTIONARY_GRID_STATE) == GRID_LAID;
  const misses = block + NOTES;
  let missesEnd = hasGrid
    ? gridRows<T>(block, values, rows, indices, misses)
    : hashRows<T>(block, values, rows, indices, misses);
  let taken = settle<T>(block, values, misses, missesEnd, rows, indices);
  let changed = changes(indices, taken);
  if (hasGrid && changed < 0) {
    // A value may have been taken for a free slot's: once more, by exact comparisons.
    store<i32>(block, countBefore, DICTIONARY_COUNT);
    leaveGrid<T>(block);
    missesEnd = hashRows<T>(block, values, rows, indices, misses);
    taken = settle<T>(block, values, misses, missesEnd, rows, indices);
    changed = changes(indices, taken);
  }
  if (taken < rows) return taken;
  const startsRun = load<T>(values) != load<T>(block, DICTIONARY_LAST);
  const runs = load<i32>(block, DICTIONARY_RUNS) + i32(startsRun) + (changed & i32.MAX_VALUE);
  store<i32>(block, runs, DICTIONARY_RUNS);
  store<T>(block, load<T>(values + (<usize>(rows - 1)) * sizeof<T>()), DICTIONARY_LAST);
  return rows;
}

/** The first pass over a grid; where its list of misses ends. */
function gridRows<T>(
  block: usize, values: usize, rows: i32, indices: usize, miss: usize,
): usize {
  const grid = block + DICTIONARY_GRID;
  const base = load<u64>(block, DICTIONARY_BASE);
  const inverse = load<u64>(block, DICTIONARY_INVERSE);
  const turn = turnOf(load<u64>(block, DICTIONARY_STEP));
  let row = 0;
  // Written out four times: a count of rows and three addresses cost as much as one row's work.
  for (; row + 4 <= rows; row += 4) {
    const steps0 = stepsOf<T>(load<T>(values), base, inverse, turn);
    const found0 = quickLook(grid + gridSlot(steps0), steps0);
    store<u16>(indices, <u16>found0);
    store<u16>(miss, <u16>row);
    miss += missStep(found0);
    const steps1 = stepsOf<T>(load<T>(values, sizeof<T>()), base, inverse, turn);
    const found1 = quickLook(grid + gridSlot(steps1), steps1);
    store<u16>(indices, <u16>found1, 2);
    store<u16>(miss, <u16>(row + 1));
    miss += missStep(found1);
    const steps2 = stepsOf<T>(load<T>(values, 2 * sizeof<T>()), base, inverse, turn);
    const found2 = quickLook(grid + gridSlot(steps2), steps2);
    store<u16>(indices, <u16>found2, 4);
    store<u16>(miss, <u16>(row + 2));
    miss += missStep(found2);
    const steps3 = stepsOf<T>(load<T>(values, 3 * sizeof<T>()), base, inverse, turn);
    const found3 = quickLook(grid + gridSlot(steps3), steps3);
    store<u16>(indices, <u16>found3, 6);
    store<u16>(miss, <u16>(row + 3));
    miss += missStep(found3);
    values += 4 * sizeof<T>();
    indices += 8;
  }
  for (; row < rows; row++, values += sizeof<T>(), indices += 2) {
    const steps = stepsOf<T>(load<T>(values), base, inverse, turn);
    const found = quickLook(grid + gridSlot(steps), steps);
    store<u16>(indices, <u16>found);
    store<u16>(miss, <u16>row);
    miss += missStep(found);
  }
  return miss;
}

/** How far the list of misses grows. */
// @ts-ignore: decorator
@inline
function missStep(found: u64): usize {
  return <usize>i32(found > 0xffff) << 1;
}

/** The first pass over the table of hashes. */
function hashRows<T>(
  block: usize, values: usize, rows: i32, indices: usize, miss: usize,
): usize {
  const entries = block + DICTIONARY_ENTRIES;
  const slots = block + DICTIONARY_SLOTS;
  const shift = <u64>(64 - load<i32>(block, DICTIONARY_HASH_BITS));
  for (let row = 0; row < rows; row++) {
    const value = load<T>(values + (<usize>row) * sizeof<T>());
    const index = load<u16>(slots + hashSlot<T>(value, shift));
    store<u16>(indices + ((<usize>row) << 1), index);
    store<u16>(miss, <u16>row);
    miss += <usize>i32(load<T>(entries + (<usize>index) * sizeof<T>()) != value) << 1;
  }
  return miss;
}

/** The second pass: the rows that are noted from `miss` on, in order. How many rows were taken. */
function settle<T>(
  block: usize, values: usize, miss: usize, missesEnd: usize, rows: i32, indices: usize,
): i32 {
  while (true) {
    if (load<i32>(block, DICTIONARY_GRID_STATE) != GRID_NOT_YET) {
      miss = settleQuickly<T>(block, values, miss, missesEnd, indices);
    }
    if (miss >= missesEnd) return rows;
    const row = <usize>load<u16>(miss);
    const index = findOrInsert<T>(block, load<T>(values + row * sizeof<T>()));
    if (index < 0) return <i32>row;
    store<u16>(indices + (row << 1), <u16>index);
    miss += 2;
  }
}

/**
 * As long as it is easy: a miss whose slot of the grid is free or is its own by now, or whose own slot
 * of hashes is. Returns the first miss that is another matter.
 */
function settleQuickly<T>(
  block: usize, values: usize, miss: usize, missesEnd: usize, indices: usize,
): usize {
  const entries = block + DICTIONARY_ENTRIES;
  const grid = block + DICTIONARY_GRID;
  const hasGrid = load<i32>(block, DICTIONARY_GRID_STATE) == GRID_LAID;
  const base = load<u64>(block, DICTIONARY_BASE);
  const inverse = load<u64>(block, DICTIONARY_INVERSE);
  const turn = turnOf(load<u64>(block, DICTIONARY_STEP));
  const hashes = block + DICTIONARY_SLOTS;
  const hashBits = load<i32>(block, DICTIONARY_HASH_BITS);
  const shift = <u64>(64 - hashBits);
  const slot0 = hashes + hashSlot<T>(load<T>(entries), shift);
  const hashesMax = hashCountMax(hashBits);
  let hashCount = load<i32>(block, DICTIONARY_HASH_COUNT);
  let entryCount = load<i32>(block, DICTIONARY_COUNT);
  for (; miss < missesEnd && entryCount < DICTIONARY_ENTRIES_MAX; miss += 2) {
    const row = <usize>load<u16>(miss);
    const value = load<T>(values + row * sizeof<T>());
    let index = -1;
    if (hasGrid) {
      const steps = stepsOf<T>(value, base, inverse, turn);
      const at = grid + gridSlot(steps);
      const slot = <i64>load<i32>(at);
      if (!fitsGrid(steps)) break;
      if (slot == GRID_FREE) {
        index = entryCount++;
        store<i32>(at, slotWord(steps, index));
        store<T>(entries + (<usize>index) * sizeof<T>(), value);
      } else if (isOf(slot, steps)) {
        index = <i32>slot & 0xffff;
      }
    }
    if (index < 0) {
      const hashed = hashes + hashSlot<T>(value, shift);
      index = <i32>load<u16>(hashed);
      if (index == 0) {
        if (hashed == slot0 || hashCount == hashesMax) break;
        index = entryCount++;
        hashCount++;
        store<u16>(hashed, <u16>index);
        store<T>(entries + (<usize>index) * sizeof<T>(), value);
      } else if (load<T>(entries + (<usize>index) * sizeof<T>()) != value) {
        break;
      }
    }
    store<u16>(indices + (row << 1), <u16>index);
  }
  store<i32>(block, entryCount, DICTIONARY_COUNT);
  store<i32>(block, hashCount, DICTIONARY_HASH_COUNT);
  return miss;
}
