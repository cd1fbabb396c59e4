import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import { invariant } from '../errors/errors.js';
import type { EncodeScratch } from './encode-scratch.js';
import type { Codec } from './write-types.js';
import { loadZstd, type Zstd } from './zstd.js';

/**
 * Level 3 of the zstd in @foxglove/wasm-zstd, on every host: the zstd that newer Nodes carry would
 * be faster, but the bytes must be the same everywhere.
 */
const ZSTD_LEVEL = 3;

let zstd: Zstd | null = null;

/** Loads what a codec needs, once in each thread, before the first encodeRowGroup with it. */
export async function prepareCodec(codec: Codec): Promise<void> {
  if (codec !== 'zstd' || zstd !== null) return;
  zstd = await loadZstd();
}

/** Compresses a page into `scratch.compressedPtr`; returns the compressed bytes. */
export function compressInto(
  core: Core,
  codec: Exclude<Codec, 'none'>,
  scratch: EncodeScratch,
  ptr: number,
  byteLength: number,
): number {
  const { kernels, views } = core;
  const { compressedPtr, snappyTablePtr } = scratch;
  if (codec === 'snappy') {
    const name = 'snappyCompressInto';
    return countOf(name, kernels[name](ptr, byteLength, compressedPtr, snappyTablePtr));
  }
  invariant(zstd !== null, "prepareCodec('zstd') was not awaited in this thread");
  const compressed = zstd.compress(views.bytes(ptr, byteLength), ZSTD_LEVEL);
  invariant(compressed !== null, 'zstd compressed no page: its heap is full');
  views.u8.set(compressed, compressedPtr);
  return compressed.byteLength;
}
