import type { ParquetFooter } from '../parquet/reader.js';

export type DialectName = 'lake' | 'depthmill' | 'generic';

/** Input tables that depthmill books or writes. */
export type InputTable = 'depth' | 'book' | 'deep_book' | 'trades';

/** What consecutive ids of a source prove: MODEL section 3. */
export type SequencePolicy = 'chain' | 'contiguous' | 'checksum' | 'monotonic' | 'snapshot';

/** Where a time comes from, and its unit. `unitNs` null: told by its digits (10, 13, 16 or 19). */
export interface TimeField {
  readonly column: string;
  readonly unitNs: 1 | 1_000 | 1_000_000 | 1_000_000_000 | null;
}

/** How a column tells the side: the texts that mean bid (buy) and those that mean ask (sell). */
export interface SideField {
  readonly column: string;
  /** For a boolean or integer column: the value that means bid (buy). */
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
  /** Our own `flags` column (dialect depthmill), else null. */
  readonly flags: string | null;
  /** A column that names the instrument of each row, else null. */
  readonly symbol: string | null;
  /** trades: the trade's id (an int64 column), else null. */
  readonly tradeId: string | null;
  /** price and qty columns are integers already at a scale, as ours are (else null). */
  readonly pipsScale: { readonly price: number; readonly qty: number } | null;
}

/** Columns of a table of book rows (a witness): levels from the best. */
export interface LevelMapping {
  readonly tsRecv: TimeField | null;
  readonly tsEvent: TimeField | null;
  readonly sequence: string | null;
  readonly bids: readonly { readonly price: string; readonly qty: string }[];
  readonly asks: readonly { readonly price: string; readonly qty: string }[];
  readonly symbol: string | null;
}

/** How the rows of one message are told from the next. */
export type MessageKey =
  /** ts_recv and sequence together (Lake). */
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
  readonly exchange: string;
  /** null: the file has a symbol column (mapping.symbol) and may hold several instruments. */
  readonly symbol: string | null;
  /** The input's own day (`dt=` of its path), else null. */
  readonly dt: string | null;
  readonly rows: RowMapping | null;
  readonly levels: LevelMapping | null;
  readonly policy: SequencePolicy;
  readonly messageKey: MessageKey;
}

/** A file that is not used, and why (tables that are not ours, other schemas). */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

/** One unit of the plan: an instrument's day with the files of each table, in canonical order. */
export interface InstrumentDay {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly dialect: DialectName;
  readonly policy: SequencePolicy;
  readonly messageKey: MessageKey;
  readonly files: Readonly<Record<InputTable, readonly RecognisedFile[]>>;
}

/** Decimals of an instrument's prices and quantities in pips: MODEL section 1. */
export interface Scales {
  readonly price: number;
  readonly qty: number;
}
