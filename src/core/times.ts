import { STATUS_NOT_EXACT } from '../abi/status.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signatures of assembly/times.ts. */
export interface TimeKernels {
  timesToNs(valuesPtr: number, rowCount: number, unitNs: number, badBitmapPtr: number): number;
  timeUnitByDigits(valuesPtr: number, rowCount: number, badBitmapPtr: number): number;
  timesPlain(valuesPtr: number, rowCount: number): number;
}

/** Nanoseconds of a unit of time. */
export type TimeUnitNs = 1 | 1_000 | 1_000_000 | 1_000_000_000;

/**
 * Turns int64 stamps at `valuesPtr` (8-byte aligned) into ns where they lie. A value that does not
 * fit int64 in ns stays as it is and gets a bit; the caller clears the bitmap.
 * @returns how many values are bad
 */
export function timesToNs(
  core: Core,
  times: { readonly valuesPtr: number; readonly rowCount: number },
  unitNs: TimeUnitNs,
  badBitmapPtr: number,
): number {
  const { valuesPtr, rowCount } = times;
  return countOf('timesToNs', core.kernels.timesToNs(valuesPtr, rowCount, unitNs, badBitmapPtr));
}

/**
 * Tells the unit of int64 stamps by their digits: 10 are seconds, 13 ms, 16 µs, 19 ns. Values of
 * any other length get a bit (the caller clears the bitmap) and have no say.
 * @returns the unit; `none` when no value has one, `mixed` when two values have different ones
 */
export function timeUnitByDigits(
  core: Core,
  times: { readonly valuesPtr: number; readonly rowCount: number },
  badBitmapPtr: number,
): TimeUnitNs | 'none' | 'mixed' {
  const { valuesPtr, rowCount } = times;
  const unitNs = core.kernels.timeUnitByDigits(valuesPtr, rowCount, badBitmapPtr);
  if (unitNs === -STATUS_NOT_EXACT) return 'mixed';
  return countOf('timeUnitByDigits', unitNs) === 0 ? 'none' : (unitNs as TimeUnitNs);
}

/**
 * The first of int64 stamps at `valuesPtr` (8-byte aligned) that is no time in ns of 19 digits;
 * `rowCount` when all are.
 */
export function timesPlain(
  core: Core,
  times: { readonly valuesPtr: number; readonly rowCount: number },
): number {
  return countOf('timesPlain', core.kernels.timesPlain(times.valuesPtr, times.rowCount));
}
