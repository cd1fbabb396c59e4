import type { RowReject } from '../dialects/decode-target.js';
import type { PlannedFile } from '../dialects/types.js';
import type { Chunk } from './protocol.js';

/** A refused row, with the file that it stands in. */
export interface FileReject extends RowReject {
  readonly path: string;
}

/** What became of the rows of an input table, and where `--limit` cuts it. */
export class TableAccounts {
  readonly rejects: FileReject[] = [];
  readonly #files: readonly PlannedFile[];
  readonly #limit: number;
  #rowsIn = 0;
  /** Rejects of chunks that kept no row: they stand in front of the next chunk. */
  readonly #carried: RowReject[] = [];

  constructor(files: readonly PlannedFile[], limit: number | null) {
    this.#files = files;
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
  }

  /** Rows that the selection took, refused ones too. */
  get rowsIn(): number {
    return this.#rowsIn;
  }

  /** Counts a chunk's rows; those beyond the limit are cut off. */
  take(chunk: Chunk): Chunk {
    const left = this.#limit - this.#rowsIn;
    const rowCount = Math.min(chunk.rowCount, left);
    const rejects =
      rowCount === chunk.rowCount
        ? chunk.rejects.slice(0, Math.max(0, left - rowCount))
        : chunk.rejects.filter(({ at }) => at < rowCount);
    this.#rowsIn += rowCount + rejects.length;
    const { path } = this.#files[chunk.fileIndex]!;
    for (const reject of rejects) this.rejects.push({ ...reject, path });
    if (rowCount === 0) {
      this.#carried.push(...rejects);
      return { ...chunk, rowCount, rejects };
    }
    const before = this.#carried.splice(0).map((reject) => ({ ...reject, at: 0 }));
    return { ...chunk, rowCount, rejects: [...before, ...rejects] };
  }
}
