import type { Core } from '../core/core.js';
import type { ColumnPlace } from '../memory/column-layout.js';
import type { SourceColumn } from '../parquet/reader.js';
import { copyIntegers } from './copy-integers.js';
import { setBits, writeBit } from './row-columns.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun } from './scale-column.js';
import { integerAt, isPresent } from './source-values.js';

/**
 * Copies the ids of a run's trades; one that the source does not have is null.
 * @param source null: there is no such column
 * @param target the column of the slot at `slotPtr`, and the slot's row that the run's first becomes
 * @param problems set where ids are text: then they are no part of the slot, whose column is null
 * @returns the texts of the run's rows; null: ids are integers
 */
export function copyTradeIds(
  core: Core,
  source: SourceColumn | null,
  run: RowRun,
  { place, slotPtr, row }: { place: ColumnPlace; slotPtr: number; row: number },
  problems: RowProblems | null,
): (string | null)[] | null {
  const column = problems === null ? source : null;
  const texts = problems === null ? null : tradeIdTexts(source, run, problems);
  const ptr = slotPtr + place.valuesOffset + row * 8;
  const validityPtr = slotPtr + place.validityOffset;
  if (column === null) core.kernels.fillBytes(ptr, run.count * 8, 0);
  else copyIntegers(core, column, run, ptr);
  const { u8, i64 } = core.views;
  setBits(u8, validityPtr, row, run.count);
  if (column !== null && column.nullCount === 0) return texts;
  for (let index = 0; index < run.count; index++) {
    if (column !== null && isPresent(column, run.start + index)) continue;
    writeBit(u8, validityPtr, row + index, false);
    i64[ptr / 8 + index] = 0n;
  }
  return texts;
}

/** What is no UTF-8 cannot be written as text, and must not be altered. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The ids of a run's trades as text; null: the source has none. Ids that are integers, in other
 * files of the same instrument, are their digits. An id that is no UTF-8 refuses its row.
 */
function tradeIdTexts(
  column: SourceColumn | null,
  { start, count }: RowRun,
  problems: RowProblems,
): (string | null)[] {
  if (column === null) return new Array(count).fill(null);
  const { info, offsets, values } = column;
  return Array.from({ length: count }, (_, index) => {
    const row = start + index;
    if (!isPresent(column, row)) return null;
    if (info.type !== 'utf8') return String(integerAt(column, row));
    try {
      // A copy: hosts may refuse to decode shared memory.
      return UTF8.decode(values.slice(offsets![row]!, offsets![row + 1]!));
    } catch {
      problems.reject(index, 'ERR_ROW_TEXT', info.name);
      return null;
    }
  });
}
