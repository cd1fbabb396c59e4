import {
  CHUNK_BYTES,
  CHUNK_CODEC,
  CHUNK_ENCODINGS,
  CHUNK_END,
  CHUNK_PTR,
  CHUNK_ROWS,
} from '../abi/column-stream.js';
import type { Core } from '../core/core.js';

/** A chunk of a column in the shared memory. */
export interface StreamChunk {
  readonly rowGroup: number;
  readonly rowCount: number;
  /** As in ChunkTable. */
  readonly codec: number;
  readonly encodings: number;
  readonly ptr: number;
  readonly endPtr: number;
}

/** Writes the list of a stream's chunks; it takes CHUNK_BYTES for each, from `listPtr` on. */
export function writeChunkList(core: Core, listPtr: number, chunks: readonly StreamChunk[]): void {
  const { u32 } = core.views;
  let at = listPtr >>> 2;
  for (const { ptr, endPtr, rowCount, codec, encodings } of chunks) {
    u32[at + CHUNK_PTR / 4] = ptr;
    u32[at + CHUNK_END / 4] = endPtr;
    u32[at + CHUNK_ROWS / 4] = rowCount;
    u32[at + CHUNK_CODEC / 4] = codec;
    u32[at + CHUNK_ENCODINGS / 4] = encodings;
    at += CHUNK_BYTES / 4;
  }
}
