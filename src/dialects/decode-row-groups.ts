import type { OnRows, RowGroupReader, RowPlaces, SourceColumn } from '../parquet/reader.js';
import { type RowSlice, readRowSlice } from '../parquet/row-slice.js';
import type { DecodedRows } from './decode-target.js';

/**
 * Reads row groups through a decoder and finishes it.
 * @param slice of the one row group, what is read; null: all rows
 */
export async function decodeRowGroups(
  reader: RowGroupReader,
  rowGroupIndexes: readonly number[],
  decoder: {
    readonly columnNames: readonly string[];
    append(columns: readonly SourceColumn[], rowCount: number): void;
    finish(): DecodedRows;
  } & Partial<RowPlaces>,
  slice: RowSlice | null = null,
): Promise<DecodedRows> {
  const places = decoder.placeOf === undefined ? null : (decoder as RowPlaces);
  const { columnNames } = decoder;
  const onRows: OnRows = (columns, rowCount) => decoder.append(columns, rowCount);
  if (slice === null) {
    await reader.readRowGroups(rowGroupIndexes, columnNames, onRows, places);
  } else {
    const read = { rowGroupIndex: rowGroupIndexes[0]!, columnNames };
    await readRowSlice(reader, read, slice, onRows, places);
  }
  return decoder.finish();
}
