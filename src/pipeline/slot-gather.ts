import { ROW_GROUP_ROWS } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import type { TableLayout } from '../memory/column-layout.js';
import type { MemoryMap, Segment } from './protocol.js';
import type { SlotReferences } from './slot-references.js';

/** Told where rows lie now that lay in `from`: in toSlot, from toRow on. */
export type OnMoved = (from: Segment, toSlot: number, toRow: number) => void;

export interface SlotGatherOptions {
  readonly core: Core;
  /** How the rows lie in their slots. */
  readonly layout: TableLayout;
  readonly rows: Pick<MemoryMap['rows'], 'ptr' | 'slotBytes'>;
  readonly references: SlotReferences;
  /** Slots of the same pool, each of which is needed once. */
  readonly acquireSlots: (count: number) => Promise<number[]>;
  readonly onMoved: OnMoved;
}

/** Slots that an open row group may hold beyond twice those that its rows would fill. */
const SLOTS_SPARE = 2;

/**
 * Brings rows together that lie sparsely in many slots. Each file's rows begin in a slot of their
 * own, and a row group of the output is open until it has 131,072 rows: files of a minute each, or
 * few rows of each file that holds hundreds of instruments, would hold all slots there are.
 *
 * Dense rows stay where they are. What a column's bytes are depends on its values alone, so nothing
 * of this shows in the output.
 */
export class SlotGather {
  readonly #options: SlotGatherOptions;
  /** The slot that is being filled, -1: none; and its rows. */
  #slot = -1;
  #row = 0;

  constructor(options: SlotGatherOptions) {
    this.#options = options;
  }

  /** Whether so many rows in so many slots are worth moving. */
  isSparse(rowCount: number, slotCount: number): boolean {
    return slotCount > slotsKept(rowCount, this.#options.layout.rowCapacity);
  }

  /**
   * Copies rows that nobody writes any more behind those gathered before. They are held where they
   * are then as they were held where they lay, and not there any more.
   * @returns where they lie now, in the same order
   */
  async gather(segments: readonly Segment[]): Promise<Segment[]> {
    const { layout, references, onMoved } = this.#options;
    const gathered: Segment[] = [];
    for (const { slot, rowStart, rowEnd } of segments) {
      for (let row = rowStart; row < rowEnd; ) {
        if (this.#slot === -1 || this.#row === layout.rowCapacity) await this.#renew();
        const rowCount = Math.min(rowEnd - row, layout.rowCapacity - this.#row);
        const from = { slot, rowStart: row, rowEnd: row + rowCount };
        this.#copy(from);
        onMoved(from, this.#slot, this.#row);
        references.retain(this.#slot, rowCount);
        references.release(slot, rowCount);
        this.#append(gathered, rowCount);
        row += rowCount;
      }
    }
    return gathered;
  }

  /** No more rows will be gathered. */
  finish(): void {
    if (this.#slot !== -1) this.#options.references.release(this.#slot, 1);
    this.#slot = -1;
  }

  async #renew(): Promise<void> {
    this.finish();
    const [slot] = await this.#options.acquireSlots(1);
    this.#slot = slot!;
    this.#row = 0;
  }

  /** Notes the rows that were copied last; they go on with the segment before, if they touch it. */
  #append(gathered: Segment[], rowCount: number): void {
    const last = gathered.at(-1);
    const rowEnd = this.#row + rowCount;
    const goesOn = last !== undefined && last.slot === this.#slot && last.rowEnd === this.#row;
    const rowStart = goesOn ? last.rowStart : this.#row;
    const segment = { slot: this.#slot, rowStart, rowEnd };
    if (goesOn) gathered[gathered.length - 1] = segment;
    else gathered.push(segment);
    this.#row = rowEnd;
  }

  #copy({ slot, rowStart, rowEnd }: Segment): void {
    const { core, layout, rows } = this.#options;
    const { kernels, views } = core;
    const source = rows.ptr + slot * rows.slotBytes;
    const target = rows.ptr + this.#slot * rows.slotBytes;
    const row = this.#row;
    const bits = (offset: number): void => {
      const count = rowEnd - rowStart;
      countOf('copyBits', kernels.copyBits(target + offset, row, source + offset, rowStart, count));
    };
    for (const { type, valuesOffset, validityOffset } of layout.columns) {
      if (validityOffset !== -1) bits(validityOffset);
      if (type === 'bool') {
        bits(valuesOffset);
        continue;
      }
      const width = type === 'int32' ? 4 : 8;
      const from = source + valuesOffset;
      views.u8.copyWithin(
        target + valuesOffset + row * width,
        from + rowStart * width,
        from + rowEnd * width,
      );
    }
  }
}

/** Slots in which so many rows may stay. */
function slotsKept(rowCount: number, rowCapacity: number): number {
  return 2 * Math.ceil(rowCount / rowCapacity) + SLOTS_SPARE;
}

/**
 * Slots that the open row group of a table may hold, and the one that is being filled.
 * @param isSparse its rows may lie far apart; else they nearly fill their slots
 */
export function slotsOfOpenGroup(rowCapacity: number, isSparse: boolean): number {
  if (isSparse) return slotsKept(ROW_GROUP_ROWS, rowCapacity) + 2;
  return Math.ceil(ROW_GROUP_ROWS / rowCapacity) + 2;
}
