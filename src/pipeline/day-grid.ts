import type { Core } from '../core/core.js';
import { NO_VALUES, type ValueGrid, widenGrid } from '../core/value-grid.js';
import type { DepthSlots } from './depth-slots.js';
import type { Chunk } from './protocol.js';

/** Range and grid of a day's depth rows as they were read: MODEL section 6, `instruments`. */
export interface DayGridResult extends ValueGrid {
  /** ts_recv of the row that made the tick smaller last; early in the day unless the tick changed. */
  readonly tickSince: bigint | null;
}

/** Grid of some rows of a slot; the scratch as widenGrid has it. */
export function gridOfRows(
  core: Core,
  slots: DepthSlots,
  { slot, rowCount }: Pick<Chunk, 'slot' | 'rowCount'>,
  grid: ValueGrid,
  scratchPtr: number,
): ReturnType<typeof widenGrid> {
  const { pricePtr, qtyPtr, flagsPtr } = slots.columns(slot);
  return widenGrid(core, { pricePtr, qtyPtr, flagsPtr, rowCount }, grid, scratchPtr);
}

/**
 * Joins the grids of a day's chunks in their order. The workers have found each chunk's; a chunk is
 * looked at again only where it makes the tick smaller, to tell when, or where `--limit` cut it.
 */
export class DayGrid {
  readonly #core: Core;
  readonly #slots: DepthSlots;
  readonly #scratchPtr: number;
  #grid: ValueGrid = NO_VALUES;
  #tickSince: bigint | null = null;

  /** @param scratchPtr GRID_BLOCK_BYTES, 8-byte aligned, this object's alone */
  constructor(core: Core, slots: DepthSlots, scratchPtr: number) {
    this.#core = core;
    this.#slots = slots;
    this.#scratchPtr = scratchPtr;
  }

  get result(): DayGridResult {
    return { ...this.#grid, tickSince: this.#tickSince };
  }

  /** @param grid of all rows that were read; `chunk` has what was taken of them */
  take(chunk: Chunk, grid: ValueGrid, rowsRead: number): void {
    if (chunk.rowCount === 0) return;
    const joined = joinGrids(this.#grid, grid);
    if (chunk.rowCount === rowsRead && joined.tick === this.#grid.tick) {
      this.#grid = joined;
      return;
    }
    const found = gridOfRows(this.#core, this.#slots, chunk, this.#grid, this.#scratchPtr);
    const { tickRow, ...rest } = found;
    this.#grid = rest;
    if (tickRow === null) return;
    this.#tickSince = this.#slots.i64(this.#slots.columns(chunk.slot).tsRecvPtr, tickRow);
  }
}

function joinGrids(a: ValueGrid, b: ValueGrid): ValueGrid {
  const pick = (one: bigint | null, two: bigint | null, first: boolean): bigint | null => {
    if (one === null || two === null) return one ?? two;
    return one < two === first ? one : two;
  };
  return {
    priceMin: pick(a.priceMin, b.priceMin, true),
    priceMax: pick(a.priceMax, b.priceMax, false),
    tick: gcd(a.tick, b.tick),
    lot: gcd(a.lot, b.lot),
  };
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
