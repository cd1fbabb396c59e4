import { ABI_VERSION } from '../abi/version.js';
import { KernelError } from '../errors/errors.js';
import { MemoryViews } from '../memory/shared-memory.js';
import type { KernelExports } from './kernel-exports.js';

/** One thread's instance of the core over a linear memory: the kernels, and views of that memory. */
export interface Core {
  readonly kernels: KernelExports;
  readonly views: MemoryViews;
}

/**
 * Instantiates the compiled core over `memory`. Many threads may do so over one shared memory: the
 * module holds no data and runs nothing at instantiation (the build checks it).
 * @throws KernelError ERR_CORE_VERSION when module and host were built apart
 */
export function instantiateCore(module: WebAssembly.Module, memory: WebAssembly.Memory): Core {
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = instance.exports as unknown as KernelExports;
  const version = kernels.abiVersion();
  if (version !== ABI_VERSION) {
    throw new KernelError(
      'ERR_CORE_VERSION',
      `core.wasm has ABI version ${version}, this host needs ${ABI_VERSION}; build both together.`,
      { details: { found: version, expected: ABI_VERSION } },
    );
  }
  return { kernels, views: new MemoryViews(memory) };
}
