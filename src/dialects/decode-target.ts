import type { RowRejectCode } from '../errors/codes.js';
import { invariant } from '../errors/errors.js';
import type { TableLayout } from '../memory/column-layout.js';
import type { FileRun } from './file-rows.js';

/** A row that is bad in itself: where it was, why, and where it would have stood. */
export interface RowReject {
  readonly rowGroupIndex: number;
  /** Row of the file, from 0. */
  readonly row: number;
  readonly reason: RowRejectCode;
  /** The source's column. */
  readonly column: string;
  /** Its value as a reader would write it; `null` for none. */
  readonly value: string;
  /** It would have stood before this row of its chunk (the chunk's rowCount: behind the last). */
  readonly at: number;
  /** Its level, as far as the row can be believed: what the book can no longer trust. */
  readonly isBid: boolean | null;
  readonly pricePips: bigint | null;
  /** Stamp and id as far as the row has them: they tell which message it was part of. */
  readonly tsRecv: bigint;
  readonly sequence: bigint | null;
  /** Of a message of the stream, no snapshot, all ids that its source has; else null. */
  readonly ids: {
    readonly first: bigint;
    readonly last: bigint;
    readonly prev: bigint | null;
  } | null;
}

/** Rows whose stamp is 0 or -1, which says that there is none. */
export interface UnstampedRows {
  /** All of them, as rows of the file. */
  readonly rows: readonly number[];
  /** What the first of them say: ROW_FAULTS_MAX at most. */
  readonly listed: readonly UnstampedRow[];
}

export interface UnstampedRow {
  /** Row of the file, from 0. */
  readonly row: number;
  /** The source's column, and its value. */
  readonly column: string;
  readonly value: string;
}

/** Rows of a kind that are listed; further ones are only counted. */
export const ROW_FAULTS_MAX = 1_000;

/** Rows of one slot, and where they come from. Plain data: it travels between threads. */
export interface DecodedChunk {
  readonly slot: number;
  readonly rowCount: number;
  /** Row of the file that row 0 of the slot is. */
  readonly fileRow: number;
  /** File row of each row where they do not follow one another, else null. */
  readonly fileRows: Uint32Array | null;
  /** In the order of their rows. */
  readonly rejects: readonly RowReject[];
  /** Trades whose ids are text (InstrumentDay.tradeIds): of each row, null: it has none. Else null. */
  readonly tradeIds: readonly (string | null)[] | null;
  /** Among the rows and the rejects; null: none. */
  readonly unstamped: UnstampedRows | null;
}

export interface DecodedRows {
  /** In the order of the file; a chunk has rows or rejects. */
  readonly chunks: readonly DecodedChunk[];
  /** Slots that were not needed. */
  readonly unused: readonly number[];
  /** Rows that the selection took: those of the chunks and the rejects. */
  readonly rowsIn: number;
  readonly rowsDeselected: number;
}

export interface DecodeSlot {
  readonly slot: number;
  readonly ptr: number;
}

/** Fills slots with rows one after the other, and remembers which rows of the file they are. */
export class SlotFiller {
  readonly layout: TableLayout;
  readonly #slots: readonly DecodeSlot[];
  readonly #chunks: DecodedChunk[] = [];
  #slotIndex = 0;
  #rowCount = 0;
  #runs: { fileRow: number; count: number }[] = [];
  #rejects: RowReject[] = [];
  #unstamped: { readonly rows: number[]; readonly listed: UnstampedRow[] } | null = null;
  #tradeIds: (string | null)[] | null = null;
  #rowsIn = 0;
  #rowsDeselected = 0;

  constructor(layout: TableLayout, slots: readonly DecodeSlot[]) {
    this.layout = layout;
    this.#slots = slots;
  }

  /** Address of the slot in work. */
  get slotPtr(): number {
    return this.#slots[this.#slotIndex]!.ptr;
  }

  /** Rows in it so far. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Room for more rows, at least one; moves on to the next slot when this one is full. */
  room(): number {
    if (this.#rowCount === this.layout.rowCapacity) this.#close();
    if (this.#slotIndex >= this.#slots.length) {
      invariant(false, `a decode task got ${this.#slots.length} slots, too few for its rows`);
    }
    return this.layout.rowCapacity - this.#rowCount;
  }

  /** Notes rows that were written behind the last ones. */
  addRuns(runs: Iterable<FileRun>): void {
    for (const { fileRow, count } of runs) {
      const last = this.#runs.at(-1);
      if (last !== undefined && last.fileRow + last.count === fileRow) last.count += count;
      else this.#runs.push({ fileRow, count });
      this.#rowCount += count;
      this.#rowsIn += count;
    }
  }

  /** Ids of trades that are text: of the rows that are added next. */
  addTradeIds(ids: readonly (string | null)[]): void {
    this.#tradeIds ??= [];
    for (const id of ids) this.#tradeIds.push(id);
  }

  /** Notes a refused row; rows before it have been added. */
  addReject(reject: Omit<RowReject, 'at'>): void {
    this.#rejects.push({ ...reject, at: this.#rowCount });
    this.#rowsIn++;
  }

  /** Notes a row with a stamp of 0 or -1; the row itself is added or rejected as any other. */
  addUnstamped(row: UnstampedRow): void {
    this.#unstamped ??= { rows: [], listed: [] };
    const { rows, listed } = this.#unstamped;
    if (rows.push(row.row) <= ROW_FAULTS_MAX) listed.push(row);
  }

  addDeselected(count: number): void {
    this.#rowsDeselected += count;
  }

  finish(): DecodedRows {
    if (this.#rowCount > 0 || this.#rejects.length > 0) this.#close();
    return {
      chunks: this.#chunks,
      unused: this.#slots.slice(this.#slotIndex).map(({ slot }) => slot),
      rowsIn: this.#rowsIn,
      rowsDeselected: this.#rowsDeselected,
    };
  }

  #close(): void {
    const { slot } = this.#slots[this.#slotIndex++]!;
    const [first] = this.#runs;
    this.#chunks.push({
      slot,
      rowCount: this.#rowCount,
      fileRow: first?.fileRow ?? this.#rejects[0]!.row,
      fileRows: this.#runs.length > 1 ? this.#fileRows() : null,
      rejects: this.#rejects,
      tradeIds: this.#tradeIds,
      unstamped: this.#unstamped,
    });
    this.#rowCount = 0;
    this.#runs = [];
    this.#rejects = [];
    this.#unstamped = null;
    this.#tradeIds = null;
  }

  #fileRows(): Uint32Array {
    const rows = new Uint32Array(this.#rowCount);
    let at = 0;
    for (const { fileRow, count } of this.#runs) {
      for (let row = fileRow; row < fileRow + count; row++) rows[at++] = row;
    }
    return rows;
  }
}
