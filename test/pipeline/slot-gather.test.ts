import { describe, expect, it } from 'vitest';
import { instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { type TableLayout, tableLayout } from '#src/memory/column-layout.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { SlotPool } from '#src/memory/slot-pool.js';
import type { Segment } from '#src/pipeline/protocol.js';
import { SlotGather } from '#src/pipeline/slot-gather.js';
import { SlotReferences } from '#src/pipeline/slot-references.js';
import { createPrng } from '../prng.js';

const SLOT_BYTES = 8_192;
const SLOTS = 40;
const LAYOUT: TableLayout = tableLayout(
  [
    { name: 'id', type: 'int64', nullable: false },
    { name: 'price', type: 'int64', nullable: true },
    { name: 'flags', type: 'int32', nullable: false },
    { name: 'is_bid', type: 'bool', nullable: false },
  ],
  SLOT_BYTES,
);

/** Rows of slots as plain values, written and read in the plainest way. */
class Rows {
  readonly core = instantiateCore(compileCore(), createSharedMemory((SLOTS + 8) * SLOT_BYTES));
  readonly pool = new SlotPool({
    name: 'row',
    basePtr: SLOT_BYTES,
    slotBytes: SLOT_BYTES,
    slotCount: SLOTS,
  });

  write(slot: number, row: number, id: bigint): void {
    const { views } = this.core;
    const [ids, prices, flags, isBid] = this.#places(slot);
    views.i64[ids!.values / 8 + row] = id;
    views.i64[prices!.values / 8 + row] = id * 3n;
    views.i32[flags!.values / 4 + row] = Number(id % 1_000n);
    this.#setBit(prices!.validity, row, id % 3n !== 0n);
    this.#setBit(isBid!.values, row, id % 7n < 3n);
  }

  /** The id of a row whose other columns go with it; null: they do not. */
  read(slot: number, row: number): bigint | null {
    const { views } = this.core;
    const [ids, prices, flags, isBid] = this.#places(slot);
    const id = views.i64[ids!.values / 8 + row]!;
    const goWith =
      views.i64[prices!.values / 8 + row] === id * 3n &&
      views.i32[flags!.values / 4 + row] === Number(id % 1_000n) &&
      this.#bit(prices!.validity, row) === (id % 3n !== 0n) &&
      this.#bit(isBid!.values, row) === id % 7n < 3n;
    return goWith ? id : null;
  }

  #places(slot: number): { values: number; validity: number }[] {
    const base = this.pool.ptr(slot);
    return LAYOUT.columns.map(({ valuesOffset, validityOffset }) => ({
      values: base + valuesOffset,
      validity: base + validityOffset,
    }));
  }

  #bit(ptr: number, row: number): boolean {
    return ((this.core.views.u8[ptr + (row >> 3)]! >> (row & 7)) & 1) === 1;
  }

  #setBit(ptr: number, row: number, isSet: boolean): void {
    const { u8 } = this.core.views;
    const mask = 1 << (row & 7);
    u8[ptr + (row >> 3)] = isSet ? u8[ptr + (row >> 3)]! | mask : u8[ptr + (row >> 3)]! & ~mask;
  }
}

describe('SlotGather', () => {
  it('keeps all rows in their order, whole, in as few slots as hold them', async () => {
    const prng = createPrng();
    const rows = new Rows();
    const references = new SlotReferences(rows.pool);
    const moved: { from: Segment; toSlot: number; toRow: number }[] = [];
    const gather = new SlotGather({
      core: rows.core,
      layout: LAYOUT,
      rows: { ptr: rows.pool.basePtr, slotBytes: SLOT_BYTES },
      references,
      acquireSlots: (count) => references.acquire(count),
      onMoved: (from, toSlot, toRow) => moved.push({ from, toSlot, toRow }),
    });
    let id = 0n;
    const gathered: Segment[] = [];
    for (let round = 0; round < 30; round++) {
      const segments: Segment[] = [];
      for (let slots = prng.int(1, 4); slots > 0; slots--) {
        const [slot] = await references.acquire(1);
        const rowStart = prng.int(0, 40);
        const most = prng.chance(0.1) ? LAYOUT.rowCapacity - rowStart : 40;
        const rowEnd = rowStart + prng.int(1, most);
        for (let row = rowStart; row < rowEnd; row++) rows.write(slot!, row, id++);
        references.retain(slot!, rowEnd - rowStart);
        references.release(slot!, 1);
        segments.push({ slot: slot!, rowStart, rowEnd });
      }
      gathered.push(...(await gather.gather(segments)));
    }
    const found = gathered.flatMap(({ slot, rowStart, rowEnd }) =>
      Array.from({ length: rowEnd - rowStart }, (_, place) => rows.read(slot, rowStart + place)),
    );
    expect(found, `seed ${prng.seed}`).toEqual(
      Array.from({ length: Number(id) }, (_, i) => BigInt(i)),
    );
    const slotsWanted = Math.ceil(Number(id) / LAYOUT.rowCapacity);
    expect(new Set(gathered.map(({ slot }) => slot)).size).toBe(slotsWanted);
    expect(rows.pool.inUse).toBe(slotsWanted);
    const rowsMoved = moved.reduce((sum, { from }) => sum + from.rowEnd - from.rowStart, 0);
    expect(rowsMoved).toBe(Number(id));
    // Each row is needed once more; then all slots are free again.
    for (const { slot, rowStart, rowEnd } of gathered) references.release(slot, rowEnd - rowStart);
    gather.finish();
    expect(rows.pool.inUse).toBe(0);
  });

  it('leaves rows alone that nearly fill their slots', () => {
    const rows = new Rows();
    const gather = new SlotGather({
      core: rows.core,
      layout: LAYOUT,
      rows: { ptr: rows.pool.basePtr, slotBytes: SLOT_BYTES },
      references: new SlotReferences(rows.pool),
      acquireSlots: (count) => rows.pool.acquire(count),
      onMoved: () => undefined,
    });
    const { rowCapacity } = LAYOUT;
    expect(gather.isSparse(0, 0)).toBe(false);
    expect(gather.isSparse(8 * rowCapacity, 16)).toBe(false);
    expect(gather.isSparse(8 * rowCapacity, 19)).toBe(true);
    expect(gather.isSparse(50, 5)).toBe(true);
  });
});
