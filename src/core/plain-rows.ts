import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signature of assembly/plain-rows.ts. */
export interface PlainRowKernels {
  plainRows(
    recvPtr: number,
    eventPtr: number,
    pricePtr: number,
    qtyPtr: number,
    rowCount: number,
    priceScale: number,
    qtyScale: number,
  ): number;
}

/** Columns of rows; addresses in the shared memory, 8-byte aligned. */
export interface RowNumbers {
  /** int64, ns since the epoch. */
  readonly recvPtr: number;
  readonly eventPtr: number;
  /** Doubles, which become int64 pips where they lie. */
  readonly pricePtr: number;
  readonly qtyPtr: number;
}

/**
 * Turns prices and quantities into pips, from the first row on, as long as nothing about a row is
 * in doubt: both times of 19 digits, both numbers not negative and exact at their scale.
 * @returns how many rows that are; the others are as they were, and may be good all the same
 */
export function plainRows(
  core: Core,
  { recvPtr, eventPtr, pricePtr, qtyPtr }: RowNumbers,
  rowCount: number,
  scales: { readonly price: number; readonly qty: number },
): number {
  const { kernels } = core;
  const { price, qty } = scales;
  return countOf(
    'plainRows',
    kernels.plainRows(recvPtr, eventPtr, pricePtr, qtyPtr, rowCount, price, qty),
  );
}
