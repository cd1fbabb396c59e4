import { FLAG_SNAPSHOT } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import type { SourceColumn } from '../parquet/reader.js';
import { refuseNull } from './decode-selection.js';
import { matchWords } from './match-words.js';
import { readBit } from './row-columns.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun, ScaleScratch } from './scale-column.js';
import { isSnapshotWord } from './snapshot-words.js';
import { integerAt, isPresent, textAt } from './source-values.js';

/**
 * Sets FLAG_SNAPSHOT on the rows of a run that the source says belong to a snapshot. A row of
 * which it does not say so clearly is refused: taken for either, it could clear a good book.
 *
 * @param flagsPtr flags of the run's first row, written before
 * @param scratch used during the call
 */
export function markSnapshots(
  core: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  flagsPtr: number,
  problems: RowProblems,
  scratch: ScaleScratch,
): void {
  const { i32, u8 } = core.views;
  const matched = matchWords(core, column, { start, count }, USUAL_WORDS, scratch);
  if (matched !== null) {
    setFlags(u8, i32, matched.bitsPtr, count, flagsPtr);
    if (matched.otherCount === 0) return;
  }
  const wordAt = wordsOf(column);
  for (let row = 0; row < count; row++) {
    if (matched !== null && !readBit(u8, matched.otherPtr, row)) continue;
    if (!isPresent(column, start + row)) {
      refuseNull(column, start + row, row, problems);
      continue;
    }
    const isSnapshot = wordAt(start + row);
    if (isSnapshot === null) problems.reject(row, 'ERR_ROW_SNAPSHOT', column.info.name);
    else if (isSnapshot) i32[flagsPtr / 4 + row]! |= FLAG_SNAPSHOT;
  }
}

/** The words of nearly all sources; what is none of them is read one by one. */
const USUAL_WORDS = {
  meaningTrue: ['true', 'True', 'snap', '1'],
  meaningFalse: ['false', 'False', 'set', '0'],
};

/** Snapshots are few: bytes without a bit are passed over. */
function setFlags(
  u8: Uint8Array,
  i32: Int32Array,
  bitsPtr: number,
  count: number,
  flagsPtr: number,
): void {
  for (let first = 0; first < count; first += 8) {
    const byte = u8[bitsPtr + first / 8]!;
    if (byte === 0) continue;
    for (let row = first; row < Math.min(first + 8, count); row++) {
      if (((byte >> (row - first)) & 1) === 1) i32[flagsPtr / 4 + row]! |= FLAG_SNAPSHOT;
    }
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

/**
 * Rows of a snapshot that have no first id, or no id before: a snapshot has one id, which stands in
 * both. Other rows without one are refused.
 *
 * @param column of first ids, or of ids before, copied to `ptr`
 * @param rows of the run's first row: that column, the ids, and the flags with FLAG_SNAPSHOT
 */
export function takeSnapshotIds(
  core: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  rows: { readonly ptr: number; readonly sequencePtr: number; readonly flagsPtr: number },
  problems: RowProblems,
): void {
  if (column.nullCount === 0) return;
  const { i32, i64 } = core.views;
  for (let row = 0; row < count; row++) {
    if (isPresent(column, start + row)) continue;
    const isSnapshot = (i32[rows.flagsPtr / 4 + row]! & FLAG_SNAPSHOT) !== 0;
    if (isSnapshot) i64[rows.ptr / 8 + row] = i64[rows.sequencePtr / 8 + row]!;
    else refuseNull(column, start + row, row, problems);
  }
}
