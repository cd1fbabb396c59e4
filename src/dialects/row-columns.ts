import type { Core } from '../core/core.js';
import type { ColumnPlace } from '../memory/column-layout.js';

/**
 * Copies bits [sourceBit, sourceBit + count) of `source`, inverted if wanted, to bits [bit, ...)
 * of the bitmap at `ptr`. Bits around them stay.
 */
export function copyBits(
  core: Core,
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
    writeBit(core, ptr, bit + index, isSet !== invert);
  };
  let index = 0;
  for (; index < count && ((bit + index) & 7) !== 0; index++) copyOne(index);
  const bytes = core.views.u8;
  const shift = (sourceBit + index) & 7;
  const flip = invert ? 0xff : 0;
  for (; index + 8 <= count; index += 8) {
    const from = (sourceBit + index) >> 3;
    const next = shift === 0 ? 0 : source[from + 1]! << (8 - shift);
    bytes[ptr + ((bit + index) >> 3)] = ((source[from]! >> shift) | next) ^ flip;
  }
  for (; index < count; index++) copyOne(index);
}

/** Sets or clears one bit of the bitmap at `ptr`. */
export function writeBit(core: Core, ptr: number, bit: number, isSet: boolean): void {
  const bytes = core.views.u8;
  const at = ptr + (bit >> 3);
  const mask = 1 << (bit & 7);
  bytes[at] = isSet ? bytes[at]! | mask : bytes[at]! & ~mask;
}

export function readBit(core: Core, ptr: number, bit: number): boolean {
  return ((core.views.u8[ptr + (bit >> 3)]! >> (bit & 7)) & 1) === 1;
}

/** Sets bits [bitStart, bitStart + count) of the bitmap at `ptr`. */
export function setBits(core: Core, ptr: number, bitStart: number, count: number): void {
  for (let bit = bitStart; bit < bitStart + count; bit++) writeBit(core, ptr, bit, true);
}

/** Runs [start, end) of rows that stay, ascending, of a run of `rowCount` rows. */
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

/** Moves the rows of `runs` (relative to rowStart) together, down to rowStart, in every column. */
export function compactRows(
  core: Core,
  slotPtr: number,
  columns: readonly ColumnPlace[],
  rowStart: number,
  runs: readonly { readonly start: number; readonly end: number }[],
): void {
  for (const column of columns) {
    const ptr = slotPtr + column.valuesOffset;
    if (column.type === 'bool') compactBits(core, ptr, rowStart, runs);
    else if (column.type === 'int32') compactWords(core.views.i32, ptr / 4, rowStart, runs);
    else compactWords(core.views.i64, ptr / 8, rowStart, runs);
    if (!column.nullable) continue;
    compactBits(core, slotPtr + column.validityOffset, rowStart, runs);
  }
}

function compactWords(
  words: Int32Array | BigInt64Array,
  base: number,
  rowStart: number,
  runs: readonly { readonly start: number; readonly end: number }[],
): void {
  let to = base + rowStart;
  for (const { start, end } of runs) {
    const from = base + rowStart + start;
    if (from !== to) words.copyWithin(to, from, from + end - start);
    to += end - start;
  }
}

function compactBits(
  core: Core,
  ptr: number,
  rowStart: number,
  runs: readonly { readonly start: number; readonly end: number }[],
): void {
  let to = rowStart;
  for (const { start, end } of runs) {
    for (let row = rowStart + start; row < rowStart + end; row++, to++) {
      writeBit(core, ptr, to, readBit(core, ptr, row));
    }
  }
}
