import { COLUMN_ALIGN } from '../abi/limits.js';

/** Kernels read (and do not use) and write (and overwrite) up to this much behind a block. */
export const SLACK_BYTES = 64;

/** The region has no room for a block: the caller gives the read more of it, or takes another way. */
export class RegionFull extends Error {}

/**
 * A piece of the shared memory in which one read works: its file bytes, decompressed pages,
 * dictionaries and decoded runs. Blocks are taken one behind the other and all given back at once.
 */
export class DecodeRegion {
  readonly #start: number;
  readonly #end: number;
  #next: number;

  constructor(ptr: number, byteLength: number) {
    this.#start = Math.ceil(ptr / COLUMN_ALIGN) * COLUMN_ALIGN;
    this.#end = ptr + byteLength;
    this.#next = this.#start;
  }

  get byteLength(): number {
    return this.#end - this.#start;
  }

  get bytesLeft(): number {
    return Math.max(0, this.#end - this.#next - SLACK_BYTES);
  }

  /**
   * @returns the address of `byteLength` bytes, 64-byte aligned, not cleared, with SLACK_BYTES of its
   *   own behind them
   * @throws RegionFull
   */
  take(byteLength: number): number {
    const ptr = this.#next;
    const next = ptr + Math.ceil((byteLength + SLACK_BYTES) / COLUMN_ALIGN) * COLUMN_ALIGN;
    if (next > this.#end) throw new RegionFull(`no room for ${byteLength} bytes`);
    this.#next = next;
    return ptr;
  }

  /** Gives all blocks back. */
  clear(): void {
    this.#next = this.#start;
  }
}

/**
 * A region in two halves, so that the bytes of one read arrive while another is decoded. A read
 * that one half does not hold gets the whole. First come, first served.
 */
export class RegionLanes {
  readonly #halves: readonly [DecodeRegion, DecodeRegion];
  readonly #whole: DecodeRegion;
  readonly #free: DecodeRegion[];
  readonly #waiting: {
    readonly whole: boolean;
    readonly resolve: (region: DecodeRegion) => void;
  }[] = [];

  constructor(ptr: number, byteLength: number) {
    const half = Math.floor(byteLength / 2 / COLUMN_ALIGN) * COLUMN_ALIGN;
    this.#halves = [new DecodeRegion(ptr, half), new DecodeRegion(ptr + half, half)];
    this.#whole = new DecodeRegion(ptr, byteLength);
    this.#free = [...this.#halves];
  }

  get halfBytes(): number {
    return this.#halves[0].byteLength;
  }

  acquire(whole: boolean): Promise<DecodeRegion> {
    return new Promise((resolve) => {
      this.#waiting.push({ whole, resolve });
      this.#serve();
    });
  }

  release(region: DecodeRegion): void {
    region.clear();
    if (region === this.#whole) this.#free.push(...this.#halves);
    else this.#free.push(region);
    this.#serve();
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#free.length < (first.whole ? 2 : 1)) return;
      this.#waiting.shift();
      if (!first.whole) {
        first.resolve(this.#free.pop()!);
        continue;
      }
      this.#free.length = 0;
      first.resolve(this.#whole);
    }
  }
}
