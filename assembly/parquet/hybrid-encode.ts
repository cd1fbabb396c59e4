// The hybrid of runs and bit packing (RLE) that Parquet uses for levels and dictionary indices.
//
//   run       varint(count << 1), the value in ceil(width / 8) bytes
//   literals  varint(groups << 1 | 1), groups of 8 values packed at width bits: width bytes each
//
// Literals end at whole groups only (the last one of a page is zero padded), so a run may start at
// any value behind a run, but behind literals only at a group's end.
//
// hybridEncodeU16Into(values, count, width, out): bytes written
//   values   u16[count], 2-byte aligned, read; up to 128 bytes past the end are read
//   width    0 to 16 bits, enough for every value
//   out      u8, written; room for hybridBytesMax(count, width) = 32 + 2 * ceil(count / 8) +
//            width * ceil(count / 8) bytes
// runEncodeU16Into(values, count, width, out): the same with every run of equal values said as a run,
//   also of one value: smaller where most are long, because literals take whole groups of 8
//   out      room for 16 + 5 * (runs of values) bytes
// hybridBytesU16(values, count, width): what that would write, in bytes
// hybridEncodeBitsInto(bits, count, out): the same for values of one bit, least significant first;
//   bits is 8-byte aligned and readable in whole words
// No overlap. Result: bytes, or -STATUS_BAD_ARGUMENT.
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { storeVarint, varintBytes } from "./varint";

/** Bits of indices whose pairs a signed 16-bit multiplication can put together. */
const NARROW_BITS_MAX: i32 = 14;

/** The longest of the shortest runs that one word tells of. */
const SHORT_RUN_MAX: i32 = 5;

/** Groups of literals that one header may announce: its varint then has two bytes at most. */
const LITERAL_GROUPS_MAX: i32 = 8191;

export function hybridEncodeU16Into(values: usize, count: i32, width: i32, out: usize): i32 {
  if ((values & 1) != 0 || count < 0 || width < 0 || width > 16) return -STATUS_BAD_ARGUMENT;
  const runMin = shortestRun(width);
  let at = out;
  for (let i = 0; i < count; ) {
    const run = runLength(values, i, count);
    if (run >= runMin || run == count) {
      at = storeRun(at, run, <i32>load<u16>(values + ((<usize>i) << 1)), width);
      i += run;
    } else {
      const groups = literalGroups(values, i, count, runMin);
      at = storeVarint(at, <u64>((groups << 1) | 1));
      at = packGroups(values, i, count, groups, width, at);
      i += groups << 3;
    }
  }
  return <i32>(at - out);
}

export function runEncodeU16Into(values: usize, count: i32, width: i32, out: usize): i32 {
  if ((values & 1) != 0 || count < 0 || width < 0 || width > 16) return -STATUS_BAD_ARGUMENT;
  const valueBytes = <usize>((width + 7) >>> 3);
  let at = out;
  let start = 0;
  for (let row = 1; row < count; row += 64) {
    let starts = runStarts(values + ((<usize>row) << 1));
    if (count - row < 64) starts &= ((<u64>1) << <u64>(count - row)) - 1;
    for (; starts != 0; starts &= starts - 1) {
      const end = row + <i32>ctz<u64>(starts);
      at = storeShortRun(at, end - start, load<u16>(values + ((<usize>start) << 1)), valueBytes);
      start = end;
    }
  }
  if (count > 0) {
    at = storeShortRun(at, count - start, load<u16>(values + ((<usize>start) << 1)), valueBytes);
  }
  return <i32>(at - out);
}

/** A bit for each of the 64 values from here on: it is not the one before it. */
// @ts-ignore: decorator
@inline
function runStarts(at: usize): u64 {
  let same: u64 = 0;
  for (let shift: u64 = 0; shift < 64; shift += 16, at += 32) {
    const low = i16x8.eq(v128.load(at), v128.load(at - 2));
    const high = i16x8.eq(v128.load(at, 16), v128.load(at - 2, 16));
    same |= (<u64>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high))) << shift;
  }
  return ~same;
}

/** A run that is mostly shorter than 64; stores up to 2 bytes behind it. */
// @ts-ignore: decorator
@inline
function storeShortRun(out: usize, run: i32, value: u16, valueBytes: usize): usize {
  let at = out;
  if (run < 64) store<u8>(at++, <u8>(run << 1));
  else at = storeVarint(at, (<u64>run) << 1);
  store<u16>(at, value);
  return at + valueBytes;
}

export function hybridBytesU16(values: usize, count: i32, width: i32): i32 {
  if ((values & 1) != 0 || count < 0 || width < 0 || width > 16) return -STATUS_BAD_ARGUMENT;
  const runMin = shortestRun(width);
  const valueBytes = (width + 7) >>> 3;
  let bytes = 0;
  for (let i = 0; i < count; ) {
    const run = runLength(values, i, count);
    if (run >= runMin || run == count) {
      bytes += varintBytes((<u64>run) << 1) + valueBytes;
      i += run;
    } else {
      const groups = literalGroups(values, i, count, runMin);
      bytes += varintBytes(<u64>((groups << 1) | 1)) + groups * width;
      i += groups << 3;
    }
  }
  return bytes;
}

/** Groups from i on, up to the group behind which a run starts that is worth its header. */
// @ts-ignore: decorator
@inline
function literalGroups(values: usize, i: i32, count: i32, runMin: i32): i32 {
  const most = min((count - i + 7) >>> 3, LITERAL_GROUPS_MAX);
  if (runMin > SHORT_RUN_MAX) return groupsToLongRun(values, i, count, runMin, most);
  // As many values as a short run has are compared with those behind them in one word.
  const others: u64 = ~(<u64>0) >> (<u64>(SHORT_RUN_MAX - runMin) << 4);
  const from = values + ((<usize>i) << 1);
  let at = from + 16;
  const end = from + ((<usize>most) << 4);
  while (at < end) {
    const isRun = ((load<u64>(at) ^ load<u64>(at, 2)) & others) == 0;
    if (isRun && runLength(values, <i32>((at - values) >> 1), count) >= runMin) break;
    at += 16;
  }
  return <i32>((at - from) >> 4);
}

/** A shorter run costs more than its values among the literals: header, value, a second header. */
// @ts-ignore: decorator
@inline
function shortestRun(width: i32): i32 {
  if (width == 0) return 1;
  const bits = 8 * (3 + ((width + 7) >>> 3));
  return (bits + width - 1) / width;
}

/** Length of the run of equal values that starts at i. */
function runLength(values: usize, i: i32, count: i32): i32 {
  const same = v128.splat<u16>(load<u16>(values + ((<usize>i) << 1)));
  let end = i;
  while (end < count) {
    const mask = i16x8.bitmask(i16x8.eq(v128.load(values + ((<usize>end) << 1)), same));
    if (mask != 0xff) return min(end + <i32>ctz<i32>(~mask), count) - i;
    end += 8;
  }
  return count - i;
}

/** As literalGroups, where runs are long: 64 values at a time. */
function groupsToLongRun(values: usize, i: i32, count: i32, runMin: i32, most: i32): i32 {
  const needed = ((<u64>1) << <u64>(runMin - 1)) - 1;
  let groups = 1;
  while (groups < most) {
    const start = i + (groups << 3);
    const starts = runStarts(values + ((<usize>start) << 1) + 2);
    let skip = 0;
    do {
      const breaks = (starts >> <u64>skip) & needed;
      if (breaks == 0) {
        if (runLength(values, start + skip, count) >= runMin) return groups;
        return most;
      }
      // No run that is long enough starts in front of the last break: on to the group behind it.
      const step = (71 - <i32>clz<u64>(breaks)) >> 3;
      skip += step << 3;
      groups += step;
    } while (skip + runMin <= 65 && groups < most);
  }
  return most;
}

function storeRun(out: usize, run: i32, value: i32, width: i32): usize {
  let at = storeVarint(out, (<u64>run) << 1);
  if (width > 0) store<u8>(at++, <u8>value);
  if (width > 8) store<u8>(at++, <u8>(value >>> 8));
  return at;
}

/** Packs groups of 8 from values[start]; values at and behind count pack as 0. */
function packGroups(
  values: usize, start: i32, count: i32, groups: i32, width: i32, out: usize,
): usize {
  let from = values + ((<usize>start) << 1);
  const whole = min(groups, (count - start) >>> 3);
  const end = from + ((<usize>whole) << 4);
  if (width == 1) {
    for (; from + 32 <= end; from += 32, out += 2) {
      const low = i16x8.shl(v128.load(from), 15);
      const high = i16x8.shl(v128.load(from, 16), 15);
      store<u16>(out, <u16>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high)));
    }
  }
  if (width <= NARROW_BITS_MAX) {
    const scale = i32x4.splat(1 | ((1 << width) << 16));
    for (; from < end; from += 16, out += width) {
      packNarrowGroup(v128.load(from), scale, width, out);
    }
  }
  for (; from < end; from += 16, out += width) packGroup(v128.load(from), width, out);
  if (whole < groups) {
    const left = (count - start) & 7;
    const lane = i16x8(0, 1, 2, 3, 4, 5, 6, 7);
    const there = i16x8.lt_s(lane, i16x8.splat(<i16>left));
    packGroup(v128.and(v128.load(from), there), width, out);
    out += width;
  }
  return out;
}

/**
 * Pairs of lanes grow together: 8 lanes of w bits, 4 of 2w, 2 of 4w; the two words hold the group's
 * w bytes. Stores 16 bytes.
 */
// @ts-ignore: decorator
@inline
function packGroup(group: v128, width: i32, out: usize): void {
  const pairs = v128.or(
    v128.and(group, i32x4.splat(0xffff)),
    i32x4.shl(i32x4.shr_u(group, 16), width),
  );
  storePairs(pairs, width, out);
}

/** The same for widths up to 14: `scale` is 1 and 2^width in turn, a pair is its scalar product. */
// @ts-ignore: decorator
@inline
function packNarrowGroup(group: v128, scale: v128, width: i32, out: usize): void {
  storePairs(i32x4.dot_i16x8_s(group, scale), width, out);
}

// @ts-ignore: decorator
@inline
function storePairs(pairs: v128, width: i32, out: usize): void {
  const quads = v128.or(
    v128.and(pairs, i64x2.splat(0xffff_ffff)),
    i64x2.shl(i64x2.shr_u(pairs, 32), width << 1),
  );
  const low = i64x2.extract_lane(quads, 0);
  const high = i64x2.extract_lane(quads, 1);
  const half = width << 2;
  store<i64>(out, half == 64 ? low : low | (high << half));
  store<i64>(out, half == 64 ? high : <i64>((<u64>high) >> (64 - half)), 8);
}

/** Bytes of 8 equal bits that make a run worth its header, a value byte and a second header. */
const RUN_BYTES_MIN: i32 = 4;

export function hybridEncodeBitsInto(bits: usize, count: i32, out: usize): i32 {
  if ((bits & 7) != 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  const bytes = (count + 7) >>> 3;
  // Only whole bytes may belong to a run that others follow; the last, cut one may end any run.
  const tail = count & 7;
  let at = out;
  let i = 0;
  while (i < bytes) {
    const run = byteRun(bits, i, bytes, tail);
    if (run >= RUN_BYTES_MIN || (run == bytes && run > 0)) {
      const bitCount = i + run == bytes ? count - (i << 3) : run << 3;
      at = storeRun(at, bitCount, <i32>load<u8>(bits + <usize>i) & 1, 1);
      i += run;
      continue;
    }
    const start = i;
    do i++; while (
      i < bytes && i - start < LITERAL_GROUPS_MAX && byteRun(bits, i, bytes, tail) < RUN_BYTES_MIN
    );
    at = storeVarint(at, <u64>(((i - start) << 1) | 1));
    memory.copy(at, bits + <usize>start, <usize>(i - start));
    at += <usize>(i - start);
    if (i == bytes && tail != 0) {
      const last: i32 = load<u8>(at - 1);
      store<u8>(at - 1, <u8>(last & (0xff >>> (8 - tail))));
    }
  }
  return <i32>(at - out);
}

/** Bytes from i on that are all 0x00 or all 0xff, as far as their bits count. */
function byteRun(bits: usize, i: i32, bytes: i32, tail: i32): i32 {
  const fill = (load<u8>(bits + <usize>i) & 1) != 0 ? 0xff : 0;
  let end = i;
  for (; end < bytes; end++) {
    const keep = end == bytes - 1 && tail != 0 ? 0xff >>> (8 - tail) : 0xff;
    if (((<i32>load<u8>(bits + <usize>end) ^ fill) & keep) != 0) break;
  }
  return end - i;
}
