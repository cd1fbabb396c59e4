import { parentPort, workerData } from 'node:worker_threads';
import { instantiateCore } from '../core/core.js';
import { DECODE_SCRATCH_BYTES } from '../dialects/decode.js';
import type { PlannedFile } from '../dialects/types.js';
import { invariant } from '../errors/errors.js';
import { openFileSource } from '../io/file-source.js';
import { Arena } from '../memory/arena.js';
import { prepareCodec } from '../parquet/compress.js';
import { encodeRowGroup } from '../parquet/encode-row-group.js';
import type { RowGroupReader } from '../parquet/reader.js';
import { openWasmRowGroupReader } from '../parquet/wasm-reader.js';
import type {
  BookTask,
  DecodeTask,
  EncodeTask,
  HostCalls,
  JobPlan,
  WorkerCalls,
} from '../pipeline/protocol.js';
import { bookStage } from '../pipeline/stage-book.js';
import { decodeStage } from '../pipeline/stage-decode.js';
import { randomDelays } from './random-delays.js';
import { RpcPeer } from './rpc.js';
import type { ThreadData } from './thread-pool.js';

/** Open readers that a thread keeps for the next unit of the same file. */
const READERS_MAX = 8;

invariant(parentPort !== null, 'thread-main runs in a worker thread');
const data = workerData as ThreadData;
const core = instantiateCore(data.module, data.memory);
const regions = data.memoryMap.threads[data.threadIndex]!;
const arena = new Arena({ name: 'book', ...regions.arena });
const decodeScratchPtr = arena.allocate(DECODE_SCRATCH_BYTES);
const delay = randomDelays(data.delaySeed, data.threadIndex);
const readers = new Map<string, Promise<RowGroupReader>>();

const plans = new Map<number, JobPlan>();

/** The reader of a file; it is then the one that was used last. */
async function readerOf({ path, footer }: PlannedFile): Promise<RowGroupReader> {
  let reader = readers.get(path);
  if (reader === undefined) {
    reader = openFileSource(path).then((source) =>
      openWasmRowGroupReader(source, { module: data.parquetModule, footer }),
    );
  }
  readers.delete(path);
  readers.set(path, reader);
  try {
    await reader;
  } catch (error) {
    readers.delete(path);
    throw error;
  }
  return reader;
}

/** Closes readers that are not used any more; never one that a decode is using. */
async function closeOldReaders(used: ReadonlySet<string>): Promise<void> {
  for (const [path, reader] of readers) {
    if (readers.size <= READERS_MAX) return;
    if (used.has(path)) continue;
    readers.delete(path);
    await (await reader).close();
  }
}

const inUse = new Map<string, number>();

async function openJob(plan: JobPlan): Promise<void> {
  plans.set(plan.job, plan);
}

async function closeJob({ job }: { job: number }): Promise<void> {
  plans.delete(job);
}

async function decode(task: DecodeTask) {
  await delay();
  const plan = plans.get(task.job);
  invariant(plan !== undefined, `a task of job ${task.job}, which is not open here`);
  const file = plan.files[task.table][task.fileIndex]!;
  const { path } = file;
  inUse.set(path, (inUse.get(path) ?? 0) + 1);
  try {
    const reader = await readerOf(file);
    return await decodeStage(
      { core, scratchPtr: decodeScratchPtr, rows: data.memoryMap.rows, reader },
      plan,
      task,
    );
  } finally {
    const left = inUse.get(path)! - 1;
    if (left === 0) inUse.delete(path);
    else inUse.set(path, left);
    await closeOldReaders(new Set(inUse.keys()));
  }
}

async function encode(task: EncodeTask) {
  await delay();

  await prepareCodec(task.codec);
  return encodeRowGroup(core, regions.scratch, task);
}

async function book(task: BookTask) {
  await delay();
  return bookStage({ core, arena, rows: data.memoryMap.rows, host }, task);
}

const calls: WorkerCalls = { openJob, closeJob, decode, encode, book };
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
