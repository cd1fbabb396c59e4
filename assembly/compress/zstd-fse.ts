// zstd's tables of finite state entropy (RFC 8878, section 4.1): a distribution of codes becomes a
// table, of which a state is an index. An entry says what the state stands for and where to go on.
//
//   entry, u64   base value | start of the next state << 32 | its bits << 48 | added bits << 56
//
// States are counted in bytes: 8 for each entry.
//
// Addresses are those of the workspace (src/abi/zstd.ts); nothing else is touched.
import { STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import {
  ZSTD_ADDED_BITS,
  ZSTD_BASES,
  ZSTD_COUNTS,
  ZSTD_COUNTS_BITS,
  ZSTD_COUNTS_SYMBOLS,
  ZSTD_DEFAULT_TABLES,
  ZSTD_LITERAL_LENGTHS,
  ZSTD_MATCH_LENGTHS,
  ZSTD_NEXT,
  ZSTD_OFFSETS,
  ZSTD_USED_TABLES,
  ZSTD_WEIGHTS,
} from "../../src/abi/zstd";

const ENTRY_BYTES: usize = 8;

// @ts-ignore: decorator
@inline
export function nextStateOf(entry: u64): usize {
  return <usize>((entry >> 32) & 0xffff);
}

// @ts-ignore: decorator
@inline
export function stateBitsOf(entry: u64): u64 {
  return (entry >> 48) & 0xff;
}

// @ts-ignore: decorator
@inline
export function addedBitsOf(entry: u64): u64 {
  return entry >> 56;
}

/** Where the table in use of a kind of codes stands. */
// @ts-ignore: decorator
@inline
export function usedTable(workspace: usize, kind: i32): usize {
  return workspace + ZSTD_USED_TABLES + <usize>kind * 512 * ENTRY_BYTES;
}

// @ts-ignore: decorator
@inline
export function defaultTable(workspace: usize, kind: i32): usize {
  return workspace + ZSTD_DEFAULT_TABLES + <usize>kind * 64 * ENTRY_BYTES;
}

/** log2 of the entries of the format's own tables. */
// @ts-ignore: decorator
@inline
export function defaultBits(kind: i32): i32 {
  return kind == ZSTD_OFFSETS ? 5 : 6;
}

/** Fills what stays: what codes stand for, and the format's own tables (RFC 8878, 3.1.1.3.2). */
export function initTables(workspace: usize): void {
  // The numbers of bits of codes 16 to 31 and 32 to 47, four each; those below have none.
  initCodes(workspace, ZSTD_LITERAL_LENGTHS, 0, 0xcba9_8764_3322_1111, 16, 19);
  initCodes(workspace, ZSTD_MATCH_LENGTHS, 3, 0xba98_7544_3322_1111, 32, 36);
  for (let code = 0; code < 64; code++) {
    setCode(workspace, ZSTD_OFFSETS, code, <u32>(<u64>1 << <u64>min(code, 31)), code);
    setCode(workspace, ZSTD_WEIGHTS, code, <u32>code, 0);
  }
  // A count and one in four bits each: 0 stands for "less than one".
  setCounts(workspace, 0, 0x2223_3333_3333_3345);
  setCounts(workspace, 16, 0x2222_2343_3333_3333);
  setCounts(workspace, 32, 0);
  initDefault(workspace, ZSTD_LITERAL_LENGTHS, 36);
  setCounts(workspace, 0, 0x2222_2223_3322_2222);
  setCounts(workspace, 16, 0x2222_2222);
  initDefault(workspace, ZSTD_OFFSETS, 29);
  setCounts(workspace, 0, 0x2222_2223_3333_3452);
  setCounts(workspace, 16, 0x2222_2222_2222_2222);
  setCounts(workspace, 32, 0x0022_2222_2222_2222);
  setCounts(workspace, 48, 0);
  initDefault(workspace, ZSTD_MATCH_LENGTHS, 53);
}

function initDefault(workspace: usize, kind: i32, symbolCount: i32): void {
  store<i32>(workspace, defaultBits(kind), ZSTD_COUNTS_BITS);
  store<i32>(workspace, symbolCount, ZSTD_COUNTS_SYMBOLS);
  makeTable(workspace, kind, defaultTable(workspace, kind));
}

/** Each code begins where the one before it ends. */
function initCodes(
  workspace: usize, kind: i32, first: u32, bits: u64, packedFrom: i32, above: i32,
): void {
  let base = first;
  for (let code = 0; code < 64; code++) {
    let added = 0;
    if (code >= packedFrom + 16) added = code - above;
    else if (code >= packedFrom) added = <i32>((bits >> (<u64>(code - packedFrom) << 2)) & 15);
    setCode(workspace, kind, code, base, added);
    base += 1 << added;
  }
}

function setCode(workspace: usize, kind: i32, code: i32, base: u32, added: i32): void {
  const at = workspace + ((<usize>kind << 8) | (<usize>code << 2));
  store<u32>(at, base, ZSTD_BASES);
  store<i32>(at, added, ZSTD_ADDED_BITS);
}

function setCounts(workspace: usize, from: i32, packed: u64): void {
  for (let i = 0; i < 16; i++, packed >>= 4) {
    store<i16>(workspace + (<usize>(from + i) << 1), <i16>((<i32>packed & 15) - 1), ZSTD_COUNTS);
  }
}

/**
 * Reads a distribution that begins at `at`, of at most 2^bitsMax states and symbols up to symbolMax,
 * to ZSTD_COUNTS. Its bytes, or -STATUS_. Reads up to 16 bytes behind `end`.
 */
export function readCounts(
  workspace: usize, at: usize, end: usize, bitsMax: i32, symbolMax: i32,
): i32 {
  const bits = <i32>(load<u8>(at) & 15) + 5;
  if (at >= end) return -STATUS_TRUNCATED;
  if (bits > bitsMax) return -STATUS_CORRUPT;
  const bitsEnd = <i32>(end - at) << 3;
  let place = 4;
  let left = (1 << bits) + 1;
  let threshold = 1 << bits;
  let width = bits + 1;
  let symbol = 0;
  while (left > 1) {
    if (place > bitsEnd) return -STATUS_TRUNCATED;
    if (symbol > symbolMax) return -STATUS_CORRUPT;
    const word = load<u32>(at + (<usize>place >> 3)) >>> (place & 7);
    // Values below `short` have a bit less.
    const short = 2 * threshold - 1 - left;
    let value = <i32>(word & (threshold - 1));
    if (value < short) {
      place += width - 1;
    } else {
      value = <i32>(word & (2 * threshold - 1));
      if (value >= threshold) value -= short;
      place += width;
    }
    const count = value - 1;
    left -= count < 0 ? -count : count;
    if (left < 1) return -STATUS_CORRUPT;
    store<i16>(workspace + (<usize>symbol << 1), <i16>count, ZSTD_COUNTS);
    symbol++;
    while (left < threshold) {
      width--;
      threshold >>= 1;
    }
    if (count != 0) continue;
    // How many more symbols do not occur: two bits at a time, 3 of them meaning that more follow.
    let more = 3;
    while (more == 3) {
      if (place > bitsEnd) return -STATUS_TRUNCATED;
      more = <i32>(load<u16>(at + (<usize>place >> 3)) >>> (place & 7)) & 3;
      place += 2;
      if (symbol + more > symbolMax + 1) return -STATUS_CORRUPT;
      for (let i = 0; i < more; i++, symbol++) {
        store<i16>(workspace + (<usize>symbol << 1), 0, ZSTD_COUNTS);
      }
    }
  }
  if (place > bitsEnd) return -STATUS_TRUNCATED;
  store<i32>(workspace, bits, ZSTD_COUNTS_BITS);
  store<i32>(workspace, symbol, ZSTD_COUNTS_SYMBOLS);
  return (place + 7) >> 3;
}

/** Makes the table of the distribution in ZSTD_COUNTS. */
export function makeTable(workspace: usize, kind: i32, table: usize): void {
  const bits = load<i32>(workspace, ZSTD_COUNTS_BITS);
  const symbolCount = load<i32>(workspace, ZSTD_COUNTS_SYMBOLS);
  const size = 1 << bits;
  spread(workspace, table, size, symbolCount);
  const codes = workspace + (<usize>kind << 8);
  for (let state = 0; state < size; state++) {
    const at = table + (<usize>state << 3);
    const symbol = <usize>load<u8>(at);
    const nextAt = workspace + (symbol << 1);
    const next = <i32>load<u16>(nextAt, ZSTD_NEXT);
    store<u16>(nextAt, <u16>(next + 1), ZSTD_NEXT);
    const stateBits = bits - 31 + <i32>clz<u32>(<u32>next);
    const start = ((next << stateBits) - size) << 3;
    const code = codes + (symbol << 2);
    store<u32>(at, load<u32>(code, ZSTD_BASES));
    store<u16>(at, <u16>start, 4);
    store<u8>(at, <u8>stateBits, 6);
    store<u8>(at, load<u8>(code, ZSTD_ADDED_BITS), 7);
  }
}

/** Gives each state its symbol: rare ones at the end, the others as often as they count. */
function spread(workspace: usize, table: usize, size: i32, symbolCount: i32): void {
  let last = size - 1;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const count = <i32>load<i16>(workspace + (<usize>symbol << 1), ZSTD_COUNTS);
    store<u16>(workspace + (<usize>symbol << 1), <u16>(count < 0 ? 1 : count), ZSTD_NEXT);
    if (count < 0) store<u8>(table + (<usize>(last--) << 3), <u8>symbol);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const count = <i32>load<i16>(workspace + (<usize>symbol << 1), ZSTD_COUNTS);
    for (let i = 0; i < count; i++) {
      store<u8>(table + (<usize>place << 3), <u8>symbol);
      do place = (place + step) & (size - 1); while (place > last);
    }
  }
}

/** A table of one state that stands for one code: it takes no bits. */
export function makeSingle(workspace: usize, kind: i32, table: usize, symbol: usize): void {
  const code = workspace + ((<usize>kind << 8) | (symbol << 2));
  store<u64>(table, <u64>load<u32>(code, ZSTD_BASES) | (<u64>load<u8>(code, ZSTD_ADDED_BITS) << 56));
}
