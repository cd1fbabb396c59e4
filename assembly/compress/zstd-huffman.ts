// The Huffman codes of zstd's literals (RFC 8878, sections 4.2 and 3.1.1.3.1). A code's table has an
// entry for each value of the longest code's bits: symbol | bits of its code << 8.
//
// Four streams are read side by side, so that a load waits for none of the others: each keeps the bits
// that follow, with a 1 behind them whose place tells how many were used up.
import { STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import {
  ZSTD_HUFFMAN_BITS,
  ZSTD_HUFFMAN_TABLE,
  ZSTD_NEXT,
  ZSTD_TREE_WEIGHTS,
  ZSTD_WEIGHTS,
  ZSTD_COUNTS_BITS,
} from "../../src/abi/zstd";
import { bitsBefore, highest, placeOfEnd } from "./zstd-bits";
import { makeTable, nextStateOf, usedTable, readCounts, stateBitsOf } from "./zstd-fse";

/** The longest code that the format allows. */
const CODE_BITS_MAX: i32 = 11;
const WEIGHTS_MAX: i32 = 255;
const WEIGHT_STATES_BITS_MAX: i32 = 6;
const WEIGHT_MAX: i32 = 12;
/** Symbols that are read of a stream before it is filled again: 55 of its bits at most. */
const ROUND_SYMBOLS: usize = 5;

/** Reads the description of a tree and makes its table. The description's bytes, or -STATUS_. */
export function readTree(workspace: usize, at: usize, end: usize): i32 {
  if (at >= end) return -STATUS_TRUNCATED;
  const head = <i32>load<u8>(at);
  const weights = workspace + ZSTD_TREE_WEIGHTS;
  let count = head - 127;
  let bytes = 1 + (head < 128 ? head : (count + 1) >> 1);
  if (at + <usize>bytes > end) return -STATUS_TRUNCATED;
  if (head < 128) {
    count = readWeights(workspace, at + 1, at + <usize>bytes);
    if (count < 0) return count;
  } else {
    for (let i = 0; i < count; i++) {
      const pair = load<u8>(at + 1 + (<usize>i >> 1));
      store<u8>(weights + <usize>i, (i & 1) == 0 ? pair >> 4 : pair & 15);
    }
  }
  return makeCodes(workspace, count) ? bytes : -STATUS_CORRUPT;
}

/** Weights that are compressed themselves, by two states that take turns. How many, or -STATUS_. */
function readWeights(workspace: usize, at: usize, end: usize): i32 {
  const bytes = readCounts(workspace, at, end, WEIGHT_STATES_BITS_MAX, WEIGHT_MAX);
  if (bytes < 0) return bytes;
  const table = usedTable(workspace, ZSTD_WEIGHTS);
  makeTable(workspace, ZSTD_WEIGHTS, table);
  const bits = load<i32>(workspace, ZSTD_COUNTS_BITS);
  const start = at + <usize>bytes;
  const weights = workspace + ZSTD_TREE_WEIGHTS;
  let place = placeOfEnd(start, end);
  let state = <usize>highest(bitsBefore(start, place), <u64>bits) << 3;
  place -= bits;
  let other = <usize>highest(bitsBefore(start, place), <u64>bits) << 3;
  place -= bits;
  if (place < 0) return -STATUS_CORRUPT;
  for (let count = 0; count < WEIGHTS_MAX - 1; ) {
    const entry = load<u64>(table + state);
    store<u8>(weights + <usize>(count++), <u8>entry);
    const stateBits = stateBitsOf(entry);
    const left = place - <i32>stateBits;
    if (left < 0) {
      // The stream ends here: the state that would go on is the other one, with its last weight.
      store<u8>(weights + <usize>(count++), load<u8>(table + other));
      return count;
    }
    const next = nextStateOf(entry) + (<usize>highest(bitsBefore(start, place), stateBits) << 3);
    place = left;
    state = other;
    other = next;
  }
  return -STATUS_CORRUPT;
}

/** Completes the weights by the last one, and fills the table; false: they are no tree. */
function makeCodes(workspace: usize, count: i32): bool {
  const weights = workspace + ZSTD_TREE_WEIGHTS;
  // u16 for each weight: how many symbols have it, then where the next one's entries begin.
  const starts = workspace + ZSTD_NEXT;
  memory.fill(starts, 0, 2 * <usize>(WEIGHT_MAX + 2));
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const weight = <i32>load<u8>(weights + <usize>i);
    if (weight > CODE_BITS_MAX) return false;
    sum += (1 << weight) >> 1;
    bump(starts, weight, 1);
  }
  if (sum == 0) return false;
  const bits = 32 - <i32>clz<u32>(<u32>sum);
  const rest = (1 << bits) - sum;
  if (bits > CODE_BITS_MAX || (rest & (rest - 1)) != 0) return false;
  const last = 32 - <i32>clz<u32>(<u32>rest);
  store<u8>(weights + <usize>count, <u8>last);
  bump(starts, last, 1);
  // The longest codes come in pairs.
  const longest = <i32>load<u16>(starts, 2);
  if (longest < 2 || (longest & 1) != 0) return false;
  let from = 0;
  for (let weight = 1; weight <= bits; weight++) {
    const at = starts + (<usize>weight << 1);
    const symbols = <i32>load<u16>(at);
    store<u16>(at, <u16>from);
    from += symbols << (weight - 1);
  }
  const table = workspace + ZSTD_HUFFMAN_TABLE;
  for (let symbol = 0; symbol <= count; symbol++) {
    const weight = <i32>load<u8>(weights + <usize>symbol);
    if (weight == 0) continue;
    const entry = <u16>(symbol | ((bits + 1 - weight) << 8));
    const entries = 1 << (weight - 1);
    const first = bump(starts, weight, entries);
    const at = table + (<usize>first << 1);
    if (entries < 8) {
      for (let i = 0; i < entries; i++) store<u16>(at + (<usize>i << 1), entry);
    } else {
      const eight = i16x8.splat(<i16>entry);
      for (let i = 0; i < entries; i += 8) v128.store(at + (<usize>i << 1), eight);
    }
  }
  store<i32>(workspace, bits, ZSTD_HUFFMAN_BITS);
  return true;
}

/** Adds to a weight's number; what it was. */
// @ts-ignore: decorator
@inline
function bump(numbers: usize, weight: i32, by: i32): i32 {
  const at = numbers + (<usize>weight << 1);
  const before = <i32>load<u16>(at);
  store<u16>(at, <u16>(before + by));
  return before;
}

/** Reads `outBytes` symbols of one stream. 0, or -STATUS_CORRUPT. */
export function readStream(
  workspace: usize, start: usize, end: usize, out: usize, outBytes: i32,
): i32 {
  return goOn(workspace, start, placeOfEnd(start, end), out, out + <usize>outBytes);
}

/** Reads symbols up to outEnd, where the stream must be used up. 0, or -STATUS_CORRUPT. */
function goOn(workspace: usize, start: usize, place: i32, out: usize, outEnd: usize): i32 {
  const table = workspace + ZSTD_HUFFMAN_TABLE;
  const shift = <u64>(64 - load<i32>(workspace, ZSTD_HUFFMAN_BITS));
  while (out < outEnd && place >= 0) {
    let bits = bitsBefore(start, place);
    const stop = min(out + ROUND_SYMBOLS, outEnd);
    for (; out < stop; out++) {
      const entry = <u32>load<u16>(table + (<usize>(bits >> shift) << 1));
      store<u8>(out, <u8>entry);
      bits <<= <u64>(entry >> 8);
      place -= <i32>(entry >> 8);
    }
  }
  return place == 0 ? 0 : -STATUS_CORRUPT;
}

/** The bits of a stream that follow its end mark, and the 1 behind them. */
// @ts-ignore: decorator
@inline
function firstBits(end: usize): u64 {
  const unused = clz<u32>(<u32>load<u8>(end - 1)) - 23;
  return (load<u64>(end - 8) | 1) << <u64>unused;
}

/** Where a stream stands whose bits at `at` are used up to `bits`. */
// @ts-ignore: decorator
@inline
function placeOf(start: usize, at: usize, bits: u64): i32 {
  return (<i32>(at + 8 - start) << 3) - <i32>ctz<u64>(bits);
}

/** Reads `outBytes` symbols of four streams that stand one behind the other. 0, or -STATUS_. */
export function readFourStreams(
  workspace: usize, source: usize, end: usize, out: usize, outBytes: i32,
): i32 {
  if (end - source < 10) return -STATUS_TRUNCATED;
  const start0 = source + 6;
  const start1 = start0 + <usize>load<u16>(source);
  const start2 = start1 + <usize>load<u16>(source, 2);
  const start3 = start2 + <usize>load<u16>(source, 4);
  const part = (<usize>outBytes + 3) >> 2;
  const outEnd = out + <usize>outBytes;
  if (start3 >= end || out + 3 * part > outEnd) return -STATUS_CORRUPT;
  if (placeOfEnd(start0, start1) < 0 || placeOfEnd(start1, start2) < 0) return -STATUS_CORRUPT;
  if (placeOfEnd(start2, start3) < 0 || placeOfEnd(start3, end) < 0) return -STATUS_CORRUPT;

  const table = workspace + ZSTD_HUFFMAN_TABLE;
  const shift = <u64>(64 - load<i32>(workspace, ZSTD_HUFFMAN_BITS));
  let at0 = start1 - 8;
  let at1 = start2 - 8;
  let at2 = start3 - 8;
  let at3 = end - 8;
  let bits0 = firstBits(start1);
  let bits1 = firstBits(start2);
  let bits2 = firstBits(start3);
  let bits3 = firstBits(end);
  let to = out;
  // The last part is the shortest. A stream near its start is left to goOn.
  const toStop = out + (outEnd - (out + 3 * part));
  while (
    to + ROUND_SYMBOLS <= toStop &&
    (<i32>(at0 - start0) | <i32>(at1 - start1) | <i32>(at2 - start2) | <i32>(at3 - start3)) >= 0
  ) {
    for (let i: usize = 0; i < ROUND_SYMBOLS; i++, to++) {
      const entry0 = <u64>load<u16>(table + (<usize>(bits0 >> shift) << 1));
      store<u8>(to, <u8>entry0);
      bits0 <<= entry0 >> 8;
      const entry1 = <u64>load<u16>(table + (<usize>(bits1 >> shift) << 1));
      store<u8>(to + part, <u8>entry1);
      bits1 <<= entry1 >> 8;
      const entry2 = <u64>load<u16>(table + (<usize>(bits2 >> shift) << 1));
      store<u8>(to + 2 * part, <u8>entry2);
      bits2 <<= entry2 >> 8;
      const entry3 = <u64>load<u16>(table + (<usize>(bits3 >> shift) << 1));
      store<u8>(to + 3 * part, <u8>entry3);
      bits3 <<= entry3 >> 8;
    }
    const used0 = ctz<u64>(bits0);
    at0 -= <usize>(used0 >> 3);
    bits0 = (load<u64>(at0) | 1) << (used0 & 7);
    const used1 = ctz<u64>(bits1);
    at1 -= <usize>(used1 >> 3);
    bits1 = (load<u64>(at1) | 1) << (used1 & 7);
    const used2 = ctz<u64>(bits2);
    at2 -= <usize>(used2 >> 3);
    bits2 = (load<u64>(at2) | 1) << (used2 & 7);
    const used3 = ctz<u64>(bits3);
    at3 -= <usize>(used3 >> 3);
    bits3 = (load<u64>(at3) | 1) << (used3 & 7);
  }
  const end0 = goOn(workspace, start0, placeOf(start0, at0, bits0), to, out + part);
  const end1 = goOn(workspace, start1, placeOf(start1, at1, bits1), to + part, out + 2 * part);
  const end2 = goOn(workspace, start2, placeOf(start2, at2, bits2), to + 2 * part, out + 3 * part);
  const end3 = goOn(workspace, start3, placeOf(start3, at3, bits3), to + 3 * part, outEnd);
  return end0 | end1 | end2 | end3;
}
