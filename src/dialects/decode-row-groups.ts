import type { RowGroupReader, RowPlaces, SourceColumn } from '../parquet/reader.js';
import type { DecodedRows } from './decode-target.js';

/** Reads row groups through a decoder and finishes it. */
export async function decodeRowGroups(
  reader: RowGroupReader,
  rowGroupIndexes: readonly number[],
  decoder: {
    readonly columnNames: readonly string[];
    append(columns: readonly SourceColumn[], rowCount: number): void;
    finish(): DecodedRows;
  } & Partial<RowPlaces>,
): Promise<DecodedRows> {
  const places = decoder.placeOf === undefined ? null : (decoder as RowPlaces);
  await reader.readRowGroups(
    rowGroupIndexes,
    decoder.columnNames,
    (columns, rowCount) => decoder.append(columns, rowCount),
    places,
  );
  return decoder.finish();
}
