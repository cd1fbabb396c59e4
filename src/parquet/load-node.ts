import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * Compiles parquet-wasm (25 to 40 ms, 5 MB of wasm). Once for a process: the module may be posted
 * to worker threads, each of which makes its own instance of it.
 */
export async function compileParquetWasm(): Promise<WebAssembly.Module> {
  const url = import.meta.resolve('parquet-wasm/esm/parquet_wasm_bg.wasm');
  return WebAssembly.compile(await readFile(fileURLToPath(url)));
}
