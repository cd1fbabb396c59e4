import { compileCore } from '../core/load-node.js';
import { openFileSource } from '../io/file-source.js';
import { readFooter } from '../parquet/footer.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { readInputFooter } from '../text/input-file.js';
import { newTextTools } from './text-tools.js';

/**
 * What one file holds, Parquet or text, as planning sees it. A text is read from end to end.
 *
 * @throws InputError, ParquetError as `run`
 */
export async function readFileFooter(path: string): Promise<ParquetFooter> {
  const source = await openFileSource(path);
  try {
    const tools = newTextTools(compileCore());
    return await readInputFooter(source, (parquet) => readFooter(parquet), tools);
  } finally {
    await source.close();
  }
}
