import { invariant, MemoryError } from '../errors/errors.js';

/**
 * A pool of equal slots of the shared memory, owned by one thread; what it hands out are slot
 * numbers. An empty pool makes its caller wait (first come, first served) until slots come back;
 * a request that can never be met is refused at once.
 */
export class SlotPool {
  readonly name: string;
  /** Address of slot 0 in the shared memory. */
  readonly basePtr: number;
  readonly slotBytes: number;
  readonly slotCount: number;
  readonly #free: number[] = [];
  readonly #taken: Uint8Array;
  readonly #waiters: {
    count: number;
    resolve: (slots: number[]) => void;
    reject: (error: Error) => void;
  }[] = [];
  #inUseMax = 0;
  #waitCount = 0;

  constructor(options: { name: string; basePtr: number; slotBytes: number; slotCount: number }) {
    this.name = options.name;
    this.basePtr = options.basePtr;
    this.slotBytes = options.slotBytes;
    this.slotCount = options.slotCount;
    this.#taken = new Uint8Array(options.slotCount);
    for (let slot = options.slotCount - 1; slot >= 0; slot--) this.#free.push(slot);
  }

  /** Address of a slot's first byte. */
  ptr(slot: number): number {
    return this.basePtr + slot * this.slotBytes;
  }

  get inUse(): number {
    return this.slotCount - this.#free.length;
  }

  /** The most slots that were ever in use at once. */
  get inUseMax(): number {
    return this.#inUseMax;
  }

  /** How many requests had to wait. */
  get waitCount(): number {
    return this.#waitCount;
  }

  /** How many requests wait now. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /**
   * Takes `count` slots, waiting until that many are free.
   * @throws MemoryError ERR_MEMORY_TOO_SMALL when the pool can never hold that many
   */
  async acquire(count: number): Promise<number[]> {
    if (count > this.slotCount) {
      throw new MemoryError(
        'ERR_MEMORY_TOO_SMALL',
        `The ${this.name} pool has ${this.slotCount} slots of ${this.slotBytes} bytes, but ${count}` +
          ' are needed at once; give more with --memory.',
        { details: { pool: this.name, slots: this.slotCount, needed: count } },
      );
    }
    const ready = this.tryAcquire(count);
    if (ready !== null) return ready;
    this.#waitCount++;
    return new Promise((resolve, reject) => this.#waiters.push({ count, resolve, reject }));
  }

  /** Takes `count` slots if they are free now and nobody waits before this caller. */
  tryAcquire(count: number): number[] | null {
    if (this.#waiters.length > 0 || this.#free.length < count) return null;
    return this.#take(count);
  }

  /** Gives slots back. Giving back a slot that is not taken is a bug. */
  release(slots: readonly number[]): void {
    for (const slot of slots) {
      invariant(this.#taken[slot] === 1, `slot ${slot} of ${this.name} was released twice`);
      this.#taken[slot] = 0;
      this.#free.push(slot);
    }
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      if (this.#free.length < first.count) return;
      this.#waiters.shift();
      first.resolve(this.#take(first.count));
    }
  }

  /** Fails whoever waits: nothing will come back. */
  abandon(): void {
    const error = new MemoryError(
      'ERR_MEMORY_EXHAUSTED',
      `The ${this.name} pool has no slot left and gets none back.`,
    );
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  #take(count: number): number[] {
    const slots = this.#free.splice(this.#free.length - count, count);
    for (const slot of slots) this.#taken[slot] = 1;
    this.#inUseMax = Math.max(this.#inUseMax, this.inUse);
    return slots;
  }
}
