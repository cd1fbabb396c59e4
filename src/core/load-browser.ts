/**
 * Fetches and compiles core.wasm from beside this package's files, while it downloads where the
 * server says `application/wasm`.
 * @throws TypeError when the file cannot be fetched, CompileError when it is no WebAssembly
 */
export async function loadCore(): Promise<WebAssembly.Module> {
  const url = new URL('../core.wasm', import.meta.url);
  const response = await fetch(url);
  if (!response.ok) throw new TypeError(`${url.href} cannot be fetched: HTTP ${response.status}.`);
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('application/wasm')) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
