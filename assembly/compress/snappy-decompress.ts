// Snappy's block format, the decompressor, as in Parquet's pages.
// https://github.com/google/snappy/blob/main/format_description.txt
//
// snappyDecompressInto(source, sourceBytes, out, outBytes): outBytes
//   source  u8, any alignment; up to 64 bytes past its end are read (and mean nothing)
//   out     u8, any alignment; up to 64 bytes past its end are overwritten, none before it
//   outBytes is what the page's header announces
// No overlap. Result: outBytes, or
//   -STATUS_TRUNCATED     an element, or the whole, ends behind the source
//   -STATUS_CORRUPT       the preamble announces another length than outBytes; a copy from before
//                         the output, or from itself (offset 0); more output than announced;
//                         bytes left over
//   -STATUS_BAD_ARGUMENT  a negative length, or outBytes above 2^31 - 129
// An element that is wrong in several ways is truncated first.
//
//   literal   n << 2 | 0, n + 1 bytes; n = 60 .. 63: n - 1 in the 1 .. 4 bytes that follow
//   copy 1    offset bits 8..10 << 5 | (length - 4) << 2 | 1, offset bits 0..7   length 4 to 11
//   copy 2    (length - 1) << 2 | 2, offset in two bytes                         length 1 to 64
//   copy 4    (length - 1) << 2 | 3, offset in four bytes
//
// Three ways through the elements, each as far as it goes; measured on pages of real columns.
// - alternating() branches on "is it a literal?": fastest where the branch is foreseen, as in
//   columns whose every value is a literal and a copy.
// - mixed() has no branch on the kind: where literals and copies come in no order, a branch missed
//   in every third element costs more than the longer chain from one tag to the next.
// - element() does what is rare: long literals, far and overlapping copies, and all refusals.
// The first two store 16 bytes for every element, 64 for those longer than 16, and let what they
// wrote too much be overwritten; all conditions of an element are the sign of one word.
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import { doneOf, OUT_BYTES_MAX, position, sourceOf } from "./position";
import { copyApart, copyPattern, storeWide } from "./wild-copy";

/** A fast element reads and writes at most as many bytes from where it starts. */
const REACH_BYTES: usize = 64;
/** From this much output on it is worth a look which way suits a page ... */
const SURVEY_BYTES: i32 = 8_192;
/** ... once its first bytes, which have little to copy from, are done. */
const SURVEY_AFTER_BYTES: usize = 2_048;
const SURVEY_TAGS: i32 = 64;
/** So many literals of 64 elements come in no order: fewer or more are a rule with exceptions. */
const MIXED_LITERALS_MIN: i32 = 10;
const MIXED_LITERALS_MAX: i32 = 26;

export function snappyDecompressInto(
  source: usize, sourceBytes: i32, out: usize, outBytes: i32,
): i32 {
  if (sourceBytes < 0 || outBytes < 0 || outBytes > OUT_BYTES_MAX) return -STATUS_BAD_ARGUMENT;
  const end = source + <usize>sourceBytes;
  const outEnd = out + <usize>outBytes;
  let at = afterPreamble(source, end, outBytes);
  if (at < 0) return <i32>at;
  if (outBytes >= SURVEY_BYTES) {
    at = run(at, end, out, out + SURVEY_AFTER_BYTES, outEnd, false);
    if (at < 0) return <i32>at;
    at = run(at, end, out, outEnd, outEnd, isMixed(sourceOf(at), end));
  } else {
    at = run(at, end, out, outEnd, outEnd, false);
  }
  if (at < 0) return <i32>at;
  const isWhole = sourceOf(at) == end && doneOf(at) == <usize>outBytes;
  if (isWhole) return outBytes;
  const isTruncated = sourceOf(at) > end || doneOf(at) < <usize>outBytes;
  return isTruncated ? -STATUS_TRUNCATED : -STATUS_CORRUPT;
}

/** Position behind the length that the stream begins with, or a negative status. */
function afterPreamble(ip: usize, end: usize, outBytes: i32): i64 {
  let announced: u64 = 0;
  for (let shift: u64 = 0; ; shift += 7) {
    if (ip >= end) return -STATUS_TRUNCATED;
    const byte = <u64>load<u8>(ip++);
    announced |= (byte & 127) << shift;
    if (byte < 128) break;
    if (shift == 28) return -STATUS_CORRUPT;
  }
  return announced == <u64>outBytes ? position(ip, 0) : -STATUS_CORRUPT;
}

/** Elements until the source is used up or the output reaches `stop`; the last may go beyond. */
function run(at: i64, end: usize, out: usize, stop: usize, outEnd: usize, inNoOrder: bool): i64 {
  while (at >= 0 && sourceOf(at) < end && out + doneOf(at) < stop) {
    if (!inNoOrder) at = alternating(at, end, out, stop);
    // In order, too: for the last bytes, of which alternating() keeps its distance.
    at = mixed(at, end, out, stop);
    if (sourceOf(at) < end && out + doneOf(at) < stop) at = element(at, end, out, outEnd);
  }
  return at;
}

/** Whether the next elements are literals and copies in no order that a branch could foresee. */
function isMixed(ip: usize, end: usize): bool {
  let literals = 0;
  for (let i = 0; i < SURVEY_TAGS && ip < end; i++) {
    const tag = <u32>load<u8>(ip);
    const type = tag & 3;
    literals += <i32>(type == 0);
    ip += 1 + <usize>select<u32>(type, (tag >>> 2) + 1, type);
  }
  return literals >= MIXED_LITERALS_MIN && literals <= MIXED_LITERALS_MAX;
}

// Of the conditions in the two loops each makes the sign bit when it does not hold:
//   length + OVER_16         length <= 16
//   offset - length          the copy does not reach into what it makes itself
//   (type + 1) << 29         type is not 3
//   from - out               the copy's source is output that is there

/** Sets the sign of `length + OVER_16` for a length from 17 on. */
const OVER_16: i32 = 0x7fff_ffef;

/** At most one literal, then a copy, again and again; ends before what is rare, or near an end. */
function alternating(at: i64, end: usize, out: usize, stop: usize): i64 {
  let ip = sourceOf(at);
  let op = out + doneOf(at);
  // A literal from before these leaves the copy behind it a place to start from.
  const ipStop = end - REACH_BYTES;
  const opStop = stop - REACH_BYTES;
  while ((<i32>(ip - ipStop) & <i32>(op - opStop)) < 0) {
    let tag = <u32>load<u8>(ip);
    if ((tag & 3) == 0) {
      const n = tag >>> 2;
      v128.store(op, v128.load(ip, 1));
      if (n > 15) {
        if (n > 59) break;
        v128.store(op, v128.load(ip, 17), 16);
        v128.store(op, v128.load(ip, 33), 32);
        v128.store(op, v128.load(ip, 49), 48);
      }
      op += <usize>(n + 1);
      ip += <usize>(n + 2);
      tag = load<u8>(ip);
      if ((tag & 3) == 0) continue;
    }
    const type = <i32>(tag & 3);
    const upper = tag >>> 2;
    const length = <i32>select<u32>(upper + 1, (upper & 7) + 4, tag & 2);
    const offset = <i32>select<u32>(
      <u32>load<u8>(ip, 1) | ((tag & 0xe0) << 3), <u32>load<u16>(ip, 1), tag & 1,
    );
    const from = op - <usize>offset;
    const wrong = ((type + 1) << 29) | <i32>(from - out);
    if (((length + OVER_16) | (offset - length) | wrong) < 0) {
      if (((offset - 16) | wrong) < 0) break;
      storeWide(op, from);
    } else {
      v128.store(op, v128.load(from));
    }
    op += <usize>length;
    ip += <usize>(type + 1);
  }
  return position(ip, op - out);
}

/** Elements in any order, with no branch on their kind; ends before what is rare. */
function mixed(at: i64, end: usize, out: usize, stop: usize): i64 {
  let ip = sourceOf(at);
  let op = out + doneOf(at);
  let tag = <u32>load<u8>(ip);
  // An element of one byte, at the end, is cut off: element() says so. Up to there even the tag
  // behind a literal of 64 bytes, were there one, lies within the slack.
  const ipStop = end - 1;
  while ((<i32>(ip - ipStop) & <i32>(op - stop)) < 0) {
    const type = tag & 3;
    const upper = tag >>> 2;
    const ipNow = ip;
    // The next tag is fetched first: the way to it bounds the speed.
    ip += <usize>select<u32>(type, upper + 1, type);
    const tagNext = <u32>load<u8>(ip, 1);
    const length = <i32>select<u32>((upper & 7) + 4, upper + 1, type == 1);
    const offset = <i32>select<u32>(
      <u32>load<u16>(ipNow, 1), <u32>load<u8>(ipNow, 1) | ((tag & 0xe0) << 3), tag & 2,
    );
    const limit = select<i32>(offset, 16, type);
    const back = select<i32>(offset, 0, type);
    const from = select<usize>(op - <usize>offset, ipNow + 1, type);
    const wrong = ((<i32>type + 1) << 29) | (<i32>(op - out) - back);
    if (((length + OVER_16) | (limit - length) | wrong) < 0) {
      // A literal has at most 60 bytes here, a copy of two bytes up to 64.
      if (((limit - 16) | (60 + <i32>(type << 2) - length) | wrong) < 0) {
        ip = ipNow;
        break;
      }
      storeWide(op, from);
    } else {
      v128.store(op, v128.load(from));
    }
    op += <usize>length;
    ip++;
    tag = tagNext;
  }
  return position(ip, op - out);
}

/** One element of any kind, checked in full. */
function element(at: i64, end: usize, out: usize, outEnd: usize): i64 {
  let ip = sourceOf(at);
  const op = out + doneOf(at);
  const tag = <u32>load<u8>(ip++);
  const type = tag & 3;
  if (type == 0) return literal(ip, tag >>> 2, op, end, out, outEnd);
  const fieldBytes = select<usize>(4, <usize>type, type == 3);
  if (fieldBytes > end - ip) return -STATUS_TRUNCATED;
  let length = (tag >>> 2) + 1;
  let offset = <usize>load<u32>(ip);
  if (type == 1) {
    length = ((tag >>> 2) & 7) + 4;
    offset = <usize>((tag >>> 5) << 8) | (offset & 0xff);
  } else if (type == 2) {
    offset &= 0xffff;
  }
  ip += fieldBytes;
  if (offset == 0 || offset > op - out || <usize>length > outEnd - op) return -STATUS_CORRUPT;
  copyPattern(op, offset, length);
  return position(ip, op + <usize>length - out);
}

/** A literal of n + 1 bytes, or with a length of n - 59 bytes of its own at `ip`. */
function literal(ip: usize, n: u32, op: usize, end: usize, out: usize, outEnd: usize): i64 {
  if (n >= 60) {
    const lengthBytes = n - 59;
    if (<usize>lengthBytes > end - ip) return -STATUS_TRUNCATED;
    n = load<u32>(ip) & (<u32>0xffff_ffff >>> (32 - 8 * lengthBytes));
    ip += <usize>lengthBytes;
  }
  if (<usize>n >= end - ip) return -STATUS_TRUNCATED;
  if (<usize>n >= outEnd - op) return -STATUS_CORRUPT;
  const length = <usize>n + 1;
  copyApart(op, ip, length);
  return position(ip + length, op + length - out);
}
