import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { LoadCount } from '../worker/engine.js';
import { startWorker } from '../worker/idle-workers.js';

/** The commands that spread their work over threads. */
const COMMANDS = new Set(['run', 'audit']);
/** With one of these there is no work; short options may stand together. */
const NO_WORK = /^--(?:help|version|dry-run)$|^-\w*h/;
/** More are started by the run itself, which knows whether it needs them. */
const THREADS_MAX = 16;

/**
 * Starts the threads that a command will need, as far as a look at its arguments tells: it takes a
 * thread as long to come up as the command, and both can go on side by side. A guess that is wrong
 * costs a thread that is not used, and nothing else.
 * @param loading counts them, until each has loaded its code
 */
export function startThreadsEarly(argv: readonly string[], loading: LoadCount): Worker[] {
  const [command = ''] = argv;
  if (!COMMANDS.has(command) || argv.some((argument) => NO_WORK.test(argument))) return [];
  // Threads with delays are other threads.
  if (process.env.DEPTHMILL_TEST_DELAYS) return [];
  const count = Math.min(threadCountOf(argv), THREADS_MAX);
  Atomics.add(loading, 0, count);
  return Array.from({ length: count }, () => startWorker({ delaySeed: null, loading }));
}

/** What `--workers` says, if it says it plainly. */
function threadCountOf(argv: readonly string[]): number {
  const at = argv.findIndex((argument) => /^--workers(?:=|$)/.test(argument));
  if (at === -1) return availableParallelism();
  const count = Number(argv[at]!.split('=')[1] ?? argv[at + 1]);
  return Number.isInteger(count) && count > 0 ? count : 0;
}
