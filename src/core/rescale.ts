import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signatures of assembly/rescale.ts. */
export interface RescaleKernels {
  decimal128ToPips(
    valuesPtr: number,
    rowCount: number,
    decimals: number,
    scale: number,
    outPtr: number,
    badBitmapPtr: number,
  ): number;
  int64Rescale(
    valuesPtr: number,
    rowCount: number,
    scaleFrom: number,
    scaleTo: number,
    badBitmapPtr: number,
  ): number;
  int32ToInt64(valuesPtr: number, rowCount: number, outPtr: number): number;
}

/**
 * Turns 128-bit decimals (`decimals` 0 to 38; 16-byte little-endian two's complement, 8-byte
 * aligned) into int64 pips at `outPtr`, which may be `valuesPtr` itself. Bad, with 0 pips and a
 * bit: more decimals than `scale`, or outside int64. The caller clears the bitmap.
 * @returns how many values are bad
 */
export function scaleDecimals(
  core: Core,
  values: { readonly valuesPtr: number; readonly rowCount: number; readonly decimals: number },
  target: { readonly scale: number; readonly outPtr: number; readonly badBitmapPtr: number },
): number {
  const { valuesPtr, rowCount, decimals } = values;
  const { scale, outPtr, badBitmapPtr } = target;
  const { kernels } = core;
  return countOf(
    'decimal128ToPips',
    kernels.decimal128ToPips(valuesPtr, rowCount, decimals, scale, outPtr, badBitmapPtr),
  );
}

/**
 * Turns int64 pips at one scale into pips at another where they lie (integers are pips at scale
 * 0). A bad value (a remainder, or outside int64) keeps its bits and gets a bit; the caller clears
 * the bitmap.
 * @returns how many values are bad
 */
export function rescalePips(
  core: Core,
  values: { readonly valuesPtr: number; readonly rowCount: number },
  scales: { readonly from: number; readonly to: number },
  badBitmapPtr: number,
): number {
  const { valuesPtr, rowCount } = values;
  return countOf(
    'int64Rescale',
    core.kernels.int64Rescale(valuesPtr, rowCount, scales.from, scales.to, badBitmapPtr),
  );
}

/** Widens int32 to int64; `outPtr` (8-byte aligned, room for all) may be `valuesPtr` itself. */
export function widenInt32(core: Core, valuesPtr: number, rowCount: number, outPtr: number): void {
  countOf('int32ToInt64', core.kernels.int32ToInt64(valuesPtr, rowCount, outPtr));
}
