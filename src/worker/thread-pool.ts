import type { Worker } from 'node:worker_threads';
import { invariant, WorkerError } from '../errors/errors.js';
import type {
  BookResult,
  DecodeResult,
  HostCalls,
  MemoryMap,
  WorkerCalls,
} from '../pipeline/protocol.js';
import type { SurveyTask } from '../text/survey.js';
import type { SurveyedSegment } from '../text/survey-segment.js';
import type { GatherResult, GatherTask, ThreadGather } from './gather-thread.js';
import { keepWorker, type ThreadData, takeWorker } from './idle-workers.js';
import { RpcPeer } from './rpc.js';

/** What a worker thread gets before its first piece of work. */
export interface ThreadSetup {
  readonly threadIndex: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly memoryMap: MemoryMap;
}

/** A segment of a text, for a thread that has not been set up yet. */
export interface ThreadSurvey extends SurveyTask {
  readonly module: WebAssembly.Module;
}

/** What one worker thread has done. */
export interface WorkerShare {
  rows_decoded: number;
  rows_encoded: number;
  rows_booked: number;
}

interface QueuedWork {
  readonly method: keyof WorkerCalls | 'survey' | 'gather';
  readonly argument: unknown;
  /** Pieces of one name go to one thread, in their order; null: to any. */
  readonly sticksTo: string | null;
  /** Counts the finished work for the thread that did it. */
  readonly account: (share: WorkerShare, result: never) => void;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly peer: RpcPeer;
  readonly share: WorkerShare;
  /** Pieces of decoding and encoding that it has got. */
  pending: number;
  /** Books that it is home to. */
  books: number;
}

/**
 * A book is booked between the other pieces, and waits while its thread decodes; so a thread without
 * one is filled first.
 */
const loadOf = ({ pending, books }: Thread): number => 2 * pending + 3 * books;

/** How many pieces of work a thread has at once: one it does, one that waits in its inbox. */
const PENDING_PER_THREAD = 2;

/**
 * A thread with a book gets only one piece at once: all rows pass through the book in order, and
 * what stands before it in the inbox holds everything up.
 */
const hasRoom = ({ pending, books }: Thread): boolean =>
  pending < Math.max(1, PENDING_PER_THREAD - books);

/**
 * The worker threads of a run. They start at once, so that they are up when the run is planned;
 * `setUp` gives them the memory. Work that any thread can do is queued here and goes to the thread
 * with the least before it; encoding goes first, because it gives memory back.
 */
export class ThreadPool {
  readonly #threads: readonly Thread[];
  #hostCalls: HostCalls | null = null;
  readonly #urgent: QueuedWork[] = [];
  readonly #queue: QueuedWork[] = [];
  /** Threads of the work that sticks to one. */
  readonly #homes = new Map<string, Thread>();
  #finishedCount = 0;
  #closing = false;
  #failure: Error | null = null;
  #onFailure: (error: Error) => void = () => undefined;

  readonly #data: ThreadData;

  constructor(threadCount: number, delaySeed: number | null) {
    this.#data = { delaySeed };
    this.#threads = Array.from({ length: threadCount }, (_, threadIndex) => {
      const worker = this.#start(threadIndex);
      return {
        worker,
        peer: new RpcPeer(worker, this.#handlers()),
        share: { rows_decoded: 0, rows_encoded: 0, rows_booked: 0 },
        pending: 0,
        books: 0,
      };
    });
  }

  /**
   * Gives the threads what they work with; once, before any work.
   * @param hostCalls serves what they ask of the host
   * @param onFailure told when a thread dies; every call of the pool fails from then on
   */
  setUp(
    setup: Omit<ThreadSetup, 'threadIndex'>,
    hostCalls: HostCalls,
    onFailure: (error: Error) => void,
  ): void {
    this.#onFailure = onFailure;
    this.#hostCalls = hostCalls;
    for (const [threadIndex, { peer }] of this.#threads.entries()) {
      peer.call('setUp', { ...setup, threadIndex }).catch((error: Error) => this.#fail(error));
    }
    if (this.#failure !== null) onFailure(this.#failure);
  }

  /** What each thread has done so far. */
  get shares(): readonly WorkerShare[] {
    return this.#threads.map(({ share }) => ({ ...share }));
  }

  /** Pieces of work that have ended, well or not. */
  get finishedCount(): number {
    return this.#finishedCount;
  }

  /** Pieces of work that are queued or under way, books not counted. */
  get pendingCount(): number {
    const running = this.#threads.reduce((sum, thread) => sum + thread.pending, 0);
    return running + this.#queue.length + this.#urgent.length;
  }

  /** Has a segment of a text surveyed; before `setUp`. */
  survey(argument: ThreadSurvey): Promise<SurveyedSegment> {
    return this.#enqueue(this.#queue, 'survey', argument, () => undefined);
  }

  /** Tells every thread of a file whose rows are gathered; before `setUp`, as the next two. */
  openGather(argument: ThreadGather): void {
    this.broadcast('openGather', argument);
  }

  /** @param sticksTo as in `decode` */
  gather(argument: GatherTask, sticksTo: string | null): Promise<GatherResult> {
    return this.#enqueue(this.#queue, 'gather', argument, () => undefined, sticksTo);
  }

  closeGather(): void {
    this.broadcast('closeGather', null);
  }

  /** @param sticksTo names what only one thread should read, because it is read in order */
  decode(
    argument: Parameters<WorkerCalls['decode']>[0],
    sticksTo: string | null = null,
  ): ReturnType<WorkerCalls['decode']> {
    const account = (share: WorkerShare, { rowsIn }: DecodeResult): void => {
      share.rows_decoded += rowsIn;
    };
    return this.#enqueue(this.#queue, 'decode', argument, account, sticksTo);
  }

  encode(argument: Parameters<WorkerCalls['encode']>[0]): ReturnType<WorkerCalls['encode']> {
    return this.#enqueue(this.#urgent, 'encode', argument, (share) => {
      share.rows_encoded += argument.rowCount;
    });
  }

  /** A book stays on one thread from its first row to its last; `home` chooses which. */
  book(
    argument: Parameters<WorkerCalls['book']>[0],
    home: number,
  ): ReturnType<WorkerCalls['book']> {
    const thread = this.#threads[home % this.#threads.length]!;
    thread.books++;
    return thread.peer
      .call<BookResult>('book', argument)
      .then((result) => {
        thread.share.rows_booked += result.rowsBooked;
        return result;
      })
      .finally(() => {
        thread.books--;
        this.#dispatch();
      });
  }

  /** Tells every thread something, in order with the work that it gets afterwards. */
  broadcast(
    method: 'openJob' | 'closeJob' | 'openGather' | 'closeGather',
    argument: unknown,
  ): void {
    for (const { peer } of this.#threads) {
      // A thread that cannot take it is gone; its next piece of work fails with the reason.
      peer.call(method, argument).catch(() => undefined);
    }
  }

  /**
   * Ends the run's use of the threads. After a run that went well they are kept for the next one;
   * otherwise nobody knows what they still do, and they are ended.
   */
  async close({ keep }: { readonly keep: boolean }): Promise<void> {
    this.#closing = true;
    const isCalm = keep && this.#failure === null && this.pendingCount === 0;
    await Promise.all(
      this.#threads.map(async ({ worker, peer }) => {
        if (!isCalm) {
          await worker.terminate();
          return;
        }
        await peer.call('tearDown', null);
        keepWorker(worker, this.#data);
      }),
    );
  }

  /** What the threads call on the host: only those that were set up do. */
  #handlers(): Record<keyof HostCalls, (argument: never) => unknown> {
    const calls = (): HostCalls => {
      invariant(this.#hostCalls !== null, 'a thread called before it was set up');
      return this.#hostCalls;
    };
    return {
      nextChunks: (argument) => calls().nextChunks(argument),
      acquireSlots: (argument) => calls().acquireSlots(argument),
      emit: (argument) => calls().emit(argument),
    };
  }

  #start(threadIndex: number): Worker {
    const worker = takeWorker(this.#data);
    worker.on('error', (cause) => {
      const message = `Worker ${threadIndex} died: ${String(cause)}`;
      this.#fail(new WorkerError('ERR_WORKER_DIED', message, { cause }));
    });
    worker.on('exit', (code) => {
      if (this.#closing) return;
      const message = `Worker ${threadIndex} ended with code ${code} in the middle of its work.`;
      this.#fail(new WorkerError('ERR_WORKER_DIED', message));
    });
    return worker;
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    for (const { peer } of this.#threads) peer.fail(error);
    for (const { reject } of [...this.#urgent.splice(0), ...this.#queue.splice(0)]) reject(error);
    this.#onFailure(error);
  }

  #enqueue<Result>(
    queue: QueuedWork[],
    method: QueuedWork['method'],
    argument: unknown,
    account: (share: WorkerShare, result: Result) => void,
    sticksTo: string | null = null,
  ): Promise<Result> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise<Result>((resolve, reject) => {
      const resolved = resolve as (value: never) => void;
      queue.push({ method, argument, sticksTo, account, resolve: resolved, reject });
      this.#dispatch();
    });
  }

  /** The thread with the least before it that takes more. */
  #idlest(): Thread | null {
    let idlest: Thread | null = null;
    for (const thread of this.#threads) {
      if (!hasRoom(thread)) continue;
      if (idlest === null || loadOf(thread) < loadOf(idlest)) idlest = thread;
    }
    return idlest;
  }

  /** The thread that a piece of work may go to now; null: none has room for it. */
  #threadFor({ sticksTo }: QueuedWork): Thread | null {
    const home = sticksTo === null ? undefined : this.#homes.get(sticksTo);
    if (home !== undefined) return hasRoom(home) ? home : null;
    const idlest = this.#idlest();
    if (sticksTo !== null && idlest !== null) this.#homes.set(sticksTo, idlest);
    return idlest;
  }

  /** Takes the first piece of work that can go; one that waits for its thread lets others pass. */
  #nextWork(): { readonly work: QueuedWork; readonly thread: Thread } | null {
    for (const queue of [this.#urgent, this.#queue]) {
      for (const [index, work] of queue.entries()) {
        const thread = this.#threadFor(work);
        if (thread === null) continue;
        queue.splice(index, 1);
        return { work, thread };
      }
    }
    return null;
  }

  #dispatch(): void {
    for (;;) {
      const next = this.#nextWork();
      if (next === null) return;
      const { work, thread } = next;
      thread.pending++;
      thread.peer
        .call<never>(work.method, work.argument)
        .then((result) => {
          work.account(thread.share, result);
          work.resolve(result);
        }, work.reject)
        .finally(() => {
          this.#finishedCount++;
          thread.pending--;
          this.#dispatch();
        });
    }
  }
}
