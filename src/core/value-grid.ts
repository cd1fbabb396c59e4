import {
  GRID_LOT,
  GRID_PRICE_MAX,
  GRID_PRICE_MIN,
  GRID_TICK,
  GRID_TICK_ROW,
} from '../abi/value-grid.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signature of assembly/value-grid.ts. */
export interface ValueGridKernels {
  valueGrid(
    pricePtr: number,
    qtyPtr: number,
    flagsPtr: number,
    rowCount: number,
    gridPtr: number,
  ): number;
}

/** Range and grid of an instrument's prices and quantities, in pips. */
export interface ValueGrid {
  /** null: there was no row. */
  readonly priceMin: bigint | null;
  readonly priceMax: bigint | null;
  /** Greatest common divisor of the prices that are not 0; 0: there are none. */
  readonly tick: bigint;
  /** The same of the quantities. */
  readonly lot: bigint;
}

export const NO_VALUES: ValueGrid = { priceMin: null, priceMax: null, tick: 0n, lot: 0n };

const I64_MAX = (1n << 63n) - 1n;

/** Columns of rows that lie one behind the other, aligned to their values. */
export interface GridColumns {
  readonly pricePtr: number;
  readonly qtyPtr: number;
  readonly flagsPtr: number;
  readonly rowCount: number;
}

/**
 * `grid` widened by more rows; CLEAR rows do not count.
 * @param gridPtr scratch of GRID_BLOCK_BYTES, 8-byte aligned, apart from the columns
 * @returns tickRow: the row whose price made the tick smaller last (or gave the first); null: none
 */
export function widenGrid(
  core: Core,
  { pricePtr, qtyPtr, flagsPtr, rowCount }: GridColumns,
  grid: ValueGrid,
  gridPtr: number,
): ValueGrid & { readonly tickRow: number | null } {
  const { i64, i32 } = core.views;
  i64[(gridPtr + GRID_PRICE_MIN) / 8] = grid.priceMin ?? I64_MAX;
  i64[(gridPtr + GRID_PRICE_MAX) / 8] = grid.priceMax ?? -I64_MAX - 1n;
  i64[(gridPtr + GRID_TICK) / 8] = BigInt.asIntN(64, grid.tick);
  i64[(gridPtr + GRID_LOT) / 8] = BigInt.asIntN(64, grid.lot);
  countOf('valueGrid', core.kernels.valueGrid(pricePtr, qtyPtr, flagsPtr, rowCount, gridPtr));
  const priceMin = i64[(gridPtr + GRID_PRICE_MIN) / 8]!;
  const priceMax = i64[(gridPtr + GRID_PRICE_MAX) / 8]!;
  const isEmpty = priceMin > priceMax;
  const tickRow = i32[(gridPtr + GRID_TICK_ROW) / 4]!;
  return {
    priceMin: isEmpty ? null : priceMin,
    priceMax: isEmpty ? null : priceMax,
    tick: BigInt.asUintN(64, i64[(gridPtr + GRID_TICK) / 8]!),
    lot: BigInt.asUintN(64, i64[(gridPtr + GRID_LOT) / 8]!),
    tickRow: tickRow < 0 ? null : tickRow,
  };
}
