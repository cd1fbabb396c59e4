import { Worker } from 'node:worker_threads';
import type { Finding } from './page-fuzzer.js';

export interface FuzzJob {
  readonly seed: number;
  /** Cases [caseStart, caseStart + caseCount): each depends on the seed and its number only. */
  readonly caseStart: number;
  readonly caseCount: number;
  /** A key of BROKEN_CORES; null: the core as it is. */
  readonly brokenCore: string | null;
  /** Files of others besides those that are made. */
  readonly paths: readonly string[];
}

export interface FuzzReport {
  readonly nextCase: number;
  readonly isDone: boolean;
  readonly targetCount: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** Time without a word from the fuzzer after which it hangs. */
const SILENCE_MS_MAX = 60_000;

/**
 * Runs the fuzzer on a thread of its own.
 * @throws Error when it hangs or dies, with the number of the case it was at
 */
export function runFuzz(
  worker: URL,
  job: FuzzJob,
  onReport: (report: FuzzReport) => void = () => undefined,
): Promise<FuzzReport> {
  const thread = new Worker(worker, { workerData: job });
  return new Promise((resolve, reject) => {
    let at = job.caseStart;
    const fail = (what: string): void => {
      void thread.terminate();
      reject(new Error(`the fuzzer ${what} behind case ${at}, seed ${job.seed}`));
    };
    const watch = (): NodeJS.Timeout => setTimeout(() => fail('hangs'), SILENCE_MS_MAX);
    let timer = watch();
    thread.on('message', (report: FuzzReport) => {
      at = report.nextCase;
      clearTimeout(timer);
      onReport(report);
      if (report.isDone) {
        void thread.terminate();
        resolve(report);
      } else {
        timer = watch();
      }
    });
    thread.on('error', (error) => {
      clearTimeout(timer);
      fail(`died (${error.stack ?? error})`);
    });
  });
}
