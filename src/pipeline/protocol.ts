import type { BookAt } from '../audit/day-before.js';
import type { Accounting, GapFinding, InstrumentAudit, WitnessFinding } from '../audit/types.js';
import type { QualityInterval } from '../book/trust.js';
import type { LatencyFigures } from '../core/stamps.js';
import type { ValueGrid } from '../core/value-grid.js';
import type { DecodedChunk, DecodedRows } from '../dialects/decode-target.js';
import type { Selection } from '../dialects/options.js';
import type {
  IdColumns,
  InputTable,
  MessageKey,
  PlannedFile,
  Scales,
  SequencePolicy,
  TradeIdType,
} from '../dialects/types.js';
import type { RowSlice } from '../parquet/row-slice.js';
import type { Codec, EncodedRowGroup } from '../parquet/write-types.js';
import type { CarriedBook } from './carried-book.js';
import type { RowOrigin } from './gap-findings.js';
import type { BookCadence, CrossedPolicy } from './options.js';
import type { OutputTable, RowTable } from './output-tables.js';
import type { DayQuiet } from './silences.js';
import type { WitnessSpec } from './witness-specs.js';

/**
 * What passes between the host thread and the worker threads: plain data, slot numbers and
 * addresses of the shared memory, never rows.
 */

/** A run of decoded rows in one slot. */
export interface Chunk extends DecodedChunk {
  /** Index of the input file in the job's list of this table. */
  readonly fileIndex: number;
  /** depth: what its prices and quantities have in common; null: nobody asked (`grids`). */
  readonly grid: ValueGrid | null;
}

/** What the decoding of a job's tables needs. */
export interface DecodePlan {
  readonly job: number;
  readonly files: Readonly<Record<JobTable, readonly PlannedFile[]>>;
  readonly ids: IdColumns;
  readonly tradeIds: TradeIdType;
  readonly scales: Scales;
  readonly selection: Selection;
  /** Whether depth chunks tell their ValueGrid. */
  readonly grids: boolean;
}

/**
 * What all pieces of a job have in common. It goes to each worker once, before the first piece:
 * the footer of a vendor's day has thousands of row groups, too many to copy with each task.
 */
export interface JobPlan extends DecodePlan {
  readonly outputs: Readonly<Partial<Record<RowTable, OutputTable>>>;
  readonly codec: Codec;
}

/** Consecutive row groups of one file, or a slice of one, decoded as one piece of work. */
export interface DecodeTask {
  readonly job: number;
  readonly table: JobTable;
  /** File of the job's plan. */
  readonly fileIndex: number;
  readonly rowGroupIndexes: readonly number[];
  /** Of the one row group, the rows that are wanted; null: all. */
  readonly slice: RowSlice | null;
  /** Slots to fill, in this order; enough for all rows. */
  readonly slots: readonly number[];
}

export interface DecodeResult extends Omit<DecodedRows, 'chunks'> {
  readonly chunks: readonly Chunk[];
}

/** A row group of an output table. */
export interface EncodeTask {
  readonly job: number;
  readonly table: RowTable;
  readonly segments: readonly Segment[];
  readonly rowCount: number;
  /** Texts of a column that are known with its row group only. */
  readonly texts?: TaskTexts;
  /** Of a column of texts, each row's; null: none. */
  readonly rowTexts?: { readonly column: string; readonly texts: readonly (string | null)[] };
  /** Slots of the encoded pool, as many bytes as rowGroupBytesMax says. */
  readonly slots: readonly number[];
}

/** Texts for the codes of a string column, from code `first` on. */
export interface TaskTexts {
  readonly column: string;
  readonly first: number;
  readonly texts: readonly string[];
}

export type EncodeResult = EncodedRowGroup;

/** The book of one instrument and day, in order, on one thread. */
export interface BookTask {
  readonly job: number;
  readonly spec: BookSpec;
}

export interface BookSpec {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly policy: SequencePolicy;
  readonly messageKey: MessageKey;
  /** The messages are in order, each once: nothing waits, and ids that fall are a new start. */
  readonly isSettled: boolean;
  readonly ids: IdColumns;
  /** Input files of the depth table, then those of the snapshots, for findings. */
  readonly files: readonly string[];
  readonly snapshotFileCount: number;
  /** Of each depth file: what is missing in front of it; null: nothing. */
  readonly holesBefore: readonly (HoleBefore | null)[];
  /** Of each file of snapshots: what cannot be read right behind it; null: nothing. */
  readonly holesBehindSnapshots: readonly (string | null)[];
  /** A line of the input is a whole message, and ids prove each message that is missing. */
  readonly idsProveLines: boolean;
  /** Where full books come from: rows of the depth table, a table of their own, or nowhere. */
  readonly snapshots: {
    readonly inDepth: boolean;
    readonly inTable: boolean;
    /** The exchange sends them by itself, in the stream: each is the whole book, from there on. */
    readonly bySocket: boolean;
  };
  /** The tables of witnesses that are there, the deepest first. */
  readonly witnesses: readonly WitnessSpec[];
  /** Levels a side of the `book` output; 0: no book output. */
  readonly bookDepth: number;
  readonly bookEvery: BookCadence;
  /** Keyframes are written. */
  readonly keyframes: boolean;
  readonly crossed: CrossedPolicy;
  readonly crossedAfterNs: bigint;
  /** The UTC day of the input, and what its two clocks may be apart. */
  readonly dayFromNs: bigint;
  readonly dayToNs: bigint;
  readonly latencyMaxNs: bigint;
  /** A time without a message from which on it is a silence; null: by the instrument's own. */
  readonly silenceNs: bigint | null;
  /** The book that the day begins with. */
  readonly carried: CarriedBook | null;
  /** The next day begins with this day's last book. */
  readonly carries: boolean;
  /** The day before is part of the run, or the day behind. */
  readonly follows: boolean;
  readonly isFollowed: boolean;
  /** All rows of the day are read: witnesses behind the last message have something to say. */
  readonly wholeDay: boolean;
}

/** Shards that are not there, or the end of the file before, which breaks off. */
export interface HoleBefore {
  readonly kind: 'hole' | 'truncated';
  readonly reason: string;
  /** truncated: that file, and the first row that it should have had. */
  readonly origin: RowOrigin | null;
}

/** Rows [rowStart, rowEnd) of a slot, in output order. */
export interface Segment {
  readonly slot: number;
  readonly rowStart: number;
  readonly rowEnd: number;
}

/** What a book hands to the host as it goes. Each slot is released by exactly one Output. */
export interface BookOutput {
  readonly job: number;
  readonly depth: readonly Segment[];
  readonly book: readonly Segment[];
  /** Rows of keyframes, and the digests of those keyframes that begin among them. */
  readonly keyframes: {
    readonly segments: readonly Segment[];
    readonly digests: readonly string[];
  };
  /** Slots in which nothing more will be written or emitted. */
  readonly done: readonly number[];
  readonly messages: number;
}

export interface BookResult {
  readonly accounting: Pick<Accounting, 'dropped' | 'synthetic'>;
  readonly first: { ts_recv: bigint; ts_event: bigint; sequence: bigint | null } | null;
  readonly last: { ts_recv: bigint; ts_event: bigint; sequence: bigint | null } | null;
  readonly messages: number;
  /** Rows that were applied, those made here too. */
  readonly rowsBooked: number;
  readonly gaps: GapFinding[];
  /** Of `gaps`, [from, to): in front of messages that wait for the next day, where it takes them. */
  readonly gapsWaiting: { readonly from: number; readonly to: number };
  /** The day goes on with the messages of the day before that wait. */
  readonly tookWaiting: boolean;
  readonly rowFaults: InstrumentAudit['row_faults'];
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly resets: number;
  readonly reconnects: number;
  readonly quiet: DayQuiet;
  readonly crossed: { messages: number; ns: bigint };
  readonly locked: { messages: number; ns: bigint };
  readonly witness: WitnessFinding[];
  readonly deletes: number;
  readonly deletesUnknown: number;
  readonly latencyNs: LatencyFigures | null;
  readonly rowsTrusted: number;
  readonly depthUnknown: number;
  readonly tickPips: bigint;
  /** Digest of the book at the end of each full part, then at the end of the day. */
  readonly partDigests: readonly string[];
  /** Number of the keyframe at the end of each part, null where there is none. */
  readonly partKeyframes: readonly (number | null)[];
  readonly digest: string;
  readonly quality: QualityInterval[];
  readonly reseeds: number;
  /** Where BookSpec.carries asks for it, and there is a book; else null. */
  readonly carried: CarriedBook | null;
  /** Where BookSpec.isFollowed asks for it; null: there is no book. */
  readonly lastBook: BookAt | null;
  /** Where BookSpec.follows asks for it; null: there is none. */
  readonly firstSnapshot: BookAt | null;
}

export type JobTable = InputTable;

/** Calls that the host serves for its workers. */
export interface HostCalls {
  /** The next decoded chunks of an input table (a unit of decoding), in order; none at its end. */
  nextChunks(argument: { job: number; table: JobTable }): Promise<readonly Chunk[]>;
  /** Slots for rows that the book makes itself (book rows, synthetic rows). */
  acquireSlots(argument: { job: number; count: number }): Promise<number[]>;
  /** Hands finished rows over; resolves when the host wants more. */
  emit(argument: BookOutput): Promise<void>;
}

/** Calls that a worker serves for the host. */
export interface WorkerCalls {
  openJob(argument: JobPlan): Promise<void>;
  closeJob(argument: { job: number }): Promise<void>;
  decode(argument: DecodeTask): Promise<DecodeResult>;
  encode(argument: EncodeTask): Promise<EncodeResult>;
  book(argument: BookTask): Promise<BookResult>;
}

/** How the shared memory of a run is divided; every thread gets the same one. */
export interface MemoryMap {
  readonly byteLength: number;
  /** A worker's part of --memory: what parquet-wasm may take there for a read, besides all this. */
  readonly wasmBytesMax: number;
  readonly rows: { readonly ptr: number; readonly slotBytes: number; readonly slotCount: number };
  readonly encoded: {
    readonly ptr: number;
    readonly slotBytes: number;
    readonly slotCount: number;
  };
  /** One for each worker, then one for the host. */
  readonly threads: readonly {
    readonly scratch: { readonly ptr: number; readonly byteLength: number };
    readonly arena: { readonly ptr: number; readonly byteLength: number };
    /** Where it reads pages; of the host: empty. */
    readonly reading: { readonly ptr: number; readonly byteLength: number };
  }[];
}
