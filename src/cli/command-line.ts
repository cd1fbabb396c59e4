import type { Worker } from 'node:worker_threads';
import { keepWorker } from '../worker/idle-workers.js';
import { runDemo } from './demo.js';
import { runProcess } from './process.js';
import { runProgram } from './program.js';

/**
 * Runs the command that the arguments name as this process, which ends with it.
 * @param argv without node and script
 * @param threads started by startThreadsEarly; a run takes them before it starts others
 */
export async function runCommandLine(
  argv: readonly string[],
  threads: readonly Worker[],
): Promise<never> {
  keepThreads(threads);
  return runProcess((signal) => runProgram(argv, signal), argv.includes('--json'));
}

/** Runs `npm start` as this process, which ends with it. @param threads as runCommandLine */
export async function runDemoLine(threads: readonly Worker[]): Promise<never> {
  keepThreads(threads);
  return runProcess(runDemo, false);
}

function keepThreads(threads: readonly Worker[]): void {
  for (const thread of threads) keepWorker(thread, { delaySeed: null });
}
