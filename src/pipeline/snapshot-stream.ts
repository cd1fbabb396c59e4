import { FLAG_LAST, FLAG_SNAPSHOT } from '../abi/flags.js';
import type { ChunkQueue } from './chunk-queue.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { Chunk, Segment } from './protocol.js';

export interface SnapshotStreamOptions {
  readonly chunks: ChunkQueue;
  readonly slots: DepthSlots;
  /** As BookSpec has them. */
  readonly holesBehind: readonly (string | null)[];
  /** A chunk is here; all of its rows will be taken. */
  readonly onChunk: (chunk: Chunk) => void;
}

export interface TakenSnapshot {
  readonly segments: readonly Segment[];
  /** Slots whose last row is among them. */
  readonly endsSlots: readonly number[];
  /** What cannot be read and may hold rows of it; null: nothing. */
  readonly hole: string | null;
}

/** The snapshots of a table of their own, in the order of its files. */
export class SnapshotStream {
  readonly #options: SnapshotStreamOptions;
  #chunk: Chunk | null = null;
  #row = 0;
  #ended = false;

  constructor(options: SnapshotStreamOptions) {
    this.#options = options;
  }

  /** When the next one was received; null at the end. */
  async peek(): Promise<bigint | null> {
    if (!(await this.#hasRow())) return null;
    const { slots } = this.#options;
    return slots.i64(slots.columns(this.#chunk!.slot).tsRecvPtr, this.#row);
  }

  /** Takes all rows of the next one, marked as such, the last of them as the end of a message. */
  async take(): Promise<TakenSnapshot> {
    const { slots } = this.#options;
    const segments: Segment[] = [];
    const endsSlots: number[] = [];
    let key: string | null = null;
    let firstFile: number | null = null;
    while (await this.#hasRow()) {
      const { slot, rowCount, fileIndex } = this.#chunk!;
      firstFile ??= fileIndex;
      const columns = slots.columns(slot);
      key ??= this.#keyAt(columns, this.#row);
      const rowStart = this.#row;
      while (this.#row < rowCount && this.#keyAt(columns, this.#row) === key) this.#row++;
      if (this.#row > rowStart) segments.push({ slot, rowStart, rowEnd: this.#row });
      if (this.#row < rowCount) break;
      endsSlots.push(slot);
    }
    for (const segment of segments) slots.mark(segment, FLAG_SNAPSHOT);
    const { slot, rowEnd } = segments.at(-1)!;
    slots.mark({ slot, rowStart: rowEnd - 1, rowEnd }, FLAG_LAST);
    return { segments, endsSlots, hole: this.#holeSince(firstFile!) };
  }

  /** What is missing between the file of the snapshot's first row and that of the row behind it. */
  #holeSince(firstFile: number): string | null {
    const { holesBehind } = this.#options;
    const nextFile = this.#ended ? holesBehind.length : this.#chunk!.fileIndex;
    return holesBehind.slice(firstFile, nextFile).find((hole) => hole !== null) ?? null;
  }

  #keyAt({ tsRecvPtr, sequencePtr }: DepthColumns, row: number): string {
    const { slots } = this.#options;
    const id = sequencePtr === 0 ? '' : slots.i64(sequencePtr, row);
    return `${slots.i64(tsRecvPtr, row)} ${id}`;
  }

  async #hasRow(): Promise<boolean> {
    while (!this.#ended && (this.#chunk === null || this.#row === this.#chunk.rowCount)) {
      this.#chunk = await this.#options.chunks.next();
      this.#row = 0;
      if (this.#chunk === null) this.#ended = true;
      else this.#options.onChunk(this.#chunk);
    }
    return !this.#ended;
  }
}
