import { instantiateCore } from '../core/core.js';
import { compileCore } from '../core/load-node.js';
import type { InstrumentDay } from '../dialects/types.js';
import { MemoryError } from '../errors/errors.js';
import { Arena } from '../memory/arena.js';
import { createSharedMemory } from '../memory/shared-memory.js';
import { SlotPool } from '../memory/slot-pool.js';
import type { UnitSizes } from '../pipeline/chunk-feeder.js';
import type { InstrumentJob } from '../pipeline/instrument-job.js';
import type { JobHost } from '../pipeline/job-host.js';
import { leanFiles } from '../pipeline/lean-files.js';
import { planMemory } from '../pipeline/memory-map.js';
import type { HostCalls, MemoryMap } from '../pipeline/protocol.js';
import {
  type NeedsOptions,
  SLICE_ROWS_MAX,
  SLICE_ROWS_MIN,
  slotNeeds,
  UNIT_ROWS,
  UNIT_ROWS_SMALL,
} from '../pipeline/run-plan.js';
import { stickyKeyOf } from './file-readers.js';
import type { PoolFacts } from './run-facts.js';
import type { ThreadPool } from './thread-pool.js';

export interface RunContextOptions extends Omit<NeedsOptions, keyof UnitSizes> {
  readonly workers: number;
  readonly memoryBytes: number;
  /** --batch-rows; null: UNIT_ROWS, or fewer where the memory is small. */
  readonly unitRows: number | null;
}

/** How the memory is divided, and what follows from it. */
interface MemoryPlan {
  readonly map: MemoryMap;
  readonly jobsAtOnce: number;
  readonly sizes: UnitSizes;
}

/** @throws MemoryError ERR_MEMORY_TOO_SMALL when no job would fit */
function planUnder(
  days: readonly InstrumentDay[],
  options: RunContextOptions,
  sizes: UnitSizes,
): MemoryPlan {
  const { workers, memoryBytes } = options;
  let rowSlotsMin = 1;
  let encodedSlotsMin = 1;
  for (const day of days) {
    const needs = slotNeeds(day, { ...options, ...sizes });
    rowSlotsMin = Math.max(rowSlotsMin, needs.rowSlots);
    encodedSlotsMin = Math.max(encodedSlotsMin, needs.encodedSlots);
  }
  const map = planMemory({ memoryBytes, workers, rowSlotsMin, encodedSlotsMin });
  const room = Math.floor(map.rows.slotCount / rowSlotsMin);
  return { map, jobsAtOnce: Math.max(1, Math.min(workers, days.length, room)), sizes };
}

/**
 * Units as large as can be while every worker still has a day of its own; row groups that are too
 * large for the memory in slices.
 */
function planFor(days: readonly InstrumentDay[], options: RunContextOptions): MemoryPlan {
  const { unitRows, workers } = options;
  const whole = (rows: number): UnitSizes => ({ unitRows: rows, sliceRows: Infinity });
  if (unitRows === null) {
    const plan = planIfItFits(days, options, whole(UNIT_ROWS));
    if (plan?.jobsAtOnce === Math.min(workers, days.length)) return plan;
  }
  const sizes = whole(unitRows ?? UNIT_ROWS_SMALL);
  let plan = planIfItFits(days, options, sizes);
  for (let sliceRows = SLICE_ROWS_MAX; plan === null; sliceRows /= 2) {
    // The last try says what is missing.
    if (sliceRows === SLICE_ROWS_MIN) return planUnder(days, options, { ...sizes, sliceRows });
    plan = planIfItFits(days, options, { ...sizes, sliceRows });
  }
  return plan;
}

function planIfItFits(
  days: readonly InstrumentDay[],
  options: RunContextOptions,
  sizes: UnitSizes,
): MemoryPlan | null {
  try {
    return planUnder(days, options, sizes);
  } catch (error) {
    if (error instanceof MemoryError) return null;
    throw error;
  }
}

/** After so long without any step, with all waiting for memory, none will come. */
const STALL_MS = 4_000;

/** What a run holds while it lasts: memory, pools, threads, and the jobs that use them. */
export class RunContext {
  readonly memoryMap: MemoryMap;
  readonly rowPool: SlotPool;
  readonly encodedPool: SlotPool;
  readonly threads: ThreadPool;
  /** The part of a job's host that is the same for all jobs. */
  readonly jobHost: Pick<JobHost, Exclude<keyof JobHost, 'openSink' | 'keyValue' | 'onProgress'>>;
  /** Jobs that the memory bears side by side. */
  readonly jobsAtOnce: number;
  readonly sizes: UnitSizes;
  readonly jobs = new Map<number, InstrumentJob>();
  #failure: Error | null = null;
  #nextHome = 0;
  /** Calls that the threads have made; with the pool's count, whether anything goes on. */
  #calls = 0;
  #lastActivity = -1;
  #stalledSince = performance.now();
  readonly #watch: NodeJS.Timeout;

  private constructor(
    { map: memoryMap, jobsAtOnce, sizes }: MemoryPlan,
    module: WebAssembly.Module,
    threads: ThreadPool,
  ) {
    this.memoryMap = memoryMap;
    this.jobsAtOnce = jobsAtOnce;
    this.sizes = sizes;
    const memory = createSharedMemory(memoryMap.byteLength);
    const { rows, encoded } = memoryMap;
    this.rowPool = new SlotPool({ name: 'row', basePtr: rows.ptr, ...rows });
    this.encodedPool = new SlotPool({ name: 'encoded', basePtr: encoded.ptr, ...encoded });
    const job = (id: number): InstrumentJob => {
      const found = this.jobs.get(id);
      if (found === undefined) throw this.#failure ?? new Error(`job ${id} is over`);
      this.#calls++;
      return found;
    };
    const calls: HostCalls = {
      nextChunks: async ({ job: id, table }) => job(id).nextChunks(table),
      acquireSlots: async ({ job: id, count }) => job(id).acquireSlots(count),
      emit: async (output) => job(output.job).emit(output),
    };
    this.threads = threads;
    threads.setUp({ module, memory, memoryMap }, calls, (error) => this.fail(error));
    this.#watch = setInterval(() => this.#lookForStall(), STALL_MS / 4);
    this.#watch.unref();
    const core = instantiateCore(module, memory);
    const region = memoryMap.threads.at(-1)!.arena;
    this.jobHost = {
      core,
      arena: new Arena({ name: 'host', ...region }),
      rows,
      rowPool: this.rowPool,
      encodedPool: this.encodedPool,
      openJob: (plan) =>
        this.threads.broadcast('openJob', { ...plan, files: leanFiles(plan.files) }),
      closeJob: (id) => this.threads.broadcast('closeJob', { job: id }),
      decode: (task) => {
        const file = this.jobs.get(task.job)?.day.files[task.table][task.fileIndex];
        return this.threads.decode(task, file === undefined ? null : stickyKeyOf(file));
      },
      encode: (task) => this.threads.encode(task),
      book: (id, spec) => this.threads.book({ job: id, spec }, this.#nextHome++),
    };
  }

  /**
   * Reserves the memory and gives it to the threads.
   * @throws MemoryError ERR_MEMORY_TOO_SMALL when no job would fit
   */
  static async open(
    days: readonly InstrumentDay[],
    threads: ThreadPool,
    options: RunContextOptions,
  ): Promise<RunContext> {
    const module = compileCore();
    return new RunContext(planFor(days, options), module, threads);
  }

  /** Slots in use at the most, and requests that had to wait. */
  get pools(): PoolFacts[] {
    return [this.rowPool, this.encodedPool].map(({ name, slotCount, inUseMax, waitCount }) => ({
      name,
      slots: slotCount,
      inUseMax,
      waits: waitCount,
    }));
  }

  get failure(): Error | null {
    return this.#failure;
  }

  /** Ends everything: each job, and every call that its stages make, fails with `error`. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const job of this.jobs.values()) job.fail(error);
  }

  close(): void {
    clearInterval(this.#watch);
  }

  /**
   * Everything waits for slots and nothing is under way that would give one back: a message or a
   * reorder window holds more rows than the memory does. That will not pass.
   */
  #lookForStall(): void {
    const waiting = this.rowPool.waiting + this.encodedPool.waiting;
    const activity = this.#calls + this.threads.finishedCount;
    if (waiting === 0 || this.threads.pendingCount > 0 || activity !== this.#lastActivity) {
      this.#lastActivity = activity;
      this.#stalledSince = performance.now();
      return;
    }
    if (performance.now() - this.#stalledSince < STALL_MS) return;
    const { slotCount } = this.rowPool;
    this.fail(
      new MemoryError(
        'ERR_MEMORY_TOO_SMALL',
        `All ${slotCount} row slots are held by messages that are not complete, and no more can be` +
          ' read; give more with --memory.',
        { details: { slots: slotCount } },
      ),
    );
    // Whoever waits gets a slot now, to find that the run has failed.
    this.rowPool.abandon();
    this.encodedPool.abandon();
  }
}
