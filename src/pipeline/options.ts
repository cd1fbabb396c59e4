import type { DialectName, SequencePolicy } from '../dialects/types.js';
import type { Codec } from '../parquet/write-types.js';

/** Scale of prices or quantities: fixed, or `auto` (8, else what the instrument needs). */
export interface ScaleRule {
  /** Pattern of symbols (`*` matches any run of characters); `*` for all. */
  readonly pattern: string;
  readonly scale: number | 'auto';
}

/** What to take of the inputs: MODEL section 7. */
export interface Selection {
  readonly exchanges: readonly string[];
  /** Patterns with `*`; empty: all. */
  readonly symbols: readonly string[];
  /** ts_recv in ns since the epoch: from inclusive, to exclusive. */
  readonly fromNs: bigint | null;
  readonly toNs: bigint | null;
  /** Depth rows (and trade rows) of each instrument and day, at most. */
  readonly limit: number | null;
}

export type BookCadence =
  | { readonly kind: 'message' }
  | { readonly kind: 'change' }
  | { readonly kind: 'interval'; readonly intervalNs: bigint };

/** `--map` of the dialect generic: our column -> theirs, and units of times. */
export type ColumnMap = Readonly<Record<string, string>>;

export type OutputTable = 'depth' | 'book' | 'trades' | 'gaps' | 'quality' | 'rejects';

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

export interface RunOptions extends InputOptions {
  readonly out: string;
  /** Output tables; empty: all. */
  readonly tables: readonly OutputTable[];
  readonly workers: number;
  readonly memoryBytes: number;
  /** Rows of a work unit; null: depthmill's own choice. Never changes the output's bytes. */
  readonly batchRows: number | null;
  readonly bookDepth: number;
  readonly bookEvery: BookCadence;
  /** How long a book must be crossed before it is reseeded. */
  readonly crossedAfterNs: bigint;
  readonly codec: Codec;
  readonly failFast: boolean;
  /** Stops the run: nothing unfinished stays under a final name. */
  readonly signal: AbortSignal | null;
  readonly onProgress: ((progress: Progress) => void) | null;
}

export interface Progress {
  readonly phase: 'plan' | 'run' | 'publish';
  readonly rowsDone: number;
  readonly rowsTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly instrumentsDone: number;
  readonly instrumentsTotal: number;
  readonly elapsedMs: number;
}
