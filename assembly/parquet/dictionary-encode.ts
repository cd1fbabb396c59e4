// Builds a dictionary: the distinct values of a column, and for each row the index of its value.
//
// The block (src/abi/dictionary.ts) holds the entries and a hash table of indices over them, with
// linear probing. The table starts small and doubles when half full, so columns of few values stay
// in the L1 cache.
//
// dictionaryInit(block): 0. The block is 64-byte aligned and DICTIONARY_BYTES long.
// dictionaryAddI64(block, values, count, indices): how many values were taken
//   values   i64[count] (or the bits of f64: -0 and 0, and each NaN, are entries of their own)
//   indices  u16[count], written
//   Fewer than count means: DICTIONARY_ENTRIES_MAX distinct values are in and the next is another.
// dictionaryAddI32: the same for i32[count]. A block takes values of one width only.
// No overlap. Misaligned addresses or a negative count give -STATUS_BAD_ARGUMENT.
import {
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_ENTRIES_MAX,
  DICTIONARY_RUNS,
  DICTIONARY_SHIFT,
  DICTIONARY_SLOT_MASK,
  DICTIONARY_SLOTS,
} from "../../src/abi/dictionary";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";

const SLOT_BITS_MIN: i32 = 10;

export function dictionaryInit(block: usize): i32 {
  if ((block & 63) != 0) return -STATUS_BAD_ARGUMENT;
  store<i32>(block, 0, DICTIONARY_COUNT);
  store<i32>(block, 0, DICTIONARY_RUNS);
  setSlots(block, SLOT_BITS_MIN);
  return 0;
}

export function dictionaryAddI64(block: usize, values: usize, count: i32, indices: usize): i32 {
  if (((block & 63) | (values & 7) | (indices & 1)) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  return add<u64>(block, values, count, indices);
}

export function dictionaryAddI32(block: usize, values: usize, count: i32, indices: usize): i32 {
  if (((block & 63) | (values & 3) | (indices & 1)) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  return add<u32>(block, values, count, indices);
}

function setSlots(block: usize, bits: i32): void {
  store<i32>(block, (1 << bits) - 1, DICTIONARY_SLOT_MASK);
  store<i32>(block, 64 - bits, DICTIONARY_SHIFT);
  memory.fill(block + DICTIONARY_SLOTS, 0, (<usize>4) << bits);
}

// @ts-ignore: decorator
@inline
function slotOf(value: u64, shift: u64): usize {
  // The product's top bits depend on the low bits only through carries; fold the high half in.
  return <usize>(((value ^ (value >> 32)) * 0x9e37_79b9_7f4a_7c15) >> shift);
}

// @ts-ignore: decorator
@inline
function add<T>(block: usize, values: usize, count: i32, indices: usize): i32 {
  const entries = block + DICTIONARY_ENTRIES;
  const slots = block + DICTIONARY_SLOTS;
  let entryCount = load<i32>(block, DICTIONARY_COUNT);
  let mask = <usize>load<i32>(block, DICTIONARY_SLOT_MASK);
  let shift = <u64>load<i32>(block, DICTIONARY_SHIFT);
  let runs = load<i32>(block, DICTIONARY_RUNS);
  let previous: T = 0;
  let index = -1;
  let i = 0;
  for (; i < count; i++) {
    const value = load<T>(values + (<usize>i) * sizeof<T>());
    // Rows of one message share stamps and ids: the value before is the likeliest.
    if (value != previous || index < 0) {
      let slot = slotOf(<u64>value, shift);
      let entry = load<u32>(slots + (slot << 2));
      while (entry != 0 && load<T>(entries + (<usize>entry - 1) * sizeof<T>()) != value) {
        slot = (slot + 1) & mask;
        entry = load<u32>(slots + (slot << 2));
      }
      if (entry == 0) {
        if (entryCount == DICTIONARY_ENTRIES_MAX) break;
        store<T>(entries + (<usize>entryCount) * sizeof<T>(), value);
        entry = <u32>++entryCount;
        store<u32>(slots + (slot << 2), entry);
        if (<usize>entryCount << 1 > mask + 1) {
          setSlots(block, 65 - <i32>shift);
          mask = <usize>load<i32>(block, DICTIONARY_SLOT_MASK);
          shift = <u64>load<i32>(block, DICTIONARY_SHIFT);
          insertAll<T>(block, entryCount, mask, shift);
        }
      }
      index = <i32>entry - 1;
      runs++;
      previous = value;
    }
    store<u16>(indices + ((<usize>i) << 1), <u16>index);
  }
  store<i32>(block, entryCount, DICTIONARY_COUNT);
  store<i32>(block, runs, DICTIONARY_RUNS);
  return i;
}

function insertAll<T>(block: usize, entryCount: i32, mask: usize, shift: u64): void {
  const slots = block + DICTIONARY_SLOTS;
  for (let i = 0; i < entryCount; i++) {
    const value = load<T>(block + DICTIONARY_ENTRIES + (<usize>i) * sizeof<T>());
    let slot = slotOf(<u64>value, shift);
    while (load<u32>(slots + (slot << 2)) != 0) slot = (slot + 1) & mask;
    store<u32>(slots + (slot << 2), <u32>(i + 1));
  }
}
