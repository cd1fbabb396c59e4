import { RowFaultList } from '../audit/row-faults.js';
import type { RowFault } from '../audit/types.js';
import type { RowReject } from '../dialects/decode-target.js';
import type { PlannedFile } from '../dialects/types.js';
import type { MessageCut } from './message-cut.js';
import type { Chunk } from './protocol.js';

/** A refused row, with the file that it stands in. */
export interface FileReject extends RowReject {
  readonly path: string;
}

/** What became of the rows of an input table, and where `--limit` cuts it: behind a message. */
export class TableAccounts {
  readonly rejects: FileReject[] = [];
  /** Rows with a stamp of 0 or -1. */
  readonly faults = new RowFaultList();
  readonly #table: 'depth' | 'snapshots' | 'trades';
  readonly #files: readonly PlannedFile[];
  readonly #limit: number;
  readonly #cut: MessageCut | null;
  #isCut = false;
  #rowsIn = 0;
  /** Rejects of chunks that kept no row: they stand in front of the next chunk. */
  readonly #carried: RowReject[] = [];

  /** @param cut finds the ends of messages; null: each row stands for itself */
  constructor(
    table: 'depth' | 'snapshots' | 'trades',
    files: readonly PlannedFile[],
    limit: number | null,
    cut: MessageCut | null = null,
  ) {
    this.#table = table;
    this.#files = files;
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.#cut = limit === null ? null : cut;
  }

  /** Rows that the selection took, refused ones too. */
  get rowsIn(): number {
    return this.#rowsIn;
  }

  /** Counts a chunk's rows; those beyond the limit, and behind its last message, are cut off. */
  take(chunk: Chunk): Chunk {
    const { rowCount, rejects } = this.#upToLimit(chunk);
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

  #upToLimit(chunk: Chunk): Pick<Chunk, 'rowCount' | 'rejects'> {
    if (this.#isCut) return { rowCount: 0, rejects: [] };
    const left = this.#limit - this.#rowsIn;
    const { slot, rejects } = chunk;
    if (chunk.rowCount + rejects.length <= left) {
      if (chunk.rowCount > 0) this.#cut?.took(slot, chunk.rowCount - 1);
      return chunk;
    }
    // Refused rows count where they stand: in front of row `at`.
    let rejectCount = 0;
    let rowCount = 0;
    while (rowCount + rejectCount < left) {
      if (rejects[rejectCount]?.at === rowCount) rejectCount++;
      else rowCount++;
    }
    if (this.#cut !== null) {
      if (rowCount > 0) this.#cut.took(slot, rowCount - 1);
      rowCount = this.#cut.endFrom(slot, rowCount, chunk.rowCount);
    }
    this.#isCut = rowCount < chunk.rowCount;
    const isTaken = (reject: RowReject, index: number): boolean =>
      index < rejectCount || reject.at < rowCount || this.#cut?.holds(reject) === true;
    const taken = rejects.filter(({ at }) => at <= rowCount).filter(isTaken);
    if (taken.length < rejects.length) this.#isCut = true;
    return { rowCount, rejects: taken };
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
