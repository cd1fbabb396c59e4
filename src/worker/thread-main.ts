import { parentPort, threadId, workerData } from 'node:worker_threads';
import { type Core, instantiateCore } from '../core/core.js';
import { DECODE_SCRATCH_BYTES } from '../dialects/decode.js';
import { invariant } from '../errors/errors.js';
import { openFileSource } from '../io/file-source.js';
import { Arena } from '../memory/arena.js';
import { prepareCodec } from '../parquet/compress.js';
import { pageReaderTools } from '../parquet/load-node.js';
import type { MemorySpan } from '../parquet/write-types.js';
import type { HostCalls, JobPlan, MemoryMap, WorkerCalls } from '../pipeline/protocol.js';
import { bookStage } from '../pipeline/stage-book.js';
import { decodeStage } from '../pipeline/stage-decode.js';
import { encodeStage } from '../pipeline/stage-encode.js';
import { type SurveyedSegment, surveySegment, type TextTools } from '../text/survey-segment.js';
import { noteLoaded } from './engine.js';
import { FileReaders } from './file-readers.js';
import {
  type GatherResult,
  type GatherTask,
  GatherThread,
  type ThreadGather,
} from './gather-thread.js';
import type { ThreadData } from './idle-workers.js';
import { randomDelays } from './random-delays.js';
import { RpcPeer } from './rpc.js';
import { newTextTools } from './text-tools.js';
import type { ThreadSetup, ThreadSurvey } from './thread-pool.js';

/** What the thread works with, once it has been set up. */
interface Equipment {
  readonly core: Core;
  readonly rows: MemoryMap['rows'];
  readonly arena: Arena;
  readonly decodeScratchPtr: number;
  readonly encoded: MemoryMap['encoded'];
  readonly scratch: MemorySpan;
  readonly readers: FileReaders;
}

invariant(parentPort !== null, 'thread-main runs in a worker thread');
const { delaySeed, loading } = workerData as ThreadData;
const delay = randomDelays(delaySeed, threadId);
const plans = new Map<number, JobPlan>();
let equipment: Equipment | null = null;

function equipped(): Equipment {
  invariant(equipment !== null, 'a thread is set up before its first piece of work');
  return equipment;
}

function planOf(job: number): JobPlan {
  const plan = plans.get(job);
  invariant(plan !== undefined, `a task of job ${job}, which is not open here`);
  return plan;
}

interface SetupCalls {
  survey(task: ThreadSurvey): Promise<SurveyedSegment>;
  openGather(gather: ThreadGather): Promise<void>;
  gather(task: GatherTask): Promise<GatherResult>;
  closeGather(): Promise<void>;
  setUp(setup: ThreadSetup): Promise<void>;
  tearDown(): Promise<void>;
}

/** What texts are surveyed with before the thread is set up; made with the first of them. */
let surveyTools: TextTools | null = null;
/** What rows are gathered with, likewise. */
let gatherThread: GatherThread | null = null;

const calls: WorkerCalls & SetupCalls = {
  async survey({ path, module, shape, segment }) {
    await delay();
    surveyTools ??= newTextTools(module);
    const source = await openFileSource(path);
    try {
      return await surveySegment(source, surveyTools, shape, segment);
    } finally {
      await source.close();
    }
  },

  async openGather(gather) {
    gatherThread ??= new GatherThread();
    gatherThread.open(gather);
  },

  async gather(task) {
    await delay();
    invariant(gatherThread !== null, 'a gathering is opened before its first piece');
    return gatherThread.gather(task);
  },

  async closeGather() {
    await gatherThread?.close();
  },

  async setUp({ threadIndex, module, memory, memoryMap }) {
    surveyTools = null;
    gatherThread = null;
    const { scratch, arena: region, reading } = memoryMap.threads[threadIndex]!;
    const arena = new Arena({ name: 'book', ...region });
    const core = instantiateCore(module, memory);
    equipment = {
      core,
      rows: memoryMap.rows,
      arena,
      decodeScratchPtr: arena.allocate(DECODE_SCRATCH_BYTES),
      encoded: memoryMap.encoded,
      scratch,
      readers: new FileReaders(pageReaderTools(core, reading)),
    };
  },

  /** The run is over: nothing of it stays, so that its memory can go. */
  async tearDown() {
    plans.clear();
    await equipment?.readers.close();
    equipment = null;
  },

  async openJob(plan) {
    plans.set(plan.job, plan);
  },

  async closeJob({ job }) {
    plans.delete(job);
  },

  async decode(task) {
    await delay();
    const { core, rows, decodeScratchPtr: scratchPtr, readers } = equipped();
    const plan = planOf(task.job);
    const file = plan.files[task.table][task.fileIndex]!;
    return readers.with(file, (reader) =>
      decodeStage({ core, scratchPtr, rows, reader }, plan, task),
    );
  },

  async encode(task) {
    await delay();
    const plan = planOf(task.job);
    await prepareCodec(plan.codec);
    return encodeStage(equipped(), plan, task);
  },

  async book(task) {
    await delay();
    const { core, arena, rows } = equipped();
    return bookStage({ core, arena, rows, host }, task);
  },
};

const peer = new RpcPeer(parentPort, calls as unknown as Record<string, never>);
const host: HostCalls = {
  nextChunks: async (argument) => {
    await delay();
    return peer.call('nextChunks', argument);
  },
  acquireSlots: (argument) => peer.call('acquireSlots', argument),
  emit: async (argument) => {
    await delay();
    return peer.call('emit', argument);
  },
};

if (loading !== undefined) noteLoaded(loading);
