import { type Core, instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';

/** Byte around every buffer of a {@link Sandbox}; a kernel that writes over it fails its test. */
const CANARY = 0xa5;
const CANARY_BYTES = 64;

/**
 * A linear memory of its own for one test, in which every buffer lies between canaries.
 * Buffers start 64-byte aligned, plus `skew` bytes.
 */
export class Sandbox {
  readonly core: Core;
  #next = 65_536;
  readonly #canaries: number[] = [];

  constructor(module: WebAssembly.Module, bytes = 8 * 2 ** 20) {
    this.core = instantiateCore(module, createSharedMemory(bytes));
  }

  /** @returns address of `byteLength` bytes, all set to `fill` */
  buffer(byteLength: number, options: { skew?: number; fill?: number } = {}): number {
    const { skew = 0, fill = 0 } = options;
    const before = this.#next;
    const ptr = before + CANARY_BYTES + skew;
    const end = ptr + byteLength;
    this.#next = Math.ceil((end + CANARY_BYTES) / 64) * 64;
    const bytes = this.core.views.u8;
    if (this.#next > bytes.length) throw new Error('the sandbox is too small for this test');
    bytes.fill(CANARY, before, this.#next);
    bytes.fill(fill, ptr, end);
    for (let at = before; at < ptr; at++) this.#canaries.push(at);
    for (let at = end; at < this.#next; at++) this.#canaries.push(at);
    return ptr;
  }

  /** A buffer that holds a copy of `values`, at least `capacityBytes` long. */
  put(values: ArrayBufferView, options: { skew?: number; capacityBytes?: number } = {}): number {
    const byteLength = Math.max(values.byteLength, options.capacityBytes ?? 0);
    const ptr = this.buffer(byteLength, { skew: options.skew ?? 0 });
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.core.views.u8.set(bytes, ptr);
    return ptr;
  }

  /** Addresses outside all buffers that something wrote to; empty when all is well. */
  trespasses(): number[] {
    const bytes = this.core.views.u8;
    return this.#canaries.filter((at) => bytes[at] !== CANARY);
  }
}

/** Both builds of the core: every kernel's suite runs over each. */
export const BUILDS = [
  { build: 'release', module: compileCore() },
  { build: 'debug', module: compileCore({ debug: true }) },
] as const;

/** Lengths around the lanes, words and blocks of the kernels. */
export const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 1000];
