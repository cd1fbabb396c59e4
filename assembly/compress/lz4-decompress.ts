// LZ4's block format, the decompressor, as in Parquet's pages of codec LZ4_RAW.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
//
// lz4DecompressInto(source, sourceBytes, out, outBytes): outBytes
//   source  u8, any alignment; up to 64 bytes past its end are read (and mean nothing)
//   out     u8, any alignment; up to 64 bytes past its end are overwritten, none before it
//   outBytes is what the page's header announces
// No overlap. Result: outBytes, or
//   -STATUS_TRUNCATED     a sequence, or the whole, ends behind the source; no literals at the end
//   -STATUS_CORRUPT       a match from before the output, or from itself (offset 0); more output
//                         than announced
//   -STATUS_BAD_ARGUMENT  a negative length, or outBytes above 2^31 - 129
// In a sequence that is wrong in several ways its literals count first, and truncated before corrupt
// in each of its two parts. That the last match ends 5 bytes before the end, as the format asks of
// compressors, is not checked.
//
//   sequence  literals << 4 | length - 4, both 15 with bytes that are added, up to one below 255:
//             token, literals' bytes, literals, offset (u16), length's bytes
//   the last  ends behind its literals
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import { doneOf, OUT_BYTES_MAX, position, sourceOf } from "./position";
import { copyApart, copyPattern, storeWide } from "./wild-copy";

/** A sequence without added lengths has at most so many bytes: token, 14 literals, offset. */
const SHORT_BYTES: usize = 17;
/** The most that storeWide copies: the longest lengths outside sequence(). */
const WIDE_BYTES: i32 = 64;
/** One of such lengths has at most: token, added byte, literals, offset, added byte. */
const ADDED_BYTES: usize = 69;

export function lz4DecompressInto(
  source: usize, sourceBytes: i32, out: usize, outBytes: i32,
): i32 {
  if (sourceBytes < 0 || outBytes < 0 || outBytes > OUT_BYTES_MAX) return -STATUS_BAD_ARGUMENT;
  const end = source + <usize>sourceBytes;
  const outEnd = out + <usize>outBytes;
  let at = position(source, 0);
  while (true) {
    at = shortSequences(at, end, out, outEnd);
    if (out + doneOf(at) > outEnd) return -STATUS_CORRUPT;
    at = sequence(at, end, out, outEnd);
    if (at < 0) return <i32>at;
    // Only the last sequence ends at the end: one with a match there is refused as truncated.
    if (sourceOf(at) == end) return doneOf(at) == <usize>outBytes ? outBytes : -STATUS_TRUNCATED;
  }
}

/**
 * Sequences but the last, with lengths up to 64; ends before another. May leave the output too long.
 */
function shortSequences(at: i64, end: usize, out: usize, outEnd: usize): i64 {
  let ip = sourceOf(at);
  let op = out + doneOf(at);
  // What begins before them has bytes behind it, so it is not the last sequence.
  const ipStop = end - SHORT_BYTES;
  const ipStopAdded = end - ADDED_BYTES;
  // Literals from before it leave the match behind them a place to start from.
  const opStopAdded = outEnd - WIDE_BYTES;
  while ((<i32>(ip - ipStop) & <i32>(op - outEnd)) < 0) {
    const token = <u32>load<u8>(ip);
    let literals = <i32>(token >>> 4);
    let next = ip + 1;
    const mayAdd = <i32>(ip - ipStopAdded) & <i32>(op - opStopAdded);
    if (literals == 15) {
      literals += <i32>load<u8>(next++);
      if ((mayAdd & (literals - WIDE_BYTES - 1)) >= 0) break;
      storeWide(op, next);
    } else {
      v128.store(op, v128.load(next));
    }
    const to = op + <usize>literals;
    next += <usize>literals;
    const offset = <i32>load<u16>(next);
    next += 2;
    let length = <i32>(token & 15) + 4;
    if (length == 19) {
      length += <i32>load<u8>(next++);
      if ((mayAdd & (length - WIDE_BYTES - 1)) >= 0) break;
    }
    const from = to - <usize>offset;
    if (((offset - 16) | <i32>(from - out)) < 0) {
      if (((offset - 1) | <i32>(from - out)) < 0) break;
      copyPattern(to, <usize>offset, length);
    } else if (length > 18) {
      storeWide(to, from);
    } else {
      v128.store(to, v128.load(from));
      store<u16>(to, load<u16>(from, 16), 16);
    }
    op = to + <usize>length;
    ip = next;
  }
  return position(ip, op - out);
}

/** One sequence of any kind, checked in full. */
function sequence(at: i64, end: usize, out: usize, outEnd: usize): i64 {
  let ip = sourceOf(at);
  let op = out + doneOf(at);
  if (ip == end) return -STATUS_TRUNCATED;
  const token = <u32>load<u8>(ip++);
  let literals = <u64>(token >>> 4);
  if (literals == 15) {
    const addedBytes = countAdded(ip, end);
    if (addedBytes == 0) return -STATUS_TRUNCATED;
    literals += sumAdded(ip, addedBytes);
    ip += addedBytes;
  }
  if (literals > <u64>(end - ip)) return -STATUS_TRUNCATED;
  if (literals > <u64>(outEnd - op)) return -STATUS_CORRUPT;
  if (literals > 0) copyApart(op, ip, <usize>literals);
  op += <usize>literals;
  ip += <usize>literals;
  if (ip == end) return position(ip, op - out);

  if (end - ip < 2) return -STATUS_TRUNCATED;
  const offset = <usize>load<u16>(ip);
  ip += 2;
  let length = <u64>(token & 15) + 4;
  if (length == 19) {
    const addedBytes = countAdded(ip, end);
    if (addedBytes == 0) return -STATUS_TRUNCATED;
    length += sumAdded(ip, addedBytes);
    ip += addedBytes;
  }
  if (ip == end) return -STATUS_TRUNCATED;
  if (offset == 0 || offset > op - out || length > <u64>(outEnd - op)) return -STATUS_CORRUPT;
  copyPattern(op, offset, <u32>length);
  return position(ip, op + <usize>length - out);
}

/** How many bytes are added to a length of 15: those of 255 and one more, or 0 when cut short. */
function countAdded(ip: usize, end: usize): usize {
  for (let at = ip; at < end; at++) if (load<u8>(at) != 255) return at + 1 - ip;
  return 0;
}

// @ts-ignore: decorator
@inline
function sumAdded(ip: usize, addedBytes: usize): u64 {
  return <u64>(addedBytes - 1) * 255 + <u64>load<u8>(ip + addedBytes - 1);
}
