import type { Extract } from './extract-file.js';
import { chunkIndexOf, rowCountOf } from './footer-chunks.js';
import type { ParquetFooter, SourceColumnInfo } from './reader.js';

/** What parquet-wasm took beyond the sum of its parts: up to a fifth, on files of DuckDB's. */
const SLACK = 1.25;

/** Bytes of a decoded value; of texts their offset alone. */
const VALUE_BYTES: Readonly<Record<SourceColumnInfo['type'], number>> = {
  bool: 1 / 8,
  int32: 4,
  float: 4,
  int64: 8,
  double: 8,
  decimal128: 16,
  utf8: 4,
  other: 0,
};

/**
 * Memory that parquet-wasm takes for a read, about: the compressed bytes, here and in its own memory,
 * the pages, whose size nobody knows before they are there, and the columns that it makes of them.
 * Texts are taken to be as long as their pages: of dictionaries they are longer.
 *
 * @param rowsAtOnce rows that are decoded before they are handed over
 */
export function wasmBytesNeeded(
  footer: ParquetFooter,
  { rowGroupIndexes, columnIndexes }: Extract,
  rowsAtOnce: number,
): number {
  const { byteLengths, uncompressedByteLengths } = footer.chunks;
  const rows = rowGroupIndexes.reduce((sum, index) => sum + rowCountOf(footer, index), 0);
  let bytes = 0;
  for (const column of columnIndexes) {
    const { type } = footer.columns[column]!;
    bytes += Math.min(rows, rowsAtOnce) * VALUE_BYTES[type];
    for (const rowGroup of rowGroupIndexes) {
      const chunk = chunkIndexOf(footer, rowGroup, column);
      const pages = uncompressedByteLengths[chunk]!;
      bytes += 2 * byteLengths[chunk]! + (type === 'utf8' ? 2 * pages : pages);
    }
  }
  return bytes * SLACK;
}
