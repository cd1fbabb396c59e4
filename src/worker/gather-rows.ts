import { tmpdir } from 'node:os';
import type { InstrumentDay } from '../dialects/types.js';
import { interrupted } from '../errors/errors.js';
import { createSpill, type Spill } from '../io/file-spill.js';
import type { SpillPlace } from '../io/spill-place.js';
import { GatheredDays, type GatherWork, planGathering } from '../pipeline/gather-plan.js';
import { stickyKeyOf } from './file-readers.js';
import type { ThreadPool } from './thread-pool.js';

/** Of the memory, what rows that wait to be sorted may take on all threads together. */
const BLOCK_SHARE = 1 / 8;
const BLOCK_BYTES_MIN = 4 * 2 ** 20;
const BLOCK_BYTES_MAX = 32 * 2 ** 20;

/** The temporary file of a run, made when it is first needed. */
export class RunSpill {
  readonly #folder: string;
  #spill: Promise<Spill> | null = null;

  /** @param folder of the outputs; null: nothing is written, and the system's is taken */
  constructor(folder: string | null) {
    this.#folder = folder ?? tmpdir();
  }

  /** @throws OutputError ERR_OUTPUT_UNWRITABLE */
  async place(): Promise<SpillPlace> {
    this.#spill ??= createSpill(this.#folder);
    return (await this.#spill).place;
  }

  /** The run is over, and no thread reads or writes any more. */
  async close(): Promise<void> {
    const spill = await this.#spill?.catch(() => null);
    await spill?.close();
  }
}

/** What gathering takes. */
export interface GatherTools {
  readonly threads: Pick<ThreadPool, 'openGather' | 'gather' | 'closeGather'>;
  readonly workers: number;
  readonly memoryBytes: number;
  readonly spill: RunSpill;
  readonly signal: AbortSignal | null;
}

/**
 * Puts the rows of files that mix many instruments together by instrument, in a temporary file, so
 * that each instrument reads its own: else each would read the file as a whole. A file that cannot be
 * read as it should is left as it is: its instruments say what is the matter with it.
 *
 * @throws OutputError ERR_OUTPUT_NO_SPACE, ERR_OUTPUT_UNWRITABLE; ERR_INTERRUPTED
 */
export async function gatherRows(
  days: readonly InstrumentDay[],
  module: WebAssembly.Module,
  tools: GatherTools,
): Promise<readonly InstrumentDay[]> {
  const { workers, spill, signal } = tools;
  const gathered = new GatheredDays(days);
  for (const work of planGathering(days, workers)) {
    const place = await spill.place();
    await untilStopped(signal, gatherFile(work, place, module, tools, gathered));
  }
  return gathered.days;
}

async function gatherFile(
  work: GatherWork,
  spill: SpillPlace,
  module: WebAssembly.Module,
  { threads, workers, memoryBytes }: GatherTools,
  gathered: GatheredDays,
): Promise<void> {
  const { plan, units } = work;
  const share = (memoryBytes * BLOCK_SHARE) / workers;
  const blockBytes = Math.min(BLOCK_BYTES_MAX, Math.max(BLOCK_BYTES_MIN, Math.floor(share)));
  threads.openGather({ plan, spill, blockBytes, module });
  try {
    const sticksTo = stickyKeyOf(plan.file);
    const parts = await Promise.all(
      units.map(({ rowGroupIndexes }) =>
        threads.gather({ gather: plan.id, rowGroupIndexes }, sticksTo),
      ),
    );
    const segments = parts.map((part) => part.segments);
    if (segments.every((part) => part !== null)) gathered.take(work, spill, segments.flat());
  } finally {
    threads.closeGather();
  }
}

/** Ends with `work`, or as soon as the run is to stop: its threads are ended then. */
async function untilStopped(signal: AbortSignal | null, work: Promise<void>): Promise<void> {
  if (signal === null) return work;
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(interrupted());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}
