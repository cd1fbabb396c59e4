// Builds a dictionary: the distinct values of a column, and for each row the index of its value.
//
// The block (src/abi/dictionary.ts) holds the entries in the order of their first rows, and a table
// of slots that finds them (dictionary-slots.ts).
//
// Rows are taken in batches, each in one of three ways; all give the same indices.
//
//   runs    SIMD comparisons with the value before find where runs of equal values start; only
//           those are looked up, and the indices of a run are filled by stores of 16 bytes. As long
//           as each run's value is above all entries (stamps, ids), there is no table: it is made
//           when the first value goes back.
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
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_ENTRIES_MAX,
  DICTIONARY_LAST,
  DICTIONARY_MULTIPLIER,
  DICTIONARY_ROWS,
  DICTIONARY_RUNS,
  DICTIONARY_SCATTERED,
  DICTIONARY_SLOT_BITS,
  DICTIONARY_SLOTS,
} from "../../src/abi/dictionary";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { addFew } from "./dictionary-few";
import { changes, fill, runStarts } from "./dictionary-runs";
import { find, findOrInsert, makeSlots, search, slotEntriesMax, slotOf } from "./dictionary-slots";

const BATCH_ROWS: i32 = 512;
const FEW_ENTRIES: i32 = 4;
/** Rows of the batch that wait for the second pass, or where its runs start: u16 each. */
const NOTES: usize = DICTIONARY_SLOTS + 262_144;

export function dictionaryInit(block: usize): i32 {
  if ((block & 63) != 0) return -STATUS_BAD_ARGUMENT;
  store<i32>(block, 0, DICTIONARY_COUNT);
  store<i32>(block, 0, DICTIONARY_RUNS);
  store<i32>(block, 0, DICTIONARY_ROWS);
  store<i32>(block, 0, DICTIONARY_SLOT_BITS);
  store<i32>(block, 0, DICTIONARY_SCATTERED);
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
    const isOpen = entryCount == 1 || load<i32>(block, DICTIONARY_SLOT_BITS) != 0;
    if (entryCount <= FEW_ENTRIES && isOpen && addFew(block, values, rows, indices)) return rows;
  }
  const scattered = load<i32>(block, DICTIONARY_SCATTERED);
  const runsBefore = load<i32>(block, DICTIONARY_RUNS);
  const taken = load<i32>(block, DICTIONARY_SLOT_BITS) != 0 && scattered != 0
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
    const isAbove = load<i32>(block, DICTIONARY_SLOT_BITS) == 0 && value > last;
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

/** A batch row by row; how many were taken. The table is there. */
function addRows<T>(block: usize, values: usize, rows: i32, indices: usize): i32 {
  const entries = block + DICTIONARY_ENTRIES;
  const slots = block + DICTIONARY_SLOTS;
  const misses = block + NOTES;
  const shift = <u64>(64 - load<i32>(block, DICTIONARY_SLOT_BITS));
  const multiplier = load<u64>(block, DICTIONARY_MULTIPLIER);
  let miss = misses;
  let row = 0;
  let from = values;
  let to = indices;
  // Written out four times: a count of rows and three addresses cost as much as one row's work.
  for (; row + 4 <= rows; row += 4) {
    const value0 = load<T>(from);
    const value1 = load<T>(from, sizeof<T>());
    const value2 = load<T>(from, 2 * sizeof<T>());
    const value3 = load<T>(from, 3 * sizeof<T>());
    const index0 = load<u16>(slots + slotOf<T>(value0, multiplier, shift));
    const index1 = load<u16>(slots + slotOf<T>(value1, multiplier, shift));
    const index2 = load<u16>(slots + slotOf<T>(value2, multiplier, shift));
    const index3 = load<u16>(slots + slotOf<T>(value3, multiplier, shift));
    store<u16>(to, index0);
    store<u16>(to, index1, 2);
    store<u16>(to, index2, 4);
    store<u16>(to, index3, 6);
    store<u16>(miss, <u16>row);
    miss += missStep<T>(entries, index0, value0);
    store<u16>(miss, <u16>(row + 1));
    miss += missStep<T>(entries, index1, value1);
    store<u16>(miss, <u16>(row + 2));
    miss += missStep<T>(entries, index2, value2);
    store<u16>(miss, <u16>(row + 3));
    miss += missStep<T>(entries, index3, value3);
    from += 4 * sizeof<T>();
    to += 8;
  }
  for (; row < rows; row++, from += sizeof<T>(), to += 2) {
    const value = load<T>(from);
    const index = load<u16>(slots + slotOf<T>(value, multiplier, shift));
    store<u16>(to, index);
    store<u16>(miss, <u16>row);
    miss += missStep<T>(entries, index, value);
  }
  const taken = settle<T>(block, values, misses, miss, rows, indices);
  if (taken < rows) return taken;
  const startsRun = load<T>(values) != load<T>(block, DICTIONARY_LAST);
  const runs = load<i32>(block, DICTIONARY_RUNS) + i32(startsRun) + changes(indices, rows);
  store<i32>(block, runs, DICTIONARY_RUNS);
  store<T>(block, load<T>(from - sizeof<T>()), DICTIONARY_LAST);
  return rows;
}

/** How far the list of misses grows. */
// @ts-ignore: decorator
@inline
function missStep<T>(entries: usize, index: u16, value: T): usize {
  return <usize>i32(load<T>(entries + (<usize>index) * sizeof<T>()) != value) << 1;
}

/** The second pass: the rows that are noted from `misses` on, in order. */
// @ts-ignore: decorator
@inline
function settle<T>(
  block: usize, values: usize, misses: usize, missesEnd: usize, rows: i32, indices: usize,
): i32 {
  let entryCount = load<i32>(block, DICTIONARY_COUNT);
  let shift = <u64>(64 - load<i32>(block, DICTIONARY_SLOT_BITS));
  let multiplier = load<u64>(block, DICTIONARY_MULTIPLIER);
  let countMax = slotEntriesMax(64 - <i32>shift);
  const entries = block + DICTIONARY_ENTRIES;
  let slot0 = block + DICTIONARY_SLOTS + slotOf<T>(load<T>(entries), multiplier, shift);
  for (let at = misses; at < missesEnd; at += 2) {
    const row = <usize>load<u16>(at);
    const value = load<T>(values + row * sizeof<T>());
    let slot = block + DICTIONARY_SLOTS + slotOf<T>(value, multiplier, shift);
    let index = <i32>load<u16>(slot);
    if (load<T>(entries + (<usize>index) * sizeof<T>()) != value && (index != 0 || slot == slot0)) {
      slot = search<T>(block, value, shift, slot0);
      index = <i32>load<u16>(slot);
    }
    // Only a value that is new ends at a free slot: entry 0 never misses.
    if (index == 0) {
      if (entryCount == DICTIONARY_ENTRIES_MAX) {
        store<i32>(block, entryCount, DICTIONARY_COUNT);
        return <i32>row;
      }
      index = entryCount++;
      store<T>(entries + (<usize>index) * sizeof<T>(), value);
      store<u16>(slot, <u16>index);
      if (entryCount > countMax) {
        store<i32>(block, entryCount, DICTIONARY_COUNT);
        makeSlots<T>(block);
        shift = <u64>(64 - load<i32>(block, DICTIONARY_SLOT_BITS));
        multiplier = load<u64>(block, DICTIONARY_MULTIPLIER);
        countMax = slotEntriesMax(64 - <i32>shift);
        slot0 = block + DICTIONARY_SLOTS + slotOf<T>(load<T>(entries), multiplier, shift);
      }
    }
    store<u16>(indices + (row << 1), <u16>index);
  }
  store<i32>(block, entryCount, DICTIONARY_COUNT);
  return rows;
}
