import type { QualityInterval } from '../book/trust.js';
import type { DialectName, SequencePolicy } from '../dialects/types.js';

/** Counts of rows by reason. Keys are codes (ERR_ROW_...) or the words of MODEL section 2. */
export type CountByReason = Record<string, number>;

/** rows out = rows in - rejected - dropped + synthetic: MODEL section 2. */
export interface Accounting {
  rows_in: number;
  rejected: CountByReason;
  dropped: CountByReason;
  synthetic: number;
  rows_out: number;
}

export type GapKind = 'gap' | 'reconnect' | 'silence' | 'outage' | 'reset' | 'hole' | 'truncated';

/** One hole in the data, or the suspicion of one. int64 as decimal strings in JSON. */
export interface GapFinding {
  kind: GapKind;
  /** The source's ids prove it; false: a suspicion (witness, crossing, silence). */
  proven: boolean;
  sequence_before: bigint | null;
  sequence_after: bigint | null;
  /** contiguous: ids missing; null where ids prove no number. */
  missing: bigint | null;
  ts_recv_before: bigint | null;
  ts_recv_after: bigint | null;
  file: string;
  /** Row in `file`, from 0, of the first row after the hole. */
  row: number;
  /** Why it is believed, in words. */
  reason: string;
}

/** What can be the matter with a row that is taken all the same, or refused for something else. */
export type RowFaultKind =
  /** A stamp of 0 or -1, which is none: BAD_TS, and the other stamp in its place. */
  | 'stamp_missing'
  /** The two clocks are further apart than `--latency-max`: BAD_TS. */
  | 'clocks_apart'
  /** A jump leads to a stamp outside the UTC day of its file: BAD_TS. */
  | 'outside_day'
  /** Its event time is not that of the next row of the same message. */
  | 'mixed_message'
  /** A trade with the id of the one before, or a smaller one, where ids go up by one. */
  | 'trade_id_twice'
  | 'trade_id_back';

export interface RowFault {
  kind: RowFaultKind;
  table: 'depth' | 'snapshots' | 'trades';
  file: string;
  /** Row in `file`, from 0. */
  row: number;
  /** What was found, in words. */
  reason: string;
}

export interface WitnessFinding {
  kind: string;
  compared: number;
  agreed: number;
  /** Rows that were not compared: there was no book, they seeded it, or no message ends there. */
  passed: number;
  /** Rows that cannot be a book. */
  invalid: number;
  /** Compared rows with fewer levels on a side than the table has. */
  thin: number;
  worst_ns: bigint;
}

/** What a day may have and still be `usable`; shares from 0 to 1, and counts. */
export interface VerdictThresholds {
  /** Share of the time in which the book was crossed. */
  readonly crossed: number;
  /** Share of the time without data. */
  readonly missing: number;
  /** Share of a witness' rows with fewer levels than the table has. */
  readonly thin: number;
  /** Share of a witness' rows that cannot be a book; above it the day is `inconclusive`. */
  readonly invalid: number;
  /** Share of the rows without a trusted book. */
  readonly untrusted: number;
  /** Gaps, proven and suspected apart. */
  readonly gaps: number;
  /** Refused rows of depth. */
  readonly rejected: number;
}

export type Proves = 'every_loss' | 'top_levels' | 'reordering' | 'reconnects' | 'nothing';

/** Trades by the best prices that held within 100 ms of their receipt. */
export interface TradesOutside {
  compared: number;
  /** Below every best bid, or above every best ask. */
  outside: number;
  /** Not compared: OFF_BOOK, BAD_TS, or the book was not live. */
  passed: number;
}

/** A day's first snapshot, or seed, against the last book of the day before. */
export interface DayBefore {
  ts_recv_before: bigint;
  ts_recv_snapshot: bigint;
  sequence_before: bigint | null;
  sequence_snapshot: bigint | null;
  /** Levels at prices that both know; one that only one of them has differs. */
  levels_equal: number;
  levels_differing: number;
  /** Price and quantity of both best levels. */
  best_equal: boolean;
}

/** All that the audit says of one instrument and day: MODEL section 8. */
export interface InstrumentAudit {
  exchange: string;
  symbol: string;
  dt: string;
  dialect: DialectName;
  policy: SequencePolicy;
  proves: Proves;
  /** What the ids can and cannot prove, in a sentence. */
  proves_words: string;
  scales: { price: number; qty: number };
  first: { ts_recv: bigint; ts_event: bigint; sequence: bigint | null } | null;
  last: { ts_recv: bigint; ts_event: bigint; sequence: bigint | null } | null;
  messages: number;
  accounting: Accounting;
  trades_accounting: Accounting;
  /**
   * What the ids of trades tell: they go up by one, so that a lost trade shows; they do not; they
   * are text, which has no order; there are no trades, or none with an id.
   */
  trade_ids: 'counted' | 'uncounted' | 'text' | 'none';
  gaps: GapFinding[];
  /** Messages. */
  duplicates: number;
  out_of_order: number;
  resets: number;
  reconnects: number;
  silences: { ts_recv_from: bigint; ts_recv_to: bigint }[];
  /** What of them all recorded instruments of the exchange, so many, had in common. */
  outages: { ts_recv_from: bigint; ts_recv_to: bigint; instruments: number }[];
  /** Rows that were taken though something is the matter with them: all counted, the first listed. */
  row_faults: { counts: CountByReason; listed: RowFault[] };
  /** Time without data, of the time that the rows should cover: missing-time.ts. */
  missing: { ns: bigint; of_ns: bigint };
  crossed: { messages: number; ns: bigint };
  locked: { messages: number; ns: bigint };
  witness: WitnessFinding[];
  /** null: there are no trades, or no row of `book` for each state of the best prices. */
  trades_outside: TradesOutside | null;
  /** null: no day before in this run, or no snapshot or book to compare. */
  day_before: DayBefore | null;
  deletes: number;
  deletes_unknown: number;
  latency_ns: { min: bigint; p50: bigint; p99: bigint; max: bigint; negative: number } | null;
  checksums: { checked: number; matched: number };
  rows_trusted: number;
  depth_unknown: number;
  book_rows: number;
  digest: string;
  quality: QualityInterval[];
  verdict: 'usable' | 'degraded' | 'inconclusive' | 'missing';
  reasons: string[];
}

/** What a day's rows alone tell; silences, and what follows from them, need the other instruments. */
export type DayFindings = Omit<
  InstrumentAudit,
  'silences' | 'outages' | 'missing' | 'verdict' | 'reasons'
>;

/** audit.json, before int64 become decimal strings. */
export interface AuditReport {
  schema: 'depthmill-audit/1';
  inputs: { path: string; bytes: number; rows: number }[];
  skipped: { path: string; reason: string }[];
  /** Texts that break off, used up to their last whole message; offset: byte of the text. */
  truncated: { path: string; offset: number; reason: string }[];
  failures: {
    input: string;
    exchange: string;
    symbol: string;
    dt: string;
    code: string;
    message: string;
  }[];
  instruments: InstrumentAudit[];
  /** What the verdicts go by. */
  thresholds: VerdictThresholds;
  /** Days between an instrument's first and last for which there is no file. */
  missing_days: { exchange: string; symbol: string; dt: string }[];
  run: {
    seconds: number;
    rows_per_second: number;
    machine: string;
    version: string;
    /** What each worker thread did. */
    workers: readonly {
      rows_decoded: number;
      rows_encoded: number;
      rows_booked: number;
    }[];
  };
}
