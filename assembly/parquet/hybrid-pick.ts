// Dictionary values of 8 bytes straight from the hybrid of runs and bit packing: hybridReadU16 and
// pickU16 (plain-decode.ts) in one pass, which is how nearly all of an event's columns are stored.
//
// Rows of a message share stamps and ids, so runs of about ten values and single groups of literals
// take turns, and no branch on their lengths can be foreseen. So short runs are written with a fixed
// number of stores, and what a group needs (where its values lie) is worked out once a call.
import {
  HYBRID_END,
  HYBRID_LITERALS_LEFT,
  HYBRID_LITERALS_PTR,
  HYBRID_LITERALS_SKIP,
  HYBRID_PTR,
  HYBRID_RUN_LEFT,
  HYBRID_RUN_VALUE,
  HYBRID_WIDTH,
} from "../../src/abi/column-cursor";
import { STATUS_CORRUPT } from "../../src/abi/status";
import {
  NARROW_BITS_MAX,
  factorsOf,
  literalAt,
  nextRun,
  spreadOf,
  unpackGroup,
} from "./hybrid-decode";

/** Values that a run is written with at once; so many must be wanted still. */
const RUN_STORE_VALUES = 16;

// @ts-ignore: decorator
@inline
function entry(dictionary: usize, code: u64): u64 {
  return load<u64>(dictionary + (<usize>code << 3));
}

/** Entries by the four 16-bit codes in `codes`. */
// @ts-ignore: decorator
@inline
function pickFour(dictionary: usize, codes: u64, out: usize): void {
  store<u64>(out, entry(dictionary, codes & 0xffff));
  store<u64>(out, entry(dictionary, (codes >> 16) & 0xffff), 8);
  store<u64>(out, entry(dictionary, (codes >> 32) & 0xffff), 16);
  store<u64>(out, entry(dictionary, codes >> 48), 24);
}

/**
 * Reads `count` values: entries of `dictionary` (8 bytes each, entryCount of them) to `out`, 8-byte
 * aligned; nothing behind them is written. The state's width is at most 16 bits. Returns 0, or
 * -STATUS_TRUNCATED, -STATUS_CORRUPT (also for a code that is no entry's).
 */
export function hybridPick64(
  state: usize, count: i32, dictionary: usize, entryCount: i32, out: usize,
): i32 {
  const width = load<i32>(state, HYBRID_WIDTH);
  if (width > NARROW_BITS_MAX || entryCount < 1) return -STATUS_CORRUPT;
  const low = spreadOf(width, 0);
  const high = spreadOf(width, 4);
  const lowFactors = factorsOf(width, 0);
  const highFactors = factorsOf(width, 4);
  const mask = i32x4.splat((1 << width) - 1);
  // A run's value takes whole bytes; it must not have more bits than the width all the same.
  entryCount = min(entryCount, 1 << width);
  const last = i16x8.splat(<i16>(entryCount - 1));
  const end = out + (<usize>count << 3);
  const pageEnd = load<usize>(state, HYBRID_END);
  const valueBytes = <usize>((width + 7) >>> 3);
  const valueMask: u32 = (1 << <u32>(valueBytes << 3)) - 1;
  while (out < end) {
    const left = <i32>((end - out) >> 3);
    if ((load<i32>(state, HYBRID_RUN_LEFT) | load<i32>(state, HYBRID_LITERALS_LEFT)) != 0) {
      const taken = pickRest(state, width, left, dictionary, entryCount, out);
      if (taken < 0) return taken;
      out += <usize>taken << 3;
      continue;
    }
    // Whole runs, as long as their headers are short and they end within what is wanted.
    let ptr = load<usize>(state, HYBRID_PTR);
    while (out < end && ptr < pageEnd) {
      let header = <u32>load<u8>(ptr);
      let bytes: usize = 1;
      if (header >= 0x80) {
        const second = <u32>load<u8>(ptr, 1);
        if (second >= 0x80) break;
        header = (header & 0x7f) | (second << 7);
        bytes = 2;
      }
      const wanted = <i32>((end - out) >> 3);
      if ((header & 1) == 0) {
        const length = <i32>(header >> 1);
        const code = load<u32>(ptr + bytes) & valueMask;
        if (header == 0 || length > wanted || bytes + valueBytes > pageEnd - ptr) break;
        if (code >= <u32>entryCount) return -STATUS_CORRUPT;
        storeRun(out, length, wanted, entry(dictionary, code));
        out += <usize>length << 3;
        ptr += bytes + valueBytes;
        continue;
      }
      const groups = <i32>(header >> 1);
      const groupBytes = <usize>groups * <usize>width;
      if (groups << 3 > wanted || bytes + groupBytes > pageEnd - ptr) break;
      ptr += bytes;
      for (const groupsEnd = out + (<usize>groups << 6); out < groupsEnd; out += 64) {
        const codes = unpackGroup(v128.load(ptr), low, high, lowFactors, highFactors, mask);
        if (v128.any_true(i16x8.gt_u(codes, last))) return -STATUS_CORRUPT;
        pickFour(dictionary, i64x2.extract_lane(codes, 0), out);
        pickFour(dictionary, i64x2.extract_lane(codes, 1), out + 32);
        ptr += <usize>width;
      }
    }
    store<usize>(state, ptr, HYBRID_PTR);
    if (out < end) {
      const status = nextRun(state);
      if (status != 0) return status;
    }
  }
  return 0;
}

/**
 * Values of the run that the state is in: all of it, or `left`. Returns how many, or
 * -STATUS_CORRUPT.
 */
function pickRest(
  state: usize, width: i32, left: i32, dictionary: usize, entryCount: i32, out: usize,
): i32 {
  const runLeft = load<i32>(state, HYBRID_RUN_LEFT);
  if (runLeft > 0) {
    const code = load<i32>(state, HYBRID_RUN_VALUE);
    if (code >= entryCount) return -STATUS_CORRUPT;
    const taken = min(runLeft, left);
    storeRun(out, taken, left, entry(dictionary, code));
    store<i32>(state, runLeft - taken, HYBRID_RUN_LEFT);
    return taken;
  }
  const literals = load<i32>(state, HYBRID_LITERALS_LEFT);
  const taken = min(literals, left);
  const ptr = load<usize>(state, HYBRID_LITERALS_PTR);
  const skip = load<i32>(state, HYBRID_LITERALS_SKIP);
  let done = 0;
  if (skip == 0) {
    done = taken & ~7;
    const isGood = pickGroups(ptr, width, done >> 3, dictionary, entryCount, out);
    if (!isGood) return -STATUS_CORRUPT;
  }
  for (; done < taken; done++) {
    const at = skip + done;
    const code = literalAt(ptr + <usize>(at >>> 3) * <usize>width, width, at & 7);
    if (code >= entryCount) return -STATUS_CORRUPT;
    store<u64>(out + (<usize>done << 3), entry(dictionary, code));
    // At a group's begin the rest goes by groups.
    if (((at + 1) & 7) == 0 && taken - done > 8) {
      done++;
      break;
    }
  }
  const next = skip + done;
  store<usize>(state, ptr + <usize>(next >>> 3) * <usize>width, HYBRID_LITERALS_PTR);
  store<i32>(state, next & 7, HYBRID_LITERALS_SKIP);
  store<i32>(state, literals - done, HYBRID_LITERALS_LEFT);
  return done;
}

/** Whole groups; false: a code is no entry's. */
function pickGroups(
  ptr: usize, width: i32, groups: i32, dictionary: usize, entryCount: i32, out: usize,
): bool {
  const low = spreadOf(width, 0);
  const high = spreadOf(width, 4);
  const lowFactors = factorsOf(width, 0);
  const highFactors = factorsOf(width, 4);
  const mask = i32x4.splat((1 << width) - 1);
  const last = i16x8.splat(<i16>min(entryCount - 1, 0xffff));
  for (const end = out + (<usize>groups << 6); out < end; out += 64, ptr += <usize>width) {
    const codes = unpackGroup(v128.load(ptr), low, high, lowFactors, highFactors, mask);
    if (v128.any_true(i16x8.gt_u(codes, last))) return false;
    pickFour(dictionary, i64x2.extract_lane(codes, 0), out);
    pickFour(dictionary, i64x2.extract_lane(codes, 1), out + 32);
  }
  return true;
}

/** `count` times the value; `left` values from out on may be written. */
// @ts-ignore: decorator
@inline
function storeRun(out: usize, count: i32, left: i32, value: u64): void {
  const two = i64x2.splat(value);
  if (left >= RUN_STORE_VALUES) {
    // What is written behind the run is overwritten by what follows.
    v128.store(out, two);
    v128.store(out, two, 16);
    v128.store(out, two, 32);
    v128.store(out, two, 48);
    v128.store(out, two, 64);
    v128.store(out, two, 80);
    v128.store(out, two, 96);
    v128.store(out, two, 112);
    if (count <= RUN_STORE_VALUES) return;
    const last = out + (<usize>(count - 2) << 3);
    for (let to = out + 128; to < last; to += 16) v128.store(to, two);
    v128.store(last, two);
    return;
  }
  for (let i = 0; i < count; i++) store<u64>(out + (<usize>i << 3), value);
}
