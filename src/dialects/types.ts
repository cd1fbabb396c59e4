import type { SpillPlace } from '../io/spill-place.js';
import type { ParquetFooter } from '../parquet/reader.js';

/** Dialects as `--dialect` names them. */
export const DIALECT_NAMES = [
  'lake',
  'tardis',
  'binance-csv',
  'binance-capture',
  'flat',
  'depthmill',
  'generic',
] as const;

export type DialectName = (typeof DIALECT_NAMES)[number];

/** Input tables that depthmill books or writes. */
export type InputTable = 'depth' | 'snapshots' | 'book' | 'deep_book' | 'quotes' | 'trades';

export const INPUT_TABLES: readonly InputTable[] = [
  'depth',
  /** Whole books as rows of depth, beside it: to be merged by ts_recv. */
  'snapshots',
  'book',
  'deep_book',
  /** Book rows of one level: best bid and ask as the source published them. */
  'quotes',
  'trades',
];

/** What consecutive ids of a source prove: MODEL section 3. */
export type SequencePolicy = 'chain' | 'contiguous' | 'checksum' | 'monotonic' | 'snapshot';

export type TimeUnitNs = 1 | 1_000 | 1_000_000 | 1_000_000_000;

/**
 * Where a time comes from, and its unit. `unitNs` null: not said and not yet told by the digits of
 * the values (10, 13, 16 or 19); planInputs settles it once for each file.
 */
export interface TimeField {
  readonly column: string;
  readonly unitNs: TimeUnitNs | null;
}

/** How a column tells the side: booleans, 1 and 0 or -1, or one of the words of side-words.ts. */
export interface SideField {
  readonly column: string;
  /** True, 1 and the words for bid (buy) mean bid (buy); false: they mean ask (sell). */
  readonly trueMeansBid: boolean;
}

/** Where each column of an event table comes from. Absent columns are null. */
export interface RowMapping {
  readonly tsRecv: TimeField | null;
  readonly tsEvent: TimeField | null;
  readonly sequence: string | null;
  readonly sequenceFirst: string | null;
  readonly sequencePrev: string | null;
  readonly side: SideField | null;
  readonly price: string;
  readonly qty: string;
  /**
   * Tells the rows of snapshots in a stream of changes (Tardis `is_snapshot`), else null: booleans,
   * 0 and 1, or words (snapshot-words.ts). Such a row's `sequence` is the snapshot's last id.
   */
  readonly snapshot: string | null;
  /** A column with a value in the last row of each message (lines of captures), where there is one. */
  readonly lasts?: string;
  /** Our own `flags` column (dialect depthmill), else null. */
  readonly flags: string | null;
  /** trades: a column that says how each was matched (Binance `X`), else null. */
  readonly orderType: string | null;
  /** A column that names the instrument of each row, else null. */
  readonly symbol: string | null;
  /** A column that names the exchange of each row, else null. */
  readonly exchange: string | null;
  /** trades: the trade's id (integers or text), else null. */
  readonly tradeId: string | null;
  /** price and qty columns are integers already at a scale, as ours are (else null). */
  readonly pipsScale: { readonly price: number; readonly qty: number } | null;
}

/** Columns of a table of book rows (a witness): levels from the best. */
export interface LevelMapping {
  /** What the source calls such a table: the audit's name for the witness. */
  readonly kind: string;
  readonly tsRecv: TimeField | null;
  readonly tsEvent: TimeField | null;
  readonly sequence: string | null;
  /** As many bids as asks. */
  readonly bids: readonly LevelColumns[];
  readonly asks: readonly LevelColumns[];
  readonly symbol: string | null;
  readonly exchange: string | null;
}

export interface LevelColumns {
  readonly price: string;
  readonly qty: string;
}

/** How the rows of one message are told from the next. */
export type MessageKey =
  /** ts_recv and sequence together (Lake, captures, flat). */
  | 'recv_and_sequence'
  /** first and last id (Binance U, u). */
  | 'first_and_last'
  /** last id alone. */
  | 'sequence'
  /** ts_recv alone (no ids). */
  | 'recv'
  /** FLAG_LAST of the input's own flags (depthmill). */
  | 'flags';

/** One input file, recognised: which table it is, of which instrument, and how to read it. */
export interface RecognisedFile {
  readonly path: string;
  readonly mtimeNs: bigint;
  readonly footer: ParquetFooter;
  readonly dialect: DialectName;
  readonly table: InputTable;
  /** null: a column names it (mapping.exchange), and there may be several. */
  readonly exchange: string | null;
  /** null: a column names it (mapping.symbol), and there may be several. */
  readonly symbol: string | null;
  /** The input's own day (`dt=` of its path), else null. */
  readonly dt: string | null;
  /** depth, snapshots and trades; null for the others. */
  readonly rows: RowMapping | null;
  /** book and deep_book; null for the others. */
  readonly levels: LevelMapping | null;
  readonly policy: SequencePolicy;
  readonly messageKey: MessageKey;
  /** trades: several trades of one order are one row; single trades of the same day replace it. */
  readonly isAggregate?: true;
  /** depth: its messages are in order, each once, as our own runs write them. */
  readonly isSettled?: boolean;
}

/** The rows of a file that belong to one instrument; null: all, no column tells. */
export interface RowFilter {
  readonly exchange: string | null;
  readonly symbol: string | null;
}

/**
 * Rows of one instrument that were put together in a temporary file, because its own mixes many
 * instruments: decision 24. Its segments stand for row groups. Plain data.
 */
export interface GatheredRows {
  readonly spill: SpillPlace;
  /** The source's columns that are there. */
  readonly columnNames: readonly string[];
  /** Of each segment: where it begins, its bytes, and its rows. */
  readonly offsets: Float64Array;
  readonly rowGroupBytes: Float64Array;
  readonly rowGroupRows: Float64Array;
  /** Behind the last row, in the file, of the first row group that can hold rows of the instrument. */
  readonly firstGroupEnd: number;
}

/** A file as part of one instrument's day. */
export interface PlannedFile extends RecognisedFile {
  /** Set where the file holds several instruments (exchange or symbol is null), else null. */
  readonly rowFilter: RowFilter | null;
  /**
   * Row groups that can hold rows of this instrument and of the selected times, ascending; of
   * gathered rows all segments.
   */
  readonly rowGroupIndexes: readonly number[];
  /** Rows of those row groups: the most that can come of them. */
  readonly rowCountMax: number;
  /** Where the rows are read instead of the file; absent: in the file. rowFilter is null then. */
  readonly gathered?: GatheredRows;
}

/** A file whose rows of one instrument were gathered. */
export type GatheredFile = PlannedFile & Required<Pick<PlannedFile, 'gathered'>>;

export function isGathered(file: PlannedFile): file is GatheredFile {
  return file.gathered !== undefined;
}

/** Sizes of what a file's rowGroupIndexes count: its row groups, or segments of gathered rows. */
export function rowGroupsOf({
  gathered,
  footer,
}: PlannedFile): Pick<ParquetFooter, 'rowGroupRows' | 'rowGroupBytes'> {
  return gathered ?? footer;
}

/** A file that is not used, and why (tables that are not ours, other schemas). */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

/** What trade ids are, in all files of an instrument: text as soon as one is no int64. */
export type TradeIdType = 'int64' | 'text';

/** Which id columns a depth table has. */
export interface IdColumns {
  readonly sequence: boolean;
  readonly sequenceFirst: boolean;
  readonly sequencePrev: boolean;
}

/** One unit of the plan: an instrument's day with the files of each table, in canonical order. */
export interface InstrumentDay {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  /**
   * UTC day of the last rows of files that state no day of their own, looked for where the next day
   * does not follow `dt`; absent: not looked for, or `dt`.
   */
  readonly lastDt?: string;
  readonly dialect: DialectName;
  /** Of the depth files; where there are none, of the others. */
  readonly policy: SequencePolicy;
  readonly messageKey: MessageKey;
  /** Id columns of the depth files; all false where there are none. */
  readonly ids: IdColumns;
  readonly tradeIds: TradeIdType;
  readonly files: Readonly<Record<InputTable, readonly PlannedFile[]>>;
}

/** Decimals of an instrument's prices and quantities in pips: MODEL section 1. */
export interface Scales {
  readonly price: number;
  readonly qty: number;
}
