// zstd's format, the decompressor, as in Parquet's pages of codec ZSTD.
// RFC 8878, https://www.rfc-editor.org/rfc/rfc8878
//
// zstdInit(workspace): 0. The workspace (src/abi/zstd.ts) has ZSTD_WORKSPACE_BYTES, 8-byte aligned.
// zstdDecompressInto(source, sourceBytes, out, outBytes, workspace): outBytes
//   source     u8, any alignment; one or more frames, skippable ones among them. Up to 64 bytes past its
//              end are read, and up to 8 before its start (and mean nothing)
//   out        u8, any alignment; up to 64 bytes past its end are overwritten, none before it
//   outBytes   is what the page's header announces
//   workspace  as zstdInit left it, or a call before this one
// No overlap. Result: outBytes, or
//   -STATUS_TRUNCATED     a frame, block or section ends behind the source, or less output than announced
//   -STATUS_CORRUPT       anything else that the format forbids: bytes that are no frame, a dictionary's
//                         id (Parquet has none), more output than announced, a size or a checksum in the
//                         frame that is another, codes or matches that cannot be, bits left over, a
//                         window above 2^27 bytes
//   -STATUS_BAD_ARGUMENT  a negative length, outBytes above 2^31 - 129, a misaligned workspace
// Which of the two it is where a stream is wrong in several ways says nothing.
//
//   frame    magic, header, blocks, checksum where there is one
//   block    literals (raw, one byte, Huffman codes), then sequences of literals and matches
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import {
  ZSTD_BLOCK_BYTES_MAX,
  ZSTD_HUFFMAN_BITS,
  ZSTD_LITERALS,
  ZSTD_LITERALS_COUNT,
  ZSTD_LITERALS_PTR,
  ZSTD_RECENT_OFFSETS,
  ZSTD_TABLE_BITS,
} from "../../src/abi/zstd";
import { xxh64 } from "../digest";
import { OUT_BYTES_MAX, doneOf, position, sourceOf } from "./position";
import { initTables } from "./zstd-fse";
import { readFourStreams, readStream, readTree } from "./zstd-huffman";
import { sequences } from "./zstd-sequences";

const MAGIC: u32 = 0xfd2f_b528;
/** The lowest of the 16 numbers that begin a skippable frame. */
const MAGIC_SKIPPABLE: u32 = 0x184d_2a50;

/** The descriptor of a window of 2^27 bytes: other readers take none that is larger. */
const WINDOW_MAX: u8 = (27 - 10) << 3;

const BLOCK_RAW = 0;
const BLOCK_ONE_BYTE = 1;
const BLOCK_COMPRESSED = 2;

const LITERALS_RAW = 0;
const LITERALS_ONE_BYTE = 1;
const LITERALS_COMPRESSED = 2;

export function zstdInit(workspace: usize): i32 {
  if ((workspace & 7) != 0) return -STATUS_BAD_ARGUMENT;
  initTables(workspace);
  return 0;
}

export function zstdDecompressInto(
  source: usize, sourceBytes: i32, out: usize, outBytes: i32, workspace: usize,
): i32 {
  if (sourceBytes < 0 || outBytes < 0 || outBytes > OUT_BYTES_MAX) return -STATUS_BAD_ARGUMENT;
  if ((workspace & 7) != 0) return -STATUS_BAD_ARGUMENT;
  const end = source + <usize>sourceBytes;
  const outEnd = out + <usize>outBytes;
  let ip = source;
  let op = out;
  while (ip < end) {
    if (end - ip < 5) return -STATUS_TRUNCATED;
    const magic = load<u32>(ip);
    if ((magic & 0xffff_fff0) == MAGIC_SKIPPABLE) {
      if (end - ip < 8) return -STATUS_TRUNCATED;
      const bytes = <usize>load<u32>(ip, 4);
      if (bytes > end - ip - 8) return -STATUS_TRUNCATED;
      ip += 8 + bytes;
      continue;
    }
    if (magic != MAGIC) return -STATUS_CORRUPT;
    const at = frame(workspace, ip + 4, end, op, outEnd);
    if (at < 0) return <i32>at;
    ip = sourceOf(at);
    op += doneOf(at);
  }
  return op == outEnd ? outBytes : -STATUS_TRUNCATED;
}

/** A frame behind its magic: where it ends, and the bytes it makes; or -STATUS_. */
function frame(workspace: usize, ip: usize, end: usize, out: usize, outEnd: usize): i64 {
  const descriptor = <i32>load<u8>(ip++);
  const isSingle = (descriptor & 32) != 0;
  const dictionaryBytes: usize = (<usize>1 << <usize>(descriptor & 3)) >> 1;
  const sizeFlag = descriptor >> 6;
  const sizeBytes: usize = sizeFlag == 0 ? usize(isSingle) : <usize>1 << <usize>sizeFlag;
  const headerBytes = usize(!isSingle) + dictionaryBytes + sizeBytes;
  if ((descriptor & 8) != 0) return -STATUS_CORRUPT;
  if (headerBytes > end - ip) return -STATUS_TRUNCATED;
  if (!isSingle && load<u8>(ip++) > WINDOW_MAX) return -STATUS_CORRUPT;
  for (const stop = ip + dictionaryBytes; ip < stop; ip++) {
    if (load<u8>(ip) != 0) return -STATUS_CORRUPT;
  }
  let size: u64 = 0;
  for (let i: usize = 0; i < sizeBytes; i++) size |= <u64>load<u8>(ip + i) << <u64>(i << 3);
  if (sizeBytes == 2) size += 256;
  ip += sizeBytes;
  if (sizeBytes > 0 && size > <u64>(outEnd - out)) return -STATUS_CORRUPT;

  const at = blocks(workspace, ip, end, out, outEnd);
  if (at < 0) return at;
  ip = sourceOf(at);
  const done = doneOf(at);
  if (sizeBytes > 0 && size != <u64>done) return -STATUS_CORRUPT;
  if ((descriptor & 4) == 0) return at;
  if (end - ip < 4) return -STATUS_TRUNCATED;
  if (<u32>xxh64(out, <u32>done) != load<u32>(ip)) return -STATUS_CORRUPT;
  return position(ip + 4, done);
}

/** The blocks of a frame: where they end, and the bytes they make; or -STATUS_. */
function blocks(workspace: usize, ip: usize, end: usize, out: usize, outEnd: usize): i64 {
  store<u32>(workspace, 1, ZSTD_RECENT_OFFSETS);
  store<u32>(workspace, 4, ZSTD_RECENT_OFFSETS + 4);
  store<u32>(workspace, 8, ZSTD_RECENT_OFFSETS + 8);
  store<i32>(workspace, 0, ZSTD_HUFFMAN_BITS);
  memory.fill(workspace + ZSTD_TABLE_BITS, 0xff, 12);
  let op = out;
  while (true) {
    if (end - ip < 3) return -STATUS_TRUNCATED;
    const header = <u32>load<u16>(ip) | (<u32>load<u8>(ip, 2) << 16);
    ip += 3;
    const type = <i32>(header >>> 1) & 3;
    const bytes = <usize>(header >>> 3);
    const sourceBytes: usize = type == BLOCK_ONE_BYTE ? 1 : bytes;
    if (sourceBytes > end - ip) return -STATUS_TRUNCATED;
    if (type == BLOCK_COMPRESSED) {
      if (bytes > <usize>ZSTD_BLOCK_BYTES_MAX) return -STATUS_CORRUPT;
      const made = block(workspace, ip, ip + bytes, op, outEnd, out);
      if (made < 0) return made;
      op = <usize>made;
    } else {
      if (type > BLOCK_COMPRESSED || bytes > outEnd - op) return -STATUS_CORRUPT;
      if (type == BLOCK_RAW) memory.copy(op, ip, bytes);
      else memory.fill(op, load<u8>(ip), bytes);
      op += bytes;
    }
    ip += sourceBytes;
    if ((header & 1) != 0) return position(ip, op - out);
  }
}

/** A compressed block; where its bytes end, or -STATUS_. */
function block(
  workspace: usize, ip: usize, end: usize, out: usize, outEnd: usize, frameStart: usize,
): i64 {
  const bytes = takeLiterals(workspace, ip, end);
  if (bytes < 0) return bytes;
  return sequences(workspace, ip + <usize>bytes, end, out, outEnd, frameStart);
}

/** Finds or makes a block's literals. Bytes of their section, or -STATUS_. */
function takeLiterals(workspace: usize, ip: usize, end: usize): i32 {
  if (ip >= end) return -STATUS_TRUNCATED;
  const head = load<u32>(ip);
  const type = <i32>(head & 3);
  const format = <i32>(head >>> 2) & 3;
  if (type >= LITERALS_COMPRESSED) {
    return takeCoded(workspace, ip, end, type == LITERALS_COMPRESSED, format);
  }
  const headBytes = format == 1 ? 2 : format == 3 ? 3 : 1;
  const shift = format == 1 || format == 3 ? 4 : 3;
  const count = <i32>((head & ((1 << <u32>(headBytes << 3)) - 1)) >>> shift);
  const bytes = headBytes + (type == LITERALS_RAW ? count : 1);
  if (ip + <usize>bytes > end) return -STATUS_TRUNCATED;
  if (count > ZSTD_BLOCK_BYTES_MAX) return -STATUS_CORRUPT;
  let at = ip + <usize>headBytes;
  if (type == LITERALS_ONE_BYTE) {
    const value = load<u8>(at);
    at = workspace + ZSTD_LITERALS;
    memory.fill(at, value, <usize>count);
  }
  store<usize>(workspace, at, ZSTD_LITERALS_PTR);
  store<i32>(workspace, count, ZSTD_LITERALS_COUNT);
  return bytes;
}

/** Literals in Huffman codes, with a tree of their own or the last one. */
function takeCoded(workspace: usize, ip: usize, end: usize, hasTree: bool, format: i32): i32 {
  const sizeBits: u64 = format < 2 ? 10 : format == 2 ? 14 : 18;
  const headBytes: usize = format < 2 ? 3 : <usize>format + 2;
  if (headBytes > end - ip) return -STATUS_TRUNCATED;
  const sizes = load<u64>(ip) >> 4;
  const mask = (<u64>1 << sizeBits) - 1;
  const count = <i32>(sizes & mask);
  const bytes = <usize>((sizes >> sizeBits) & mask);
  let at = ip + headBytes;
  if (bytes > end - at) return -STATUS_TRUNCATED;
  if (count == 0 || count > ZSTD_BLOCK_BYTES_MAX) return -STATUS_CORRUPT;
  const stop = at + bytes;
  if (hasTree) {
    const treeBytes = readTree(workspace, at, stop);
    if (treeBytes < 0) return treeBytes;
    at += <usize>treeBytes;
  } else if (load<i32>(workspace, ZSTD_HUFFMAN_BITS) == 0) {
    return -STATUS_CORRUPT;
  }
  const literals = workspace + ZSTD_LITERALS;
  const status = format == 0
    ? readStream(workspace, at, stop, literals, count)
    : readFourStreams(workspace, at, stop, literals, count);
  if (status < 0) return status;
  store<usize>(workspace, literals, ZSTD_LITERALS_PTR);
  store<i32>(workspace, count, ZSTD_LITERALS_COUNT);
  return <i32>headBytes + <i32>bytes;
}
