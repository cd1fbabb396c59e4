import { type Core, instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';

/** The texts of a million rows, their columns and those of the twin; only what is used is taken. */
const CAPACITY_BYTES = 1024 * 2 ** 20;
const ALIGN_BYTES = 64;

/** The release core over one shared memory, handed out piece by piece to a bench's cases. */
export class BenchMemory {
  readonly core: Core = instantiateCore(compileCore(), createSharedMemory(CAPACITY_BYTES));
  #next = ALIGN_BYTES;

  /** Address of `byteLength` cleared bytes, 64-byte aligned. */
  buffer(byteLength: number): number {
    const ptr = this.#next;
    this.#next = Math.ceil((ptr + byteLength) / ALIGN_BYTES) * ALIGN_BYTES;
    if (this.#next > CAPACITY_BYTES) throw new Error('The bench needs more memory than it has.');
    return ptr;
  }

  /** A buffer that holds a copy of `values`. */
  put(values: ArrayBufferView): number {
    const ptr = this.buffer(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.core.views.u8.set(bytes, ptr);
    return ptr;
  }

  /** Gives all buffers back, for the next case. */
  reset(): void {
    this.core.views.u8.fill(0, 0, this.#next);
    this.#next = ALIGN_BYTES;
  }
}
