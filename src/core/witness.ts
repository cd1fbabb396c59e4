import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signature of assembly/witness.ts. */
export interface WitnessKernels {
  witnessLevel(
    pricePtr: number,
    qtyPtr: number,
    betterPtr: number,
    isBid: number,
    level: number,
    rowCount: number,
    countsPtr: number,
    invalidPtr: number,
  ): number;
}

/** One level of one side of many book rows; addresses in the shared memory. */
export interface LevelRows {
  /** int64, 8-byte aligned. */
  readonly pricePtr: number;
  readonly qtyPtr: number;
  /** Prices of the level before, 0 for level 0. */
  readonly betterPtr: number;
  readonly isBid: boolean;
  /** From 0, the best. */
  readonly level: number;
  readonly rowCount: number;
}

/**
 * Raises the count (int32 a row at `countsPtr`) of each row whose level is good: above 0, worse
 * than the good level before it. Rows where it is not get a 1 in the bytes at `invalidPtr`.
 * @returns how many rows got one
 */
export function witnessLevel(
  core: Core,
  rows: LevelRows,
  countsPtr: number,
  invalidPtr: number,
): number {
  const { pricePtr, qtyPtr, betterPtr, isBid, level, rowCount } = rows;
  const side = isBid ? 1 : 0;
  const { kernels } = core;
  return countOf(
    'witnessLevel',
    kernels.witnessLevel(pricePtr, qtyPtr, betterPtr, side, level, rowCount, countsPtr, invalidPtr),
  );
}
