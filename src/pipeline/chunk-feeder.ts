import { PAGE_ROWS } from '../abi/limits.js';
import { type PlannedFile, rowGroupsOf } from '../dialects/types.js';
import type { RowSlice } from '../parquet/row-slice.js';
import type { Chunk, DecodeResult } from './protocol.js';

/** Consecutive row groups of one file, or a slice of one, that are decoded as one piece of work. */
export interface DecodeUnit {
  readonly file: PlannedFile;
  readonly fileIndex: number;
  readonly rowGroupIndexes: readonly number[];
  /** null: all rows of these row groups. */
  readonly slice: RowSlice | null;
  readonly rowCount: number;
  readonly byteLength: number;
}

/** Rows of units of decoding; no byte of the output depends on them. */
export interface UnitSizes {
  /** Row groups are gathered up to about so many rows. */
  readonly unitRows: number;
  /** Row groups of more rows are cut into slices of so many; Infinity: none are. */
  readonly sliceRows: number;
}

/**
 * Gathers row groups into units: Crypto Lake ships thousands of 10,000-row groups, and the cost of
 * a piece of work must vanish. Others write row groups of millions of rows, more than the memory
 * may hold: those are cut.
 */
export function planUnits(files: readonly PlannedFile[], sizes: UnitSizes): DecodeUnit[] {
  const { unitRows, sliceRows } = sizes;
  const units: DecodeUnit[] = [];
  for (const [fileIndex, file] of files.entries()) {
    const { rowGroupRows, rowGroupBytes } = rowGroupsOf(file);
    let indexes: number[] = [];
    let rowCount = 0;
    let byteLength = 0;
    const close = (): void => {
      if (rowCount > 0) {
        const slice = null;
        units.push({ file, fileIndex, rowGroupIndexes: indexes, slice, rowCount, byteLength });
      }
      indexes = [];
      rowCount = 0;
      byteLength = 0;
    };
    for (const index of file.rowGroupIndexes) {
      const groupRows = rowGroupRows[index]!;
      if (rowCount > 0 && rowCount + groupRows > unitRows) close();
      if (groupRows > sliceRows) {
        units.push(...slicesOf({ file, fileIndex, index }, sliceRows));
        continue;
      }
      indexes.push(index);
      rowCount += groupRows;
      byteLength += rowGroupBytes[index]!;
    }
    close();
  }
  return units;
}

/** The slices of a row group of more than `sliceRows` rows. */
function slicesOf(
  { file, fileIndex, index }: Pick<DecodeUnit, 'file' | 'fileIndex'> & { readonly index: number },
  sliceRows: number,
): DecodeUnit[] {
  const groupRows = rowGroupsOf(file).rowGroupRows[index]!;
  const groupBytes = rowGroupsOf(file).rowGroupBytes[index]!;
  const bytesTo = (row: number): number => Math.floor((groupBytes * row) / groupRows);
  return Array.from({ length: Math.ceil(groupRows / sliceRows) }, (_, place) => {
    const start = place * sliceRows;
    const rowCount = Math.min(sliceRows, groupRows - start);
    const byteLength = bytesTo(start + rowCount) - bytesTo(start);
    const slice = { start, rowCount };
    return { file, fileIndex, rowGroupIndexes: [index], slice, rowCount, byteLength };
  });
}

/** Slots that a unit may need. */
export function slotsOfUnit(unit: DecodeUnit, rowCapacity = PAGE_ROWS): number {
  return Math.ceil(unit.rowCount / rowCapacity);
}

export interface ChunkFeederOptions {
  readonly units: readonly DecodeUnit[];
  readonly rowCapacity: number;
  /** Units that are decoded, or being decoded, and not yet asked for, at most. */
  readonly aheadUnits: number;
  readonly acquire: (count: number) => Promise<number[]>;
  readonly release: (slot: number) => void;
  readonly decode: (unit: DecodeUnit, slots: readonly number[]) => Promise<DecodeResult>;
  /** Told once for each unit, in order, as its chunks are handed on. */
  readonly onUnit: (unit: DecodeUnit, result: DecodeResult) => void;
}

/** The decoded chunks of one input table in order; any worker decodes, a bounded way ahead. */
export class ChunkFeeder {
  readonly #options: ChunkFeederOptions;
  readonly #ahead: { unit: DecodeUnit; result: Promise<DecodeResult> }[] = [];
  #nextUnit = 0;
  #slotsInTurn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ChunkFeederOptions) {
    this.#options = options;
  }

  /** The chunks of the next unit that has any; none at the end. One caller at a time. */
  async next(): Promise<readonly Chunk[]> {
    for (;;) {
      this.#fill();
      const first = this.#ahead.shift();
      if (first === undefined) return [];
      const result = await first.result;
      this.#options.onUnit(first.unit, result);
      for (const slot of result.unused) this.#options.release(slot);
      this.#fill();
      if (result.chunks.length > 0) return result.chunks;
    }
  }

  /** Stops reading ahead and waits until no worker writes into this table's slots. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#ahead.map(({ result }) => result));
  }

  #fill(): void {
    const { units, aheadUnits } = this.#options;
    while (!this.#closed && this.#nextUnit < units.length && this.#ahead.length < aheadUnits) {
      const unit = units[this.#nextUnit++]!;
      const result = this.#decode(unit);
      // Whoever asks for the unit sees the failure; until then it is not unhandled.
      result.catch(() => undefined);
      this.#ahead.push({ unit, result });
    }
  }

  #decode(unit: DecodeUnit): Promise<DecodeResult> {
    const { acquire, decode, rowCapacity } = this.#options;
    // One unit after the other asks for slots, so that the first in order gets them first.
    const slots = this.#slotsInTurn.then(() => acquire(slotsOfUnit(unit, rowCapacity)));
    this.#slotsInTurn = slots.catch(() => undefined);
    return slots.then((taken) => decode(unit, taken));
  }
}

/** Witness rows are wide: a unit of them takes about as many slots as one of events. */
export function witnessSizes(rowCapacity: number, sizes: UnitSizes): UnitSizes {
  const { unitRows, sliceRows } = sizes;
  return {
    unitRows: Math.max(rowCapacity, Math.min(unitRows, rowCapacity * 4)),
    sliceRows: rowCapacity * Math.ceil(sliceRows / PAGE_ROWS),
  };
}
