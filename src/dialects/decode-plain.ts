import type { Core } from '../core/core.js';
import { plainRows } from '../core/plain-rows.js';
import { timesToNs } from '../core/times.js';
import type { SourceColumn } from '../parquet/reader.js';
import { copyIntegers, copyValues } from './copy-integers.js';
import { copySideBits } from './decode-sides.js';
import { setBits } from './row-columns.js';
import type { PlainPlan } from './row-plan.js';
import type { RowRun } from './scale-column.js';
import type { Scales, TimeUnitNs } from './types.js';

/**
 * Decodes the rows of a run that nothing is the matter with: a few calls of kernels, whatever the
 * run's length. It judges nothing: rows from the first one on that it is not sure of are left to the
 * general way, which writes all their columns again.
 */
export class PlainRows {
  readonly #core: Core;
  readonly #plan: PlainPlan;
  readonly #scales: Scales;
  readonly #badBitmapPtr: number;

  /** @param badBitmapPtr room for one bit a row */
  constructor(core: Core, plan: PlainPlan, scales: Scales, badBitmapPtr: number) {
    this.#core = core;
    this.#plan = plan;
    this.#scales = scales;
    this.#badBitmapPtr = badBitmapPtr;
  }

  /**
   * @param columns in the order of RowPlan.columnNames
   * @param row of the slot at `slotPtr` that the run's first row becomes
   * @returns how many of the run's first rows are done
   */
  decode(columns: readonly SourceColumn[], run: RowRun, slotPtr: number, row: number): number {
    for (const { nullCount } of columns) if (nullCount > 0) return 0;
    const { recv, event, price, qty, side, ids, nullable, flags } = this.#plan;
    const { count } = run;
    const at = slotPtr + row * 8;
    const core = this.#core;
    const recvPtr = at + recv.place.valuesOffset;
    const eventPtr = at + event.place.valuesOffset;
    const pricePtr = at + price.place.valuesOffset;
    const qtyPtr = at + qty.place.valuesOffset;
    if (!this.#timesInto(columns[recv.columnIndex]!, recv.unitNs, run, recvPtr)) return 0;
    if (!this.#timesInto(columns[event.columnIndex]!, event.unitNs, run, eventPtr)) return 0;
    copyValues(core, columns[price.columnIndex]!, run, 8, pricePtr);
    copyValues(core, columns[qty.columnIndex]!, run, 8, qtyPtr);
    const done = plainRows(core, { recvPtr, eventPtr, pricePtr, qtyPtr }, count, this.#scales);
    if (done === 0) return 0;
    for (const { columnIndex, place } of ids) {
      copyIntegers(core, columns[columnIndex]!, run, at + place.valuesOffset);
    }
    const sidePtr = slotPtr + side.place.valuesOffset;
    copySideBits(core, columns[side.columnIndex]!, side.invert, run, sidePtr, row);
    for (const { validityOffset } of nullable) {
      setBits(core.views.u8, slotPtr + validityOffset, row, count);
    }
    core.kernels.fillBytes(slotPtr + flags.valuesOffset + row * 4, count * 4, 0);
    return done;
  }

  /** @returns false: a stamp does not fit in ns */
  #timesInto(column: SourceColumn, unitNs: TimeUnitNs, run: RowRun, ptr: number): boolean {
    const core = this.#core;
    copyIntegers(core, column, run, ptr);
    if (unitNs === 1) return true;
    const times = { valuesPtr: ptr, rowCount: run.count };
    core.kernels.fillBytes(this.#badBitmapPtr, (run.count + 7) >> 3, 0);
    return timesToNs(core, times, unitNs, this.#badBitmapPtr) === 0;
  }
}
