import { invariant } from '../errors/errors.js';
import type { SlotPool } from '../memory/slot-pool.js';

/**
 * The slots that one job holds, and how often each is still needed: once by the stage that fills
 * or reads it, and once for each of its rows that waits to be encoded. The last release gives the
 * slot back to the pool.
 */
export class SlotReferences {
  readonly #pool: SlotPool;
  readonly #counts = new Map<number, number>();
  #closed = false;

  constructor(pool: SlotPool) {
    this.#pool = pool;
  }

  /** Takes slots of the pool, waiting for them; each is needed once. */
  async acquire(count: number): Promise<number[]> {
    const slots = await this.#pool.acquire(count);
    if (this.#closed) {
      this.#pool.release(slots);
      return [];
    }
    for (const slot of slots) this.#counts.set(slot, 1);
    return slots;
  }

  retain(slot: number, times: number): void {
    const count = this.#counts.get(slot);
    invariant(count !== undefined, `slot ${slot} is not held`);
    this.#counts.set(slot, count + times);
  }

  release(slot: number, times: number): void {
    if (this.#closed) return;
    const count = this.#counts.get(slot);
    invariant(count !== undefined && count >= times, `slot ${slot} was released too often`);
    if (count > times) {
      this.#counts.set(slot, count - times);
      return;
    }
    this.#counts.delete(slot);
    this.#pool.release([slot]);
  }

  /** The job is over, well or not: everything goes back. Only once no thread uses the slots. */
  close(): void {
    this.#closed = true;
    this.#pool.release([...this.#counts.keys()]);
    this.#counts.clear();
  }
}
