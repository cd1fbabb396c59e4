import { Worker } from 'node:worker_threads';
import type { LoadCount } from './engine.js';

/** What a worker thread is started with. */
export interface ThreadData {
  /** Seed of random delays before each answer (tests of determinism), else null. */
  readonly delaySeed: number | null;
  /** The command's threads that load: this one counts itself out. Not there: nobody counts. */
  readonly loading?: LoadCount;
}

/** How long a thread waits for another run before it ends. */
const IDLE_MS = 10_000;

/** By the package's own name for it: this file may be part of a bundle. */
const THREAD_ENTRY = import.meta.resolve('#src/worker/thread-entry.cjs');

interface IdleWorker {
  readonly worker: Worker;
  readonly delaySeed: number | null;
  readonly timer: NodeJS.Timeout;
}

/**
 * Threads of finished runs, kept a while for the next one: a new thread takes 100 to 200 ms to come
 * up, and as long again until V8 has optimised what it runs. They keep no process alive.
 */
const idle: IdleWorker[] = [];

/** Only ours: Node has listeners of its own on a worker, by which it wakes the message port. */
function removeListeners(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}

/** A new thread; Node's arguments are its too, but `--input-type`, which only a text may have. */
export function startWorker(data: ThreadData): Worker {
  const isText = process.execArgv.some((argument) => argument.startsWith('--input-type'));
  const options = isText ? { workerData: data, execArgv: [] } : { workerData: data };
  return new Worker(new URL(THREAD_ENTRY), options);
}

/** A thread that is up, or a new one. */
export function takeWorker(data: ThreadData): Worker {
  const index = idle.findIndex(({ delaySeed }) => delaySeed === data.delaySeed);
  if (index === -1) return startWorker(data);
  const [{ worker, timer }] = idle.splice(index, 1) as [IdleWorker];
  clearTimeout(timer);
  removeListeners(worker);
  worker.ref();
  return worker;
}

/** Takes back a thread that has nothing to do and holds nothing of its run. */
export function keepWorker(worker: Worker, { delaySeed }: ThreadData): void {
  removeListeners(worker);
  worker.unref();
  const forget = (): void => {
    const index = idle.findIndex((entry) => entry.worker === worker);
    if (index !== -1) clearTimeout(idle.splice(index, 1)[0]!.timer);
  };
  const timer = setTimeout(() => {
    forget();
    void worker.terminate();
  }, IDLE_MS);
  timer.unref();
  // An idle thread that dies is not missed.
  worker.on('error', forget);
  worker.on('exit', forget);
  idle.push({ worker, delaySeed, timer });
}
