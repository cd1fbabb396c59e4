import { instantiateCore } from '../core/core.js';
import { compileCore } from '../core/load-node.js';
import { gunzipStream } from '../io/file-gunzip.js';
import { openFileSource } from '../io/file-source.js';
import { createSharedMemory } from '../memory/shared-memory.js';
import { RegionLanes } from '../parquet/decode-region.js';
import { readFooter } from '../parquet/footer.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { READING_BYTES } from '../pipeline/memory-map.js';
import { readInputFooter } from '../text/input-file.js';

/** Page 0 stays free: address 0 means nothing. */
const LANES_PTR = 65_536;

/**
 * What one file holds, Parquet or text, as planning sees it. A text is read from end to end.
 *
 * @throws InputError, ParquetError as `run`
 */
export async function readFileFooter(path: string): Promise<ParquetFooter> {
  const source = await openFileSource(path);
  try {
    const core = instantiateCore(compileCore(), createSharedMemory(LANES_PTR + READING_BYTES));
    const lanes = new RegionLanes(LANES_PTR, READING_BYTES);
    const tools = { core, lanes, openGunzip: gunzipStream };
    return await readInputFooter(source, (parquet) => readFooter(parquet), tools);
  } finally {
    await source.close();
  }
}
