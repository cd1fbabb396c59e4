// DELTA_BINARY_PACKED, the encoder: blocks of 256 deltas in 8 miniblocks of 32.
//
//   header   256, 8, value count (varints), first value (zigzag varint)
//   block    smallest delta (zigzag varint), 8 bytes of bit widths, the miniblocks that have values
//   miniblock  32 values (delta - smallest) of its width: 4 * width bytes, the last one zero padded
//
// Deltas wrap at the column's own width (64 or 32 bits), as the format wants: i32 columns never
// need more than 32 bits a value, which some readers insist on.
//
// deltaEncodeI64Into(values, count, out, scratch): bytes written
//   values   i64[count], 8-byte aligned, read
//   out      u8, written; room for deltaBytesMax = 32 + 2066 * ceil(count / 256) bytes and 16 more,
//            because whole words are stored at the end of a miniblock
//   scratch  2,048 bytes, 16-byte aligned, overwritten
// deltaEncodeI32Into: the same over i32[count], 4-byte aligned.
// deltaBytesI64, deltaBytesI32(values, count, scratch): what the encoder would write, in bytes.
// None of the three ranges may overlap. Result: bytes, or -STATUS_BAD_ARGUMENT for a misaligned
// address or a count below 0.
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { storeVarint, varintBytes, zigzag } from "./varint";

const BLOCK_VALUES: i32 = 256;
const MINIBLOCK_VALUES: i32 = 32;
const MINIBLOCKS: i32 = 8;

export function deltaEncodeI64Into(values: usize, count: i32, out: usize, scratch: usize): i32 {
  if ((values & 7) != 0 || (scratch & 15) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  const first: i64 = count > 0 ? load<i64>(values) : 0;
  let at = storeHeader(out, count, first);
  for (let done = 0; done < count - 1; done += BLOCK_VALUES) {
    const n = min(BLOCK_VALUES, count - 1 - done);
    const smallest = deltasI64(values + ((<usize>done) << 3), n, scratch);
    at = storeBlock(at, n, smallest, -1, scratch);
  }
  return <i32>(at - out);
}

export function deltaEncodeI32Into(values: usize, count: i32, out: usize, scratch: usize): i32 {
  if ((values & 3) != 0 || (scratch & 15) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  const first: i64 = count > 0 ? <i64>load<i32>(values) : 0;
  let at = storeHeader(out, count, first);
  for (let done = 0; done < count - 1; done += BLOCK_VALUES) {
    const n = min(BLOCK_VALUES, count - 1 - done);
    const smallest = deltasI32(values + ((<usize>done) << 2), n, scratch);
    at = storeBlock(at, n, smallest, 0xffff_ffff, scratch);
  }
  return <i32>(at - out);
}

export function deltaBytesI64(values: usize, count: i32, scratch: usize): i32 {
  if ((values & 7) != 0 || (scratch & 15) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  const first: i64 = count > 0 ? load<i64>(values) : 0;
  let bytes = headerBytes(count, first);
  for (let done = 0; done < count - 1; done += BLOCK_VALUES) {
    const n = min(BLOCK_VALUES, count - 1 - done);
    const smallest = deltasI64(values + ((<usize>done) << 3), n, scratch);
    bytes += blockBytes(n, smallest, -1, scratch);
  }
  return bytes;
}

export function deltaBytesI32(values: usize, count: i32, scratch: usize): i32 {
  if ((values & 3) != 0 || (scratch & 15) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  const first: i64 = count > 0 ? <i64>load<i32>(values) : 0;
  let bytes = headerBytes(count, first);
  for (let done = 0; done < count - 1; done += BLOCK_VALUES) {
    const n = min(BLOCK_VALUES, count - 1 - done);
    const smallest = deltasI32(values + ((<usize>done) << 2), n, scratch);
    bytes += blockBytes(n, smallest, 0xffff_ffff, scratch);
  }
  return bytes;
}

function storeHeader(out: usize, count: i32, first: i64): usize {
  let at = storeVarint(out, BLOCK_VALUES);
  at = storeVarint(at, MINIBLOCKS);
  at = storeVarint(at, <u64>count);
  return storeVarint(at, zigzag(first));
}

// @ts-ignore: decorator
@inline
function headerBytes(count: i32, first: i64): i32 {
  return 3 + varintBytes(<u64>count) + varintBytes(zigzag(first));
}

/** Puts n deltas of values[0 .. n] into scratch as i64, and returns the smallest of them. */
function deltasI64(values: usize, n: i32, scratch: usize): i64 {
  let low0 = i64x2.splat(i64.MAX_VALUE);
  let low1 = low0;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const from = values + ((<usize>i) << 3);
    const d0 = i64x2.sub(v128.load(from, 8), v128.load(from));
    const d1 = i64x2.sub(v128.load(from, 24), v128.load(from, 16));
    const to = scratch + ((<usize>i) << 3);
    v128.store(to, d0);
    v128.store(to, d1, 16);
    low0 = v128.bitselect(d0, low0, i64x2.gt_s(low0, d0));
    low1 = v128.bitselect(d1, low1, i64x2.gt_s(low1, d1));
  }
  low0 = v128.bitselect(low1, low0, i64x2.gt_s(low0, low1));
  let smallest = min(i64x2.extract_lane(low0, 0), i64x2.extract_lane(low0, 1));
  for (; i < n; i++) {
    const from = values + ((<usize>i) << 3);
    const d = load<i64>(from, 8) - load<i64>(from);
    store<i64>(scratch + ((<usize>i) << 3), d);
    smallest = min(smallest, d);
  }
  return smallest;
}

/** As deltasI64, over i32 values: the deltas wrap at 32 bits and stand sign-extended in scratch. */
function deltasI32(values: usize, n: i32, scratch: usize): i64 {
  let low = i32x4.splat(i32.MAX_VALUE);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const from = values + ((<usize>i) << 2);
    const d = i32x4.sub(v128.load(from, 4), v128.load(from));
    const to = scratch + ((<usize>i) << 3);
    v128.store(to, i64x2.extend_low_i32x4_s(d));
    v128.store(to, i64x2.extend_high_i32x4_s(d), 16);
    low = i32x4.min_s(low, d);
  }
  let smallest = min(
    min(i32x4.extract_lane(low, 0), i32x4.extract_lane(low, 1)),
    min(i32x4.extract_lane(low, 2), i32x4.extract_lane(low, 3)),
  );
  for (; i < n; i++) {
    const from = values + ((<usize>i) << 2);
    const d: i32 = load<i32>(from, 4) - load<i32>(from);
    store<i64>(scratch + ((<usize>i) << 3), <i64>d);
    smallest = min(smallest, d);
  }
  return <i64>smallest;
}

/** Pads the deltas in scratch to whole miniblocks with the smallest delta, which packs as 0. */
// @ts-ignore: decorator
@inline
function padBlock(n: i32, smallest: i64, scratch: usize): i32 {
  const miniblocks = (n + MINIBLOCK_VALUES - 1) / MINIBLOCK_VALUES;
  for (let i = n; i < miniblocks * MINIBLOCK_VALUES; i++) {
    store<i64>(scratch + ((<usize>i) << 3), smallest);
  }
  return miniblocks;
}

function storeBlock(out: usize, n: i32, smallest: i64, mask: i64, scratch: usize): usize {
  const miniblocks = padBlock(n, smallest, scratch);
  const widths = storeVarint(out, zigzag(smallest));
  store<u64>(widths, 0);
  let at = widths + MINIBLOCKS;
  for (let m = 0; m < miniblocks; m++) {
    const from = scratch + (<usize>m) * (MINIBLOCK_VALUES * 8);
    const width = rebaseMiniblock(from, smallest, mask);
    store<u8>(widths + <usize>m, <u8>width);
    packMiniblock(from, width, at);
    at += (<usize>width) << 2;
  }
  return at;
}

function blockBytes(n: i32, smallest: i64, mask: i64, scratch: usize): i32 {
  const miniblocks = padBlock(n, smallest, scratch);
  let bytes = varintBytes(zigzag(smallest)) + MINIBLOCKS;
  for (let m = 0; m < miniblocks; m++) {
    bytes += miniblockWidth(scratch + (<usize>m) * (MINIBLOCK_VALUES * 8), smallest, mask) << 2;
  }
  return bytes;
}

/** Subtracts the smallest delta from 32 deltas in place, and returns the bits that all of them need. */
// @ts-ignore: decorator
@inline
function rebaseMiniblock(from: usize, smallest: i64, mask: i64): i32 {
  const base = i64x2.splat(smallest);
  const keep = i64x2.splat(mask);
  let all0 = i64x2.splat(0);
  let all1 = all0;
  for (let i: usize = 0; i < 256; i += 32) {
    const x0 = v128.and(i64x2.sub(v128.load(from + i), base), keep);
    const x1 = v128.and(i64x2.sub(v128.load(from + i, 16), base), keep);
    v128.store(from + i, x0);
    v128.store(from + i, x1, 16);
    all0 = v128.or(all0, x0);
    all1 = v128.or(all1, x1);
  }
  return widthOf(v128.or(all0, all1));
}

// @ts-ignore: decorator
@inline
function miniblockWidth(from: usize, smallest: i64, mask: i64): i32 {
  const base = i64x2.splat(smallest);
  let all0 = i64x2.splat(0);
  let all1 = all0;
  for (let i: usize = 0; i < 256; i += 32) {
    all0 = v128.or(all0, i64x2.sub(v128.load(from + i), base));
    all1 = v128.or(all1, i64x2.sub(v128.load(from + i, 16), base));
  }
  return widthOf(v128.and(v128.or(all0, all1), i64x2.splat(mask)));
}

// @ts-ignore: decorator
@inline
function widthOf(all: v128): i32 {
  return 64 - <i32>clz<i64>(i64x2.extract_lane(all, 0) | i64x2.extract_lane(all, 1));
}

function packMiniblock(from: usize, width: i32, out: usize): void {
  if (width == 0) return;
  if (width <= 16) packTo16(from, width, out);
  else if (width <= 32) packTo32(from, width, out);
  else packTo64(from, width, out);
}

/**
 * 8 values a step, which always fill whole bytes: w of them.
 *
 *   a b | c d | e f | g h     four vectors of two values
 *   ab cd | ef gh             2w bits in each lane
 *   abcd efgh                 4w bits in each lane
 */
// @ts-ignore: decorator
@inline
function packTo16(from: usize, width: i32, out: usize): void {
  const half = width << 2;
  for (let group = 0; group < 4; group++) {
    const v0 = v128.load(from);
    const v1 = v128.load(from, 16);
    const v2 = v128.load(from, 32);
    const v3 = v128.load(from, 48);
    const p0 = v128.or(evenLanes(v0, v1), i64x2.shl(oddLanes(v0, v1), width));
    const p1 = v128.or(evenLanes(v2, v3), i64x2.shl(oddLanes(v2, v3), width));
    const q = v128.or(evenLanes(p0, p1), i64x2.shl(oddLanes(p0, p1), width << 1));
    const low = i64x2.extract_lane(q, 0);
    const high = i64x2.extract_lane(q, 1);
    // Width 16 fills both words; a shift by 64 would be a shift by 0.
    store<i64>(out, half == 64 ? low : low | (high << half));
    store<i64>(out, half == 64 ? high : <i64>((<u64>high) >> (64 - half)), 8);
    from += 64;
    out += width;
  }
}

// @ts-ignore: decorator
@inline
function evenLanes(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2);
}

// @ts-ignore: decorator
@inline
function oddLanes(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3);
}

/** Pairs of 2w (34 to 64) bits through a 64-bit accumulator, without branches. */
// @ts-ignore: decorator
@inline
function packTo32(from: usize, width: i32, out: usize): void {
  const pairBits = <u64>(width << 1);
  let acc: u64 = 0;
  let bits: u64 = 0;
  for (let i: usize = 0; i < 256; i += 16) {
    const x = load<u64>(from + i) | (load<u64>(from + i, 8) << <u64>width);
    acc |= x << bits;
    store<u64>(out, acc);
    const filled = bits + pairBits;
    const carry = (x >> 1) >> (63 - bits);
    const full = filled >= 64;
    acc = full ? carry : acc;
    out += full ? 8 : 0;
    bits = filled & 63;
  }
  if (bits != 0) store<u64>(out, acc);
}

/** Values of 33 to 64 bits, one by one. */
// @ts-ignore: decorator
@inline
function packTo64(from: usize, width: i32, out: usize): void {
  let acc: u64 = 0;
  let bits: u64 = 0;
  for (let i: usize = 0; i < 256; i += 8) {
    const x = load<u64>(from + i);
    acc |= x << bits;
    store<u64>(out, acc);
    const filled = bits + <u64>width;
    const carry = (x >> 1) >> (63 - bits);
    const full = filled >= 64;
    acc = full ? carry : acc;
    out += full ? 8 : 0;
    bits = filled & 63;
  }
  if (bits != 0) store<u64>(out, acc);
}
