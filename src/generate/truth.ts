import type { TapeOptions } from './options.js';

/** Messages that are lost between two that came. Ids as decimal strings. */
export interface TruthGap {
  /** Last id before the loss, first id after it. */
  readonly sequence_before: string;
  readonly sequence_after: string;
  /** Ids lost: what lies between the two. */
  readonly missing: string;
  /** Rows lost. */
  readonly rows: number;
  /** Messages lost. */
  readonly messages: number;
}

/** What is wrong with the tape of one instrument, and what its book is in truth. */
export interface TruthSymbol {
  readonly symbol: string;
  /** Messages and depth rows in the files, snapshots and faults counted. */
  messages: number;
  rows: number;
  /** Rows of its other tables. */
  trades: number;
  book_rows: number;
  /** Digest of the last book with no message lost. */
  digest: string;
  readonly gaps: TruthGap[];
  /** `sequence` of a message that came twice. */
  readonly duplicates: { readonly sequence: string }[];
  /** Two neighbours, of which b came first. */
  readonly swaps: { readonly sequence_a: string; readonly sequence_b: string }[];
}

export interface TapeTruth {
  readonly seed: string;
  readonly options: Record<string, string | number>;
  readonly symbols: TruthSymbol[];
}

export function newTruth(options: TapeOptions): TapeTruth {
  const { seed, startNs, ...plain } = options;
  return {
    seed: seed.toString(),
    options: { ...plain, startNs: startNs.toString() },
    symbols: [],
  };
}

export function newTruthSymbol(symbol: string): TruthSymbol {
  return {
    symbol,
    messages: 0,
    rows: 0,
    trades: 0,
    book_rows: 0,
    digest: '',
    gaps: [],
    duplicates: [],
    swaps: [],
  };
}
