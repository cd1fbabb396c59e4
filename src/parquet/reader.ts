import type { ByteSource } from '../io/byte-source.js';
import type { ChunkTable, ColumnStorage } from './footer-chunks.js';

/** Types of flat columns as depthmill sees them, whatever the file calls them. */
export type SourceType =
  | 'bool'
  | 'int32'
  | 'int64'
  | 'float'
  | 'double'
  | 'utf8'
  /** 16-byte little-endian two's complement, `decimals` says the scale. */
  | 'decimal128'
  /** Anything else (nested, binary, int96 ...); such a column cannot be read, only named. */
  | 'other';

export interface SourceColumnInfo {
  readonly name: string;
  readonly type: SourceType;
  readonly nullable: boolean;
  /** Decimals of a decimal column, else 0. A DECIMAL stored as int32 or int64 is `decimal128`. */
  readonly decimals: number;
  /** Nanoseconds a unit for columns that the file declares as timestamps, else null. */
  readonly timeUnitNs: 1 | 1_000 | 1_000_000 | null;
  /** What the file calls it, for messages: `INT64 TIMESTAMP(MICROS)`. */
  readonly declared: string;
  /** How the file stores it; null for nested columns. */
  readonly physical: PhysicalType | null;
  /** Bytes of a value of a FIXED_LEN_BYTE_ARRAY column, else 0. */
  readonly fixedBytes: number;
  /** int64 that the file declares as unsigned: readers refuse values from 2^63 on. */
  readonly isUnsigned: boolean;
}

export type PhysicalType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'INT96'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY';

/**
 * What depthmill needs of a file's footer. Plain data that travels between threads: thousands of
 * row groups are a few typed arrays over one buffer, which footer-chunks.ts takes apart.
 */
export interface ParquetFooter {
  readonly name: string;
  readonly byteLength: number;
  readonly createdBy: string | null;
  readonly rowCount: number;
  readonly columns: readonly SourceColumnInfo[];
  /** Rows of each row group: as many as there are row groups. */
  readonly rowGroupRows: Float64Array;
  /** Compressed bytes of all column chunks of each row group. */
  readonly rowGroupBytes: Float64Array;
  readonly chunks: ChunkTable;
  /** One for each of `columns`. */
  readonly storage: readonly ColumnStorage[];
  readonly keyValue: ReadonlyMap<string, string>;
  /** XXH64 of the footer's bytes, 16 hex digits: recognises a changed input. */
  readonly footerXxh64: string;
}

/** A decoded column as the file has it. Its views are valid only inside the callback. */
export interface SourceColumn {
  readonly info: SourceColumnInfo;
  readonly rowCount: number;
  /** Little-endian values: 1, 2, 4, 8 or 16 bytes each; bits for bool; text bytes for utf8. */
  readonly values: Uint8Array;
  /** Address of `values` where they (and offsets) lie in the memory of the core; else null. */
  readonly valuesPtr: number | null;
  /** utf8 only: rowCount + 1 offsets into `values`. */
  readonly offsets: Int32Array | null;
  /** Bit set: the value is there. null: no value is missing. Bit 0 is row 0. */
  readonly validity: Uint8Array | null;
  readonly nullCount: number;
  /**
   * Text files: what stands in a row that counts as null because it is no value of the column's
   * type; null: nothing does. Not there: every null is one.
   */
  readonly invalidAt?: (row: number) => InvalidField | null;
}

/** Text that is no value. */
export interface InvalidField {
  /** The field; of a line that is no row, the line. Cut where it is long. */
  readonly text: string;
  /** The line has another number of fields than the others. */
  readonly isLine: boolean;
}

/** Takes a run of consecutive rows: one column for each that was asked for, in that order. */
export type OnRows = (columns: readonly SourceColumn[], rowCount: number) => void;

/** Where whoever takes the rows would like them to lie, so that they need not be copied there. */
export interface RowPlaces {
  /** Rows that the next run may have, at least 1. */
  room(): number;
  /**
   * Address for the first of the next run's values of a column, `valueBytes` (4 or 8) each, in the
   * memory of the core, with 64 bytes behind the last that may be overwritten until onRows is
   * called; null: they may lie anywhere.
   */
  placeOf(columnName: string, valueBytes: number): number | null;
  /**
   * Rows in front of the first that nobody wants. A reader may pass over them, all of them, and says
   * so; otherwise it hands them over. Only with reads of a single row group.
   */
  readonly unwanted?: { readonly rowCount: number; passed(): void };
}

/** Reads row groups of one file. One reader serves one file on one thread. */
export interface RowGroupReader {
  readonly footer: ParquetFooter;
  /**
   * Decodes the named columns of one row group and hands them over once or in several runs of
   * consecutive rows. The rows handed over always add up to the footer's count.
   * @throws ParquetError ERR_PARQUET_CORRUPT, ERR_PARQUET_ROW_COUNT,
   *   ERR_PARQUET_UNSUPPORTED with file, row group and column
   */
  readRowGroup(
    rowGroupIndex: number,
    columnNames: readonly string[],
    onRows: OnRows,
  ): Promise<void>;
  /**
   * The same for several row groups, in the order given. Runs may span row groups: for small ones
   * (Crypto Lake has 10,000 rows in each) reading a dozen at once makes the cost of a row group
   * vanish. A reader may follow `places` or not: SourceColumn.valuesPtr tells.
   */
  readRowGroups(
    rowGroupIndexes: readonly number[],
    columnNames: readonly string[],
    onRows: OnRows,
    places?: RowPlaces | null,
  ): Promise<void>;
  close(): Promise<void>;
}

/** @param footer the file's, if it was read before: it is not read again then */
export type OpenRowGroupReader = (
  source: ByteSource,
  footer?: ParquetFooter,
) => Promise<RowGroupReader>;
