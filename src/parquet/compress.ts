import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import type { EncodeScratch } from './encode-scratch.js';
import type { Codec } from './write-types.js';

/** Compresses a page into `scratch.compressedPtr`; returns the compressed bytes. */
export function compressInto(
  _core: Core,
  codec: Exclude<Codec, 'none'>,
  _scratch: EncodeScratch,
  _ptr: number,
  _byteLength: number,
): number {
  invariant(false, `codec ${codec} is not there yet`);
}
