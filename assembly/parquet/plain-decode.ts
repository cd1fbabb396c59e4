// Stored values as they come out: PLAIN and BYTE_STREAM_SPLIT pages, values picked out of a
// dictionary, and making room for nulls. Parts of the column cursor (column-cursor.ts), which has
// checked that the bytes are there; kinds and widths: VALUE_ in src/abi/column-cursor.ts.
import {
  VALUE_4,
  VALUE_4_TO_16,
  VALUE_8,
  VALUE_8_TO_16,
  VALUE_BOOL,
  VALUE_FIXED,
  VALUE_UINT32,
} from "../../src/abi/column-cursor";
import { copyBits } from "../rows";

/** Bytes of a stored value; 0 for kinds whose values are bits or have lengths of their own. */
export function storedBytes(kind: i32, fixedBytes: i32): i32 {
  if (kind == VALUE_8 || kind == VALUE_8_TO_16) return 8;
  if (kind == VALUE_FIXED) return fixedBytes;
  return kind == VALUE_4 || kind == VALUE_UINT32 || kind == VALUE_4_TO_16 ? 4 : 0;
}

/** log2 of the bytes of a value as it comes out; fixed-width kinds only. */
// @ts-ignore: decorator
@inline
export function outShift(kind: i32): i32 {
  return kind == VALUE_4 ? 2 : kind == VALUE_8 || kind == VALUE_UINT32 ? 3 : 4;
}

/** `count` stored values from `ptr` (any alignment) to `out`. */
export function plainValues(
  kind: i32, fixedBytes: i32, ptr: usize, count: i32, out: usize,
): void {
  const n = <usize>count;
  switch (kind) {
    case VALUE_4:
      memory.copy(out, ptr, n << 2);
      return;
    case VALUE_8:
      memory.copy(out, ptr, n << 3);
      return;
    case VALUE_UINT32:
      for (let i: usize = 0; i < n; i++) store<u64>(out + (i << 3), load<u32>(ptr + (i << 2)));
      return;
    case VALUE_4_TO_16:
      for (let i: usize = 0; i < n; i++) storeWide(out + (i << 4), load<i32>(ptr + (i << 2)));
      return;
    case VALUE_8_TO_16:
      for (let i: usize = 0; i < n; i++) storeWide(out + (i << 4), load<i64>(ptr + (i << 3)));
      return;
    default:
      for (let i: usize = 0; i < n; i++) {
        bigEndian(ptr + i * <usize>fixedBytes, fixedBytes, out + (i << 4));
      }
  }
}

/** A value as 16 bytes. */
// @ts-ignore: decorator
@inline
export function storeWide(out: usize, value: i64): void {
  store<i64>(out, value);
  store<i64>(out, value >> 63, 8);
}

/** A big-endian two's complement number of 1 to 16 bytes as 16 little-endian ones. */
function bigEndian(ptr: usize, byteLength: i32, out: usize): void {
  let low: u64 = 0;
  let high: u64 = <u64>(<i64>load<i8>(ptr) >> 63);
  if (byteLength < 8) low = high;
  for (let i = 0; i < byteLength; i++) {
    high = i < byteLength - 8 ? (high << 8) | <u64>load<u8>(ptr + <usize>i) : high;
    low = (low << 8) | <u64>load<u8>(ptr + <usize>i);
  }
  store<u64>(out, low);
  store<u64>(out, high, 8);
}

/**
 * Values `first` to `first + count` of a BYTE_STREAM_SPLIT page: byte b of value i stands at
 * b * valueCount + i. Kinds VALUE_4 and VALUE_8.
 */
export function splitValues(
  kind: i32, ptr: usize, valueCount: i32, first: i32, count: i32, out: usize,
): void {
  const stride = <usize>valueCount;
  let from = ptr + <usize>first;
  let i = 0;
  if (kind == VALUE_8) {
    for (; i + 16 <= count; i += 16, from += 16, out += 128) split16x8(from, stride, out);
    for (; i < count; i++, from++, out += 8) {
      for (let b: usize = 0; b < 8; b++) store<u8>(out + b, load<u8>(from + b * stride));
    }
    return;
  }
  for (; i + 16 <= count; i += 16, from += 16, out += 64) split16x4(from, stride, out);
  for (; i < count; i++, from++, out += 4) {
    for (let b: usize = 0; b < 4; b++) store<u8>(out + b, load<u8>(from + b * stride));
  }
}

// @ts-ignore: decorator
@inline
function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** 16 values of 4 bytes: bytes to pairs, pairs to values. */
function split16x4(from: usize, stride: usize, out: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + 2 * stride);
  const d = v128.load(from + 3 * stride);
  quads(lowBytes(a, b), lowBytes(c, d), out);
  quads(highBytes(a, b), highBytes(c, d), out + 32);
}

// @ts-ignore: decorator
@inline
function quads(low: v128, high: v128, out: usize): void {
  v128.store(out, v128.shuffle<i16>(low, high, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(out, v128.shuffle<i16>(low, high, 4, 12, 5, 13, 6, 14, 7, 15), 16);
}

/** 16 values of 8 bytes: the low and the high half of each as 4 bytes, then put together. */
function split16x8(from: usize, stride: usize, out: usize): void {
  for (let half: usize = 0; half < 8; half += 4) {
    const a = v128.load(from + half * stride);
    const b = v128.load(from + (half + 1) * stride);
    const c = v128.load(from + (half + 2) * stride);
    const d = v128.load(from + (half + 3) * stride);
    halves(lowBytes(a, b), lowBytes(c, d), out + half);
    halves(highBytes(a, b), highBytes(c, d), out + half + 64);
  }
}

/** Eight words of 4 bytes, one each 8 bytes. */
function halves(low: v128, high: v128, out: usize): void {
  const first = v128.shuffle<i16>(low, high, 0, 8, 1, 9, 2, 10, 3, 11);
  const second = v128.shuffle<i16>(low, high, 4, 12, 5, 13, 6, 14, 7, 15);
  v128.store_lane<i32>(out, first, 0);
  v128.store_lane<i32>(out, first, 1, 8);
  v128.store_lane<i32>(out, first, 2, 16);
  v128.store_lane<i32>(out, first, 3, 24);
  v128.store_lane<i32>(out, second, 0, 32);
  v128.store_lane<i32>(out, second, 1, 40);
  v128.store_lane<i32>(out, second, 2, 48);
  v128.store_lane<i32>(out, second, 3, 56);
}

/** Entries of a dictionary by u16 codes, each below its entry count. */
export function pickU16(dictionary: usize, codes: usize, count: i32, shift: i32, out: usize): void {
  let i: usize = 0;
  const n = <usize>count;
  if (shift == 3) {
    for (; i + 4 <= n; i += 4) {
      const four = load<u64>(codes + (i << 1));
      const to = out + (i << 3);
      store<u64>(to, load<u64>(dictionary + (<usize>(four & 0xffff) << 3)));
      store<u64>(to, load<u64>(dictionary + (<usize>((four >> 16) & 0xffff) << 3)), 8);
      store<u64>(to, load<u64>(dictionary + (<usize>((four >> 32) & 0xffff) << 3)), 16);
      store<u64>(to, load<u64>(dictionary + (<usize>(four >> 48) << 3)), 24);
    }
  }
  for (; i < n; i++) pickOne(dictionary, load<u16>(codes + (i << 1)), shift, out + (i << shift));
}

// @ts-ignore: decorator
@inline
export function pickOne(dictionary: usize, code: u32, shift: i32, out: usize): void {
  const from = dictionary + (<usize>code << shift);
  if (shift == 3) store<u64>(out, load<u64>(from));
  else if (shift == 2) store<u32>(out, load<u32>(from));
  else v128.store(out, v128.load(from));
}

/**
 * Moves `present` values to the rows of `count` that have one, in place, the last one first; rows
 * without become 0. Bit validityBit + i of the bitmap: row i has a value.
 */
export function spreadValues(
  out: usize, shift: i32, validity: usize, validityBit: i32, count: i32, present: i32,
): void {
  let from = present - 1;
  for (let row = count - 1; row > from; row--) {
    const to = out + (<usize>row << shift);
    if (bitAt(validity, validityBit + row)) {
      pickOne(out, <u32>from, shift, to);
      from--;
    } else if (shift == 4) {
      v128.store(to, i64x2.splat(0));
    } else if (shift == 3) {
      store<u64>(to, 0);
    } else {
      store<u32>(to, 0);
    }
  }
}

/** The same for bits, from bit `bit` of `bits` on. */
export function spreadBits(
  bits: usize, bit: i32, validity: usize, count: i32, present: i32,
): void {
  let from = present - 1;
  for (let row = count - 1; row > from; row--) {
    const set = bitAt(validity, bit + row) && bitAt(bits, bit + from--);
    const at = bits + ((bit + row) >>> 3);
    const mask = <u8>1 << <u8>((bit + row) & 7);
    store<u8>(at, set ? load<u8>(at) | mask : load<u8>(at) & ~mask);
  }
}

// @ts-ignore: decorator
@inline
function bitAt(bitmap: usize, index: i32): bool {
  return ((<u32>load<u8>(bitmap + (index >>> 3)) >> (index & 7)) & 1) != 0;
}

/** `count` PLAIN booleans from bit `first` of `ptr` on. */
export function plainBits(ptr: usize, first: i32, count: i32, out: usize, outBit: i32): void {
  copyBits(out, outBit, ptr, first, count);
}
