// Sorts a dictionary (assembly/parquet/dictionary-encode.ts) so that a codec finds its entries'
// high bytes repeated, and neighbours in value get neighbouring indices.
//
// dictionarySortI64, dictionarySortI32(block, indices, count): number of entries
//   block    entries as they were added, read; DICTIONARY_SORTED, written; its slots become
//            scratch: nothing can be added any more
//   indices  u16[count], from places in the order of adding to places in the sorted order; what no
//            index stands for may be anything
// Doubles are ordered as the i64 of their bits: any order serves. Radix sort of places, by a byte of
// the value at a time from the lowest; bytes that all values share are skipped.
import {
  DICTIONARY_SLOTS,
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_SORTED,
} from "../../src/abi/dictionary";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";

/** Parts of the memory of the slots: two lists of places, the rank of each place, 256 sums. */
const PLACES_A: usize = DICTIONARY_SLOTS;
const PLACES_B: usize = DICTIONARY_SLOTS + 131_072;
const RANKS: usize = DICTIONARY_SLOTS + 262_144;
const SUMS: usize = DICTIONARY_SLOTS + 393_216;

export function dictionarySortI64(block: usize, indices: usize, count: i32): i32 {
  return sort<u64>(block, indices, count);
}

export function dictionarySortI32(block: usize, indices: usize, count: i32): i32 {
  return sort<u32>(block, indices, count);
}

// @ts-ignore: decorator
@inline
function sort<T>(block: usize, indices: usize, count: i32): i32 {
  if (((block & 63) | (indices & 1)) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  const entries = block + DICTIONARY_ENTRIES;
  const entryCount = load<i32>(block, DICTIONARY_COUNT);
  let from = block + PLACES_A;
  let to = block + PLACES_B;
  let varying: T = 0;
  for (let i = 0; i < entryCount; i++) {
    store<u16>(from + (<usize>i << 1), <u16>i);
    varying |= load<T>(entries + (<usize>i) * sizeof<T>()) ^ load<T>(entries);
  }
  const sign: T = (<T>1) << (<T>(8 * sizeof<T>() - 1));
  for (let shift: T = 0; shift < <T>(8 * sizeof<T>()); shift += 8) {
    if (((varying >> shift) & 0xff) == 0) continue;
    sortByte<T>(entries, entryCount, shift, sign, block + SUMS, from, to);
    const free = from;
    from = to;
    to = free;
  }
  for (let rank = 0; rank < entryCount; rank++) {
    const place = <usize>load<u16>(from + (<usize>rank << 1));
    store<u16>(block + RANKS + (place << 1), <u16>rank);
    store<T>(
      block + DICTIONARY_SORTED + (<usize>rank) * sizeof<T>(),
      load<T>(entries + place * sizeof<T>()),
    );
  }
  for (let i = 0; i < count; i++) {
    const at = indices + (<usize>i << 1);
    store<u16>(at, load<u16>(block + RANKS + (<usize>load<u16>(at) << 1)));
  }
  return entryCount;
}

/** One pass of the radix sort; equal bytes keep their order. Signed: the sign bit is flipped. */
// @ts-ignore: decorator
@inline
function sortByte<T>(
  entries: usize, entryCount: i32, shift: T, sign: T, sums: usize, from: usize, to: usize,
): void {
  memory.fill(sums, 0, 1024);
  for (let i = 0; i < entryCount; i++) {
    const value = load<T>(entries + (<usize>i) * sizeof<T>()) ^ sign;
    const sum = sums + (<usize>((value >> shift) & 0xff) << 2);
    store<u32>(sum, load<u32>(sum) + 1);
  }
  let before: u32 = 0;
  for (let sum = sums; sum < sums + 1024; sum += 4) {
    const here = load<u32>(sum);
    store<u32>(sum, before);
    before += here;
  }
  for (let i = 0; i < entryCount; i++) {
    const place = load<u16>(from + (<usize>i << 1));
    const value = load<T>(entries + (<usize>place) * sizeof<T>()) ^ sign;
    const sum = sums + (<usize>((value >> shift) & 0xff) << 2);
    const rank = load<u32>(sum);
    store<u32>(sum, rank + 1);
    store<u16>(to + (<usize>rank << 1), place);
  }
}
