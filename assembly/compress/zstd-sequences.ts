// The sequences of a block of zstd (RFC 8878, sections 3.1.1.3.2 and 3.1.1.4): so many literals, then a
// match, so many bytes from so far back. Three kinds of codes come from one stream of bits, read from
// its end; a state of each says which code is next.
import { STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import {
  ZSTD_COUNTS_BITS,
  ZSTD_LITERAL_LENGTHS,
  ZSTD_LITERALS_COUNT,
  ZSTD_LITERALS_PTR,
  ZSTD_MATCH_LENGTHS,
  ZSTD_OFFSETS,
  ZSTD_RECENT_OFFSETS,
  ZSTD_PLACE,
  ZSTD_SEQUENCES,
  ZSTD_SEQUENCES_MAX,
  ZSTD_STATES,
  ZSTD_TABLE_BITS,
  ZSTD_USED_TABLES,
} from "../../src/abi/zstd";
import { copyApart, copyPattern } from "./wild-copy";
import { bitsBefore, highest, placeOfEnd } from "./zstd-bits";
import {
  addedBitsOf,
  defaultBits,
  defaultTable,
  makeSingle,
  makeTable,
  nextStateOf,
  readCounts,
  stateBitsOf,
  usedTable,
} from "./zstd-fse";

/** Where a kind of codes has its table: of the format, one code alone, its own, that of the last block. */
const MODE_DEFAULT = 0;
const MODE_SINGLE = 1;
const MODE_OWN = 2;

// Where the tables of each kind stand.
const LENGTHS_TABLE: usize = ZSTD_USED_TABLES + 4_096 * ZSTD_LITERAL_LENGTHS;
const OFFSETS_TABLE: usize = ZSTD_USED_TABLES + 4_096 * ZSTD_OFFSETS;
const MATCHES_TABLE: usize = ZSTD_USED_TABLES + 4_096 * ZSTD_MATCH_LENGTHS;

/**
 * Makes a block's bytes at `out` of its literals and the sequences in [at, end). Matches may go back to
 * frameStart. The end of the bytes made, or -STATUS_.
 */
export function sequences(
  workspace: usize, at: usize, end: usize, out: usize, outEnd: usize, frameStart: usize,
): i64 {
  if (at >= end) return -STATUS_TRUNCATED;
  let count = <i32>load<u8>(at++);
  if (count >= 128) {
    const bytes: usize = count == 255 ? 2 : 1;
    if (at + bytes > end) return -STATUS_TRUNCATED;
    count = count == 255 ? <i32>load<u16>(at) + 0x7f00 : ((count - 128) << 8) + <i32>load<u8>(at);
    at += bytes;
  }
  if (count == 0) {
    return at == end ? lastLiterals(workspace, out, outEnd) : -STATUS_CORRUPT;
  }
  if (at >= end) return -STATUS_TRUNCATED;
  const modes = <i32>load<u8>(at++);
  if ((modes & 3) != 0) return -STATUS_CORRUPT;
  let bytes = takeTable(workspace, ZSTD_LITERAL_LENGTHS, modes >> 6, at, end);
  if (bytes < 0) return bytes;
  at += <usize>bytes;
  bytes = takeTable(workspace, ZSTD_OFFSETS, (modes >> 4) & 3, at, end);
  if (bytes < 0) return bytes;
  at += <usize>bytes;
  bytes = takeTable(workspace, ZSTD_MATCH_LENGTHS, (modes >> 2) & 3, at, end);
  if (bytes < 0) return bytes;
  return execute(workspace, count, at + <usize>bytes, end, out, outEnd, frameStart);
}

/** Gets the table of a kind of codes ready. Bytes of its description, or -STATUS_. */
function takeTable(workspace: usize, kind: i32, mode: i32, at: usize, end: usize): i32 {
  const bitsField = workspace + (<usize>kind << 2);
  const table = usedTable(workspace, kind);
  const isOffsets = kind == ZSTD_OFFSETS;
  const symbolMax = isOffsets ? 31 : kind == ZSTD_MATCH_LENGTHS ? 52 : 35;
  if (mode == MODE_DEFAULT) {
    const bits = defaultBits(kind);
    memory.copy(table, defaultTable(workspace, kind), <usize>8 << <usize>bits);
    store<i32>(bitsField, bits, ZSTD_TABLE_BITS);
    return 0;
  }
  if (mode == MODE_SINGLE) {
    if (at >= end) return -STATUS_TRUNCATED;
    const symbol = <usize>load<u8>(at);
    if (symbol > <usize>symbolMax) return -STATUS_CORRUPT;
    makeSingle(workspace, kind, table, symbol);
    store<i32>(bitsField, 0, ZSTD_TABLE_BITS);
    return 1;
  }
  if (mode == MODE_OWN) {
    const bytes = readCounts(workspace, at, end, isOffsets ? 8 : 9, symbolMax);
    if (bytes < 0) return bytes;
    makeTable(workspace, kind, table);
    store<i32>(bitsField, load<i32>(workspace, ZSTD_COUNTS_BITS), ZSTD_TABLE_BITS);
    return bytes;
  }
  return load<i32>(bitsField, ZSTD_TABLE_BITS) >= 0 ? 0 : -STATUS_CORRUPT;
}

/** Makes the bytes of `count` sequences, some at a time; where they end, or -STATUS_. */
function execute(
  workspace: usize, count: i32, start: usize, end: usize, out: usize, outEnd: usize, frameStart: usize,
): i64 {
  if (!begin(workspace, start, end)) return -STATUS_CORRUPT;
  while (count > 0) {
    const some = min(count, ZSTD_SEQUENCES_MAX);
    if (!decode(workspace, start, some, some == count)) return -STATUS_CORRUPT;
    out = copy(workspace, some, out, outEnd, frameStart);
    if (out == 0) return -STATUS_CORRUPT;
    count -= some;
  }
  if (load<i32>(workspace, ZSTD_PLACE) != 0) return -STATUS_CORRUPT;
  return lastLiterals(workspace, out, outEnd);
}

/** Reads the first state of each kind; false: there are not as many bits. */
function begin(workspace: usize, start: usize, end: usize): bool {
  let place = placeOfEnd(start, end);
  for (let kind = ZSTD_LITERAL_LENGTHS; kind <= ZSTD_MATCH_LENGTHS; kind++) {
    const at = workspace + (<usize>kind << 2);
    const bits = load<i32>(at, ZSTD_TABLE_BITS);
    if (place < bits) return false;
    store<u32>(at, <u32>highest(bitsBefore(start, place), <u64>bits) << 3, ZSTD_STATES);
    place -= bits;
  }
  store<i32>(workspace, place, ZSTD_PLACE);
  return true;
}

/**
 * Decodes `count` sequences to ZSTD_SEQUENCES; behind the last one of the block there are no bits for
 * new states. False: there are not as many bits.
 */
function decode(workspace: usize, start: usize, count: i32, isLast: bool): bool {
  let lengths = load<usize>(workspace, ZSTD_STATES + 4 * ZSTD_LITERAL_LENGTHS);
  let offsets = load<usize>(workspace, ZSTD_STATES + 4 * ZSTD_OFFSETS);
  let matches = load<usize>(workspace, ZSTD_STATES + 4 * ZSTD_MATCH_LENGTHS);
  let recent0 = load<u32>(workspace, ZSTD_RECENT_OFFSETS);
  let recent1 = load<u32>(workspace, ZSTD_RECENT_OFFSETS + 4);
  let recent2 = load<u32>(workspace, ZSTD_RECENT_OFFSETS + 8);
  // The 8 bytes that hold the next bits, and how many of those are used up.
  let place = load<i32>(workspace, ZSTD_PLACE);
  let at = start + <usize>((place + 7) >> 3) - 8;
  let used = <u64>((8 - place) & 7);
  let to = workspace + ZSTD_SEQUENCES;
  let left = count;
  while (true) {
    const lengthEntry = load<u64>(workspace + lengths, LENGTHS_TABLE);
    const matchEntry = load<u64>(workspace + matches, MATCHES_TABLE);
    const offsetEntry = load<u64>(workspace + offsets, OFFSETS_TABLE);
    const offsetAdded = addedBitsOf(offsetEntry);
    let bits = load<u64>(at) << used;
    const offsetValue = <u32>offsetEntry + <u32>highest(bits, offsetAdded);
    bits <<= offsetAdded;
    used += offsetAdded;
    let length = <u32>lengthEntry;
    let match = <u32>matchEntry;
    if ((lengthEntry | matchEntry) >> 56 != 0) {
      // Long ones: together they may have more bits than were loaded.
      const matchAdded = addedBitsOf(matchEntry);
      const lengthAdded = addedBitsOf(lengthEntry);
      match += <u32>highest(bits, matchAdded);
      used += matchAdded;
      at -= <usize>(used >> 3);
      used &= 7;
      if (<isize>(at + 8 - start) < 0) return false;
      length += <u32>highest(load<u64>(at) << used, lengthAdded);
      used += lengthAdded;
      at -= <usize>(used >> 3);
      used &= 7;
      if (<isize>(at + 8 - start) < 0) return false;
      bits = load<u64>(at) << used;
    }
    store<u32>(to, length);
    store<u32>(to, match, 4);
    let offset = offsetValue - 3;
    if (offsetValue > 3) {
      recent2 = recent1;
      recent1 = recent0;
      recent0 = offset;
    } else {
      // One of the recent offsets; without literals the next one, or a byte less than the latest.
      const which = offsetValue + u32(length == 0);
      offset = which == 1 ? recent0 : which == 2 ? recent1 : which == 3 ? recent2 : recent0 - 1;
      if (which > 2) recent2 = recent1;
      if (which > 1) recent1 = recent0;
      recent0 = offset;
    }
    store<u32>(to, offset, 8);
    to += 16;
    if (--left == 0 && isLast) break;
    const matchBits = stateBitsOf(matchEntry);
    const offsetBits = stateBitsOf(offsetEntry);
    const stateBits = stateBitsOf(lengthEntry) + matchBits + offsetBits;
    const next = highest(bits, stateBits);
    lengths = nextStateOf(lengthEntry) + (<usize>(next >> (matchBits + offsetBits)) << 3);
    matches = nextStateOf(matchEntry) + (<usize>lowest(next >> offsetBits, matchBits) << 3);
    offsets = nextStateOf(offsetEntry) + (<usize>lowest(next, offsetBits) << 3);
    used += stateBits;
    at -= <usize>(used >> 3);
    used &= 7;
    if (<isize>(at + 8 - start) < 0) return false;
    if (left == 0) break;
  }
  place = <i32>((at + 8 - start) << 3) - <i32>used;
  if (place < 0) return false;
  store<usize>(workspace, lengths, ZSTD_STATES + 4 * ZSTD_LITERAL_LENGTHS);
  store<usize>(workspace, offsets, ZSTD_STATES + 4 * ZSTD_OFFSETS);
  store<usize>(workspace, matches, ZSTD_STATES + 4 * ZSTD_MATCH_LENGTHS);
  store<u32>(workspace, recent0, ZSTD_RECENT_OFFSETS);
  store<u32>(workspace, recent1, ZSTD_RECENT_OFFSETS + 4);
  store<u32>(workspace, recent2, ZSTD_RECENT_OFFSETS + 8);
  store<i32>(workspace, place, ZSTD_PLACE);
  return true;
}

/** Copies literals and matches of decoded sequences; where they end. 0: one cannot be. */
function copy(
  workspace: usize, count: i32, out: usize, outEnd: usize, frameStart: usize,
): usize {
  let literals = load<usize>(workspace, ZSTD_LITERALS_PTR);
  const literalsEnd = literals + <usize>load<i32>(workspace, ZSTD_LITERALS_COUNT);
  let at = workspace + ZSTD_SEQUENCES;
  for (const stop = at + (<usize>count << 4); at < stop; at += 16) {
    const length = <usize>load<u32>(at);
    const match = <usize>load<u32>(at, 4);
    const offset = <usize>load<u32>(at, 8);
    if (length > literalsEnd - literals || length + match > outEnd - out) return 0;
    if (length > 16) copyApart(out, literals, length);
    else v128.store(out, v128.load(literals));
    literals += length;
    out += length;
    // Offset 0 is above as well.
    if (offset - 1 >= out - frameStart) return 0;
    copyMatch(out, offset, match);
    out += match;
  }
  store<usize>(workspace, literals, ZSTD_LITERALS_PTR);
  store<i32>(workspace, <i32>(literalsEnd - literals), ZSTD_LITERALS_COUNT);
  return out;
}

// @ts-ignore: decorator
@inline
function lowest(word: u64, count: u64): u64 {
  return word & ((<u64>1 << count) - 1);
}

/** `length` bytes (3 or more) that begin `offset` bytes before, in steps that offsets from 8 on allow. */
// @ts-ignore: decorator
@inline
function copyMatch(to: usize, offset: usize, length: usize): void {
  if (offset < 8) return copyPattern(to, offset, <u32>length);
  let from = to - offset;
  const end = to + length;
  do {
    store<u64>(to, load<u64>(from));
    store<u64>(to, load<u64>(from, 8), 8);
    to += 16;
    from += 16;
  } while (to < end);
}

/** The literals that are left; where they end. */
function lastLiterals(workspace: usize, out: usize, outEnd: usize): i64 {
  const left = <usize>load<i32>(workspace, ZSTD_LITERALS_COUNT);
  if (left > outEnd - out) return -STATUS_CORRUPT;
  if (left > 0) copyApart(out, load<usize>(workspace, ZSTD_LITERALS_PTR), left);
  return <i64>(out + left);
}
