import { FLAG_LAST, FLAG_SNAPSHOT } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import type { SourceColumn } from '../parquet/reader.js';
import { markOffBook } from './decode-order-types.js';
import { markSnapshots } from './decode-snapshots.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun, ScaleScratch } from './scale-column.js';
import { isPresent } from './source-values.js';
import type { PlannedFile } from './types.js';

/**
 * Adds what the source says of a run's rows to their flags, which have been written before: SNAPSHOT,
 * OFF_BOOK, and LAST where it says more than the keys of its messages do.
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
  const { snapshot, lasts, orderType } = rows!;
  if (lasts !== undefined) markLasts(core, columns.get(lasts)!, run, flagsPtr);
  if (orderType !== null) markOffBook(core, columns.get(orderType)!, run, flagsPtr);
  if (table === 'snapshots') core.views.i32At(flagsPtr, run.count).fill(FLAG_SNAPSHOT);
  else if (snapshot !== null) {
    markSnapshots(core, columns.get(snapshot)!, run, flagsPtr, problems, scratch);
  }
}

/** A message that comes twice, stamp and all, is still two where each ends a line of its own. */
function markLasts(
  { views }: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  flagsPtr: number,
): void {
  const { i32 } = views;
  for (let row = 0; row < count; row++) {
    if (isPresent(column, start + row)) i32[flagsPtr / 4 + row]! |= FLAG_LAST;
  }
}
