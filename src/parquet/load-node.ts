import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

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
