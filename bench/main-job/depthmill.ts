import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type RunResult, run } from '#src/index.js';
import type { BenchTape } from './tape.js';

const WORKERS = 2;
const MEMORY_BYTES = 512_000_000;
const TABLES: readonly ['depth', 'book'] = ['depth', 'book'];
const STDOUT_BYTES_MAX = 64 * 2 ** 20;

/** The main job: events, and the best bid and ask after each message. */
export function runJob(tape: BenchTape, out: string): Promise<RunResult> {
  return run({
    inputs: [tape.deltaFile, tape.bookFile],
    out,
    tables: TABLES,
    workers: WORKERS,
    memoryBytes: MEMORY_BYTES,
    failFast: true,
  });
}

/** What a process that did the job alone says of itself. */
export interface ProcessFigures {
  /** Wall time of the process, from its start to its end. */
  readonly processMs: number;
  readonly rssBytesMax: number;
}

/** `depthmill run` as a user starts it, in a process of its own: cold code and cold memory. */
export function runCliJob(tape: BenchTape, out: string): ProcessFigures {
  const options = [tape.deltaFile, tape.bookFile, '--out', out, '--tables', TABLES.join(',')];
  const limits = ['--workers', `${WORKERS}`, '--memory', `${MEMORY_BYTES}`];
  const main = fileURLToPath(import.meta.resolve('#src/cli/main.js'));
  const { processMs, stdout } = runNode([main, 'run', ...options, ...limits, '--json']);
  const { rss_bytes_max } = JSON.parse(stdout) as { rss_bytes_max: number };
  return { processMs, rssBytesMax: rss_bytes_max };
}

/** The job `rounds` times over in a process of its own, to see whether memory grows. */
export function runOwnProcess(tape: BenchTape, out: string, rounds: number): OwnProcessResult {
  const main = fileURLToPath(import.meta.resolve('./own-process.js'));
  return JSON.parse(runNode([main, JSON.stringify(tape), out, `${rounds}`]).stdout);
}

/** What own-process.ts prints. */
export interface OwnProcessResult {
  readonly runsMs: readonly number[];
  readonly rssBytesMax: number;
}

function runNode(args: readonly string[]): { processMs: number; stdout: string } {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: STDOUT_BYTES_MAX,
  });
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}: ${stderr}`, { cause: error });
  return { processMs: performance.now() - start, stdout };
}
