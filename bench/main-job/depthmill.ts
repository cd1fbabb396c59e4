import { type RunResult, run } from '#src/index.js';
import type { JobInput } from './input.js';
import { type ProcessFigures, runNode, scriptPath } from './run-process.js';

export const WORKERS = 2;
export const MEMORY_BYTES = 512_000_000;
const TABLES: readonly ['depth', 'book'] = ['depth', 'book'];

/** What a caller of the main job may vary; none of it changes the output. */
export interface JobVariant {
  readonly workers?: number;
  readonly memoryBytes?: number;
  readonly batchRows?: number | null;
}

/** The main job: events, and the best bid and ask after each message. Nothing is synced. */
export function runJob(
  { deltaFiles, bookFiles }: JobInput,
  out: string,
  { workers = WORKERS, memoryBytes = MEMORY_BYTES, batchRows = null }: JobVariant = {},
): Promise<RunResult> {
  return run({
    inputs: [...deltaFiles, ...bookFiles],
    out,
    tables: TABLES,
    workers,
    memoryBytes,
    batchRows,
    failFast: true,
    sync: false,
  });
}

/** `depthmill run` as a user starts it, in a process of its own: cold code and cold memory. */
export function runCli({ deltaFiles, bookFiles }: JobInput, out: string): Promise<ProcessFigures> {
  const limits = ['--workers', `${WORKERS}`, '--memory', `${MEMORY_BYTES}`];
  const options = ['--out', out, '--tables', TABLES.join(','), ...limits, '--no-sync'];
  return runNode([scriptPath('#src/cli/main.js'), 'run', ...deltaFiles, ...bookFiles, ...options]);
}

/** `depthmill audit` likewise. */
export function auditCli({ deltaFiles, bookFiles }: JobInput): Promise<ProcessFigures> {
  const options = ['--workers', `${WORKERS}`, '--memory', `${MEMORY_BYTES}`, '--json'];
  return runNode([
    scriptPath('#src/cli/main.js'),
    'audit',
    ...deltaFiles,
    ...bookFiles,
    ...options,
  ]);
}

/** What own-process.ts prints. */
export interface OwnProcessResult {
  readonly runsMs: readonly number[];
}

/** The job `rounds` times over in a process of its own, which nobody shares; on one CPU if said. */
export async function runOwnProcess(
  input: JobInput,
  out: string,
  options: { rounds: number; workers: number; cpu?: number | null },
): Promise<OwnProcessResult & Pick<ProcessFigures, 'rssBytesMax'>> {
  const { rounds, workers, cpu = null } = options;
  const args = [JSON.stringify(input), out, `${rounds}`, `${workers}`];
  const { stdout, rssBytesMax } = await runNode([scriptPath('./own-process.js'), ...args], { cpu });
  return { ...(JSON.parse(stdout) as OwnProcessResult), rssBytesMax };
}
