import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
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

/** Compresses `byteLength` bytes of the shared memory to `toPtr`; returns the compressed bytes. */
export function zstdInto(core: Core, ptr: number, byteLength: number, toPtr: number): number {
  const { views } = core;
  invariant(zstd !== null, "prepareCodec('zstd') was not awaited in this thread");
  const compressed = zstd.compress(views.bytes(ptr, byteLength), ZSTD_LEVEL);
  invariant(compressed !== null, 'zstd compressed no page: its heap is full');
  views.u8.set(compressed, toPtr);
  return compressed.byteLength;
}
