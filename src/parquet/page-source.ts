import { PAGE_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import { invariant } from '../errors/errors.js';
import type { EncodeScratch } from './encode-scratch.js';
import type { ColumnSegment, WriteColumn } from './write-types.js';

/** How a column lies in the shared memory. A string column is there as its int32 codes. */
export type StoredType = 'int64' | 'int32' | 'double' | 'bool';

export function storedType(column: Pick<WriteColumn, 'type'>): StoredType {
  return column.type === 'string' ? 'int32' : column.type;
}

/**
 * The rows of one column of a row group, page by page, whatever segments they come from. A page is
 * gathered into scratch unless it lies in one segment and misses no value; then its values are
 * used where they are.
 */
export class PageSource {
  readonly pageCount: number;
  readonly type: StoredType;
  readonly valueBytes: number;
  readonly nullable: boolean;
  readonly #core: Core;
  readonly #scratch: EncodeScratch;
  readonly #segments: readonly ColumnSegment[];
  readonly #rowCount: number;

  constructor(
    core: Core,
    scratch: EncodeScratch,
    column: WriteColumn,
    segments: readonly ColumnSegment[],
    rowCount: number,
  ) {
    const segmentRows = segments.reduce((sum, segment) => sum + segment.rowCount, 0);
    invariant(
      segmentRows === rowCount,
      `column ${column.name} has ${segmentRows} rows in a row group of ${rowCount}`,
    );
    this.type = storedType(column);
    this.valueBytes = this.type === 'int32' ? 4 : 8;
    this.nullable = column.nullable;
    this.pageCount = Math.ceil(rowCount / PAGE_ROWS);
    this.#core = core;
    this.#scratch = scratch;
    this.#segments = segments;
    this.#rowCount = rowCount;
  }

  /** Rows of a page: PAGE_ROWS but for the last. */
  rows(pageIndex: number): number {
    return Math.min(PAGE_ROWS, this.#rowCount - pageIndex * PAGE_ROWS);
  }

  /** Gathers the page's validity into scratch; returns how many values are there. */
  loadValidity(pageIndex: number): number {
    const rowCount = this.rows(pageIndex);
    if (!this.nullable) return rowCount;
    const { kernels } = this.#core;
    const { validityPtr } = this.#scratch;
    this.#eachPart(pageIndex, (segment, row, count, pageRow) => {
      // A segment without a bitmap misses nothing.
      if (segment.validityPtr === -1) this.#setBits(validityPtr, pageRow, count);
      else kernels.gatherBits(segment.validityPtr, row, count, validityPtr, pageRow);
    });
    return countOf('countBits', kernels.countBits(validityPtr, rowCount));
  }

  /**
   * Address of the page's `presentCount` values without the missing ones; loadValidity came before.
   * What stands there may be overwritten by the next call.
   */
  loadValues(pageIndex: number, presentCount: number): number {
    const rowCount = this.rows(pageIndex);
    const whole = presentCount === rowCount;
    if (whole && this.type !== 'bool') {
      const ptr = this.#inPlace(pageIndex);
      if (ptr !== null) return ptr;
    }
    const { kernels, views } = this.#core;
    const { valuesPtr, validityPtr } = this.#scratch;
    this.#eachPart(pageIndex, (segment, row, count, pageRow) => {
      if (this.type === 'bool') {
        kernels.gatherBits(segment.valuesPtr, row, count, valuesPtr, pageRow);
        return;
      }
      const from = segment.valuesPtr + row * this.valueBytes;
      const to = valuesPtr + pageRow * this.valueBytes;
      views.u8.copyWithin(to, from, from + count * this.valueBytes);
    });
    if (whole) return valuesPtr;
    if (this.type === 'bool') kernels.compactBits(valuesPtr, validityPtr, rowCount);
    else if (this.valueBytes === 4) kernels.compactI32(valuesPtr, validityPtr, rowCount);
    else kernels.compactI64(valuesPtr, validityPtr, rowCount);
    return valuesPtr;
  }

  #setBits(bitsPtr: number, bit: number, count: number): void {
    const { kernels, views } = this.#core;
    // Ones to copy from: the values' block is free while validity is gathered.
    const onesPtr = this.#scratch.valuesPtr;
    views.u8.fill(0xff, onesPtr, onesPtr + Math.ceil(count / 8));
    kernels.gatherBits(onesPtr, 0, count, bitsPtr, bit);
  }

  /** Address of the page's values if one segment holds them all. */
  #inPlace(pageIndex: number): number | null {
    let start = pageIndex * PAGE_ROWS;
    for (const segment of this.#segments) {
      if (start < segment.rowCount) {
        if (start + this.rows(pageIndex) > segment.rowCount) return null;
        return segment.valuesPtr + (segment.rowStart + start) * this.valueBytes;
      }
      start -= segment.rowCount;
    }
    return null;
  }

  /** Calls `visit(segment, row in its slot, rows, row in the page)` for each part of the page. */
  #eachPart(
    pageIndex: number,
    visit: (segment: ColumnSegment, row: number, count: number, pageRow: number) => void,
  ): void {
    const pageRows = this.rows(pageIndex);
    let skip = pageIndex * PAGE_ROWS;
    let pageRow = 0;
    for (const segment of this.#segments) {
      if (skip >= segment.rowCount) {
        skip -= segment.rowCount;
        continue;
      }
      const count = Math.min(segment.rowCount - skip, pageRows - pageRow);
      visit(segment, segment.rowStart + skip, count, pageRow);
      pageRow += count;
      skip = 0;
      if (pageRow === pageRows) return;
    }
  }
}
