import type { ParquetFooter } from '../parquet/reader.js';
import type { HivePath } from './hive-path.js';
import type { ColumnMap } from './options.js';
import type {
  DialectName,
  InputTable,
  LevelMapping,
  MessageKey,
  RowMapping,
  SequencePolicy,
} from './types.js';

/** What a dialect may look at: names and types of columns, metadata and the path; never rows. */
export interface DialectInput {
  readonly path: string;
  readonly hive: HivePath;
  readonly footer: ParquetFooter;
  readonly map: ColumnMap;
  readonly policy: SequencePolicy | null;
}

/** A file that the dialect reads, as RecognisedFile has it. */
export interface DialectFile {
  readonly kind: 'file';
  readonly table: InputTable;
  readonly exchange: string | null;
  readonly symbol: string | null;
  /** The day that the file states itself; null: as its path says. */
  readonly dt: string | null;
  readonly rows: RowMapping | null;
  readonly levels: LevelMapping | null;
  readonly policy: SequencePolicy;
  readonly messageKey: MessageKey;
  readonly isAggregate?: true;
  readonly isSettled?: boolean;
  /** Where the file holds several tables: as this one is read. Not there: as it was found. */
  readonly footer?: ParquetFooter;
}

/** A file of this dialect that is none of the tables that depthmill uses. */
export interface DialectSkip {
  readonly kind: 'skip';
  readonly reason: string;
}

/** One source of files: how to know it and where its columns are. */
export interface Dialect {
  readonly name: DialectName;
  /** What it looks for, for the message about a file that nobody knows. */
  readonly looksFor: string;
  /**
   * @returns null when the file is not of this dialect; a list when it holds several tables
   * @throws InputError ERR_INPUT_SCHEMA when it is, but a column is missing or has a type that
   *   cannot be read
   */
  recognise(input: DialectInput): DialectFile | DialectSkip | readonly DialectFile[] | null;
}
