// A core, and a region of its memory between canaries, for reading Parquet with the page kernels.
import { type Core, instantiateCore } from '#src/core/core.js';
import { compileCore } from '#src/core/load-node.js';
import { memorySource } from '#src/io/memory-source.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { compileParquetWasm, pageReaderTools } from '#src/parquet/load-node.js';
import { openRowGroupReader } from '#src/parquet/open-reader.js';
import type { PageReaderTools } from '#src/parquet/page-reader.js';
import type { ParquetFooter, RowGroupReader } from '#src/parquet/reader.js';
import { openWasmRowGroupReader } from '#src/parquet/wasm-reader.js';

const CANARY = 0xa5;
/** Bytes watched in front of the region and behind it. */
export const CANARY_BYTES = 65_536;
const SCRATCH_BYTES = 4 * 2 ** 20;

export interface PageReadingOptions {
  /** Bytes of the region; small ones make chunks go through windows. */
  readonly regionBytes?: number;
  /** Makes another core of the real one: a fuzzer that must find it out. */
  readonly breakCore?: (core: Core) => Core;
}

export class PageReading {
  readonly core: Core;
  readonly tools: PageReaderTools;
  /** Times that the reader under test fetched bytes. */
  fetches = 0;
  /** Times that a read went to parquet-wasm. */
  fallbacks = 0;
  /** SCRATCH_BYTES that the reader does not know. */
  readonly scratchPtr: number;
  readonly #canaries: readonly number[];
  readonly #expected = new Uint8Array(CANARY_BYTES).fill(CANARY);
  readonly #module: WebAssembly.Module;

  private constructor(module: WebAssembly.Module, options: PageReadingOptions) {
    const { regionBytes = 24 * 2 ** 20, breakCore } = options;
    const regionPtr = 2 * CANARY_BYTES;
    this.scratchPtr = regionPtr + regionBytes + CANARY_BYTES;
    const memory = createSharedMemory(this.scratchPtr + SCRATCH_BYTES);
    const core = instantiateCore(compileCore(), memory);
    this.core = breakCore === undefined ? core : breakCore(core);
    this.tools = pageReaderTools(this.core, { ptr: regionPtr, byteLength: regionBytes });
    this.#canaries = [regionPtr - CANARY_BYTES, regionPtr + regionBytes];
    this.#module = module;
    this.clean();
  }

  static async create(options: PageReadingOptions = {}): Promise<PageReading> {
    return new PageReading(await compileParquetWasm(), options);
  }

  /** Sets the canaries again. */
  clean(): void {
    const { views } = this.core;
    for (const ptr of this.#canaries) views.bytes(ptr, CANARY_BYTES).set(this.#expected);
  }

  /** Whether nothing was written beside the region. */
  get isClean(): boolean {
    return this.#canaries.every(
      (ptr) => Buffer.compare(this.core.views.bytes(ptr, CANARY_BYTES), this.#expected) === 0,
    );
  }

  /** The reader under test. */
  open(name: string, bytes: Uint8Array, footer?: ParquetFooter): Promise<RowGroupReader> {
    const source = memorySource(name, bytes);
    const counting = {
      ...source,
      readInto: (offset: number, target: Uint8Array) => {
        this.fetches++;
        return source.readInto(offset, target);
      },
    };
    return openRowGroupReader(counting, {
      tools: this.tools,
      parquetModule: async () => {
        this.fallbacks++;
        return this.#module;
      },
      ...(footer === undefined ? {} : { footer }),
    });
  }

  /** The reader that it is held against. */
  openGeneral(name: string, bytes: Uint8Array, footer?: ParquetFooter): Promise<RowGroupReader> {
    const options = footer === undefined ? {} : { footer };
    return openWasmRowGroupReader(memorySource(name, bytes), { module: this.#module, ...options });
  }
}
