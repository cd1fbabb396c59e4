import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { selectsInstrument } from '../dialects/selection.js';
import type { ByteSink } from '../io/byte-sink.js';
import { memorySource } from '../io/memory-source.js';
import { readFooter } from '../parquet/footer.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { writeSmallTable } from '../parquet/small-table.js';
import type { Manifest } from '../pipeline/manifest.js';
import { sideColumns } from '../pipeline/side-tables.js';
import type { StoredFile } from './stored-files.js';

/**
 * The table `rejects` without a row: it is written only for days of which a row was refused, and an
 * output that has none of them says so by having no file.
 *
 * @returns null where the manifest does not say it: the folder is no finished output, the table was
 *   not asked for, or no instrument of it is selected
 */
export async function noRejects(
  input: string,
  selection: Parameters<typeof selectsInstrument>[0],
): Promise<StoredFile | null> {
  const manifest = await manifestIn(input);
  if (manifest === null) return null;
  const { accounting, options } = manifest;
  const tables: readonly unknown[] = Array.isArray(options.tables) ? options.tables : ['?'];
  const isAskedFor = tables.length === 0 || tables.includes('rejects');
  const isSelected = accounting.some(({ exchange, symbol }) =>
    selectsInstrument(selection, exchange, symbol),
  );
  if (!isAskedFor || !isSelected) return null;
  const path = join(input, 'rejects');
  const footer = await emptyFooter(path);
  // Of no instrument and day, but with their columns.
  return { path, footer, metadata: null, exchange: '', symbol: '', dt: '' };
}

/** manifest.json comes last, so an output that has one is whole. */
async function manifestIn(folder: string): Promise<Manifest | null> {
  let text: string;
  try {
    text = await readFile(join(folder, 'manifest.json'), 'utf8');
  } catch {
    // No output folder, or one that is not finished: whoever asks goes on without it.
    return null;
  }
  try {
    const manifest = JSON.parse(text) as Manifest;
    return manifest.schema === 'depthmill-manifest/1' ? manifest : null;
  } catch {
    return null;
  }
}

/** Footer of a file with the table's columns and no row: what reads columns needs no more. */
async function emptyFooter(path: string): Promise<ParquetFooter> {
  const parts: Uint8Array[] = [];
  const sink: ByteSink = {
    name: path,
    get byteLength() {
      return parts.reduce((sum, part) => sum + part.byteLength, 0);
    },
    write: async (chunks) => {
      parts.push(...chunks.map((chunk) => chunk.slice()));
    },
    close: async () => undefined,
    publish: async () => undefined,
    abort: async () => undefined,
  };
  await writeSmallTable(sink, sideColumns('rejects'), []);
  return readFooter(memorySource(path, Buffer.concat(parts)));
}
