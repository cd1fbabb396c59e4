// Snappy's block format, the compressor: greedy matches found through a hash table of positions,
// within fragments of 64 KiB. https://github.com/google/snappy/blob/main/format_description.txt
//
// snappyCompressInto(source, byteLength, out, table): bytes written
//   source  u8, any alignment, only its bytes are read
//   out     u8, any alignment; room for 64 + byteLength + byteLength / 6 bytes (short literals are
//           stored 16 bytes at a time)
//   table   SNAPPY_TABLE_BYTES (2^14 u16), 16-byte aligned, overwritten
// No overlap. Result: bytes, or -STATUS_BAD_ARGUMENT.
//
//   literal   (length - 1) << 2 | 0, or 60 << 2 and the length in a byte, 61 << 2 and two bytes
//   copy 1    offset bits 8..10 << 5 | (length - 4) << 2 | 1, offset bits 0..7   length 4 to 11
//   copy 2    (length - 1) << 2 | 2, offset in two bytes                         length 1 to 64
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { storeVarint } from "../parquet/varint";

const FRAGMENT_BYTES: i32 = 65_536;
const TABLE_BITS_MAX: i32 = 14;
const TABLE_BITS_MIN: i32 = 8;
/** The search ends so far from the end that 8 bytes at a position are always there to read. */
const MARGIN_BYTES: i32 = 15;

export function snappyCompressInto(
  source: usize, byteLength: i32, out: usize, table: usize,
): i32 {
  if (byteLength < 0 || (table & 15) != 0) return -STATUS_BAD_ARGUMENT;
  let to = storeVarint(out, <u64>byteLength);
  for (let done = 0; done < byteLength; done += FRAGMENT_BYTES) {
    const fragmentBytes = min(FRAGMENT_BYTES, byteLength - done);
    to = compressFragment(source + <usize>done, fragmentBytes, to, table);
  }
  return <i32>(to - out);
}

// @ts-ignore: decorator
@inline
function hash(bytes: u32, shift: u32): usize {
  return <usize>((bytes * 0x1e35_a7bd) >> shift) << 1;
}

function compressFragment(start: usize, byteLength: i32, out: usize, table: usize): usize {
  const end = start + <usize>byteLength;
  if (byteLength < MARGIN_BYTES) return storeLiteral(out, start, end);
  let bits = TABLE_BITS_MIN;
  while (bits < TABLE_BITS_MAX && 1 << bits < byteLength) bits++;
  const shift = <u32>(32 - bits);
  memory.fill(table, 0, (<usize>2) << bits);
  const limit = end - MARGIN_BYTES;
  let literal = start;
  let at = start + 1;
  let nextHash = hash(load<u32>(at), shift);
  while (true) {
    // Look for 4 bytes that were there before; after 32 misses step 2 bytes, then 3, and so on, so
    // that data without repetitions costs little.
    let skip: u32 = 32;
    let next = at;
    let candidate: usize;
    do {
      at = next;
      const slot = table + nextHash;
      next = at + (skip >>> 5);
      skip += skip >>> 5;
      if (next > limit) return storeLiteral(out, literal, end);
      nextHash = hash(load<u32>(next), shift);
      candidate = start + <usize>load<u16>(slot);
      store<u16>(slot, <u16>(at - start));
    } while (load<u32>(at) != load<u32>(candidate));
    out = storeShortLiteral(out, literal, at);
    // Copies that follow one another at once, without a literal between them.
    do {
      const matched = 4 + matchLength(candidate + 4, at + 4, end);
      out = storeCopy(out, <u32>(at - candidate), matched);
      at += <usize>matched;
      literal = at;
      if (at >= limit) return storeLiteral(out, literal, end);
      const around = load<u64>(at - 1);
      store<u16>(table + hash(<u32>around, shift), <u16>(at - start - 1));
      const slot = table + hash(<u32>(around >> 8), shift);
      candidate = start + <usize>load<u16>(slot);
      store<u16>(slot, <u16>(at - start));
    } while (load<u32>(at) == load<u32>(candidate));
    at++;
    nextHash = hash(load<u32>(at), shift);
  }
}

/** How many bytes at `a` and at `b` (a < b) are equal, up to `end`. */
// @ts-ignore: decorator
@inline
function matchLength(a: usize, b: usize, end: usize): i32 {
  const first = b;
  for (; b + 8 <= end; a += 8, b += 8) {
    const differs = load<u64>(a) ^ load<u64>(b);
    if (differs != 0) return <i32>(b - first) + <i32>(ctz(differs) >> 3);
  }
  for (; b < end && load<u8>(a) == load<u8>(b); a++) b++;
  return <i32>(b - first);
}

/** A literal of at least one byte before the margin: up to 16 bytes with one store. */
// @ts-ignore: decorator
@inline
function storeShortLiteral(out: usize, from: usize, to: usize): usize {
  const length = <u32>(to - from);
  if (length > 16) return storeLiteral(out, from, to);
  store<u8>(out, <u8>((length - 1) << 2));
  v128.store(out + 1, v128.load(from));
  return out + 1 + <usize>length;
}

function storeLiteral(out: usize, from: usize, to: usize): usize {
  const length = <u32>(to - from);
  if (length == 0) return out;
  const n = length - 1;
  if (n < 60) {
    store<u8>(out++, <u8>(n << 2));
  } else if (n < 256) {
    store<u8>(out, 60 << 2);
    store<u8>(out, <u8>n, 1);
    out += 2;
  } else {
    store<u8>(out, 61 << 2);
    store<u16>(out, <u16>n, 1);
    out += 3;
  }
  memory.copy(out, from, <usize>length);
  return out + <usize>length;
}

// @ts-ignore: decorator
@inline
function storeCopy(out: usize, offset: u32, length: i32): usize {
  // The last copy must have at least 4 bytes to be one of the short form.
  while (length >= 68) {
    out = storeCopy2(out, offset, 64);
    length -= 64;
  }
  if (length > 64) {
    out = storeCopy2(out, offset, 60);
    length -= 60;
  }
  if (length >= 12 || offset >= 2048) return storeCopy2(out, offset, length);
  store<u8>(out, <u8>(((offset >>> 8) << 5) | ((length - 4) << 2) | 1));
  store<u8>(out, <u8>offset, 1);
  return out + 2;
}

// @ts-ignore: decorator
@inline
function storeCopy2(out: usize, offset: u32, length: i32): usize {
  store<u8>(out, <u8>(((length - 1) << 2) | 2));
  store<u16>(out, <u16>offset, 1);
  return out + 3;
}
