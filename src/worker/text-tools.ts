import { instantiateCore } from '../core/core.js';
import { gunzipStream } from '../io/file-gunzip.js';
import { createSharedMemory } from '../memory/shared-memory.js';
import { RegionLanes } from '../parquet/decode-region.js';
import { READING_BYTES } from '../pipeline/memory-map.js';
import type { TextTools } from '../text/survey-segment.js';

/** Page 0 stays free: address 0 means nothing. */
const LANES_PTR = 65_536;

/** What surveying texts takes, in a memory of its own. */
export function newTextTools(module: WebAssembly.Module): TextTools {
  const core = instantiateCore(module, createSharedMemory(LANES_PTR + READING_BYTES));
  const lanes = new RegionLanes(LANES_PTR, READING_BYTES);
  return { core, lanes, openGunzip: gunzipStream };
}
