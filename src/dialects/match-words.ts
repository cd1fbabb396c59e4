import { PAGE_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { TEXT_TABLE_BYTES, TextTable } from '../core/text-match.js';
import type { SourceColumn } from '../parquet/reader.js';
import { liesInCore, type RowRun, type ScaleScratch } from './scale-column.js';

/** Bits of a run's rows in the scratch, bit 0 for its first row. */
export interface WordBits {
  /** Whether the row's word is one of those that mean 1. */
  readonly bitsPtr: number;
  /** Whether it is none of the words. */
  readonly otherPtr: number;
  readonly otherCount: number;
}

const BITMAP_BYTES = PAGE_ROWS / 8 + 64;

/**
 * Compares the texts of a run with a few words at once; null: they do not lie in the core's memory,
 * or are no texts.
 *
 * @param words at most 8 in all: the usual ones; what is none of them is for the caller to read
 */
export function matchWords(
  core: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  words: { readonly meaningTrue: readonly string[]; readonly meaningFalse: readonly string[] },
  scratch: ScaleScratch,
): WordBits | null {
  if (!liesInCore(column)) return null;
  const bitsPtr = scratch.ptr + TEXT_TABLE_BYTES;
  const otherPtr = bitsPtr + BITMAP_BYTES;
  core.kernels.fillBytes(otherPtr, Math.ceil(count / 8), 0);
  const table = new TextTable(core, scratch.ptr, words);
  const offsetsPtr = column.offsets!.byteOffset + start * 4;
  const texts = { textPtr: column.valuesPtr, offsetsPtr, rowCount: count };
  const otherCount = table.match(texts, bitsPtr, otherPtr);
  return { bitsPtr, otherPtr, otherCount };
}
