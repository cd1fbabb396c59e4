import type { SourceColumn } from '../parquet/reader.js';
import type { FileColumn } from './output-columns.js';

/** Turns rows into the bytes of a format. */
export interface RowFormat {
  /** What stands before the first row. */
  begin(): void;
  /** Rows [rowStart, rowEnd) of a run; its views are not used once this returns. */
  rows(
    fileColumns: readonly FileColumn[],
    columns: readonly SourceColumn[],
    rowStart: number,
    rowEnd: number,
  ): void;
  /** What stands behind the last row. */
  end(): void;
  /** The bytes since the last call; the caller's own. */
  take(): Uint8Array[];
}
