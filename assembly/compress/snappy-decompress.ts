// Snappy's block format, the decompressor, as in Parquet's pages.
// https://github.com/google/snappy/blob/main/format_description.txt
//
// snappyDecompressInto(source, sourceBytes, out, outBytes, tags): outBytes
//   source  u8, any alignment; up to 64 bytes past its end are read (and mean nothing)
//   out     u8, any alignment; up to 64 bytes past its end are overwritten, none before it
//   outBytes is what the page's header announces
//   tags    SNAPPY_TAGS_BYTES, 8-byte aligned, that snappyInit has filled; read only
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
// Ways through the elements, each as far as it goes; measured on pages of real columns.
// - mixed() has no branch on an element's kind: what a tag means stands in a table, and the tags
//   that may follow are fetched before it is known which does. Where literals and copies come in no
//   order, a branch missed in every third element costs more.
// - alternating() branches on "is it a literal?": fastest where every value is a literal and a copy.
// - values() does such pairs where they make 8 bytes: dictionaries of stamps and ids, whose upper
//   bytes are those of a value before. That one was stored a moment ago, in two pieces, and a load
//   across pieces waits until they are in the cache; so here a value is stored as one word.
// - element() does what is rare, or near an end: long literals, far copies, and all refusals.
// The first two store 16 bytes for every element, 64 for those longer than 16, and let what they
// wrote too much be overwritten.
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import { doneOf, OUT_BYTES_MAX, position, sourceOf } from "./position";
import { copyApart, copyPattern, storePattern, storeWide } from "./wild-copy";

/** A fast element reads and writes at most as many bytes from where it starts. */
const REACH_BYTES: usize = 64;
/** From so much output on, and again whenever so much more is done, a look at the order pays. */
const SURVEY_AFTER_BYTES: u32 = 256;
const SURVEY_EVERY_BYTES: u32 = 16_384;
const SURVEY_TAGS: i32 = 32;
/** So many literals among them: each is followed by a copy. */
const LITERALS_MIN: i32 = 16;
/** So many pairs of a literal and a copy that make 8 bytes. */
const VALUE_PAIRS_MIN: i32 = 14;
const VALUE_BYTES: i32 = 8;

const ORDER_NONE = 0;
const ORDER_ALTERNATING = 1;
const ORDER_VALUES = 2;

// What a tag means in mixed(), 8 bytes a tag. An element that is not for it has an offset of 0. That
// of a literal, which has none, only has to be at least its length.
//   u16 TAG_MASK     bits of the two bytes behind the tag that belong to the offset ...
//   u16 TAG_OFFSET   ... and what is added to them
//   u8  TAG_LENGTH   bytes that it makes
//   u8  TAG_BYTES    its own bytes, the tag's included
const TAG_MASK = 0;
const TAG_OFFSET = 2;
const TAG_LENGTH = 4;
const TAG_BYTES = 5;
const LITERAL_OFFSET: u32 = 16;
const TAG_SHIFT: usize = 3;

/** Fills the SNAPPY_TAGS_BYTES (2048) at `tags`, 8-byte aligned. Returns 0. */
export function snappyInit(tags: usize): i32 {
  for (let tag: u32 = 0; tag < 256; tag++) {
    const type = tag & 3;
    const upper = tag >>> 2;
    let mask: u32 = 0;
    let offset: u32 = 0;
    let length = upper + 1;
    let bytes = type + 1;
    if (type == 0) {
      bytes += length;
      if (length <= 16) offset = LITERAL_OFFSET;
    } else if (type == 1) {
      length = (upper & 7) + 4;
      mask = 0xff;
      offset = (tag & 0xe0) << 3;
    } else if (type == 2 && length <= 16) {
      mask = 0xffff;
    }
    const entry = tags + (<usize>tag << TAG_SHIFT);
    store<u16>(entry, <u16>mask, TAG_MASK);
    store<u16>(entry, <u16>offset, TAG_OFFSET);
    store<u8>(entry, <u8>length, TAG_LENGTH);
    store<u8>(entry, <u8>bytes, TAG_BYTES);
  }
  return 0;
}

export function snappyDecompressInto(
  source: usize, sourceBytes: i32, out: usize, outBytes: i32, tags: usize,
): i32 {
  if (sourceBytes < 0 || outBytes < 0 || outBytes > OUT_BYTES_MAX) return -STATUS_BAD_ARGUMENT;
  const end = source + <usize>sourceBytes;
  const outEnd = out + <usize>outBytes;
  let at = afterPreamble(source, end, outBytes);
  let order = ORDER_NONE;
  for (let bytes = SURVEY_AFTER_BYTES; at >= 0 && bytes < <u32>outBytes; bytes += SURVEY_EVERY_BYTES) {
    at = run(at, end, out, out + <usize>bytes, outEnd, tags, order);
    if (at >= 0 && sourceOf(at) < end) order = orderOf(sourceOf(at), end);
  }
  if (at >= 0) at = run(at, end, out, outEnd, outEnd, tags, order);
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
function run(
  at: i64, end: usize, out: usize, stop: usize, outEnd: usize, tags: usize, order: i32,
): i64 {
  while (at >= 0 && sourceOf(at) < end && out + doneOf(at) < stop) {
    const isNearEnd = sourceOf(at) + REACH_BYTES >= end || out + doneOf(at) + REACH_BYTES >= outEnd;
    at = order == ORDER_NONE || isNearEnd
      ? mixed(at, end, out, stop, tags)
      : alternating(at, end, out, min(stop, outEnd - REACH_BYTES), order == ORDER_VALUES);
    if (sourceOf(at) < end && out + doneOf(at) < stop) at = element(at, end, out, outEnd);
  }
  return at;
}

/** Whether the next elements come in an order that a branch could foresee, and in which. */
function orderOf(ip: usize, end: usize): i32 {
  let literals = 0;
  let pairs = 0;
  let literalBytes = 0;
  for (let i = 0; i < SURVEY_TAGS && ip < end; i++) {
    const tag = <u32>load<u8>(ip);
    const type = tag & 3;
    const upper = <i32>(tag >>> 2);
    literals += i32(type == 0);
    const isPair = type == 1 && literalBytes > 0;
    pairs += i32(isPair && literalBytes + (upper & 7) + 4 == VALUE_BYTES);
    literalBytes = type == 0 ? upper + 1 : 0;
    ip += 1 + <usize>select<i32>(<i32>type, literalBytes, type);
  }
  if (literals < LITERALS_MIN) return ORDER_NONE;
  return pairs >= VALUE_PAIRS_MIN ? ORDER_VALUES : ORDER_ALTERNATING;
}

/** Elements in any order, with no branch on their kind; ends before what is rare, or near an end. */
function mixed(at: i64, end: usize, out: usize, stop: usize, tags: usize): i64 {
  let ip = sourceOf(at);
  let op = out + doneOf(at);
  let tag = <u32>load<u8>(ip);
  // An element of one byte, at the end, is cut off: element() says so. Up to there even the tag
  // behind a literal of 64 bytes, were there one, lies within the slack.
  const ipStop = end - 1;
  while ((<i32>(ip - ipStop) & <i32>(op - stop)) < 0) {
    // Each takes up to 17 bytes and makes up to 16: so many more elements end in time.
    for (let left = 1 + <i32>min((ipStop - ip) >>> 5, (stop - op) >>> 5); left > 0; left--) {
      const entry = tags + (<usize>tag << TAG_SHIFT);
      const field = <u32>load<u16>(ip, 1) & <u32>load<u16>(entry, TAG_MASK);
      const offset = field + <u32>load<u16>(entry, TAG_OFFSET);
      const length = <u32>load<u8>(entry, TAG_LENGTH);
      const back = op - <usize>offset;
      // A copy that reaches into what it makes, or before the output; and what is not for this loop.
      if ((<i32>(offset - length) | <i32>(back - out)) < 0) break;
      const isLiteral = (tag & 3) == 0;
      const tagAfterCopy = <u32>load<u8>(ip + <usize>(tag & 3), 1);
      const tagAfterLiteral = <u32>load<u8>(ip + <usize>(tag >>> 2), 2);
      v128.store(op, v128.load(select<usize>(ip + 1, back, isLiteral)));
      op += <usize>length;
      ip += <usize>load<u8>(entry, TAG_BYTES);
      tag = select<u32>(tagAfterLiteral, tagAfterCopy, isLiteral);
    }
    if ((<i32>(ip - ipStop) & <i32>(op - stop)) >= 0) break;
    // One that is not for this loop; what is not for these lines either is element()'s.
    const type = tag & 3;
    const upper = tag >>> 2;
    if (type == 0) {
      if (upper > 59) break;
      storeWide(op, ip + 1);
      op += <usize>(upper + 1);
      ip += <usize>(upper + 2);
    } else {
      const length = select<u32>((upper & 7) + 4, upper + 1, type == 1);
      const near = <u32>load<u8>(ip, 1) | ((tag & 0xe0) << 3);
      const offset = select<u32>(<u32>load<u16>(ip, 1), near, tag & 2);
      const from = op - <usize>offset;
      if ((((<i32>type + 1) << 29) | (<i32>offset - 1) | <i32>(from - out)) < 0) break;
      if (offset >= 16) {
        storeWide(op, from);
      } else {
        // A pattern may go beyond its 64 bytes by 15.
        if (stop - op < 2 * REACH_BYTES) break;
        storePattern(op, from, <i32>offset, <i32>length);
      }
      op += <usize>length;
      ip += <usize>(type + 1);
    }
    tag = load<u8>(ip);
  }
  return position(ip, op - out);
}

// Of the conditions in alternating() each makes the sign bit when it does not hold:
//   length + OVER_16         length <= 16
//   offset - length          the copy does not reach into what it makes itself
//   (type + 1) << 29         type is not 3
//   from - out               the copy's source is output that is there

/** Sets the sign of `length + OVER_16` for a length from 17 on. */
const OVER_16: i32 = 0x7fff_ffef;

/**
 * At most one literal, then a copy, again and again; ends before what is rare, REACH_BYTES before
 * the source's end, and at opStop, which lies as far before the output's.
 */
function alternating(at: i64, end: usize, out: usize, opStop: usize, ofValues: bool): i64 {
  let ip = sourceOf(at);
  let op = out + doneOf(at);
  // A literal from before these leaves the copy behind it a place to start from.
  const ipStop = end - REACH_BYTES;
  let literalBytes = 0;
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
      literalBytes = <i32>n + 1;
      op += <usize>literalBytes;
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
    if (ofValues && literalBytes + length == VALUE_BYTES) {
      const next = values(ip, ipStop, op, opStop, out);
      ip = sourceOf(next);
      op = out + doneOf(next);
    }
    literalBytes = 0;
  }
  return position(ip, op - out);
}

/**
 * Values of 8 bytes, each a literal of up to 4 and a copy (type 1) of the rest from 8 bytes before or
 * more; ends before another element, or as alternating() does.
 *
 *   word:  | literal's tag | 1 to 4 bytes | copy's tag | offset |
 */
function values(ip: usize, ipStop: usize, op: usize, opStop: usize, out: usize): i64 {
  while ((<i32>(ip - ipStop) & <i32>(op - opStop)) < 0) {
    const word = load<u64>(ip);
    const literalBits = ((<u32>word << 1) & 0x1f8) + 8;
    const second = <u32>(word >>> <u64>(literalBits + 8));
    const offset = ((second & 0xe0) << 3) | ((second >>> 8) & 0xff);
    const from = op - <usize>offset;
    // Type 0 and up to 4 bytes, and type 1 with a length of 8 less those.
    const odd = (<u32>word & 3) | ((second & 0x1f) ^ (1 + ((32 - literalBits) >>> 1)));
    const wrong = <i32>(32 - literalBits) | <i32>(offset - VALUE_BYTES) | <i32>(from - out);
    if (odd != 0 || wrong < 0) break;
    const literalMask = (<u64>1 << <u64>literalBits) - 1;
    store<u64>(op, ((word >>> 8) & literalMask) | (load<u64>(from) & ~literalMask));
    op += VALUE_BYTES;
    ip += <usize>(literalBits >>> 3) + 3;
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
