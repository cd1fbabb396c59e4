import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import type { Core } from '../core/core.js';
import { RegionLanes } from './decode-region.js';
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

/** Node's own CRC-32 is twice as fast as the core's, where there is one (20.15, 22.2). */
const crc32: ((bytes: Uint8Array) => number) | null = zlib.crc32 ?? null;

/** What reading pages takes on this host: `region` is the reader's alone. */
export function pageReaderTools(
  core: Core,
  region: { readonly ptr: number; readonly byteLength: number },
): PageReaderTools {
  const lanes = new RegionLanes(region.ptr, region.byteLength);
  const codecs = {
    decompress: () => {
      throw new Error('no codec');
    },
  };
  return { core, lanes, codecs, crc32 };
}
