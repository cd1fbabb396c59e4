import { FLAG_SNAPSHOT } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import type { SourceColumn } from '../parquet/reader.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun } from './scale-column.js';
import { integerAt, isPresent, textAt } from './source-values.js';

/**
 * ORs FLAG_SNAPSHOT into the flags (int32 at `flagsPtr`, the run's first row) of the rows that the
 * column calls part of a snapshot. A row that does not say so is refused: nobody knows whether it
 * is a change or a level.
 */
export function markSnapshots(
  core: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  flagsPtr: number,
  problems: RowProblems,
): void {
  const flags = core.views.i32;
  const base = flagsPtr >>> 2;
  const isSnapshotAt = readerOf(column);
  for (let row = 0; row < count; row++) {
    const at = start + row;
    const found = isPresent(column, at) ? isSnapshotAt(at) : null;
    if (found === true) flags[base + row]! |= FLAG_SNAPSHOT;
    else if (found === null) {
      const reason = isPresent(column, at) ? 'ERR_ROW_SNAPSHOT' : 'ERR_ROW_NULL';
      problems.reject(row, reason, column.info.name);
    }
  }
}

/** What a column says of a row; null: neither yes nor no. */
function readerOf(column: SourceColumn): (row: number) => boolean | null {
  const { type } = column.info;
  if (type === 'bool') return (row) => ((column.values[row >> 3]! >> (row & 7)) & 1) === 1;
  if (type === 'utf8') return (row) => isYes(textAt(column, row).toLowerCase());
  return (row) => isYes(integerAt(column, row).toString());
}

function isYes(word: string): boolean | null {
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}
