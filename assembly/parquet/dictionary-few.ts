// A batch of rows of a dictionary that has few entries (dictionary-encode.ts).
import {
  DICTIONARY_COUNT,
  DICTIONARY_ENTRIES,
  DICTIONARY_LAST,
  DICTIONARY_RUNS,
} from "../../src/abi/dictionary";
import { changes } from "./dictionary-runs";

/** i32 values that are entries 0 to 3, all of them: else false, and nothing has changed. */
export function addFew(block: usize, values: usize, rows: i32, indices: usize): bool {
  const entries = block + DICTIONARY_ENTRIES;
  const last = load<i32>(block, DICTIONARY_COUNT) - 1;
  const entry0 = i32x4.splat(load<i32>(entries));
  // Where there are fewer entries the last one stands for those that are not there.
  const entry1 = i32x4.splat(load<i32>(entries + (<usize>min(1, last) << 2)));
  const entry2 = i32x4.splat(load<i32>(entries + (<usize>min(2, last) << 2)));
  const entry3 = i32x4.splat(load<i32>(entries + (<usize>min(3, last) << 2)));
  const index1 = i32x4.splat(min(1, last));
  const index2 = i32x4.splat(min(2, last));
  const index3 = i32x4.splat(min(3, last));
  let known = i32x4.splat(-1);
  let row = 0;
  for (; row + 8 <= rows; row += 8) {
    const from = values + ((<usize>row) << 2);
    let index = i32x4.splat(0);
    let halves = index;
    for (let half = 0; half < 2; half++) {
      const four = half == 0 ? v128.load(from) : v128.load(from, 16);
      const is1 = i32x4.eq(four, entry1);
      const is2 = i32x4.eq(four, entry2);
      const is3 = i32x4.eq(four, entry3);
      const is = v128.or(v128.or(i32x4.eq(four, entry0), is1), v128.or(is2, is3));
      known = v128.and(known, is);
      index = v128.or(v128.and(is1, index1), v128.or(v128.and(is2, index2), v128.and(is3, index3)));
      if (half == 0) halves = index;
    }
    v128.store(indices + ((<usize>row) << 1), i16x8.narrow_i32x4_s(halves, index));
  }
  if (!i32x4.all_true(known)) return false;
  for (; row < rows; row++) {
    const value = load<i32>(values + ((<usize>row) << 2));
    let index = 0;
    while (index <= last && load<i32>(entries + ((<usize>index) << 2)) != value) index++;
    if (index > last) return false;
    store<u16>(indices + ((<usize>row) << 1), <u16>index);
  }
  const startsRun = load<i32>(values) != load<i32>(block, DICTIONARY_LAST);
  const runs = load<i32>(block, DICTIONARY_RUNS) + i32(startsRun) + changes(indices, rows);
  store<i32>(block, runs, DICTIONARY_RUNS);
  store<i32>(block, load<i32>(values + ((<usize>(rows - 1)) << 2)), DICTIONARY_LAST);
  return true;
}
