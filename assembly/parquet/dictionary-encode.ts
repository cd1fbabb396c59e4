// Builds a dictionary: the distinct values of a column, and for each row the index of its value.
//
// The block (src/abi/dictionary.ts) holds the entries and a hash table of indices over them. One
// bucket is looked through with one comparison, so a lookup seldom takes a branch that the
// processor cannot foresee:
//
//   bucket, 32 bytes   | tag 0 ... tag 7 | index 0 ... index 7 |   u16 each, tag 0: free
//
// A value goes into the first free place of its bucket, or of the next bucket with one. The table
// starts small and doubles, so columns of few values stay in the L1 cache.
//
// dictionaryInit(block): 0. The block is 64-byte aligned and DICTIONARY_BYTES long.
// dictionaryAddI64(block, values, count, indices): how many values were taken
//   values   i64[count] (or the bits of f64: -0 and 0, and each NaN, are entries of their own)
//   indices  u16[count], written
//   Fewer than count means: DICTIONARY_ENTRIES_MAX distinct values are in and the next is another.
// dictionaryAddI32: the same for i32[count]. A block takes values of one width only.
// No overlap. Misaligned addresses or a negative count give -STATUS_BAD_ARGUMENT.
import {
  DICTIONARY_BUCKET_BITS,
  DICTIONARY_BUCKET_ENTRIES,
  DICTIONARY_BUCKETS,
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_ENTRIES_MAX,
  DICTIONARY_RUNS,
} from "../../src/abi/dictionary";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";

const BUCKET_BITS_MIN: i32 = 6;
const BUCKET_BITS_MAX: i32 = 14;

export function dictionaryInit(block: usize): i32 {
  if ((block & 63) != 0) return -STATUS_BAD_ARGUMENT;
  store<i32>(block, 0, DICTIONARY_COUNT);
  store<i32>(block, 0, DICTIONARY_RUNS);
  clearBuckets(block, BUCKET_BITS_MIN);
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

function clearBuckets(block: usize, bits: i32): void {
  store<i32>(block, bits, DICTIONARY_BUCKET_BITS);
  memory.fill(block + DICTIONARY_BUCKETS, 0, (<usize>32) << bits);
}

// @ts-ignore: decorator
@inline
function hashOf(value: u64): u64 {
  // The product's top bits depend on the high half only through its low bits; fold it in.
  return (value ^ (value >> 32)) * 0x9e37_79b9_7f4a_7c15;
}

/** Tags come from other bits of the hash than bucket numbers; 0 is kept for free places. */
// @ts-ignore: decorator
@inline
function tagOf(hash: u64): u16 {
  return <u16>((hash >> 24) | 1);
}

// @ts-ignore: decorator
@inline
function add<T>(block: usize, values: usize, count: i32, indices: usize): i32 {
  const entries = block + DICTIONARY_ENTRIES;
  const buckets = block + DICTIONARY_BUCKETS;
  let entryCount = load<i32>(block, DICTIONARY_COUNT);
  let runs = load<i32>(block, DICTIONARY_RUNS);
  let bits = load<i32>(block, DICTIONARY_BUCKET_BITS);
  let previous: T = 0;
  let index = -1;
  let i = 0;
  for (; i < count; i++) {
    const value = load<T>(values + (<usize>i) * sizeof<T>());
    // Rows of one message share stamps and ids: the value before is the likeliest.
    if (value != previous || i == 0) {
      const hash = hashOf(<u64>value);
      const at = buckets + (<usize>(hash >> <u64>(64 - bits)) << 5);
      const matches = matching(at, tagOf(hash));
      index = <i32>load<u16>(at + <usize>ctz(matches), 16);
      // Nearly always the first match of the first bucket is it.
      if (matches == 0 || load<T>(entries + (<usize>index) * sizeof<T>()) != value) {
        // No match but a free place: the value is new, and this is its bucket.
        const isNew = matches == 0 && matching(at, 0) != 0;
        index = isNew ? -1 : find<T>(entries, buckets, bits, value);
        if (index < 0) {
          if (entryCount == DICTIONARY_ENTRIES_MAX) break;
          index = entryCount++;
          store<T>(entries + (<usize>index) * sizeof<T>(), value);
          insert(buckets, bits, hash, index);
          if (entryCount << 1 > DICTIONARY_BUCKET_ENTRIES << bits) {
            bits += min(2, BUCKET_BITS_MAX - bits);
            clearBuckets(block, bits);
            insertAll<T>(entries, buckets, bits, entryCount);
          }
        }
      }
      previous = value;
      runs++;
    }
    store<u16>(indices + ((<usize>i) << 1), <u16>index);
  }
  store<i32>(block, entryCount, DICTIONARY_COUNT);
  store<i32>(block, runs, DICTIONARY_RUNS);
  return i;
}

/** Two bits for each place of the bucket whose tag this is: bit 2 * place is its byte offset. */
// @ts-ignore: decorator
@inline
function matching(bucketPtr: usize, tag: u16): i32 {
  return i8x16.bitmask(i16x8.eq(v128.load(bucketPtr), i16x8.splat(tag)));
}

/** Index of the entry that holds the value, or -1. */
function find<T>(entries: usize, buckets: usize, bits: i32, value: T): i32 {
  const hash = hashOf(<u64>value);
  let bucket = <usize>(hash >> <u64>(64 - bits));
  while (true) {
    const at = buckets + (bucket << 5);
    for (let left = matching(at, tagOf(hash)); left != 0; left &= left - 1, left &= left - 1) {
      const index = <i32>load<u16>(at + <usize>ctz(left), 16);
      if (load<T>(entries + (<usize>index) * sizeof<T>()) == value) return index;
    }
    if (matching(at, 0) != 0) return -1;
    bucket = (bucket + 1) & <usize>((1 << bits) - 1);
  }
}

/** Puts an index into the first free place from its bucket on. */
function insert(buckets: usize, bits: i32, hash: u64, index: i32): void {
  let bucket = <usize>(hash >> <u64>(64 - bits));
  while (true) {
    const at = buckets + (bucket << 5);
    const free = matching(at, 0);
    if (free != 0) {
      const place = at + <usize>ctz(free);
      store<u16>(place, tagOf(hash));
      store<u16>(place, <u16>index, 16);
      return;
    }
    bucket = (bucket + 1) & <usize>((1 << bits) - 1);
  }
}

function insertAll<T>(entries: usize, buckets: usize, bits: i32, entryCount: i32): void {
  for (let i = 0; i < entryCount; i++) {
    const value = load<T>(entries + (<usize>i) * sizeof<T>());
    insert(buckets, bits, hashOf(<u64>value), i);
  }
}
