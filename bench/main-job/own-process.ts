// The main job in a process of its own. Started by depthmill.ts:
// node own-process.js INPUT OUT ROUNDS WORKERS
import { rmSync } from 'node:fs';
import { type OwnProcessResult, runJob } from './depthmill.js';
import type { JobInput } from './input.js';

const [inputJson = '', out = '', rounds = '', workers = ''] = process.argv.slice(2);
const input = JSON.parse(inputJson) as JobInput;
const runsMs: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const start = performance.now();
  await runJob(input, out, { workers: Number(workers) });
  runsMs.push(performance.now() - start);
  rmSync(out, { recursive: true });
}
const result: OwnProcessResult = { runsMs };
process.stdout.write(JSON.stringify(result));
