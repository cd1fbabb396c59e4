import type { OnRows, RowGroupReader, RowPlaces, SourceColumn } from './reader.js';
import { rowsOf } from './rows-behind.js';

/** Which of the wanted columns are read by whom: places in the list of their names. */
export interface MixedColumns {
  readonly names: readonly string[];
  readonly native: readonly number[];
  readonly foreign: readonly number[];
}

/** Reads the native columns of one row group with the page kernels; false: a page is not for them. */
export type ReadNative = (
  columnNames: readonly string[],
  onRows: OnRows,
  places: RowPlaces,
) => Promise<boolean>;

/**
 * Reads a row group of which parquet-wasm refuses columns that the page kernels read (DuckDB's wide
 * deltas), and the kernels do not read others. parquet-wasm's columns are copied first, all rows of
 * the row group; then they go along with the runs of the kernels.
 *
 * @returns false: a page of a native column is not for the kernels after all; some rows may have come
 * @throws what either reader throws
 */
export async function readMixed(
  general: RowGroupReader,
  rowGroupIndex: number,
  { names, native, foreign }: MixedColumns,
  readNative: ReadNative,
  onRows: OnRows,
  places: RowPlaces | null,
): Promise<boolean> {
  const namesOf = (of: readonly number[]): string[] => of.map((place) => names[place]!);
  const batches: { readonly columns: readonly SourceColumn[]; readonly rowCount: number }[] = [];
  await general.readRowGroup(rowGroupIndex, namesOf(foreign), (columns, rowCount) => {
    batches.push({ columns: columns.map(copyOf), rowCount });
  });
  let batch = 0;
  let row = 0;
  const rowsLeft = (): number => Math.max(1, (batches[batch]?.rowCount ?? 0) - row);
  const together: OnRows = (columns, rowCount) => {
    const of = batches[batch]!;
    const all: SourceColumn[] = new Array(names.length);
    native.forEach((place, i) => {
      all[place] = columns[i]!;
    });
    foreign.forEach((place, i) => {
      all[place] = rowsOf(of.columns[i]!, row, rowCount);
    });
    onRows(all, rowCount);
    row += rowCount;
    if (row < of.rowCount) return;
    batch++;
    row = 0;
  };
  return readNative(namesOf(native), together, {
    // No run crosses the end of a batch.
    room: () => Math.min(rowsLeft(), places?.room() ?? rowsLeft()),
    placeOf: (name, valueBytes) => places?.placeOf(name, valueBytes) ?? null,
  });
}

/** A column that outlives the call that hands it over. */
function copyOf(column: SourceColumn): SourceColumn {
  const { values, offsets, validity } = column;
  return {
    ...column,
    values: values.slice(),
    offsets: offsets?.slice() ?? null,
    validity: validity?.slice() ?? null,
    valuesPtr: null,
  };
}
