import { MemoryError } from '../errors/errors.js';

const WASM_PAGE_BYTES = 65_536;

/**
 * Creates the one shared linear memory of a run. Its size is fixed here and never grows, so views
 * of it stay valid for its life; pages that are never touched cost no physical memory.
 *
 * @param bytes wanted size, rounded up to WebAssembly pages of 64 KiB; at most 4 GiB
 * @throws MemoryError ERR_MEMORY_EXHAUSTED when the host refuses the reservation
 */
export function createSharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new MemoryError(
      'ERR_MEMORY_EXHAUSTED',
      `A shared memory of ${bytes} bytes could not be reserved; lower --memory.`,
      { cause, details: { bytes } },
    );
  }
}

/**
 * Typed views of one linear memory. The only way to look into it, and to grow it: code takes the
 * view it needs from here for each use and keeps none across a call that could grow the memory.
 *
 * Asking a WebAssembly.Memory for its buffer takes 25 ns or more, so nobody does when a view is
 * taken: what grows the memory by another way than `grow` leaves these views short.
 */
export class MemoryViews {
  readonly memory: WebAssembly.Memory;
  #buffer: ArrayBufferLike;
  #u8: Uint8Array;
  #i32: Int32Array;
  #u32: Uint32Array;
  #i64: BigInt64Array;
  #f64: Float64Array;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#buffer = memory.buffer;
    this.#u8 = new Uint8Array(this.#buffer);
    this.#i32 = new Int32Array(this.#buffer);
    this.#u32 = new Uint32Array(this.#buffer);
    this.#i64 = new BigInt64Array(this.#buffer);
    this.#f64 = new Float64Array(this.#buffer);
  }

  /**
   * Grows the memory; views taken before are short, or detached, from now on.
   * @param pages how many WebAssembly pages of 64 KiB to add
   * @throws RangeError when the memory's maximum, or the host, does not allow it
   */
  grow(pages: number): void {
    this.memory.grow(pages);
    this.#buffer = this.memory.buffer;
    this.#u8 = new Uint8Array(this.#buffer);
    this.#i32 = new Int32Array(this.#buffer);
    this.#u32 = new Uint32Array(this.#buffer);
    this.#i64 = new BigInt64Array(this.#buffer);
    this.#f64 = new Float64Array(this.#buffer);
  }

  /** The whole memory as bytes; index = address. */
  get u8(): Uint8Array {
    return this.#u8;
  }

  /** The whole memory as int32; index = address / 4. */
  get i32(): Int32Array {
    return this.#i32;
  }

  /** The whole memory as uint32; index = address / 4. */
  get u32(): Uint32Array {
    return this.#u32;
  }

  /** The whole memory as int64; index = address / 8. */
  get i64(): BigInt64Array {
    return this.#i64;
  }

  /** The whole memory as doubles; index = address / 8. */
  get f64(): Float64Array {
    return this.#f64;
  }

  bytes(ptr: number, byteLength: number): Uint8Array {
    return new Uint8Array(this.#buffer, ptr, byteLength);
  }

  i32At(ptr: number, count: number): Int32Array {
    return new Int32Array(this.#buffer, ptr, count);
  }

  i64At(ptr: number, count: number): BigInt64Array {
    return new BigInt64Array(this.#buffer, ptr, count);
  }

  f64At(ptr: number, count: number): Float64Array {
    return new Float64Array(this.#buffer, ptr, count);
  }
}
