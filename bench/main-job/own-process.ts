// The main job in a process of its own, so that its memory is no one else's. Started by depthmill.ts:
// node own-process.js TAPE OUT ROUNDS
import { rmSync } from 'node:fs';
import { type OwnProcessResult, runJob } from './depthmill.js';
import type { BenchTape } from './tape.js';

const [tapeJson = '', out = '', rounds = ''] = process.argv.slice(2);
const tape = JSON.parse(tapeJson) as BenchTape;
const runsMs: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const start = performance.now();
  await runJob(tape, out);
  runsMs.push(performance.now() - start);
  rmSync(out, { recursive: true });
}
const result: OwnProcessResult = { runsMs, rssBytesMax: process.resourceUsage().maxRSS * 1_024 };
process.stdout.write(JSON.stringify(result));
