// DELTA_BINARY_PACKED, read in pieces of any length. delta-encode.ts shows the format.
//
// The state is a DELTA_ block (src/abi/column-cursor.ts). Sums wrap at 64 bits; of an INT32 column
// the low 32 bits are the value. DuckDB subtracts values of INT32 as 64 bits wide, so that its deltas
// may have 33: where a delta may be wider than 32, no sum may leave the range of the values.
// Input may be hostile: each miniblock is held against the end of the page before it is read. Up to
// 16 bytes behind that end are read and not used.
import {
  DELTA_AT_FIRST,
  DELTA_BITS,
  DELTA_END,
  DELTA_LAST,
  DELTA_LEFT,
  DELTA_MINIBLOCK,
  DELTA_MINIBLOCKS,
  DELTA_MINIBLOCK_READ,
  DELTA_MINIBLOCK_VALUES,
  DELTA_PTR,
  DELTA_SMALLEST,
  DELTA_WIDTHS_PTR,
} from "../../src/abi/column-cursor";
import { STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";

const VARINT_BYTES_MAX = 10;
/** Writers use 128 to 4,096; beyond this a header is no header. */
const BLOCK_VALUES_MAX: u64 = 1 << 20;
const MINIBLOCKS_MAX: u64 = 1 << 10;

/** Address behind the varint that readVarint read last; 0: it did not end. Per instance. */
let varintEnd: usize = 0;

function readVarint(ptr: usize, end: usize): u64 {
  let value: u64 = 0;
  for (let i: u64 = 0; i < <u64>VARINT_BYTES_MAX && ptr < end; i++) {
    const byte = <u64>load<u8>(ptr++);
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      varintEnd = ptr;
      return value;
    }
  }
  varintEnd = 0;
  return 0;
}

// @ts-ignore: decorator
@inline
function unzigzag(value: u64): i64 {
  return <i64>(value >> 1) ^ -<i64>(value & 1);
}

// @ts-ignore: decorator
@inline
function fits(value: i64, bits: i32): bool {
  return bits == 64 || value == <i64>(<i32>value);
}

/** Bits of what lies between two values of `bits`. */
// @ts-ignore: decorator
@inline
function deltaBitsMax(bits: i32): i32 {
  return min(bits + 1, 64);
}

/**
 * Reads the header; values of more than `bits`, 32 or 64, are refused as far as they show: the first
 * one, and those of wide deltas. Returns 0, -STATUS_TRUNCATED or -STATUS_CORRUPT.
 */
export function deltaBegin(state: usize, ptr: usize, end: usize, bits: i32): i32 {
  const blockValues = readVarint(ptr, end);
  if (varintEnd == 0) return -STATUS_TRUNCATED;
  const miniblocks = readVarint(varintEnd, end);
  if (varintEnd == 0) return -STATUS_TRUNCATED;
  const count = readVarint(varintEnd, end);
  if (varintEnd == 0) return -STATUS_TRUNCATED;
  const first = readVarint(varintEnd, end);
  if (varintEnd == 0) return -STATUS_TRUNCATED;
  if (blockValues == 0 || blockValues > BLOCK_VALUES_MAX) return -STATUS_CORRUPT;
  if (miniblocks == 0 || miniblocks > MINIBLOCKS_MAX || count > <u64>i32.MAX_VALUE) {
    return -STATUS_CORRUPT;
  }
  const miniblockValues = blockValues / miniblocks;
  // Blocks are multiples of 128 and miniblocks of 32 values, so a miniblock is always whole bytes.
  if (miniblockValues * miniblocks != blockValues) return -STATUS_CORRUPT;
  if ((blockValues & 127) != 0 || (miniblockValues & 31) != 0) return -STATUS_CORRUPT;
  if (!fits(unzigzag(first), bits)) return -STATUS_CORRUPT;
  store<i64>(state, unzigzag(first), DELTA_LAST);
  store<i32>(state, <i32>count, DELTA_LEFT);
  store<i32>(state, <i32>miniblocks, DELTA_MINIBLOCKS);
  store<i32>(state, <i32>miniblockValues, DELTA_MINIBLOCK_VALUES);
  store<usize>(state, varintEnd, DELTA_PTR);
  store<usize>(state, end, DELTA_END);
  // As if the last miniblock of a block were through.
  store<i32>(state, <i32>miniblocks - 1, DELTA_MINIBLOCK);
  store<i32>(state, <i32>miniblockValues, DELTA_MINIBLOCK_READ);
  store<i32>(state, 1, DELTA_AT_FIRST);
  store<i32>(state, bits, DELTA_BITS);
  return 0;
}

/** Moves on to the next miniblock. Returns 0, -STATUS_TRUNCATED or -STATUS_CORRUPT. */
function nextMiniblock(state: usize): i32 {
  const bits = load<i32>(state, DELTA_BITS);
  const miniblocks = load<i32>(state, DELTA_MINIBLOCKS);
  const end = load<usize>(state, DELTA_END);
  let index = load<i32>(state, DELTA_MINIBLOCK) + 1;
  let ptr = load<usize>(state, DELTA_PTR);
  if (index == miniblocks) {
    index = 0;
    const smallest = unzigzag(readVarint(ptr, end));
    if (varintEnd == 0) return -STATUS_TRUNCATED;
    if (<usize>miniblocks > end - varintEnd) return -STATUS_TRUNCATED;
    const top = smallest >> <i64>(deltaBitsMax(bits) - 1);
    if (top != 0 && top != -1) return -STATUS_CORRUPT;
    store<i64>(state, smallest, DELTA_SMALLEST);
    store<usize>(state, varintEnd, DELTA_WIDTHS_PTR);
    ptr = varintEnd + <usize>miniblocks;
    store<usize>(state, ptr, DELTA_PTR);
  }
  const width = <i32>load<u8>(load<usize>(state, DELTA_WIDTHS_PTR) + <usize>index);
  if (width > deltaBitsMax(bits)) return -STATUS_CORRUPT;
  const values = min(load<i32>(state, DELTA_LEFT), load<i32>(state, DELTA_MINIBLOCK_VALUES));
  // The last miniblock is padded by most writers, and cut behind its last value by some.
  if (<u64>values * <u64>width > <u64>(end - ptr) << 3) return -STATUS_TRUNCATED;
  store<i32>(state, index, DELTA_MINIBLOCK);
  store<i32>(state, 0, DELTA_MINIBLOCK_READ);
  return 0;
}

/** `count` values as i64 to `out` (8-byte aligned). Returns 0, -STATUS_TRUNCATED, -STATUS_CORRUPT. */
export function deltaReadI64(state: usize, count: i32, out: usize): i32 {
  return read<i64>(state, count, out);
}

/** The same for an INT32 column, as i32 (4-byte aligned). */
export function deltaReadI32(state: usize, count: i32, out: usize): i32 {
  return read<i32>(state, count, out);
}

// @ts-ignore: decorator
@inline
function read<T>(state: usize, count: i32, out: usize): i32 {
  if (count > load<i32>(state, DELTA_LEFT)) return -STATUS_TRUNCATED;
  let left = count;
  if (left > 0 && load<i32>(state, DELTA_AT_FIRST) != 0) {
    store<T>(out, <T>load<i64>(state, DELTA_LAST));
    store<i32>(state, 0, DELTA_AT_FIRST);
    store<i32>(state, load<i32>(state, DELTA_LEFT) - 1, DELTA_LEFT);
    out += sizeof<T>();
    left--;
  }
  while (left > 0) {
    if (load<i32>(state, DELTA_MINIBLOCK_READ) == load<i32>(state, DELTA_MINIBLOCK_VALUES)) {
      const status = nextMiniblock(state);
      if (status != 0) return status;
    }
    const done = load<i32>(state, DELTA_MINIBLOCK_READ);
    const size = load<i32>(state, DELTA_MINIBLOCK_VALUES);
    const taken = min(size - done, left);
    const ptr = load<usize>(state, DELTA_PTR);
    const width = <i32>load<u8>(
      load<usize>(state, DELTA_WIDTHS_PTR) + <usize>load<i32>(state, DELTA_MINIBLOCK),
    );
    const smallest = load<i64>(state, DELTA_SMALLEST);
    let last = load<i64>(state, DELTA_LAST);
    if (sizeof<T>() == 4) {
      const bits = load<i32>(state, DELTA_BITS);
      const isWide = width > bits || !fits(smallest, bits);
      if (isWide && !staysInRange(ptr, width, done, taken, smallest, last)) return -STATUS_CORRUPT;
    }
    last = sum<T>(ptr, width, done, taken, smallest, last, out);
    store<i64>(state, last, DELTA_LAST);
    store<i32>(state, done + taken, DELTA_MINIBLOCK_READ);
    store<i32>(state, load<i32>(state, DELTA_LEFT) - taken, DELTA_LEFT);
    // Behind the last value no more is asked for, so a cut miniblock's end does not matter.
    if (done + taken == size) {
      store<usize>(state, ptr + ((<usize>size * <usize>width) >>> 3), DELTA_PTR);
    }
    out += <usize>taken * sizeof<T>();
    left -= taken;
  }
  return 0;
}

/** Whether sums of deltas that may be wider than 32 bits are values of 32 bits, all of them. */
function staysInRange(
  ptr: usize, width: i32, first: i32, count: i32, smallest: i64, last: i64,
): bool {
  // Deltas of 32 bits, which wrap, may have come before.
  last = <i64>(<i32>last);
  for (let i = first; i < first + count; i++) {
    last += smallest + <i64>deltaAt(ptr, width, i);
    if (!fits(last, 32)) return false;
  }
  return true;
}

/** Number `index` of the values of `width` bits at `ptr`. */
// @ts-ignore: decorator
@inline
function deltaAt(ptr: usize, width: i32, index: i32): u64 {
  if (width == 0) return 0;
  const bit = <u64>index * <u64>width;
  const at = ptr + <usize>(bit >> 3);
  const shift = bit & 7;
  // Two shifts: one by 64 would be one by 0.
  const word = (load<u64>(at) >> shift) | ((<u64>load<u8>(at, 8) << 1) << (63 - shift));
  return word & (~(<u64>0) >> (64 - <u64>width));
}

/** Adds up `count` deltas from number `first` of a miniblock on; returns the last sum. */
// @ts-ignore: decorator
@inline
function sum<T>(
  ptr: usize, width: i32, first: i32, count: i32, smallest: i64, last: i64, out: usize,
): i64 {
  if (width == 0) {
    for (let i = 0; i < count; i++) {
      last += smallest;
      store<T>(out + <usize>i * sizeof<T>(), <T>last);
    }
    return last;
  }
  if (width <= 56) {
    const mask = (<u64>1 << <u64>width) - 1;
    let bit = <u64>first * <u64>width;
    // A value lies within 8 bytes from its first one on.
    for (let i = 0; i < count; i++, bit += <u64>width) {
      const word = load<u64>(ptr + <usize>(bit >> 3)) >> (bit & 7);
      last += smallest + <i64>(word & mask);
      store<T>(out + <usize>i * sizeof<T>(), <T>last);
    }
    return last;
  }
  for (let i = 0; i < count; i++) {
    last += smallest + <i64>deltaAt(ptr, width, first + i);
    store<T>(out + <usize>i * sizeof<T>(), <T>last);
  }
  return last;
}
