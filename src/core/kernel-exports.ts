import type { DigestKernels } from './digest.js';

/**
 * What core.wasm exports. Each kernel's own file in this folder states the signatures of its
 * exports and what they mean; here they are only gathered.
 */
export interface KernelExports extends DigestKernels {
  abiVersion(): number;
}
