import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import { columnPlace } from '../memory/column-layout.js';
import type { RowSegment } from '../parquet/write-types.js';
import type { TapeTable } from './tables.js';

/**
 * The slots of one row group of one table, which the generator's kernels fill one after the other.
 * Their memory is the caller's, for as long as the buffer is used; one thread.
 */
export class TableBuffer {
  readonly table: TapeTable;
  readonly #core: Core;
  readonly #statePtr: number;
  readonly #basePtr: number;
  readonly #rowGroupRows: number;
  readonly #slotCount: number;
  /** Rows of the slots that are full. */
  readonly #slotRows: number[] = [];
  #rowsInFullSlots = 0;

  constructor(
    core: Core,
    options: { table: TapeTable; statePtr: number; basePtr: number; rowGroupRows: number },
  ) {
    this.table = options.table;
    this.#core = core;
    this.#statePtr = options.statePtr;
    this.#basePtr = options.basePtr;
    this.#rowGroupRows = TableBuffer.rowGroupRows(options.table, options.rowGroupRows);
    this.#slotCount = TableBuffer.slotCount(options.table, options.rowGroupRows);
  }

  /** Rows of a row group: as asked for; a `book` row is wide, so one slot of them is enough. */
  static rowGroupRows(table: TapeTable, rowGroupRows: number): number {
    return table.name === 'book' ? Math.min(rowGroupRows, table.layout.rowCapacity) : rowGroupRows;
  }

  static slotCount(table: TapeTable, rowGroupRows: number): number {
    // A slot is left with fewer free rows than a message may need.
    const slotRows = table.layout.rowCapacity - (table.roomMin - 1);
    return Math.ceil(TableBuffer.rowGroupRows(table, rowGroupRows) / slotRows);
  }

  /** Bytes from `basePtr` on. */
  static byteLength(table: TapeTable, rowGroupRows: number): number {
    return TableBuffer.slotCount(table, rowGroupRows) * table.layout.byteLength;
  }

  get rowCount(): number {
    return this.#rowsInFullSlots + this.#rowsInSlot;
  }

  /** Whether the slot takes what one more message may bring. */
  get hasRoom(): boolean {
    const rowEnd = this.#core.views.i32[(this.#statePtr + this.table.rowEndOffset) / 4]!;
    return rowEnd - this.#rowsInSlot >= this.table.roomMin;
  }

  get #rowsInSlot(): number {
    return this.#core.views.i32[(this.#statePtr + this.table.rowOffset) / 4]!;
  }

  /** Starts an empty row group. */
  reset(): void {
    this.#slotRows.length = 0;
    this.#rowsInFullSlots = 0;
    this.#bindSlot();
  }

  /** Goes on to the next slot; false where the row group is complete instead. */
  nextSlot(): boolean {
    if (this.#rowGroupRows - this.rowCount < this.table.roomMin) return false;
    this.#rowsInFullSlots += this.#rowsInSlot;
    this.#slotRows.push(this.#rowsInSlot);
    invariant(this.#slotRows.length < this.#slotCount, `no slot left for ${this.table.name}`);
    this.#bindSlot();
    return true;
  }

  /** The rows so far. */
  segments(): RowSegment[] {
    const rows = [...this.#slotRows, this.#rowsInSlot].filter((count) => count > 0);
    return rows.map((rowCount, slotIndex) => ({
      slotPtr: this.#slotPtr(slotIndex),
      rowStart: 0,
      rowCount,
    }));
  }

  #slotPtr(slotIndex: number): number {
    return this.#basePtr + slotIndex * this.table.layout.byteLength;
  }

  #bindSlot(): void {
    const { bindings, strideOffsets, layout, rowOffset, rowEndOffset } = this.table;
    const { i32 } = this.#core.views;
    const slotPtr = this.#slotPtr(this.#slotRows.length);
    for (const [stateOffset, column] of bindings) {
      const address = slotPtr + columnPlace(layout, column).valuesOffset;
      i32[(this.#statePtr + stateOffset) / 4] = address;
    }
    // Level columns are all of one width and come last: equally far apart.
    const [beforeLast, last] = layout.columns.slice(-2);
    for (const offset of strideOffsets) {
      i32[(this.#statePtr + offset) / 4] = last!.valuesOffset - beforeLast!.valuesOffset;
    }
    const left = this.#rowGroupRows - this.#rowsInFullSlots;
    i32[(this.#statePtr + rowOffset) / 4] = 0;
    i32[(this.#statePtr + rowEndOffset) / 4] = Math.min(left, layout.rowCapacity);
  }
}
