import type { WasmZstd } from '@foxglove/wasm-zstd/dist/wasm-zstd.js';

/** A buffer in the heap of the zstd module, replaced by a larger one when it has to be. */
interface HeapBuffer {
  ptr: number;
  byteLength: number;
}

/**
 * zstd's compressor on its own heap, one for each thread. It goes by the exports of
 * @foxglove/wasm-zstd below its wrapper, which allocates and copies once more for every page.
 * Decompression is the core's (assembly/compress/zstd-decompress.ts).
 */
export class Zstd {
  readonly #wasm: WasmZstd;
  readonly #from: HeapBuffer = { ptr: 0, byteLength: 0 };
  readonly #to: HeapBuffer = { ptr: 0, byteLength: 0 };

  constructor(wasm: WasmZstd) {
    this.#wasm = wasm;
  }

  /** A view of the heap that holds until the next call; null when zstd refuses. */
  compress(source: Uint8Array, level: number): Uint8Array | null {
    const bound = this.#wasm._compressBound(source.byteLength);
    if (!this.#prepare(source, bound)) return null;
    const { ptr } = this.#to;
    return this.#made(this.#wasm._compress(ptr, bound, this.#from.ptr, source.byteLength, level));
  }

  #prepare(source: Uint8Array, toBytes: number): boolean {
    if (!this.#reserve(this.#from, source.byteLength)) return false;
    if (!this.#reserve(this.#to, toBytes)) return false;
    this.#wasm.HEAPU8.set(source, this.#from.ptr);
    return true;
  }

  #reserve(buffer: HeapBuffer, byteLength: number): boolean {
    if (byteLength <= buffer.byteLength) return true;
    if (buffer.ptr !== 0) this.#wasm._free(buffer.ptr);
    buffer.ptr = this.#wasm._malloc(byteLength);
    buffer.byteLength = buffer.ptr === 0 ? 0 : byteLength;
    return buffer.ptr !== 0;
  }

  /** zstd's errors are -1; the heap's view is taken late, since it may have grown. */
  #made(byteLength: number): Uint8Array | null {
    if (byteLength < 0) return null;
    return this.#wasm.HEAPU8.subarray(this.#to.ptr, this.#to.ptr + byteLength);
  }
}

let loaded: Promise<Zstd> | null = null;

/** Compiles and instantiates zstd at the first call (12 ms), for the thread that calls. */
export function loadZstd(): Promise<Zstd> {
  loaded ??= (async () => {
    const { default: instantiate } = await import('@foxglove/wasm-zstd/dist/wasm-zstd.js');
    return new Zstd(await instantiate());
  })();
  return loaded;
}
