// The hybrid of runs and bit packing (RLE) that Parquet uses for levels, dictionary indices and
// booleans, read in pieces of any length. hybrid-encode.ts shows the format.
//
// A state is a HYBRID_ block (src/abi/column-cursor.ts), which hybridBegin sets up. Reading stops at
// the end of what is there: fewer values than wanted are a truncated page. Input may be hostile;
// every run is held against the end of its page before it is read. Up to 16 bytes behind that end are
// read (and not used), so the page is followed by as many bytes of this memory.
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
import { STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import { copyBits } from "../rows";

/** Widths up to this are unpacked eight at a time into 16 bits. */
export const NARROW_BITS_MAX = 16;

export function hybridBegin(state: usize, ptr: usize, end: usize, width: i32): void {
  store<usize>(state, ptr, HYBRID_PTR);
  store<usize>(state, end, HYBRID_END);
  store<i32>(state, width, HYBRID_WIDTH);
  store<i32>(state, 0, HYBRID_RUN_LEFT);
  store<i32>(state, 0, HYBRID_LITERALS_LEFT);
}

/**
 * Reads the header of the next run, and the value of a run of equal ones. Returns 0, or
 * -STATUS_TRUNCATED, -STATUS_CORRUPT.
 */
export function nextRun(state: usize): i32 {
  const end = load<usize>(state, HYBRID_END);
  let ptr = load<usize>(state, HYBRID_PTR);
  let header: u32 = 0;
  for (let shift: u32 = 0; ; shift += 7) {
    if (ptr >= end) return -STATUS_TRUNCATED;
    const byte = <u32>load<u8>(ptr++);
    // 32 bits, of which the fifth byte holds four.
    if (shift == 28 && byte > 15) return -STATUS_CORRUPT;
    header |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  // A run of no values is padding behind the last one: so do some writers (fastparquet).
  if (header == 0) return -STATUS_TRUNCATED;
  const width = load<i32>(state, HYBRID_WIDTH);
  if ((header & 1) != 0) {
    const groups = header >> 1;
    const byteLength = <u64>groups * <u64>width;
    let count = <u64>groups << 3;
    // The last group's bytes may be cut where its values are not needed: so do some writers.
    if (byteLength > <u64>(end - ptr)) {
      count = (<u64>(end - ptr) << 3) / <u64>width;
      store<usize>(state, end, HYBRID_PTR);
    } else {
      store<usize>(state, ptr + <usize>byteLength, HYBRID_PTR);
    }
    store<i32>(state, <i32>min<u64>(count, i32.MAX_VALUE), HYBRID_LITERALS_LEFT);
    store<usize>(state, ptr, HYBRID_LITERALS_PTR);
    store<i32>(state, 0, HYBRID_LITERALS_SKIP);
    return count == 0 && groups != 0 ? -STATUS_TRUNCATED : 0;
  }
  const valueBytes = <usize>((width + 7) >>> 3);
  if (valueBytes > end - ptr) return -STATUS_TRUNCATED;
  // The over-read is masked off; 4 bytes are there.
  const value = load<u32>(ptr) & (valueBytes == 4 ? u32.MAX_VALUE : (1 << <u32>(valueBytes << 3)) - 1);
  if (width < 32 && value >> <u32>width != 0) return -STATUS_CORRUPT;
  store<u32>(state, value, HYBRID_RUN_VALUE);
  store<i32>(state, <i32>(header >> 1), HYBRID_RUN_LEFT);
  store<usize>(state, ptr + valueBytes, HYBRID_PTR);
  return 0;
}

/**
 * Reads `count` values of at most 16 bits as u16 to `out` (2-byte aligned), which has room for 8
 * values more. Returns the largest of them (0 where count is 0), or -STATUS_TRUNCATED,
 * -STATUS_CORRUPT.
 */
export function hybridReadU16(state: usize, count: i32, out: usize): i32 {
  const width = load<i32>(state, HYBRID_WIDTH);
  if (width > NARROW_BITS_MAX) return -STATUS_CORRUPT;
  let largest = 0;
  let left = count;
  while (left > 0) {
    const runLeft = load<i32>(state, HYBRID_RUN_LEFT);
    if (runLeft > 0) {
      const taken = min(runLeft, left);
      const value = load<i32>(state, HYBRID_RUN_VALUE);
      fillU16(out, taken, value);
      largest = max(largest, value);
      store<i32>(state, runLeft - taken, HYBRID_RUN_LEFT);
      out += <usize>taken << 1;
      left -= taken;
      continue;
    }
    const literals = load<i32>(state, HYBRID_LITERALS_LEFT);
    if (literals == 0) {
      const status = nextRun(state);
      if (status != 0) return status;
      continue;
    }
    const taken = min(literals, left);
    largest = max(largest, unpackU16(state, width, taken, out));
    store<i32>(state, literals - taken, HYBRID_LITERALS_LEFT);
    out += <usize>taken << 1;
    left -= taken;
  }
  return largest;
}

// @ts-ignore: decorator
@inline
function fillU16(out: usize, count: i32, value: i32): void {
  const values = i16x8.splat(<i16>value);
  // Whole vectors: what is written behind the last value is overwritten by the next, or room.
  for (let i = 0; i < count; i += 8) v128.store(out + (<usize>i << 1), values);
}

/** The next `count` literals; returns the largest. */
function unpackU16(state: usize, width: i32, count: i32, out: usize): i32 {
  let ptr = load<usize>(state, HYBRID_LITERALS_PTR);
  let skip = load<i32>(state, HYBRID_LITERALS_SKIP);
  let largest = 0;
  let done = 0;
  // Up to a whole group, one by one.
  if (skip != 0) {
    const single = min(8 - skip, count);
    for (; done < single; done++, skip++) {
      const value = literalAt(ptr, width, skip);
      store<u16>(out + (<usize>done << 1), <u16>value);
      largest = max(largest, value);
    }
    if (skip == 8) {
      skip = 0;
      ptr += <usize>width;
    }
  }
  const groups = (count - done) >> 3;
  if (groups > 0) {
    largest = max(largest, unpackGroups(ptr, width, groups, out + (<usize>done << 1)));
    ptr += <usize>groups * <usize>width;
    done += groups << 3;
  }
  for (; done < count; done++, skip++) {
    const value = literalAt(ptr, width, skip);
    store<u16>(out + (<usize>done << 1), <u16>value);
    largest = max(largest, value);
  }
  store<usize>(state, ptr, HYBRID_LITERALS_PTR);
  store<i32>(state, skip, HYBRID_LITERALS_SKIP);
  return largest;
}

// @ts-ignore: decorator
@inline
export function literalAt(groupPtr: usize, width: i32, index: i32): i32 {
  const bit = index * width;
  const word = load<u32>(groupPtr + <usize>(bit >>> 3)) >> <u32>(bit & 7);
  return <i32>(word & ((1 << <u32>width) - 1));
}

/**
 * Whole groups of 8 values, `width` bytes each.
 *
 *   16 bytes -> swizzle: the 4 bytes that hold value k to lane k (two vectors of 4 lanes)
 *            -> multiply by 2^(7 - bit offset): every value then begins at bit 7
 *            -> shift, mask, narrow to 16 bits
 */
function unpackGroups(ptr: usize, width: i32, groups: i32, out: usize): i32 {
  if (width == 0) {
    memory.fill(out, 0, <usize>groups << 4);
    return 0;
  }
  const low = spreadOf(width, 0);
  const high = spreadOf(width, 4);
  const lowFactors = factorsOf(width, 0);
  const highFactors = factorsOf(width, 4);
  const mask = i32x4.splat((1 << width) - 1);
  let largest = i16x8.splat(0);
  const end = out + (<usize>groups << 4);
  for (; out < end; out += 16, ptr += <usize>width) {
    const values = unpackGroup(v128.load(ptr), low, high, lowFactors, highFactors, mask);
    v128.store(out, values);
    largest = i16x8.max_u(largest, values);
  }
  return largestLane(largest);
}

/** The 8 values of a group whose bytes begin `bytes`, 16 bits each. */
// @ts-ignore: decorator
@inline
export function unpackGroup(
  bytes: v128, low: v128, high: v128, lowFactors: v128, highFactors: v128, mask: v128,
): v128 {
  const a = i32x4.mul(i8x16.swizzle(bytes, low), lowFactors);
  const b = i32x4.mul(i8x16.swizzle(bytes, high), highFactors);
  return i16x8.narrow_i32x4_u(
    v128.and(i32x4.shr_u(a, 7), mask),
    v128.and(i32x4.shr_u(b, 7), mask),
  );
}

/** Byte numbers of the 4 bytes from which each of the values first to first + 3 of a group begins. */
export function spreadOf(width: i32, first: i32): v128 {
  let bytes = i8x16.splat(0);
  for (let lane = 0; lane < 4; lane++) {
    const from = ((first + lane) * width) >>> 3;
    // Bytes past the 16 read as 0 by swizzle; no value of at most 16 bits reaches them.
    const four = <u32>from * 0x01010101 + 0x03020100;
    bytes = v128.bitselect(i32x4.splat(<i32>four), bytes, laneMask(lane));
  }
  return bytes;
}

export function factorsOf(width: i32, first: i32): v128 {
  let factors = i32x4.splat(0);
  for (let lane = 0; lane < 4; lane++) {
    const factor = 1 << (7 - (((first + lane) * width) & 7));
    factors = v128.bitselect(i32x4.splat(factor), factors, laneMask(lane));
  }
  return factors;
}

// @ts-ignore: decorator
@inline
function laneMask(lane: i32): v128 {
  return i32x4.eq(i32x4.splat(lane), i32x4(0, 1, 2, 3));
}

function largestLane(values: v128): i32 {
  let all = i16x8.max_u(values, v128.shuffle<i64>(values, values, 1, 0));
  all = i16x8.max_u(all, v128.shuffle<i32>(all, all, 1, 0, 3, 2));
  all = i16x8.max_u(all, v128.shuffle<i16>(all, all, 1, 0, 3, 2, 5, 4, 7, 6));
  return <i32>i16x8.extract_lane_u(all, 0);
}

/** As hybridReadU16 for any width, one value at a time into u32 (4-byte aligned); result 0. */
export function hybridReadU32(state: usize, count: i32, out: usize): i32 {
  const width = load<i32>(state, HYBRID_WIDTH);
  const mask = (<u64>1 << <u64>width) - 1;
  for (let done = 0; done < count; ) {
    const runLeft = load<i32>(state, HYBRID_RUN_LEFT);
    const literals = load<i32>(state, HYBRID_LITERALS_LEFT);
    if (runLeft > 0) {
      const taken = min(runLeft, count - done);
      const value = load<u32>(state, HYBRID_RUN_VALUE);
      for (let i = 0; i < taken; i++, done++) store<u32>(out + (<usize>done << 2), value);
      store<i32>(state, runLeft - taken, HYBRID_RUN_LEFT);
    } else if (literals > 0) {
      const taken = min(literals, count - done);
      const skip = load<i32>(state, HYBRID_LITERALS_SKIP);
      const ptr = load<usize>(state, HYBRID_LITERALS_PTR);
      for (let i = 0; i < taken; i++, done++) {
        const bit = <u64>(skip + i) * <u64>width;
        const word = load<u64>(ptr + <usize>(bit >> 3)) >> (bit & 7);
        store<u32>(out + (<usize>done << 2), <u32>(word & mask));
      }
      const next = skip + taken;
      store<usize>(state, ptr + <usize>(next >>> 3) * <usize>width, HYBRID_LITERALS_PTR);
      store<i32>(state, next & 7, HYBRID_LITERALS_SKIP);
      store<i32>(state, literals - taken, HYBRID_LITERALS_LEFT);
    } else {
      const status = nextRun(state);
      if (status != 0) return status;
    }
  }
  return 0;
}

/**
 * Reads `count` values of 1 bit to bit `bit` of `bits`; the bits around them stay. Returns how many
 * are set, or -STATUS_TRUNCATED, -STATUS_CORRUPT.
 */
export function hybridReadBits(state: usize, count: i32, bits: usize, bit: i32): i32 {
  let set = 0;
  for (let left = count; left > 0; ) {
    const runLeft = load<i32>(state, HYBRID_RUN_LEFT);
    const literals = load<i32>(state, HYBRID_LITERALS_LEFT);
    if (runLeft > 0) {
      const taken = min(runLeft, left);
      const value = load<i32>(state, HYBRID_RUN_VALUE);
      fillBits(bits, bit, taken, value);
      set += taken * value;
      store<i32>(state, runLeft - taken, HYBRID_RUN_LEFT);
      bit += taken;
      left -= taken;
    } else if (literals > 0) {
      const taken = min(literals, left);
      const skip = load<i32>(state, HYBRID_LITERALS_SKIP);
      const ptr = load<usize>(state, HYBRID_LITERALS_PTR);
      copyBits(bits, bit, ptr, skip, taken);
      set += countSet(ptr, skip, taken);
      store<usize>(state, ptr + <usize>((skip + taken) >>> 3), HYBRID_LITERALS_PTR);
      store<i32>(state, (skip + taken) & 7, HYBRID_LITERALS_SKIP);
      store<i32>(state, literals - taken, HYBRID_LITERALS_LEFT);
      bit += taken;
      left -= taken;
    } else {
      const status = nextRun(state);
      if (status != 0) return status;
    }
  }
  return set;
}

/** Sets or clears bits [from, from + count). */
function fillBits(bits: usize, from: i32, count: i32, value: i32): void {
  const to = from + count;
  const fill: i32 = value != 0 ? 255 : 0;
  let bit = from;
  while (bit < to) {
    if ((bit & 7) == 0 && to - bit >= 8) {
      const bytes = (to - bit) >>> 3;
      memory.fill(bits + (bit >>> 3), <u8>fill, <usize>bytes);
      bit += bytes << 3;
      continue;
    }
    const stop = min(to, (bit | 7) + 1);
    const mask = (0xff << (bit & 7)) & (0xff >>> (7 - ((stop - 1) & 7)));
    const at = bits + (bit >>> 3);
    store<u8>(at, <u8>((<i32>load<u8>(at) & ~mask) | (fill & mask)));
    bit = stop;
  }
}

/** Set bits among [from, from + count); reads up to 8 bytes past them. */
function countSet(bits: usize, from: i32, count: i32): i32 {
  let set: i64 = 0;
  for (let done = 0; done < count; done += 56) {
    const bit = from + done;
    const n = min(56, count - done);
    const word = load<u64>(bits + (bit >>> 3)) >> <u64>(bit & 7);
    set += popcnt<i64>(word & ((<u64>1 << <u64>n) - 1));
  }
  return <i32>set;
}
