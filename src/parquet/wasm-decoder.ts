import { invariant } from '../errors/errors.js';

// parquet-wasm is used through its raw WebAssembly exports and not through its JS glue, because
// the glue holds one instance for the life of the thread: memory that it grew, or an instance that
// a panic left half-way, could never be dropped. Of the glue's 130 imports, decoding a file in
// memory calls the few below; the rest throw. The names carry hashes of the version, which is
// pinned; another version fails at instantiation or in the tests, not in the data.

const textDecoder = new TextDecoder();

interface WasmExports {
  readonly memory: WebAssembly.Memory;
  readonly __wbindgen_externrefs: WebAssembly.Table;
  __wbindgen_start(): void;
  __wbindgen_malloc(byteLength: number, align: number): number;
  __externref_table_alloc(): number;
  __externref_table_dealloc(index: number): void;
  __wbindgen_exn_store(index: number): void;
  /** Takes the file's buffer over. @returns table or 0, index of an error, whether it failed */
  readParquet(filePtr: number, fileBytes: number, optionsIndex: number): [number, number, number];
  /** Takes the table over. */
  table_intoFFI(tablePtr: number): [number, number, number];
  ffistream_numArrays(streamPtr: number): number;
  ffistream_arrayAddr(streamPtr: number, index: number): number;
  ffistream_schemaAddr(streamPtr: number): number;
  __wbg_ffistream_free(streamPtr: number, unused: number): void;
}

/** A column of Arrow's C data interface: addresses in the decoder's memory. */
export interface DecodedArray {
  /** Arrow's name of the type: `l` int64, `g` double, `u` utf8, `d:18,8` decimal128 ... */
  readonly format: string;
  readonly length: number;
  readonly nullCount: number;
  /** Validity, then values; utf8: validity, offsets, text. 0 where there is no such buffer. */
  readonly bufferPtrs: readonly number[];
}

/** parquet-wasm's own options. `batchSize`: rows handed over at once, else they come by 1024. */
export interface RowRange {
  readonly batchSize: number;
  /** With a limit it reads the rows that the footer announces, without one all that are there. */
  readonly limit?: number;
  readonly offset?: number;
}

export type OnBatch = (arrays: readonly DecodedArray[], memory: ArrayBuffer) => void;

/** What the decoder itself says of a file. Any other error leaves its instance in a state unknown. */
export class DecoderError extends Error {}

/** One instance of parquet-wasm. Everything is synchronous: it returns or throws. */
export class WasmDecoder {
  readonly #exports: WasmExports;

  /** @param module parquet-wasm 0.8.0, compiled */
  constructor(module: WebAssembly.Module) {
    const imports = importsOf(module, () => this.#exports);
    this.#exports = new WebAssembly.Instance(module, imports).exports as unknown as WasmExports;
    this.#exports.__wbindgen_start();
  }

  /** Size of the instance's memory, which never shrinks. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /**
   * Decodes a Parquet file, or a range of its rows; pages before the range are skipped unread.
   *
   * @param onBatch gets a run of consecutive rows: one array for each column, and the memory in
   *   which they lie; both are valid until it returns, and it may not call this decoder
   * @throws DecoderError the file is corrupt, or of a kind that is not known
   * @throws WebAssembly.RuntimeError (a panic), RangeError (its stack ran over): the instance must
   *   then be dropped
   */
  decode(file: Uint8Array, range: RowRange, onBatch: OnBatch): void {
    const wasm = this.#exports;
    const filePtr = wasm.__wbindgen_malloc(file.byteLength, 1) >>> 0;
    new Uint8Array(wasm.memory.buffer, filePtr, file.byteLength).set(file);
    const options = this.#externref(range);
    const table = this.#checked(wasm.readParquet(filePtr, file.byteLength, options));
    const streamPtr = this.#checked(wasm.table_intoFFI(table));
    try {
      const formats = formatsOf(wasm.memory, wasm.ffistream_schemaAddr(streamPtr) >>> 0);
      for (let index = 0; index < wasm.ffistream_numArrays(streamPtr); index++) {
        const batchPtr = wasm.ffistream_arrayAddr(streamPtr, index) >>> 0;
        onBatch(arraysOf(wasm.memory, batchPtr, formats), wasm.memory.buffer as ArrayBuffer);
      }
    } finally {
      wasm.__wbg_ffistream_free(streamPtr, 0);
    }
  }

  #externref(value: unknown): number {
    const index = this.#exports.__externref_table_alloc();
    this.#exports.__wbindgen_externrefs.set(index, value);
    return index;
  }

  #checked([ptr, errorIndex, failed]: [number, number, number]): number {
    if (failed === 0) return ptr >>> 0;
    const error: unknown = this.#exports.__wbindgen_externrefs.get(errorIndex);
    this.#exports.__externref_table_dealloc(errorIndex);
    throw new DecoderError(error instanceof Error ? error.message : String(error));
  }
}

type Import = (...args: never[]) => unknown;

/** Each import by its name without the hash; what decoding does not need throws when called. */
function importsOf(module: WebAssembly.Module, wasm: () => WasmExports): WebAssembly.Imports {
  const known = knownImports(wasm);
  const imports: Record<string, Record<string, Import>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    const plainName = name.replace(/_[0-9a-f]{16}$/, '');
    imports[from] ??= {};
    imports[from][name] =
      known[name] ??
      known[plainName] ??
      (() => invariant(false, `parquet-wasm called ${name}, which decoding should not need`));
  }
  return imports;
}

function knownImports(wasm: () => WasmExports): Record<string, Import> {
  const view = (): DataView => new DataView(wasm().memory.buffer);
  const text = (ptr: number, byteLength: number): string =>
    textDecoder.decode(new Uint8Array(wasm().memory.buffer, ptr >>> 0, byteLength >>> 0));
  return {
    __wbindgen_init_externref_table: () => {
      const table = wasm().__wbindgen_externrefs;
      const start = table.grow(4);
      table.set(0, undefined);
      for (const [index, value] of [undefined, null, true, false].entries()) {
        table.set(start + index, value);
      }
    },
    // Casts of a double, a string and a u64 to a JS value.
    __wbindgen_generic_0000000000000004: (value: number) => value,
    __wbindgen_generic_0000000000000005: text,
    __wbindgen_generic_0000000000000006: (value: bigint) => BigInt.asUintN(64, value),
    __wbg_Error: (ptr: number, byteLength: number) => new Error(text(ptr, byteLength)),
    __wbg_new_a32a1ab6c6655abe: (ptr: number, byteLength: number) =>
      new Error(text(ptr, byteLength)),
    __wbg___wbindgen_throw: (ptr: number, byteLength: number) => {
      throw new Error(text(ptr, byteLength));
    },
    // What it takes to get `batchSize` out of the options object.
    __wbg___wbindgen_is_object: (value: unknown) => typeof value === 'object' && value !== null,
    __wbg___wbindgen_is_undefined: (value: unknown) => value === undefined,
    // biome-ignore lint/suspicious/noDoubleEquals: the import is JavaScript's ==
    __wbg___wbindgen_jsval_loose_eq: (a: unknown, b: unknown) => a == b,
    __wbg_get_with_ref_key: (object: Record<string, unknown>, key: string) => object[key],
    __wbg___wbindgen_in: (key: string, object: object) => key in object,
    __wbg___wbindgen_is_bigint: (value: unknown) => typeof value === 'bigint',
    __wbg_Number: (value: unknown) => Number(value),
    __wbg_isSafeInteger: (value: unknown) => Number.isSafeInteger(value),
    __wbg___wbindgen_number_get: (resultPtr: number, value: unknown) => {
      const isNumber = typeof value === 'number';
      view().setFloat64(resultPtr + 8, isNumber ? value : 0, true);
      view().setInt32(resultPtr, isNumber ? 1 : 0, true);
    },
  };
}

/** A struct of 32-bit pointers and 64-bit counts, as Arrow's C data interface has it on wasm32. */
const ARRAY_LENGTH = 0;
const ARRAY_NULL_COUNT = 8;
const ARRAY_OFFSET = 16;
const ARRAY_BUFFER_COUNT = 24;
const ARRAY_CHILD_COUNT = 32;
const ARRAY_BUFFERS = 40;
const ARRAY_CHILDREN = 44;
const SCHEMA_FORMAT = 0;
const SCHEMA_CHILD_COUNT = 24;
const SCHEMA_CHILDREN = 32;

function formatsOf(memory: WebAssembly.Memory, schemaPtr: number): string[] {
  const view = new DataView(memory.buffer);
  const children = view.getUint32(schemaPtr + SCHEMA_CHILDREN, true);
  const count = Number(view.getBigInt64(schemaPtr + SCHEMA_CHILD_COUNT, true));
  return Array.from({ length: count }, (_, index) => {
    const childPtr = view.getUint32(children + index * 4, true);
    const formatPtr = view.getUint32(childPtr + SCHEMA_FORMAT, true);
    const bytes = new Uint8Array(memory.buffer, formatPtr);
    return textDecoder.decode(bytes.subarray(0, bytes.indexOf(0)));
  });
}

function arraysOf(
  memory: WebAssembly.Memory,
  batchPtr: number,
  formats: readonly string[],
): DecodedArray[] {
  const view = new DataView(memory.buffer);
  const childCount = Number(view.getBigInt64(batchPtr + ARRAY_CHILD_COUNT, true));
  invariant(childCount === formats.length, 'the decoder gave another number of columns');
  const children = view.getUint32(batchPtr + ARRAY_CHILDREN, true);
  return formats.map((format, index) => {
    const ptr = view.getUint32(children + index * 4, true);
    const count = (at: number): number => Number(view.getBigInt64(ptr + at, true));
    invariant(count(ARRAY_OFFSET) === 0, 'the decoder gave a sliced array');
    const buffersPtr = view.getUint32(ptr + ARRAY_BUFFERS, true);
    return {
      format,
      length: count(ARRAY_LENGTH),
      nullCount: count(ARRAY_NULL_COUNT),
      bufferPtrs: Array.from({ length: count(ARRAY_BUFFER_COUNT) }, (_, buffer) =>
        view.getUint32(buffersPtr + buffer * 4, true),
      ),
    };
  });
}
