import { PART_ROWS, ROW_GROUP_ROWS, ROW_GROUP_ROWS_MAX } from '../abi/limits.js';
import { BYTE_DIGEST_BYTES, ByteDigest } from '../core/byte-digest.js';
import type { Core } from '../core/core.js';
import type { ByteSink } from '../io/byte-sink.js';
import type { Arena } from '../memory/arena.js';
import type { SlotPool } from '../memory/slot-pool.js';
import { rowGroupBytesMax } from '../parquet/encode-row-group.js';
import { ParquetFileWriter } from '../parquet/file-writer.js';
import type { Codec, EncodedRowGroup, WriteColumn } from '../parquet/write-types.js';
import type { EncodeTask, Segment } from './protocol.js';
import { type CutGroup, RowGroupCutter } from './row-group-cutter.js';
import { SlotGather, type SlotGatherOptions } from './slot-gather.js';

/** A part of a table: one finished file. */
export interface WrittenPart {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly xxh64: string;
}

export interface TableWriterOptions extends SlotGatherOptions {
  readonly columns: readonly WriteColumn[];
  readonly keyValue: ReadonlyMap<string, string>;
  readonly codec: Codec;
  /** The host thread's core, and its arena for what hashing needs. */
  readonly core: Core;
  readonly arena: Arena;
  readonly encodedPool: SlotPool;
  readonly nextMessageEnd: (slot: number, rowStart: number, rowEnd: number) => number;
  readonly encode: (group: Omit<EncodeTask, 'job' | 'table'>) => Promise<EncodedRowGroup>;
  /** Opens a part for writing; its name becomes final when the sink is published. */
  readonly openSink: (partIndex: number) => Promise<ByteSink>;
}

/** Row groups that are being encoded or wait to be written, at most, before push has to wait. */
const GROUPS_PENDING_MAX = 3;

/**
 * One output table of one job: cuts its rows into row groups, has them encoded by any worker, and
 * writes them in order. Nothing has its final name before `publish`.
 */
export class TableWriter {
  readonly #options: TableWriterOptions;
  readonly #cutter: RowGroupCutter;
  readonly #gather: SlotGather;
  /** Segments at the start of the open group that are gathered. */
  #gathered = 0;
  /** Rows of the open group behind those, and the slots in which they lie. */
  #looseRows = 0;
  readonly #looseSlots = new Set<number>();
  readonly #pending: Promise<void>[] = [];
  /** The end of the chain of writes; each group is written behind the one before it. */
  #written: Promise<void> = Promise.resolve();
  #slotsInTurn: Promise<unknown> = Promise.resolve();
  #writer: ParquetFileWriter | null = null;
  #digestPtr = 0;
  #partRows = 0;
  readonly #sinks: ByteSink[] = [];
  readonly #parts: WrittenPart[] = [];
  #rows = 0;

  constructor(options: TableWriterOptions) {
    this.#options = options;
    this.#gather = new SlotGather(options);
    this.#cutter = new RowGroupCutter({
      rowGroupRows: ROW_GROUP_ROWS,
      rowGroupRowsMax: ROW_GROUP_ROWS_MAX,
      partRows: PART_ROWS,
      nextMessageEnd: options.nextMessageEnd,
    });
  }

  /** Rows that were pushed. */
  get rows(): number {
    return this.#rows;
  }

  get parts(): readonly WrittenPart[] {
    return this.#parts;
  }

  /** Takes rows over; their slots are held until the rows are encoded. */
  async push(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) {
      const rowCount = segment.rowEnd - segment.rowStart;
      this.#rows += rowCount;
      this.#options.references.retain(segment.slot, rowCount);
      for (const group of this.#cutter.push(segment)) this.#start(group);
      this.#noteLoose(segment);
    }
    if (this.#gather.isSparse(this.#looseRows, this.#looseSlots.size)) await this.#gatherLoose();
    while (this.#pending.length > GROUPS_PENDING_MAX) await this.#pending[0];
  }

  /** Writes what is left and closes the last part; an empty table gets a part without rows. */
  async finish(): Promise<readonly WrittenPart[]> {
    const last = this.#cutter.finish();
    if (last !== null) this.#start(last);
    this.#gather.finish();
    await Promise.all(this.#pending);
    await this.#written;
    if (this.#writer !== null || this.#parts.length === 0) await this.#endPart();
    return this.#parts;
  }

  /** Gives all parts their final names. Only after `finish`, and once the accounts are right. */
  async publish(): Promise<void> {
    for (const sink of this.#sinks) await sink.publish();
  }

  /** Removes what was written. Safe at any time after the workers have stopped. */
  async abort(): Promise<void> {
    await Promise.allSettled([...this.#pending, this.#written]);
    for (const sink of this.#sinks) await sink.abort();
    if (this.#writer !== null) this.#options.arena.free(this.#digestPtr, BYTE_DIGEST_BYTES);
    this.#writer = null;
  }

  /** Counts a segment whose last rows are in the open group, if it has any. */
  #noteLoose({ slot, rowStart, rowEnd }: Segment): void {
    const last = this.#cutter.open.at(-1);
    if (last === undefined || rowEnd === rowStart) return;
    this.#looseRows += rowEnd - Math.max(rowStart, last.rowStart);
    this.#looseSlots.add(slot);
  }

  async #gatherLoose(): Promise<void> {
    const { open } = this.#cutter;
    const before = open.slice(0, this.#gathered);
    const segments = [...before, ...(await this.#gather.gather(open.slice(this.#gathered)))];
    this.#cutter.moveOpen(segments);
    this.#gathered = segments.length;
    this.#looseRows = 0;
    this.#looseSlots.clear();
  }

  #start(group: CutGroup): void {
    this.#gathered = 0;
    this.#looseRows = 0;
    this.#looseSlots.clear();
    const { columns, codec, encodedPool } = this.#options;
    const bytesMax = rowGroupBytesMax(columns, group.rowCount, codec);
    const slotCount = Math.ceil(bytesMax / encodedPool.slotBytes);
    const slots = this.#slotsInTurn.then(() => encodedPool.acquire(slotCount));
    this.#slotsInTurn = slots.catch(() => undefined);
    const encoded = slots.then((taken) => this.#encode(group, taken));
    const before = this.#written;
    const written = (async () => {
      const taken = await slots;
      try {
        const rowGroup = await encoded;
        await before;
        await this.#write(group, rowGroup);
      } finally {
        encodedPool.release(taken);
      }
    })();
    this.#written = written;
    // Seen by whoever awaits #pending or #written; until then it is not unhandled.
    written.catch(() => undefined);
    this.#pending.push(written);
    written.then(
      () => this.#pending.splice(this.#pending.indexOf(written), 1),
      () => undefined,
    );
  }

  async #encode(group: CutGroup, slots: readonly number[]): Promise<EncodedRowGroup> {
    const { references, encode } = this.#options;
    const { segments, rowCount } = group;
    const rowGroup = await encode({ segments, rowCount, slots });
    for (const { slot, rowStart, rowEnd } of segments) {
      references.release(slot, rowEnd - rowStart);
    }
    return rowGroup;
  }

  async #write(group: CutGroup, rowGroup: EncodedRowGroup): Promise<void> {
    const writer = await this.#openPart();
    await writer.appendRowGroup(this.#options.core.views, rowGroup);
    this.#partRows += group.rowCount;
    if (group.endsPart) await this.#endPart();
  }

  async #openPart(): Promise<ParquetFileWriter> {
    if (this.#writer !== null) return this.#writer;
    const sink = await this.#options.openSink(this.#sinks.length);
    this.#sinks.push(sink);
    const { core, arena, columns } = this.#options;
    this.#digestPtr = arena.allocate(BYTE_DIGEST_BYTES);
    const digest = new ByteDigest(core, this.#digestPtr);
    this.#writer = new ParquetFileWriter(sink, { columns, digest });
    this.#partRows = 0;
    return this.#writer;
  }

  async #endPart(): Promise<void> {
    const writer = await this.#openPart();
    const { keyValue, arena } = this.#options;
    const { byteLength, xxh64 } = await writer.finish({ keyValue });
    const sink = this.#sinks.at(-1)!;
    await sink.close();
    this.#parts.push({ path: sink.name, rows: this.#partRows, bytes: byteLength, xxh64: xxh64! });
    this.#writer = null;
    arena.free(this.#digestPtr, BYTE_DIGEST_BYTES);
  }
}
