import { COLUMN_ALIGN } from '../abi/limits.js';
import { MemoryError } from '../errors/errors.js';

/**
 * A region of the shared memory that one thread hands out in blocks: power-of-two sizes, each size
 * with a list of freed blocks. For what lives long and grows seldom (books); not for the hot path.
 */
export class Arena {
  readonly #name: string;
  readonly #end: number;
  #next: number;
  readonly #freed = new Map<number, number[]>();

  constructor(options: { name: string; ptr: number; byteLength: number }) {
    this.#name = options.name;
    this.#next = Math.ceil(options.ptr / COLUMN_ALIGN) * COLUMN_ALIGN;
    this.#end = options.ptr + options.byteLength;
  }

  /** Bytes that `allocate(byteLength)` really takes: the next power of two, at least 64. */
  static blockBytes(byteLength: number): number {
    return Math.max(COLUMN_ALIGN, 2 ** Math.ceil(Math.log2(byteLength)));
  }

  /**
   * @returns the address of a block of at least `byteLength` bytes, 64-byte aligned, not cleared
   * @throws MemoryError ERR_MEMORY_EXHAUSTED
   */
  allocate(byteLength: number): number {
    const ptr = this.tryAllocate(byteLength);
    if (ptr !== null) return ptr;
    throw new MemoryError(
      'ERR_MEMORY_EXHAUSTED',
      `The ${this.#name} arena has no block of ${byteLength} bytes left; give more with --memory.`,
      { details: { arena: this.#name, bytes: byteLength } },
    );
  }

  tryAllocate(byteLength: number): number | null {
    const blockBytes = Arena.blockBytes(byteLength);
    const freed = this.#freed.get(blockBytes)?.pop();
    if (freed !== undefined) return freed;
    if (this.#next + blockBytes > this.#end) return null;
    const ptr = this.#next;
    this.#next += blockBytes;
    return ptr;
  }

  /** Gives a block back; `byteLength` as it was asked for. */
  free(ptr: number, byteLength: number): void {
    const blockBytes = Arena.blockBytes(byteLength);
    const freed = this.#freed.get(blockBytes);
    if (freed === undefined) this.#freed.set(blockBytes, [ptr]);
    else freed.push(ptr);
  }
}
