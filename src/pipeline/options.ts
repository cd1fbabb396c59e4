import type { VerdictThresholds } from '../audit/types.js';
import type { InputOptions } from '../dialects/options.js';
import type { Codec } from '../parquet/write-types.js';
import type { NumberFormat } from './plain-numbers.js';

// Kept here for its importers: the types moved up to dialects/, which may not import this room.
export type { ColumnMap, InputOptions, ScaleRule, Selection } from '../dialects/options.js';
export type { NumberFormat };

export type BookCadence =
  | { readonly kind: 'message' }
  | { readonly kind: 'change' }
  | { readonly kind: 'interval'; readonly intervalNs: bigint };

/**
 * What a crossed message end leads to: MODEL section 4. `reseed`: the book is suspect, and replaced
 * by the next witness once that lasted. `report`: it is counted. `uncross`: levels that cannot be
 * are removed.
 */
export type CrossedPolicy = 'reseed' | 'report' | 'uncross';

export type OutputTable =
  | 'depth'
  | 'book'
  | 'trades'
  | 'keyframes'
  | 'gaps'
  | 'quality'
  | 'instruments'
  | 'calendar'
  | 'rejects';

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
  /** null: `reseed` where the input has snapshots or witnesses, else `report`. */
  readonly crossed: CrossedPolicy | null;
  /** How long a book must be crossed before it is reseeded. */
  readonly crossedAfterNs: bigint;
  /** What the two clocks of a row may be apart; beyond it the row is BAD_TS. */
  readonly latencyMaxNs: bigint;
  /** A time without a message that is a silence; null: by the instrument's own intervals. */
  readonly silenceNs: bigint | null;
  /** What a day may have and still be `usable`. */
  readonly thresholds: VerdictThresholds;
  readonly codec: Codec;
  readonly numbers: NumberFormat;
  /** An output folder or a file whose last book each instrument's first day begins with. */
  readonly warmStart: string | null;
  readonly failFast: boolean;
  /**
   * Forces each file to disk before it gets its name. Without it a power cut can lose a finished
   * run, or leave files of it that are not whole; a killed process cannot.
   */
  readonly sync: boolean;
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
