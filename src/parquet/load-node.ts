import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, unzipSync, type ZlibOptions } from 'node:zlib';
import { ZSTD_WORKSPACE_BYTES } from '../abi/zstd.js';
import type { Core } from '../core/core.js';
import { CRC_TABLE_BYTES } from '../core/crc32.js';
import { SNAPPY_TAGS_BYTES } from '../core/decompress.js';
import { RegionLanes } from './decode-region.js';
import { type HostCodecs, type Inflated, pageCodecs } from './decompress.js';
import type { PageReaderTools } from './page-reader.js';

/** Kept for the process: with it stays the code that V8 has optimised in earlier runs. */
let compiled: Promise<WebAssembly.Module> | null = null;

/**
 * Compiles parquet-wasm (25 to 40 ms, 5 MB of wasm). Once for a process: the module may be posted
 * to worker threads, each of which makes its own instance of it.
 */
export function compileParquetWasm(): Promise<WebAssembly.Module> {
  compiled ??= (async () => {
    const url = import.meta.resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
    return WebAssembly.compile(await readFile(fileURLToPath(url)));
  })();
  return compiled;
}

/** zlib takes no chunk below it. */
const CHUNK_BYTES_MIN = 64;

/** With `info`, which the types of Node do not know: the engine has counted what it used. */
type Unpack = (source: Uint8Array, options: object) => unknown;

function inflated(unpack: Unpack, source: Uint8Array, outBytesMax: number): Inflated {
  const options: ZlibOptions = {
    // One chunk for the page, and a byte more: by it zlib sees that the stream has ended.
    chunkSize: Math.max(CHUNK_BYTES_MIN, outBytesMax + 1),
    maxOutputLength: Math.max(1, outBytesMax),
    info: true,
  };
  const { buffer, engine } = unpack(source, options) as {
    readonly buffer: Uint8Array;
    readonly engine: { readonly bytesWritten: number };
  };
  return { bytes: buffer, consumedBytes: engine.bytesWritten };
}

/** The codecs of Node's zlib. */
export const nodeCodecs: HostCodecs = {
  // It tells gzip from zlib by the header, and goes on behind a gzip member, as parquet-mr needs it.
  gzip: (source, outBytesMax) => inflated(unzipSync, source, outBytesMax),
  brotli: (source, outBytesMax) => inflated(brotliDecompressSync, source, outBytesMax),
};
/** What reading pages takes on this host: `region` is the reader's alone. */
export function pageReaderTools(
  core: Core,
  region: { readonly ptr: number; readonly byteLength: number },
): PageReaderTools {
  const snappyTagsPtr = region.ptr + CRC_TABLE_BYTES;
  const zstdPtr = snappyTagsPtr + SNAPPY_TAGS_BYTES;
  core.kernels.crc32Init(region.ptr);
  core.kernels.snappyInit(snappyTagsPtr);
  core.kernels.zstdInit(zstdPtr);
  const tableBytes = CRC_TABLE_BYTES + SNAPPY_TAGS_BYTES + ZSTD_WORKSPACE_BYTES;
  const rest = { ptr: region.ptr + tableBytes, byteLength: region.byteLength - tableBytes };
  return {
    core,
    lanes: new RegionLanes(rest.ptr, rest.byteLength),
    codecs: pageCodecs(nodeCodecs),
    crcTablesPtr: region.ptr,
    snappyTagsPtr,
    zstdPtr,
    region: rest,
  };
}
