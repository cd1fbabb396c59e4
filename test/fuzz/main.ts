// npm run fuzz: damages pages for as long as it is told, and prints what became of them.
//   DEPTHMILL_SEED        the seed (default: that of the tests)
//   DEPTHMILL_FUZZ_CASES  how many cases (default 200,000)
//   DEPTHMILL_FUZZ_FROM   the first case (default 0): repeats a finding
//   DEPTHMILL_FUZZ_BROKEN a broken core (broken-cores.ts), to see it found
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TEST_SEED } from '../prng.js';
import { type FuzzReport, runFuzz } from './run-fuzz.js';

/** Larger files only slow it down. */
const FILE_BYTES_MAX = 200_000;
const PRINT_EVERY_CASES = 20_000;

const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);

/** Files of others: the corpus beside the project, if it is there. */
function corpus(): string[] {
  const root = join(process.env.DEPTHMILL_SHARED_DATA ?? '../shared/data', 'parquet-corpus');
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.parquet'))
    .sort()
    .map((path) => join(root, path))
    .filter((path) => statSync(path).size <= FILE_BYTES_MAX);
}

function print({ nextCase, targetCount, counts, findings }: FuzzReport): void {
  console.log(`\nbefore case ${nextCase}; ${targetCount} column chunks; classes:`);
  for (const [label, count] of [...counts].sort()) {
    console.log(`${String(count).padStart(9)}  ${label}`);
  }
  for (const { caseIndex, where, what } of findings) {
    console.log(`FINDING case ${caseIndex}: ${where}: ${what}`);
  }
}

const job = {
  seed: TEST_SEED,
  caseStart: number('DEPTHMILL_FUZZ_FROM', 0),
  caseCount: number('DEPTHMILL_FUZZ_CASES', 200_000),
  brokenCore: process.env.DEPTHMILL_FUZZ_BROKEN ?? null,
  paths: corpus(),
};
console.log(`seed ${job.seed}, cases ${job.caseStart} to ${job.caseStart + job.caseCount - 1}`);
console.log(`${job.paths.length} files of the corpus`);
const started = performance.now();
const report = await runFuzz(new URL('./page-fuzz-worker.js', import.meta.url), job, (state) => {
  if (!state.isDone && state.nextCase > 0 && state.nextCase % PRINT_EVERY_CASES === 0) {
    console.log(`case ${state.nextCase}, ${state.findings.length} findings`);
  }
});
print(report);
console.log(`${((performance.now() - started) / 1e3).toFixed(1)} s`);
if (report.findings.length > 0) process.exitCode = 1;
