import { FLAG_SNAPSHOT } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import type { SourceColumn } from '../parquet/reader.js';
import { refuseNull } from './decode-selection.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun } from './scale-column.js';
import { isSnapshotWord } from './snapshot-words.js';
import { integerAt, isPresent, textAt } from './source-values.js';

/**
 * Sets FLAG_SNAPSHOT on the rows of a run that the source says belong to a snapshot. A row of
 * which it does not say so clearly is refused: taken for either, it could clear a good book.
 *
 * @param flagsPtr flags of the run's first row, written before
 */
export function markSnapshots(
  core: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  flagsPtr: number,
  problems: RowProblems,
): void {
  const { i32 } = core.views;
  const wordAt = wordsOf(column);
  for (let row = 0; row < count; row++) {
    if (!isPresent(column, start + row)) {
      refuseNull(column, start + row, row, problems);
      continue;
    }
    const isSnapshot = wordAt(start + row);
    if (isSnapshot === null) problems.reject(row, 'ERR_ROW_SNAPSHOT', column.info.name);
    else if (isSnapshot) i32[flagsPtr / 4 + row]! |= FLAG_SNAPSHOT;
  }
}

function wordsOf(column: SourceColumn): (row: number) => boolean | null {
  const { values, offsets, info } = column;
  if (info.type === 'bool') {
    return (row) => ((values[row >> 3]! >> (row & 7)) & 1) === 1;
  }
  if (offsets === null) return (row) => isSnapshotWord(String(integerAt(column, row)));
  // Rows mostly say what the row before them says: then their bytes are compared, not read.
  let known: { readonly row: number; readonly word: boolean | null } | null = null;
  return (row) => {
    if (known !== null && sameText(values, offsets, known.row, row)) return known.word;
    known = { row, word: isSnapshotWord(textAt(column, row)) };
    return known.word;
  };
}

function sameText(values: Uint8Array, offsets: Int32Array, a: number, b: number): boolean {
  const byteLength = offsets[a + 1]! - offsets[a]!;
  if (offsets[b + 1]! - offsets[b]! !== byteLength) return false;
  const [start, other] = [offsets[a]!, offsets[b]!];
  for (let at = 0; at < byteLength; at++) {
    if (values[start + at] !== values[other + at]) return false;
  }
  return true;
}
