import { DECIMALS_BYTES, DECIMALS_MAX, DECIMALS_MAX_ABS } from '../abi/scale.js';
import { decimalOfDouble, pipsOfDecimal, scaleMaxOf, textOfDecimal } from '../units/decimal.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signatures of assembly/scale.ts. */
export interface ScaleKernels {
  /** f64 to i64 pips in place; returns how many are bad. See {@link scaleDoubles}. */
  scaleF64(valuesPtr: number, rowCount: number, scale: number, badBitmapPtr: number): number;
  /** f32 to i64 pips, out of place; returns how many are bad. See {@link scaleFloats}. */
  scaleF32(
    valuesPtr: number,
    rowCount: number,
    scale: number,
    outPtr: number,
    badBitmapPtr: number,
  ): number;
  /** Adds a column's decimals and magnitude to a block; see {@link doublesRange}. */
  f64Decimals(valuesPtr: number, rowCount: number, outPtr: number): number;
}

/**
 * Turns `rowCount` doubles at `valuesPtr` (8-byte aligned) into int64 pips where they lie.
 *
 * A value is accepted only if the integer is provably the decimal that the double stands for; a
 * bad one (more decimals than `scale`, outside int64, not finite) keeps its bits, and its bit in
 * the bitmap is set. The kernel only sets bits: the caller clears the `ceil(rowCount / 8)` bytes.
 * {@link doubleProblem} says what is wrong with a value.
 * @param scale decimals of the pips, 0 to 18
 * @returns how many values are bad
 */
export function scaleDoubles(
  core: Core,
  valuesPtr: number,
  rowCount: number,
  scale: number,
  badBitmapPtr: number,
): number {
  return countOf('scaleF64', core.kernels.scaleF64(valuesPtr, rowCount, scale, badBitmapPtr));
}

/**
 * Turns floats at `valuesPtr` into int64 pips at `outPtr`, which lies apart. A float is taken as
 * the shortest text that reads back as that *float* (0.1f is 0.1, not 0.10000000149011612).
 * A bad value gives 0 pips and a bit. Otherwise as {@link scaleDoubles}.
 */
export function scaleFloats(
  core: Core,
  valuesPtr: number,
  rowCount: number,
  scale: number,
  outPtr: number,
  badBitmapPtr: number,
): number {
  const { kernels } = core;
  return countOf('scaleF32', kernels.scaleF32(valuesPtr, rowCount, scale, outPtr, badBitmapPtr));
}

/** What a column's values ask of a scale. */
export interface ScaleRange {
  /** The most decimals that any value needs; 19 stands for "more than 18". */
  readonly decimals: number;
  /** The largest scale, at most 18, at which every value fits int64; -1: not even scale 0. */
  readonly scaleMax: number;
}

/** Widens one range by another; the neutral start is `{ decimals: 0, scaleMax: 18 }`. */
export function mergeRanges(a: ScaleRange, b: ScaleRange): ScaleRange {
  return {
    decimals: Math.max(a.decimals, b.decimals),
    scaleMax: Math.min(a.scaleMax, b.scaleMax),
  };
}

/**
 * `wanted` (8 unless said) if it holds all values, else the smallest scale that does.
 * @returns null when no scale does
 */
export function chooseScale({ decimals, scaleMax }: ScaleRange, wanted = 8): number | null {
  if (decimals <= wanted && wanted <= scaleMax) return wanted;
  return decimals <= scaleMax ? decimals : null;
}

/**
 * The {@link ScaleRange} of `rowCount` doubles at `valuesPtr` (8-byte aligned, not changed). NaN
 * and infinities are passed over.
 * @param scratchPtr DECIMALS_BYTES (16) of the memory, 8-byte aligned, that the call may overwrite
 */
export function doublesRange(
  core: Core,
  valuesPtr: number,
  rowCount: number,
  scratchPtr: number,
): ScaleRange {
  core.views.bytes(scratchPtr, DECIMALS_BYTES).fill(0);
  countOf('f64Decimals', core.kernels.f64Decimals(valuesPtr, rowCount, scratchPtr));
  const largest = core.views.f64[(scratchPtr + DECIMALS_MAX_ABS) / 8]!;
  return {
    decimals: core.views.i32[(scratchPtr + DECIMALS_MAX) / 4]!,
    scaleMax: scaleMaxOf(decimalOfDouble(largest)!),
  };
}

/** Why a double has no pips at some scale. */
export type ScaleProblem =
  | { readonly kind: 'not_finite' }
  /** The value needs more decimals than the scale has. */
  | { readonly kind: 'decimals'; readonly text: string; readonly decimals: number }
  /** The value does not fit int64 at this scale; `scaleMax` is the largest that holds it, or -1. */
  | { readonly kind: 'overflow'; readonly text: string; readonly scaleMax: number };

/** Says for one double what {@link scaleDoubles} found bad; null when it is good. */
export function doubleProblem(value: number, scale: number): ScaleProblem | null {
  const decimal = decimalOfDouble(value);
  if (decimal === null) return { kind: 'not_finite' };
  if (pipsOfDecimal(decimal, scale) !== null) return null;
  const text = textOfDecimal(decimal);
  if (decimal.decimals > scale) return { kind: 'decimals', text, decimals: decimal.decimals };
  return { kind: 'overflow', text, scaleMax: scaleMaxOf(decimal) };
}
