import { join } from 'node:path';
import { generateTape } from '#src/generate/generate-tape.js';
import type { Codec } from '#src/parquet/write-types.js';
import type { JobInput } from './input.js';

const SEED = 8n;

/**
 * Makes one instrument and day in `folder`: 10,000-row groups of doubles, in several shards from
 * 16.8 million rows on; the same bytes on every machine.
 */
export async function makeTape(
  folder: string,
  { name, events, codec = 'snappy' }: { name: string; events: number; codec?: Codec },
): Promise<JobInput> {
  const { files } = await generateTape({
    out: folder,
    seed: SEED,
    events,
    layout: 'lake',
    rowGroupRows: 10_000,
    codec,
  });
  // By shard: 1 to 9 and then 10.
  const inOrder = files.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const filesOf = (table: string): string[] =>
    inOrder.filter((path) => path.startsWith(`${table}/`)).map((path) => join(folder, path));
  return { name, deltaFiles: filesOf('book_delta_v2'), bookFiles: filesOf('book'), events };
}
