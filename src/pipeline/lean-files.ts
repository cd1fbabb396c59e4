import { INPUT_TABLES, type InputTable, isGathered, type PlannedFile } from '../dialects/types.js';
import { chunkTable } from '../parquet/footer-chunks.js';

type JobFiles = Readonly<Record<InputTable, readonly PlannedFile[]>>;

/**
 * The files of a job without what no thread needs of them: hundreds of instruments share a file, and
 * a copy of its footer, thousands of row groups, would go to each thread with each of them.
 */
export function leanFiles(files: JobFiles): JobFiles {
  const lean: Record<InputTable, readonly PlannedFile[]> = { ...files };
  for (const table of INPUT_TABLES) lean[table] = files[table].map(leanFile);
  return lean;
}

/** Of gathered rows only the columns and the rows of the row groups are asked for. */
function leanFile(file: PlannedFile): PlannedFile {
  if (!isGathered(file)) return file;
  const { text: _, ...footer } = { text: null, ...file.footer };
  const rowGroupBytes = new Float64Array(0);
  return { ...file, footer: { ...footer, rowGroupBytes, chunks: chunkTable(0) } };
}
