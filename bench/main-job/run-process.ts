import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What is seen of a process from outside. */
export interface ProcessFigures {
  /** Wall time from its start to its end. */
  readonly wallMs: number;
  /** The most memory that it had resident; null where the system does not show it (not Linux). */
  readonly rssBytesMax: number | null;
  readonly stdout: string;
}

/** The mark of the kernel never falls, so what is lost is only growth just before the end. */
const LOOK_EVERY_MS = 20;

/** Runs Node with `args`. @throws with the process's own words when it does not end with 0 */
export async function runNode(
  args: readonly string[],
  { cpu = null }: { cpu?: number | null } = {},
): Promise<ProcessFigures> {
  const node = [process.execPath, ...args];
  const [command, ...rest] = cpu === null ? node : ['taskset', '-c', `${cpu}`, ...node];
  const start = performance.now();
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let rssBytesMax: number | null = null;
  const look = setInterval(() => {
    rssBytesMax = highWaterBytes(child.pid) ?? rssBytesMax;
  }, LOOK_EVERY_MS);
  let wallMs = 0;
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', () => {
        wallMs = performance.now() - start;
      });
      child.on('close', resolve);
    });
    if (exitCode !== 0) throw new Error(`${node.join(' ')} ended with ${exitCode}: ${stderr}`);
  } finally {
    clearInterval(look);
  }
  return { wallMs, rssBytesMax, stdout };
}

function highWaterBytes(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(status);
    return match === null ? null : Number(match[1]) * 1_024;
  } catch {
    // The process is gone, or there is no /proc: what was seen before counts.
    return null;
  }
}

/** Path of a script of the build, by its place beside this file or in src/. */
export const scriptPath = (specifier: string): string =>
  fileURLToPath(import.meta.resolve(specifier));
