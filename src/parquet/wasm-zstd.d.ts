// The module below the wrapper of @foxglove/wasm-zstd, which comes without types.
declare module '@foxglove/wasm-zstd/dist/wasm-zstd.js' {
  export interface WasmZstd {
    /** Replaced whenever the heap grows. */
    readonly HEAPU8: Uint8Array;
    /** 0 when there is no memory left. */
    _malloc(byteLength: number): number;
    _free(ptr: number): void;
    _compressBound(byteLength: number): number;
    /** Bytes made, or -1. */
    _compress(to: number, toBytes: number, from: number, fromBytes: number, level: number): number;
    /** Bytes made, or -1. */
    _decompress(to: number, toBytes: number, from: number, fromBytes: number): number;
  }

  const instantiate: () => Promise<WasmZstd>;
  export default instantiate;
}
