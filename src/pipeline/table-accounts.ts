import { RowFaultList } from '../audit/row-faults.js';
import type { RowFault } from '../audit/types.js';
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
  /** Rows with a stamp of 0 or -1. */
  readonly faults = new RowFaultList();
  readonly #table: 'depth' | 'snapshots' | 'trades';
  readonly #files: readonly PlannedFile[];
  readonly #limit: number;
  #rowsIn = 0;
  /** Rejects of chunks that kept no row: they stand in front of the next chunk. */
  readonly #carried: RowReject[] = [];

  constructor(
    table: 'depth' | 'snapshots' | 'trades',
    files: readonly PlannedFile[],
    limit: number | null,
  ) {
    this.#table = table;
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
    this.#noteUnstamped(chunk, rowCount, path);
    if (rowCount === 0) {
      this.#carried.push(...rejects);
      return { ...chunk, rowCount, rejects };
    }
    const before = this.#carried.splice(0).map((reject) => ({ ...reject, at: 0 }));
    return { ...chunk, rowCount, rejects: [...before, ...rejects] };
  }

  #noteUnstamped({ unstamped, ...chunk }: Chunk, rowCount: number, file: string): void {
    if (unstamped === null) return;
    const { fileRow, fileRows } = chunk;
    const isCut = rowCount < chunk.rowCount;
    const rowEnd = isCut ? (fileRows?.[rowCount] ?? fileRow + rowCount) : Number.POSITIVE_INFINITY;
    const listed = unstamped.listed.filter(({ row }) => row < rowEnd);
    const count = unstamped.rows.filter((row) => row < rowEnd).length;
    const table = this.#table;
    for (const { row, column, value } of listed) {
      const reason = `${column} is ${value}, which is no time`;
      this.faults.add(
        'stamp_missing',
        (): Omit<RowFault, 'kind'> => ({ table, file, row, reason }),
      );
    }
    this.faults.addUnlisted('stamp_missing', count - listed.length);
  }
}
