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

/** Values that lie one behind the other. */
export interface ValueRun {
  readonly ptr: number;
  readonly count: number;
}

/**
 * The rows of one column of a row group, page by page, whatever segments they come from. Values
 * are used where they are, in one run for each segment, unless some of the page are missing or the
 * caller wants them all in one piece; then they are gathered into scratch.
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
   * The page's `presentCount` values without the missing ones, not of type 'bool'; loadValidity
   * came before. What stands there may be overwritten by the next call.
   */
  valueRuns(pageIndex: number, presentCount: number): ValueRun[] {
    if (presentCount < this.rows(pageIndex)) {
      return [{ ptr: this.loadValues(pageIndex, presentCount), count: presentCount }];
    }
    const runs: ValueRun[] = [];
    this.#eachPart(pageIndex, ({ valuesPtr }, row, count) => {
      runs.push({ ptr: valuesPtr + row * this.valueBytes, count });
    });
    return runs;
  }

  /** As valueRuns, in one piece; also of type 'bool', as bits. Returns their address. */
  loadValues(pageIndex: number, presentCount: number): number {
    const rowCount = this.rows(pageIndex);
    const isWhole = presentCount === rowCount;
    const { kernels } = this.#core;
    const { valuesPtr, validityPtr } = this.#scratch;
    if (this.type === 'bool') {
      this.#gatherBits(pageIndex, valuesPtr);
      if (!isWhole) kernels.compactBits(valuesPtr, validityPtr, rowCount);
      return valuesPtr;
    }
    if (isWhole) return this.gathered(this.valueRuns(pageIndex, presentCount), rowCount).ptr;
    this.#eachPart(pageIndex, (segment, row, count, pageRow) => {
      const from = segment.valuesPtr + row * this.valueBytes;
      this.#copyValues(from, count, valuesPtr + pageRow * this.valueBytes);
    });
    if (this.valueBytes === 4) kernels.compactI32(valuesPtr, validityPtr, rowCount);
    else kernels.compactI64(valuesPtr, validityPtr, rowCount);
    return valuesPtr;
  }

  /** The first `count` values of runs in one piece: where they are, or in scratch. */
  gathered(runs: readonly ValueRun[], count: number): ValueRun {
    const first = runs[0]!;
    if (first.count >= count) return { ptr: first.ptr, count };
    const { valuesPtr } = this.#scratch;
    let done = 0;
    for (const run of runs) {
      const take = Math.min(run.count, count - done);
      this.#copyValues(run.ptr, take, valuesPtr + done * this.valueBytes);
      done += take;
    }
    return { ptr: valuesPtr, count: done };
  }

  #copyValues(from: number, count: number, to: number): void {
    this.#core.kernels.copyBytes(from, to, count * this.valueBytes);
  }

  #gatherBits(pageIndex: number, toPtr: number): void {
    this.#eachPart(pageIndex, (segment, row, count, pageRow) => {
      this.#core.kernels.gatherBits(segment.valuesPtr, row, count, toPtr, pageRow);
    });
  }

  #setBits(bitsPtr: number, bit: number, count: number): void {
    const { kernels, views } = this.#core;
    // Ones to copy from: the values' block is free while validity is gathered.
    const onesPtr = this.#scratch.valuesPtr;
    views.u8.fill(0xff, onesPtr, onesPtr + Math.ceil(count / 8));
    kernels.gatherBits(onesPtr, 0, count, bitsPtr, bit);
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
