import { rowCountOf } from './footer-chunks.js';
import type { OnRows, RowGroupReader, RowPlaces } from './reader.js';
import { rowsBehind, rowsOf } from './rows-behind.js';

/** Rows [start, start + rowCount) of one row group, counted from its first one. */
export interface RowSlice {
  readonly start: number;
  readonly rowCount: number;
}

/** Ends a read whose rows have all come. */
class SliceRead extends Error {}

/**
 * Reads a slice of a row group that is too large for one piece of work. The rows in front of it are
 * passed over, or decoded and dropped by a reader that cannot. Behind it the read stops; only that
 * of the last slice goes on to the end of the chunks and finds out whether they hold more rows than
 * they should.
 *
 * @throws what RowGroupReader.readRowGroups throws
 */
export async function readRowSlice(
  reader: RowGroupReader,
  read: { readonly rowGroupIndex: number; readonly columnNames: readonly string[] },
  { start, rowCount }: RowSlice,
  onRows: OnRows,
  places: RowPlaces | null,
): Promise<void> {
  const { rowGroupIndex, columnNames } = read;
  const isLast = start + rowCount >= rowCountOf(reader.footer, rowGroupIndex);
  let toDrop = start;
  let left = rowCount;
  // Begins behind what the reader has passed over, which it does before it hands rows over.
  let take: OnRows | null = null;
  const takeOwn: OnRows = (columns, count) => {
    const taken = Math.min(count, left);
    left -= taken;
    if (taken === 0) return;
    onRows(taken < count ? columns.map((column) => rowsOf(column, 0, taken)) : columns, taken);
  };
  const end = new SliceRead();
  // With these a reader that follows them makes no run that belongs to the slice in part.
  const within: RowPlaces = {
    room: () => (toDrop > 0 ? toDrop : Math.max(1, Math.min(left, places?.room() ?? left))),
    placeOf: (name, valueBytes) =>
      toDrop > 0 || places === null ? null : places.placeOf(name, valueBytes),
    unwanted: {
      rowCount: start,
      passed: () => {
        toDrop = 0;
      },
    },
  };
  try {
    await reader.readRowGroups(
      [rowGroupIndex],
      columnNames,
      (columns, count) => {
        take ??= rowsBehind(toDrop, takeOwn);
        toDrop = Math.max(0, toDrop - count);
        take(columns, count);
        if (left === 0 && !isLast) throw end;
      },
      within,
    );
  } catch (error) {
    if (error !== end) throw error;
  }
}
