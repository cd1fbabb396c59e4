import { instantiateCore } from '../core/core.js';
import { RowTooLong, type WrittenSegment } from '../dialects/gather-block.js';
import { invariant, OutputError, PipelineError } from '../errors/errors.js';
import { appendToSpill } from '../io/file-spill.js';
import type { SpillPlace } from '../io/spill-place.js';
import { createSharedMemory } from '../memory/shared-memory.js';
import { pageReaderTools } from '../parquet/load-node.js';
import type { GatherPlan } from '../pipeline/gather-plan.js';
import { READING_BYTES } from '../pipeline/memory-map.js';
import { GatherStage } from '../pipeline/stage-gather.js';
import { FileReaders } from './file-readers.js';

/** What the pieces of one file have in common; it goes to each thread once. */
export interface ThreadGather {
  readonly plan: GatherPlan;
  readonly spill: SpillPlace;
  /** What rows that wait to be sorted may take on this thread. */
  readonly blockBytes: number;
  readonly module: WebAssembly.Module;
}

/** Row groups of a file, one piece of the work. */
export interface GatherTask {
  /** GatherPlan.id. */
  readonly gather: number;
  readonly rowGroupIndexes: readonly number[];
}

export interface GatherResult {
  /** null: the rows cannot be gathered, since some cannot be read, or are too long. */
  readonly segments: readonly WrittenSegment[] | null;
}

/** Page 0 stays free: address 0 means nothing. */
const READING_PTR = 65_536;

interface OpenGather {
  readonly gather: ThreadGather;
  readonly readers: FileReaders;
  stage: GatherStage | null;
}

/** The gathering that one thread does, in a memory of its own: no run has begun yet. */
export class GatherThread {
  #readers: FileReaders | null = null;
  #open: OpenGather | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  open(gather: ThreadGather): void {
    this.#readers ??= newReaders(gather.module);
    this.#open = { gather, readers: this.#readers, stage: null };
  }

  /** One piece after the other: they share the rows that wait. */
  gather(task: GatherTask): Promise<GatherResult> {
    const result = this.#turn.then(() => this.#gather(task));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** The file is done; its readers and the rows that waited go. */
  async close(): Promise<void> {
    await this.#turn;
    this.#open = null;
    await this.#readers?.close();
  }

  async #gather({ gather: id, rowGroupIndexes }: GatherTask): Promise<GatherResult> {
    const open = this.#open;
    invariant(open?.gather.plan.id === id, `a piece of gathering ${id}, which is not open here`);
    const { plan, blockBytes, spill } = open.gather;
    open.stage ??= new GatherStage(plan, blockBytes, (bytes) => appendToSpill(spill, bytes));
    const { stage } = open;
    try {
      return {
        segments: await open.readers.with(plan.file, (reader) =>
          stage.gather(reader, rowGroupIndexes),
        ),
      };
    } catch (error) {
      if (error instanceof RowTooLong) return { segments: null };
      const isOfInput = error instanceof PipelineError && !(error instanceof OutputError);
      if (isOfInput && error.code !== 'ERR_INVARIANT') return { segments: null };
      throw error;
    }
  }
}

function newReaders(module: WebAssembly.Module): FileReaders {
  const core = instantiateCore(module, createSharedMemory(READING_PTR + READING_BYTES));
  return new FileReaders(pageReaderTools(core, { ptr: READING_PTR, byteLength: READING_BYTES }));
}
