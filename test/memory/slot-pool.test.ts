import { describe, expect, it } from 'vitest';
import { Arena } from '#src/memory/arena.js';
import { SlotPool } from '#src/memory/slot-pool.js';

const pool = (slotCount: number): SlotPool =>
  new SlotPool({ name: 'test', basePtr: 1024, slotBytes: 64, slotCount });

describe('SlotPool', () => {
  it('makes its callers wait in the order in which they came', async () => {
    const slots = pool(3);
    const taken = await slots.acquire(2);
    const order: string[] = [];
    const large = slots.acquire(2).then((got) => order.push(`large ${got.length}`));
    // Would fit now, but somebody waits before it.
    const small = slots.acquire(1).then((got) => order.push(`small ${got.length}`));
    expect(slots.tryAcquire(1)).toBeNull();
    slots.release(taken);
    await Promise.all([large, small]);
    expect(order).toEqual(['large 2', 'small 1']);
    expect(slots.inUseMax).toBe(3);
    expect(slots.waitCount).toBe(2);
  });

  it('refuses at once what it can never give', async () => {
    await expect(pool(3).acquire(4)).rejects.toMatchObject({ code: 'ERR_MEMORY_TOO_SMALL' });
  });

  it('takes no slot back twice', async () => {
    const slots = pool(1);
    const taken = await slots.acquire(1);
    slots.release(taken);
    expect(() => slots.release(taken)).toThrow(expect.objectContaining({ code: 'ERR_INVARIANT' }));
  });

  it('fails whoever waits when it is abandoned', async () => {
    const slots = pool(1);
    await slots.acquire(1);
    const waiting = slots.acquire(1);
    slots.abandon();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_MEMORY_EXHAUSTED' });
  });
});

describe('Arena', () => {
  it('gives a freed block to the next of its size, and never one that is in use', () => {
    const arena = new Arena({ name: 'test', ptr: 100, byteLength: 1024 });
    const first = arena.allocate(100);
    const second = arena.allocate(128);
    expect(first % 64).toBe(0);
    expect(second).toBeGreaterThanOrEqual(first + 128);
    arena.free(first, 100);
    expect(arena.allocate(120)).toBe(first);
  });

  it('says when it has no block left', () => {
    const arena = new Arena({ name: 'test', ptr: 0, byteLength: 256 });
    arena.allocate(256);
    expect(arena.tryAllocate(64)).toBeNull();
    expect(() => arena.allocate(64)).toThrow(
      expect.objectContaining({ code: 'ERR_MEMORY_EXHAUSTED' }),
    );
  });
});
