import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import type { ColumnPlace } from '../memory/column-layout.js';

// Bitmaps have bit 0 of byte 0 for row 0. `bytes` is the whole memory (core.views.u8), fetched once
// by whoever loops: asking for it costs more than the bit.

/** Bit `bit` of the bitmap at `ptr`. */
export function readBit(bytes: Uint8Array, ptr: number, bit: number): boolean {
  return ((bytes[ptr + (bit >> 3)]! >> (bit & 7)) & 1) === 1;
}

/** Sets or clears one bit of the bitmap at `ptr`. */
export function writeBit(bytes: Uint8Array, ptr: number, bit: number, isSet: boolean): void {
  const at = ptr + (bit >> 3);
  const mask = 1 << (bit & 7);
  bytes[at] = isSet ? bytes[at]! | mask : bytes[at]! & ~mask;
}

/** Sets bits [bitStart, bitStart + count) of the bitmap at `ptr`. */
export function setBits(bytes: Uint8Array, ptr: number, bitStart: number, count: number): void {
  const end = bitStart + count;
  const wholeStart = Math.min(end, (bitStart + 7) & ~7);
  const wholeEnd = Math.max(wholeStart, end & ~7);
  for (let bit = bitStart; bit < wholeStart; bit++) writeBit(bytes, ptr, bit, true);
  bytes.fill(0xff, ptr + (wholeStart >> 3), ptr + (wholeEnd >> 3));
  for (let bit = wholeEnd; bit < end; bit++) writeBit(bytes, ptr, bit, true);
}

/**
 * Copies bits [sourceBit, sourceBit + count) of `source`, inverted if wanted, to bits [bit, ...)
 * of the bitmap at `ptr`. Bits around them stay.
 */
export function copyBits(
  bytes: Uint8Array,
  source: Uint8Array,
  sourceBit: number,
  target: {
    readonly ptr: number;
    readonly bit: number;
    readonly count: number;
    readonly invert: boolean;
  },
): void {
  const { ptr, bit, count, invert } = target;
  const copyOne = (index: number): void => {
    const from = sourceBit + index;
    const isSet = ((source[from >> 3]! >> (from & 7)) & 1) === 1;
    writeBit(bytes, ptr, bit + index, isSet !== invert);
  };
  let index = 0;
  for (; index < count && ((bit + index) & 7) !== 0; index++) copyOne(index);
  const shift = (sourceBit + index) & 7;
  const flip = invert ? 0xff : 0;
  for (; index + 8 <= count; index += 8) {
    const from = (sourceBit + index) >> 3;
    const next = shift === 0 ? 0 : source[from + 1]! << (8 - shift);
    bytes[ptr + ((bit + index) >> 3)] = ((source[from]! >> shift) | next) ^ flip;
  }
  for (; index < count; index++) copyOne(index);
}

/** Runs [start, end) of the rows that stay, ascending, of a run of `rowCount` rows. */
export function keptRuns(
  rowCount: number,
  isKept: (row: number) => boolean,
): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (let row = 0; row < rowCount; row++) {
    if (!isKept(row)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.end === row) last.end = row + 1;
    else runs.push({ start: row, end: row + 1 });
  }
  return runs;
}

/**
 * Moves the rows that stay, of `rowCount` rows from `rowStart` on, together down to rowStart in
 * every column of a slot.
 *
 * @param bitmapPtr room for rowCount + 7 bits
 */
export function compactRows(
  core: Core,
  slot: { readonly ptr: number; readonly columns: readonly ColumnPlace[] },
  rows: { readonly rowStart: number; readonly rowCount: number },
  isKept: (row: number) => boolean,
  bitmapPtr: number,
): void {
  // Bitmaps are cut at bytes only: the rows of the first byte before rowStart go along, and stay.
  const before = rows.rowStart & 7;
  const first = rows.rowStart - before;
  const rowCount = rows.rowCount + before;
  const bytes = core.views.u8;
  core.kernels.fillBytes(bitmapPtr, Math.ceil(rowCount / 8), 0);
  for (let row = 0; row < rows.rowCount; row++) {
    if (!isKept(row)) writeBit(bytes, bitmapPtr, before + row, true);
  }
  const { compactColumn64, compactColumn32, compactColumnBits } = core.kernels;
  for (const { type, nullable, valuesOffset, validityOffset } of slot.columns) {
    const ptr = slot.ptr + valuesOffset;
    const kept =
      type === 'bool'
        ? compactColumnBits(ptr + first / 8, rowCount, bitmapPtr)
        : type === 'int32'
          ? compactColumn32(ptr + first * 4, rowCount, bitmapPtr)
          : compactColumn64(ptr + first * 8, rowCount, bitmapPtr);
    countOf('compactColumn', kept);
    if (!nullable) continue;
    const validityPtr = slot.ptr + validityOffset + first / 8;
    countOf('compactColumnBits', compactColumnBits(validityPtr, rowCount, bitmapPtr));
  }
}
