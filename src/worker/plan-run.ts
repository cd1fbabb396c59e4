import { instantiateCore } from '../core/core.js';
import { compileCore } from '../core/load-node.js';
import { DECODE_SCRATCH_BYTES } from '../dialects/decode.js';
import { openGatheredReader } from '../dialects/gathered-reader.js';
import type { InputOptions } from '../dialects/options.js';
import { type InputPlan, planInputs } from '../dialects/plan.js';
import { type ScaledDays, scaleDays } from '../dialects/scales.js';
import type { GatheredFile } from '../dialects/types.js';
import type { ByteSource } from '../io/byte-source.js';
import { discoverInputs } from '../io/file-discover.js';
import { gunzipStream } from '../io/file-gunzip.js';
import { openFileSource } from '../io/file-source.js';
import { spillSource } from '../io/file-spill.js';
import { createSharedMemory } from '../memory/shared-memory.js';
import { RegionLanes } from '../parquet/decode-region.js';
import { readFooter } from '../parquet/footer.js';
import { compileParquetWasm, pageReaderTools } from '../parquet/load-node.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { READING_BYTES } from '../pipeline/memory-map.js';
import { rowsOfDay } from '../pipeline/run-plan.js';
import { openInputReader, readInputFooter } from '../text/input-file.js';
import { type GatherTools, gatherRows } from './gather-rows.js';
import type { ThreadPool } from './thread-pool.js';

/** What a run is going to do: the days with their scales, and what cannot be done. */
export interface RunPlan extends ScaledDays {
  readonly input: InputPlan;
  readonly rowsTotal: number;
  readonly bytesTotal: number;
}

/** Page 0 of the planner's memory stays free: address 0 means no column. */
const SCRATCH_PTR = 65_536;

/**
 * Finds the inputs, plans the instruments' days, and settles their scales. Errors as `run`.
 * @param threads survey long texts; null: this thread does
 * @param gathering puts the rows of files that mix many instruments together; null: nobody does
 */
export async function planRun(
  options: InputOptions,
  threads: Pick<ThreadPool, 'survey'> | null = null,
  gathering: GatherTools | null = null,
): Promise<RunPlan> {
  const memory = createSharedMemory(SCRATCH_PTR + DECODE_SCRATCH_BYTES + 2 * READING_BYTES);
  const module = compileCore();
  const core = instantiateCore(module, memory);
  const reading = { ptr: SCRATCH_PTR + DECODE_SCRATCH_BYTES, byteLength: READING_BYTES };
  const tools = pageReaderTools(core, reading);
  // Texts are surveyed while footers are read: each has memory of its own.
  const lanes = new RegionLanes(reading.ptr + READING_BYTES, READING_BYTES);
  const openGunzip = gunzipStream;
  const readerOptions = { tools, parquetModule: compileParquetWasm, openGunzip };
  const host = {
    openSource: openFileSource,
    // A footer is taken apart in one go, and no file is read before all of them are.
    readFooter: (source: ByteSource) =>
      readInputFooter(
        source,
        (parquet) => readFooter(parquet, { core, ...tools.region }),
        { core, lanes, openGunzip },
        threads && ((task) => threads.survey({ ...task, module })),
      ),
    openReader: (source: ByteSource, footer?: ParquetFooter) =>
      openInputReader(source, { ...readerOptions, ...(footer && { footer }) }),
    openGathered: (file: GatheredFile) =>
      openGatheredReader(file, spillSource(file.gathered.spill), tools),
  };
  const files = await discoverInputs(options.inputs, {
    // Node loads streams and sockets for it, which few runs need.
    get stdin() {
      return process.stdin;
    },
  });
  const planned = await planInputs(files, options, host);
  const input =
    gathering === null
      ? planned
      : { ...planned, days: await gatherRows(planned.days, module, gathering) };
  const scratch = { ptr: SCRATCH_PTR, byteLength: DECODE_SCRATCH_BYTES };
  const { days, failures } = await scaleDays(input.days, options, { host, core, scratch });
  let rowsTotal = 0;
  let bytesTotal = 0;
  for (const { day } of days) {
    const { rows, bytes } = rowsOfDay(day);
    rowsTotal += rows;
    bytesTotal += bytes;
  }
  return { input, days, failures, rowsTotal, bytesTotal };
}
