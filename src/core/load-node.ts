import { readFileSync } from 'node:fs';

/** Compiles core.wasm of this package. `debug` takes the build that keeps asserts. */
export function compileCore(options: { debug?: boolean } = {}): WebAssembly.Module {
  const file = options.debug ? 'core.debug.wasm' : 'core.wasm';
  // By the package's own name for it: this file may be part of a bundle.
  const url = import.meta.resolve(`#src/${file}`);
  return new WebAssembly.Module(readFileSync(new URL(url)));
}

/** The same as {@link compileCore}, under the name and signature of the browser's loader. */
export async function loadCore(): Promise<WebAssembly.Module> {
  return compileCore();
}
