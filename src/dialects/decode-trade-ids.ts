import type { Core } from '../core/core.js';
import type { ColumnPlace } from '../memory/column-layout.js';
import type { SourceColumn } from '../parquet/reader.js';
import { copyIntegers } from './copy-integers.js';
import { setBits, writeBit } from './row-columns.js';
import type { RowRun } from './scale-column.js';
import { isPresent } from './source-values.js';

/**
 * Copies the ids of a run's trades; one that the source does not have is null.
 * @param column null: the source has none at all
 * @param target the column of the slot at `slotPtr`, and the slot's row that the run's first becomes
 */
export function copyTradeIds(
  core: Core,
  column: SourceColumn | null,
  run: RowRun,
  { place, slotPtr, row }: { place: ColumnPlace; slotPtr: number; row: number },
): void {
  const ptr = slotPtr + place.valuesOffset + row * 8;
  const validityPtr = slotPtr + place.validityOffset;
  if (column === null) core.kernels.fillBytes(ptr, run.count * 8, 0);
  else copyIntegers(core, column, run, ptr);
  const { u8, i64 } = core.views;
  setBits(u8, validityPtr, row, run.count);
  if (column !== null && column.nullCount === 0) return;
  for (let index = 0; index < run.count; index++) {
    if (column !== null && isPresent(column, run.start + index)) continue;
    writeBit(u8, validityPtr, row + index, false);
    i64[ptr / 8 + index] = 0n;
  }
}
