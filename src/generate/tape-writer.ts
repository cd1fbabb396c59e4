import type { Core } from '../core/core.js';
import type { ByteSink } from '../io/byte-sink.js';
import type { SlotPool } from '../memory/slot-pool.js';
import { encodeRowGroup } from '../parquet/encode-row-group.js';
import { ParquetFileWriter } from '../parquet/file-writer.js';
import type { Codec, MemorySpan } from '../parquet/write-types.js';
import type { TableBuffer } from './table-buffer.js';

export interface TapeWriterOptions {
  readonly core: Core;
  readonly buffer: TableBuffer;
  readonly codec: Codec;
  readonly scratch: MemorySpan;
  /** One slot takes any encoded row group of the tape. */
  readonly pool: SlotPool;
}

/**
 * Writes one table, file after file. Row groups are encoded at once, so that their slots can be
 * filled again, and written behind the generator's back; the pool's slots bound how far behind.
 */
export class TapeWriter {
  readonly buffer: TableBuffer;
  /** Rows and bytes of all files that were begun. */
  rowCount = 0;
  byteLength = 0;
  readonly #options: TapeWriterOptions;
  #file: ParquetFileWriter | null = null;
  #sink: ByteSink | null = null;
  /** Writes to come, in order. It keeps the first error and does nothing more after it. */
  #writes: Promise<void> = Promise.resolve();
  #error: unknown = null;

  constructor(options: TapeWriterOptions) {
    this.#options = options;
    this.buffer = options.buffer;
  }

  /** Begins a file; the one before must be finished. */
  open(sink: ByteSink): void {
    this.#sink = sink;
    this.#file = new ParquetFileWriter(sink, { columns: this.buffer.table.columns });
    this.buffer.reset();
  }

  /** The buffer's slot is full: on to the next, or the row group goes to the file. */
  async advance(): Promise<void> {
    if (!this.buffer.nextSlot()) await this.#flush();
  }

  /** Writes what is left and ends the file; it may be published then. */
  async finish(keyValue: ReadonlyMap<string, string>): Promise<void> {
    await this.#flush();
    await this.#writes;
    if (this.#error !== null) throw this.#error;
    await this.#file?.finish({ keyValue });
    this.byteLength += this.#sink?.byteLength ?? 0;
    await this.#sink?.close();
    this.#file = null;
    this.#sink = null;
  }

  /** Waits until nothing is being written any more, whatever became of it. */
  async settle(): Promise<void> {
    await this.#writes;
  }

  async #flush(): Promise<void> {
    const { core, codec, scratch, pool } = this.#options;
    const { rowCount } = this.buffer;
    if (rowCount > 0) {
      const slots = await pool.acquire(1);
      if (this.#error !== null) throw this.#error;
      const encoded = encodeRowGroup(core, scratch, {
        columns: this.buffer.table.columns,
        places: this.buffer.table.layout.columns,
        segments: this.buffer.segments(),
        rowCount,
        codec,
        out: slots.map((slot) => ({ ptr: pool.ptr(slot), byteLength: pool.slotBytes })),
      });
      this.rowCount += rowCount;
      const file = this.#file;
      this.#writes = this.#writes
        .then(async () => {
          if (this.#error === null) await file?.appendRowGroup(core.views, encoded);
        })
        .catch((error: unknown) => {
          this.#error = error;
        })
        .finally(() => pool.release(slots));
    }
    this.buffer.reset();
  }
}
