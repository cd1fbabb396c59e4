import type { Core } from '../core/core.js';
import type { Selection } from '../dialects/options.js';
import type { UnreadablePaths } from '../dialects/plan.js';
import type { ShardHole } from '../dialects/shards.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import type { ByteSink } from '../io/byte-sink.js';
import type { Arena } from '../memory/arena.js';
import type { SlotPool } from '../memory/slot-pool.js';
import type { Codec, EncodedRowGroup } from '../parquet/write-types.js';
import type { CarriedBook } from './carried-book.js';
import type { UnitSizes } from './chunk-feeder.js';
import type { BookCadence, CrossedPolicy, NumberFormat } from './options.js';
import type { RowTable } from './output-tables.js';
import type {
  BookResult,
  BookSpec,
  DecodeResult,
  DecodeTask,
  EncodeTask,
  JobPlan,
} from './protocol.js';

/** What a job asks of the threads, the memory and the disk. */
export interface JobHost {
  readonly core: Core;
  readonly arena: Arena;
  readonly rows: { readonly ptr: number; readonly slotBytes: number };
  readonly rowPool: SlotPool;
  readonly encodedPool: SlotPool;
  /** Tells every worker what the job's tasks have in common; before the first of them. */
  openJob(plan: JobPlan): void;
  closeJob(job: number): void;
  decode(task: DecodeTask): Promise<DecodeResult>;
  encode(task: EncodeTask): Promise<EncodedRowGroup>;
  book(job: number, spec: BookSpec): Promise<BookResult>;
  /** Opens a part of an output table. */
  openSink(table: RowTable, day: InstrumentDay, partIndex: number): Promise<ByteSink>;
  /** Metadata of the files of an output table. */
  keyValue(table: RowTable, day: InstrumentDay, scales: Scales): ReadonlyMap<string, string>;
  onProgress(rows: number, bytes: number): void;
}

export interface JobOptions extends UnitSizes {
  readonly selection: Selection;
  /** Output tables that are written; an audit writes none. */
  readonly tables: ReadonlySet<RowTable>;
  /** Whether the grid of prices and quantities is wanted (table `instruments`). */
  readonly grids: boolean;
  readonly bookDepth: number;
  readonly bookEvery: BookCadence;
  readonly crossed: CrossedPolicy | null;
  readonly crossedAfterNs: bigint;
  readonly latencyMaxNs: bigint;
  /** null: 50 times the instrument's own p99 interval without a message. */
  readonly silenceNs: bigint | null;
  /** Shards that are missing between the files of the run. */
  readonly holes: readonly ShardHole[];
  /** Files of the run that could not be read, as InputPlan has them. */
  readonly unreadable: UnreadablePaths;
  readonly codec: Codec;
  readonly numbers: NumberFormat;
  /** The book that the day begins with, once it is known. */
  readonly carried: Promise<CarriedBook | null>;
  readonly carries: boolean;
  /** The last file of depth of the day whose book that is; null: there is none in this run. */
  readonly depthBefore: string | null;
  /** The day before is part of the run, or the day behind: the audit compares their books. */
  readonly follows: boolean;
  readonly isFollowed: boolean;
}
