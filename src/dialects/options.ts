import type { DialectName, SequencePolicy } from './types.js';

/** Scale of prices or quantities: fixed, or `auto` (8, else what the instrument needs). */
export interface ScaleRule {
  /** Pattern of symbols (`*` matches any run of characters); `*` for all. */
  readonly pattern: string;
  readonly scale: number | 'auto';
}

/** What to take of the inputs: MODEL section 7. */
export interface Selection {
  /** Patterns with `*`; empty: all. */
  readonly exchanges: readonly string[];
  /** Patterns with `*`; empty: all. */
  readonly symbols: readonly string[];
  /** ts_recv in ns since the epoch: from inclusive, to exclusive. */
  readonly fromNs: bigint | null;
  readonly toNs: bigint | null;
  /**
   * Depth rows (and trade rows) of each instrument and day, at most; the message in which the last
   * depth row stands is booked whole.
   */
  readonly limit: number | null;
}

/** `--map` of the dialect generic: our column -> theirs, and units of times (`ts_recv` -> `local_ts:ns`). */
export type ColumnMap = Readonly<Record<string, string>>;

/** How the inputs are understood: what `run`, `audit`, `inspect` and `openInput` have in common. */
export interface InputOptions {
  /** Files, folders, globs, `@list`, `-`. */
  readonly inputs: readonly string[];
  readonly dialect: DialectName | null;
  readonly map: ColumnMap;
  readonly policy: SequencePolicy | null;
  readonly selection: Selection;
  readonly priceScale: readonly ScaleRule[];
  readonly qtyScale: readonly ScaleRule[];
}
