import type { Core } from '../core/core.js';
import { widenInt32 } from '../core/rescale.js';
import type { SourceColumn } from '../parquet/reader.js';
import type { RowRun } from './scale-column.js';

/** Copies rows of an int64 or int32 column to `ptr` (8-byte aligned) as int64. */
export function copyIntegers(core: Core, column: SourceColumn, run: RowRun, ptr: number): void {
  const width = column.info.type === 'int32' ? 4 : 8;
  const { start, count } = run;
  core.views.u8.set(column.values.subarray(start * width, (start + count) * width), ptr);
  if (width === 4) widenInt32(core, ptr, count, ptr);
}
