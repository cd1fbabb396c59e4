import { FLAG_SNAPSHOT } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import type { SourceColumn } from '../parquet/reader.js';
import { markOffBook } from './decode-order-types.js';
import { markSnapshots } from './decode-snapshots.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun, ScaleScratch } from './scale-column.js';
import type { PlannedFile } from './types.js';

/**
 * Adds what the source says of a run's rows to their flags, which have been written before: SNAPSHOT
 * and OFF_BOOK.
 *
 * @param flagsPtr flags of the run's first row
 */
export function markRows(
  core: Core,
  { table, rows }: Pick<PlannedFile, 'table' | 'rows'>,
  columns: ReadonlyMap<string, SourceColumn>,
  run: RowRun,
  flagsPtr: number,
  problems: RowProblems,
  scratch: ScaleScratch,
): void {
  const { snapshot, orderType } = rows!;
  if (orderType !== null) markOffBook(core, columns.get(orderType)!, run, flagsPtr);
  if (table === 'snapshots') core.views.i32At(flagsPtr, run.count).fill(FLAG_SNAPSHOT);
  else if (snapshot !== null) {
    markSnapshots(core, columns.get(snapshot)!, run, flagsPtr, problems, scratch);
  }
}
