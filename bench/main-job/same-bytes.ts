import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchSize } from '../suite.js';
import { type JobVariant, runJob } from './depthmill.js';
import type { JobInput } from './input.js';

/** Several threads of 4 workers want more than the bench's usual memory. */
const MEMORY_BYTES = 1_000_000_000;

const VARIANTS: Readonly<Record<BenchSize, readonly JobVariant[]>> = {
  smoke: [{ workers: 1 }, { workers: 4 }, { workers: 2, batchRows: 30_000 }],
  real: [
    { workers: 1 },
    { workers: 4 },
    { workers: 1, batchRows: 30_000 },
    { workers: 2, batchRows: 10_000 },
    { workers: 2, batchRows: 300_000 },
  ],
};

/**
 * Throws unless other numbers of workers and other work units write what `hash` is of.
 * @returns how many outputs were compared, the first one counted
 */
export async function checkSameBytes(
  input: JobInput,
  out: string,
  hash: string,
  size: BenchSize,
): Promise<number> {
  for (const variant of VARIANTS[size]) {
    await runJob(input, out, { ...variant, memoryBytes: MEMORY_BYTES });
    const other = hashOf(out);
    rmSync(out, { recursive: true });
    if (other !== hash) {
      throw new Error(`${JSON.stringify(variant)} writes other bytes; nothing was timed.`);
    }
  }
  return VARIANTS[size].length + 1;
}

/** Hash over names and bytes of all files; of the reports without how the run went. */
export function hashOf(folder: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const path of names) {
    const bytes = readFileSync(path);
    hash.update(path.slice(folder.length));
    hash.update(path.endsWith('.json') ? withoutRun(bytes.toString('utf8')) : bytes);
  }
  return hash.digest('hex');
}

/** `run` says how long it took, on what, and with how many workers. */
function withoutRun(json: string): string {
  const { run: _, ...rest } = JSON.parse(json) as Record<string, unknown>;
  return JSON.stringify(rest);
}
