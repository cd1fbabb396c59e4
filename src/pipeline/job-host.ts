import type { Core } from '../core/core.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import type { ByteSink } from '../io/byte-sink.js';
import type { Arena } from '../memory/arena.js';
import type { SlotPool } from '../memory/slot-pool.js';
import type { EncodedRowGroup } from '../parquet/write-types.js';
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
