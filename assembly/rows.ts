// Moving and marking rows of columns. Bitmaps have bit 0 of byte 0 for row 0.
import { STATUS_BAD_ARGUMENT } from "../src/abi/status";
import { setBit } from "./lib/decimal";

// @ts-ignore: decorator
@inline
function bitAt(bitmapPtr: usize, index: i32): u32 {
  return (<u32>load<u8>(bitmapPtr + (index >>> 3)) >> (index & 7)) & 1;
}

/** The first row from `row` on whose bit is set, or rowCount. Reads whole bytes only. */
function nextSet(bitmapPtr: usize, row: i32, rowCount: i32): i32 {
  while (row < rowCount) {
    if ((row & 7) == 0) {
      // Dropped rows are rare: words of kept rows go by at once.
      for (; row + 64 <= rowCount; row += 64) {
        if (load<u64>(bitmapPtr + (row >>> 3)) != 0) break;
      }
      if (row >= rowCount) return rowCount;
    }
    const rest = <u32>load<u8>(bitmapPtr + (row >>> 3)) >> (row & 7);
    if (rest != 0) return min(row + ctz<i32>(rest), rowCount);
    row = (row + 8) & ~7;
  }
  return rowCount;
}

// @ts-ignore: decorator
@inline
function compactColumn<T>(ptr: usize, rowCount: i32, dropBitmapPtr: usize): i32 {
  if (ptr & (sizeof<T>() - 1) || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let kept = nextSet(dropBitmapPtr, 0, rowCount);
  let row = kept;
  while (row < rowCount) {
    // row is dropped; the run of kept rows behind it moves as a whole.
    row++;
    while (row < rowCount && bitAt(dropBitmapPtr, row) != 0) row++;
    const runEnd = nextSet(dropBitmapPtr, row, rowCount);
    const from = ptr + <usize>row * sizeof<T>();
    memory.copy(ptr + <usize>kept * sizeof<T>(), from, <usize>(runEnd - row) * sizeof<T>());
    kept += runEnd - row;
    row = runEnd;
  }
  return kept;
}

/**
 * Removes the rows whose bit is set from a column of 8-byte values, in place; the others keep
 * their order. ptr: 8-byte aligned. dropBitmapPtr: rowCount bits, read only, apart from the
 * column. What stood behind the kept rows is undefined. Returns the number of kept rows, or
 * -STATUS_BAD_ARGUMENT.
 */
export function compactColumn64(ptr: usize, rowCount: i32, dropBitmapPtr: usize): i32 {
  return compactColumn<u64>(ptr, rowCount, dropBitmapPtr);
}

/** As compactColumn64, for 4-byte values (4-byte aligned). */
export function compactColumn32(ptr: usize, rowCount: i32, dropBitmapPtr: usize): i32 {
  return compactColumn<u32>(ptr, rowCount, dropBitmapPtr);
}

/** As compactColumn64, for a column of bits; any alignment. */
export function compactColumnBits(ptr: usize, rowCount: i32, dropBitmapPtr: usize): i32 {
  if (rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let kept = nextSet(dropBitmapPtr, 0, rowCount);
  let row = kept;
  while (row < rowCount) {
    row++;
    while (row < rowCount && bitAt(dropBitmapPtr, row) != 0) row++;
    const runEnd = nextSet(dropBitmapPtr, row, rowCount);
    copyBits(ptr, kept, ptr, row, runEnd - row);
    kept += runEnd - row;
    row = runEnd;
  }
  return kept;
}

/**
 * Copies `count` bits from bit sourceBit of sourcePtr to bit targetBit of targetPtr; the bits
 * around them stay. Reads and writes no byte outside the two ranges, so neighbours may belong to
 * another thread. The ranges may overlap where the target begins before the source.
 * Returns count, or -STATUS_BAD_ARGUMENT.
 */
export function copyBits(
  targetPtr: usize,
  targetBit: i32,
  sourcePtr: usize,
  sourceBit: i32,
  count: i32,
): i32 {
  if (targetBit < 0 || sourceBit < 0 || count < 0) return -STATUS_BAD_ARGUMENT;
  let done = 0;
  // Single bits up to a whole byte of the target, then bytes of 8 bits, then single bits again.
  for (; done < count && ((targetBit + done) & 7) != 0; done++) {
    writeBit(targetPtr, targetBit + done, bitAt(sourcePtr, sourceBit + done));
  }
  const shift = (sourceBit + done) & 7;
  let to = targetPtr + ((targetBit + done) >>> 3);
  let from = sourcePtr + ((sourceBit + done) >>> 3);
  if (shift == 0) {
    const byteCount = <usize>(count - done) >>> 3;
    memory.copy(to, from, byteCount);
    done += <i32>byteCount << 3;
  } else {
    for (; done + 64 <= count; done += 64, to += 8, from += 8) {
      const low = load<u64>(from) >> <u64>shift;
      store<u64>(to, low | ((<u64>load<u8>(from, 8)) << <u64>(64 - shift)));
    }
    for (; done + 8 <= count; done += 8, to++, from++) {
      store<u8>(to, (<u32>load<u16>(from) >> shift) & 255);
    }
  }
  for (; done < count; done++) {
    writeBit(targetPtr, targetBit + done, bitAt(sourcePtr, sourceBit + done));
  }
  return count;
}

// @ts-ignore: decorator
@inline
function writeBit(bitmapPtr: usize, index: i32, bit: u32): void {
  const ptr = bitmapPtr + (index >>> 3);
  const byte = <u32>load<u8>(ptr);
  store<u8>(ptr, (byte & ~(1 << (index & 7))) | (bit << (index & 7)));
}

/** ORs `mask` into rows [rowStart, rowEnd) of an i32 column (4-byte aligned). Returns how many. */
export function orInto32(ptr: usize, rowStart: i32, rowEnd: i32, mask: i32): i32 {
  if (ptr & 3 || rowStart < 0 || rowEnd < rowStart) return -STATUS_BAD_ARGUMENT;
  const masks = i32x4.splat(mask);
  let row = rowStart;
  for (; row + 4 <= rowEnd; row += 4) {
    const at = ptr + (<usize>row << 2);
    v128.store(at, v128.or(v128.load(at), masks));
  }
  for (; row < rowEnd; row++) {
    const at = ptr + (<usize>row << 2);
    store<i32>(at, load<i32>(at) | mask);
  }
  return rowEnd - rowStart;
}

/**
 * The first row of [rowStart, rowEnd) with this price and side, or -1. pricePtr: i64 of row 0,
 * isBidPtr: bits from row 0. Read only, no over-read.
 */
export function matchLevel(
  pricePtr: usize,
  isBidPtr: usize,
  price: i64,
  isBid: i32,
  rowStart: i32,
  rowEnd: i32,
): i32 {
  for (let row = rowStart; row < rowEnd; row++) {
    if (load<i64>(pricePtr + (<usize>row << 3)) != price) continue;
    if (<i32>bitAt(isBidPtr, row) == isBid) return row;
  }
  return -1;
}

/**
 * Sets the bit of each value below 0 (i64, 8-byte aligned, read only); the host clears the bitmap.
 * Returns how many there are, or -STATUS_BAD_ARGUMENT.
 */
export function negativeBitmap(valuesPtr: usize, rowCount: i32, bitmapPtr: usize): i32 {
  if (valuesPtr & 7 || rowCount < 0) return -STATUS_BAD_ARGUMENT;
  let found = 0;
  let row = 0;
  while (row < rowCount) {
    row = skipNonNegative(valuesPtr, row, rowCount);
    const blockEnd = min(row + 8, rowCount);
    for (; row < blockEnd; row++) {
      if (load<i64>(valuesPtr + (<usize>row << 3)) >= 0) continue;
      setBit(bitmapPtr, row);
      found++;
    }
  }
  return found;
}

/** From `row` on, eight values at a time, to a group that holds a negative one or is not whole. */
function skipNonNegative(valuesPtr: usize, row: i32, rowCount: i32): i32 {
  for (; row + 8 <= rowCount; row += 8) {
    const ptr = valuesPtr + (<usize>row << 3);
    const signs = v128.or(
      v128.or(v128.load(ptr), v128.load(ptr, 16)),
      v128.or(v128.load(ptr, 32), v128.load(ptr, 48)),
    );
    if (i64x2.bitmask(signs) != 0) return row;
  }
  return row;
}
