import type { Core } from '../core/core.js';
import { scaleTexts } from '../core/decimal-text.js';
import { rescalePips, scaleDecimals, widenInt32 } from '../core/rescale.js';
import { scaleDoubles, scaleFloats } from '../core/scale.js';
import { invariant } from '../errors/errors.js';
import type { SourceColumn } from '../parquet/reader.js';
import {
  type Decimal,
  decimalOfDouble,
  decimalOfText,
  scaleMaxOf,
  textOfDecimal,
} from '../units/decimal.js';
import { copyValues } from './copy-integers.js';
import { float32Decimal, integerAt, isPresent, textAt } from './source-values.js';

/** Rows [start, start + count) of a source column. */
export interface RowRun {
  readonly start: number;
  readonly count: number;
}

/** Memory for one conversion; nothing in it outlives the call. */
export interface ScaleScratch {
  /** 8-byte aligned. */
  readonly ptr: number;
  readonly byteLength: number;
}

/** A longer text is no price; it is refused instead of making room for it. */
const TEXT_BYTES_MAX = 1_024;

/**
 * How many rows from `run.start` on fit into the scratch: all of them but for long texts.
 * Types that are converted where they end up need none.
 */
export function rowsThatFit(column: SourceColumn, run: RowRun, scratch: ScaleScratch): number {
  const { type } = column.info;
  if (type === 'decimal128') return Math.min(run.count, Math.floor(scratch.byteLength / 16));
  if (type === 'float') return Math.min(run.count, Math.floor(scratch.byteLength / 4));
  if (type !== 'utf8' || liesInCore(column)) return run.count;
  const offsets = column.offsets!;
  let byteLength = 8;
  for (let row = 0; row < run.count; row++) {
    const at = run.start + row;
    byteLength += 4 + Math.min(offsets[at + 1]! - offsets[at]!, TEXT_BYTES_MAX);
    if (byteLength > scratch.byteLength) return row;
  }
  return run.count;
}

/** Whether a column's texts lie in the memory of the core, their offsets with them. */
export function liesInCore(column: SourceColumn): column is SourceColumn & { valuesPtr: number } {
  return column.info.type === 'utf8' && column.valuesPtr !== null;
}

/**
 * Turns rows of a price or quantity column, of whatever type, into int64 pips at `outPtr`.
 *
 * @param integerScale decimals that integers have already (0 for plain integers)
 * @param badBitmapPtr bitmap of the run's rows, cleared by the caller; bits of bad rows are set,
 *   those of nulls too where their bytes are no number
 * @returns how many rows are bad
 */
export function scaleColumn(
  core: Core,
  column: SourceColumn,
  run: RowRun,
  target: {
    readonly scale: number;
    readonly integerScale: number;
    readonly outPtr: number;
    readonly badBitmapPtr: number;
    readonly scratch: ScaleScratch;
  },
): number {
  const { scale, integerScale, outPtr, badBitmapPtr, scratch } = target;
  const { count } = run;
  const copy = (ptr: number, width: number): void => copyValues(core, column, run, width, ptr);
  switch (column.info.type) {
    case 'double':
      copy(outPtr, 8);
      return scaleDoubles(core, outPtr, count, scale, badBitmapPtr);
    case 'float':
      copy(scratch.ptr, 4);
      return scaleFloats(core, scratch.ptr, count, scale, outPtr, badBitmapPtr);
    case 'int32':
    case 'int64': {
      copy(outPtr, column.info.type === 'int32' ? 4 : 8);
      if (column.info.type === 'int32') widenInt32(core, outPtr, count, outPtr);
      if (integerScale === scale) return 0;
      const values = { valuesPtr: outPtr, rowCount: count };
      return rescalePips(core, values, { from: integerScale, to: scale }, badBitmapPtr);
    }
    case 'decimal128': {
      copy(scratch.ptr, 16);
      const { decimals } = column.info;
      const values = { valuesPtr: scratch.ptr, rowCount: count, decimals };
      return scaleDecimals(core, values, { scale, outPtr, badBitmapPtr });
    }
    case 'utf8': {
      const texts = copyTexts(core, column, run, scratch);
      return scaleTexts(core, texts, { scale, outPtr, badBitmapPtr });
    }
    default:
      invariant(false, `column ${column.info.name} of type ${column.info.type} was planned`);
  }
}

/** Lays the texts of a run into the scratch as a column of their own. */
export function copyTexts(
  core: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  scratch: ScaleScratch,
): { textPtr: number; offsetsPtr: number; rowCount: number } {
  const offsets = column.offsets!;
  if (liesInCore(column)) {
    // No texts need to move; byteOffset is the address, as the views are of the core's memory.
    const offsetsPtr = offsets.byteOffset + start * 4;
    return { textPtr: column.valuesPtr, offsetsPtr, rowCount: count };
  }
  const offsetsPtr = scratch.ptr;
  const textPtr = offsetsPtr + (count + 1) * 4;
  const { u8, i32 } = core.views;
  const base = offsetsPtr / 4;
  const first = offsets[start]!;
  const byteLength = offsets[start + count]! - first;
  i32[base] = 0;
  // The usual case is one copy; long texts are left out one by one.
  if (textPtr + byteLength <= scratch.ptr + scratch.byteLength) {
    u8.set(column.values.subarray(first, first + byteLength), textPtr);
    for (let row = 1; row <= count; row++) i32[base + row] = offsets[start + row]! - first;
    return { textPtr, offsetsPtr, rowCount: count };
  }
  let at = 0;
  for (let row = 0; row < count; row++) {
    const from = offsets[start + row]!;
    const end = offsets[start + row + 1]!;
    if (end - from <= TEXT_BYTES_MAX) {
      u8.set(column.values.subarray(from, end), textPtr + at);
      at += end - from;
    }
    i32[base + row + 1] = at;
  }
  return { textPtr, offsetsPtr, rowCount: count };
}

/** What a value that has no pips at a scale is. */
export type NumberKind =
  | { readonly kind: 'null' | 'not_finite' | 'not_number' | 'negative' }
  /** Too many decimals or too large; `scaleNeeded` null: no scale holds it. */
  | { readonly kind: 'scale'; readonly text: string; readonly scaleNeeded: number | null };

/** Looks at one bad value again, row by row: why it is bad. */
export function classifyNumber(
  column: SourceColumn,
  row: number,
  scale: number,
  integerScale: number,
): NumberKind {
  if (!isPresent(column, row)) return { kind: 'null' };
  const value = decimalAt(column, row, integerScale);
  if (value === 'not_finite' || value === 'not_number') return { kind: value };
  if (value.digits < 0n) return { kind: 'negative' };
  const scaleMax = scaleMaxOf(value);
  const text = textOfDecimal(value);
  if (value.decimals > scaleMax) return { kind: 'scale', text, scaleNeeded: null };
  const scaleNeeded = value.decimals > scale ? value.decimals : scaleMax;
  return { kind: 'scale', text, scaleNeeded };
}

/** The exact decimal of one value that is there. */
export function decimalAt(
  column: SourceColumn,
  row: number,
  integerScale: number,
): Decimal | 'not_finite' | 'not_number' {
  const { values, info } = column;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  switch (info.type) {
    case 'double':
      return decimalOfDouble(view.getFloat64(row * 8, true)) ?? 'not_finite';
    case 'float':
      return decimalOfDouble(float32Decimal(view.getFloat32(row * 4, true))) ?? 'not_finite';
    case 'decimal128': {
      const high = view.getBigInt64(row * 16 + 8, true);
      return reduced((high << 64n) | view.getBigUint64(row * 16, true), info.decimals);
    }
    case 'utf8': {
      const text = textAt(column, row);
      const isNotFinite = /^[+-]?(?:nan|inf|infinity)$/i.test(text);
      return decimalOfText(text) ?? (isNotFinite ? 'not_finite' : 'not_number');
    }
    default:
      return reduced(integerAt(column, row), integerScale);
  }
}

/** digits / 10^decimals without trailing zeros. */
function reduced(digits: bigint, decimals: number): Decimal {
  if (digits === 0n) return { digits, decimals: 0 };
  let [rest, left] = [digits, decimals];
  while (left > 0 && rest % 10n === 0n) {
    rest /= 10n;
    left--;
  }
  return { digits: rest, decimals: left };
}
