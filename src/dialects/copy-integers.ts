import type { Core } from '../core/core.js';
import { widenInt32 } from '../core/rescale.js';
import type { SourceColumn } from '../parquet/reader.js';
import type { RowRun } from './scale-column.js';

/** Copies rows of an int64 or int32 column to `ptr` (8-byte aligned) as int64. */
export function copyIntegers(core: Core, column: SourceColumn, run: RowRun, ptr: number): void {
  const width = column.info.type === 'int32' ? 4 : 8;
  copyValues(core, column, run, width, ptr);
  if (width === 4) widenInt32(core, ptr, run.count, ptr);
}

/** Copies the bytes of a run's values, `width` each, to `ptr`, unless they were decoded there. */
export function copyValues(
  core: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  width: number,
  ptr: number,
): void {
  const { valuesPtr } = column;
  if (valuesPtr === null) {
    core.views.u8.set(column.values.subarray(start * width, (start + count) * width), ptr);
    return;
  }
  const fromPtr = valuesPtr + start * width;
  if (fromPtr !== ptr) core.kernels.copyBytes(fromPtr, ptr, count * width);
}
