import { FLAG_OFF_BOOK } from '../abi/flags.js';
import type { Core } from '../core/core.js';
import type { SourceColumn } from '../parquet/reader.js';
import type { RowRun } from './scale-column.js';
import { isPresent, textAt } from './source-values.js';

/** Trades of this kind were matched on the book; those that say nothing were, too. */
const ON_BOOK = 'MARKET';

/** Sets FLAG_OFF_BOOK on the trades of a run that were not matched on the book (Binance `X`). */
export function markOffBook(
  core: Core,
  column: SourceColumn,
  { start, count }: RowRun,
  flagsPtr: number,
): void {
  // All of them nulls: spot says nothing.
  if (column.nullCount === column.rowCount) return;
  const { i32 } = core.views;
  for (let row = 0; row < count; row++) {
    if (!isPresent(column, start + row) || textAt(column, start + row) === ON_BOOK) continue;
    i32[flagsPtr / 4 + row]! |= FLAG_OFF_BOOK;
  }
}
