import type { ChunkTable } from './footer-chunks.js';
import { FooterDefect } from './footer-errors.js';
import type { SchemaField } from './source-schema.js';

/**
 * Refuses chunks that share bytes. Leaves of a nested column need not lie side by side: those were
 * checked one by one. Chunks nearly always stand in ascending order, which the caller sees on its
 * way, so this sorting is for the files that remain.
 *
 * @throws FooterDefect
 */
export function refuseOverlaps(chunks: ChunkTable, fields: readonly SchemaField[]): void {
  const { offsets, byteLengths } = chunks;
  const columnCount = fields.length;
  const indexes = new Float64Array(offsets.length);
  let count = 0;
  for (let index = 0; index < offsets.length; index++) {
    const isFlat = fields[index % columnCount]!.info.type !== 'other';
    if (isFlat && byteLengths[index]! > 0) indexes[count++] = index;
  }
  const sorted = indexes.subarray(0, count).sort((a, b) => offsets[a]! - offsets[b]!);
  for (let place = 1; place < count; place++) {
    const before = sorted[place - 1]!;
    const index = sorted[place]!;
    const endBefore = offsets[before]! + byteLengths[before]!;
    if (offsets[index]! >= endBefore) continue;
    const nameOf = (chunk: number): string => fields[chunk % columnCount]!.info.name;
    const groupOf = (chunk: number): number => Math.floor(chunk / columnCount);
    throw new FooterDefect(
      `its bytes begin at ${offsets[index]}, inside those of column ${nameOf(before)} of row group ` +
        `${groupOf(before)}, which end at ${endBefore}`,
      groupOf(index),
      nameOf(index),
    );
  }
}
