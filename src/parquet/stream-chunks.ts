import {
  CHUNK_BYTES,
  CHUNK_CODEC,
  CHUNK_ENCODINGS,
  CHUNK_END,
  CHUNK_PTR,
  CHUNK_ROWS,
} from '../abi/column-stream.js';
import type { Core } from '../core/core.js';
import { chunkIndexOf, rowCountOf } from './footer-chunks.js';
import type { ParquetFooter } from './reader.js';

/** Bytes of a file that lie in the shared memory, in the file's order. */
export interface FetchedSpan {
  readonly offset: number;
  readonly ptr: number;
}

/**
 * Writes the list of a stream's chunks, CHUNK_BYTES for each row group, from `listPtr` on.
 * @param fetched where the chunks' bytes lie; empty: nowhere yet
 */
export function writeChunkList(
  core: Core,
  listPtr: number,
  footer: ParquetFooter,
  chunks: { readonly rowGroups: readonly number[]; readonly column: number },
  fetched: readonly FetchedSpan[],
): void {
  const { u32 } = core.views;
  const { offsets, byteLengths, codecs, encodings } = footer.chunks;
  let at = listPtr >>> 2;
  for (const rowGroup of chunks.rowGroups) {
    const index = chunkIndexOf(footer, rowGroup, chunks.column);
    const offset = offsets[index]!;
    let place = fetched.length - 1;
    while (place > 0 && fetched[place]!.offset > offset) place--;
    const span = fetched[place];
    const ptr = span === undefined ? 0 : span.ptr + offset - span.offset;
    u32[at + CHUNK_PTR / 4] = ptr;
    u32[at + CHUNK_END / 4] = span === undefined ? 0 : ptr + byteLengths[index]!;
    u32[at + CHUNK_ROWS / 4] = rowCountOf(footer, rowGroup);
    u32[at + CHUNK_CODEC / 4] = codecs[index]!;
    u32[at + CHUNK_ENCODINGS / 4] = encodings[index]!;
    at += CHUNK_BYTES / 4;
  }
}

/** Rows of the chunk in a list, as the footer says. */
export function chunkRows(core: Core, listPtr: number, place: number): number {
  return core.views.u32[(listPtr + place * CHUNK_BYTES + CHUNK_ROWS) >>> 2]!;
}
