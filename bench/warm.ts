import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOwnProcess } from './main-job/depthmill.js';
import type { JobInput } from './main-job/input.js';
import { copiesFor, makeReal, realRowsMissing } from './main-job/real.js';
import { makeTape } from './main-job/tape.js';
import { isQuiet, noiseNote } from './noise.js';
import { medianOf, minOf } from './statistics.js';
import type { BenchRow, BenchSize, BenchSuite, SuiteResult } from './suite.js';

/** `runs` in one process, the first of them cold; `processes` of each kind, taking turns. */
const PLANS: Readonly<Record<BenchSize, { events: number; runs: number; processes: number }>> = {
  smoke: { events: 200_000, runs: 2, processes: 1 },
  real: { events: 8_000_000, runs: 6, processes: 3 },
};
/** With fewer cores nothing can be said of two workers. */
const CORES_MIN = 2;

/** Ways to run the job in one process; `cpu`: the process may use that one alone. */
const KINDS: readonly { name: string; workers: number; cpu: number | null }[] = [
  { name: '2 workers', workers: 2, cpu: null },
  { name: '2 workers again (A/A)', workers: 2, cpu: null },
  { name: '1 worker, one CPU', workers: 1, cpu: 0 },
];

/** The job over and over in one process, and two workers against one on one CPU. */
export const warmSuite: BenchSuite = {
  name: 'warm',
  async run({ size }): Promise<SuiteResult> {
    const folder = mkdtempSync(join(tmpdir(), 'depthmill-warm-'));
    const { events } = PLANS[size];
    const results: SuiteResult[] = [];
    try {
      const tape = await makeTape(join(folder, 'tape'), { name: 'tape', events });
      results.push(await measure(tape, join(folder, 'out'), size));
      if (realRowsMissing === null) {
        const copies = copiesFor(events);
        const real = await makeReal(join(folder, 'real'), { name: 'real', copies });
        results.push(await measure(real, join(folder, 'out'), size));
      } else {
        results.push({ rows: [], notes: [realRowsMissing] });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    return {
      rows: results.flatMap(({ rows }) => rows),
      notes: results.flatMap(({ notes }) => notes),
    };
  },
};

async function measure(input: JobInput, out: string, size: BenchSize): Promise<SuiteResult> {
  const { runs, processes } = PLANS[size];
  const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
  const kinds = KINDS.filter(({ cpu }) => cpu === null || canPin);
  const measured = kinds.map((kind) => ({
    kind,
    warm: [] as number[],
    cold: [] as number[],
    rss: 0,
  }));
  for (let process = 0; process < processes; process++) {
    for (const each of measured) {
      const { workers, cpu } = each.kind;
      const result = await runOwnProcess(input, out, { rounds: runs, workers, cpu });
      // The later half: by then V8 has compiled what is hot.
      each.warm.push(medianOf(result.runsMs.slice(runs >> 1)));
      each.cold.push(result.runsMs[0]!);
      each.rss = Math.max(each.rss, result.rssBytesMax ?? 0);
    }
  }
  const rows = measured.map(({ kind, warm, cold, rss }): BenchRow => {
    const medianMs = medianOf(warm);
    return {
      name: `${input.name}: ${kind.name}`,
      ratios: {},
      figures: {
        'first run ms': medianOf(cold),
        'warm min ms': minOf(warm),
        'warm median ms': medianMs,
        'M events/s warm': input.events / medianMs / 1e3,
        'peak RSS MB': rss / 1e6,
      },
    };
  });
  const [two, again, one] = measured;
  const aa = medianOf(two!.warm) / medianOf(again!.warm);
  const name = `${input.name}: 2 workers`;
  if (one === undefined) return { rows, notes: [`${input.name}: no taskset, so no single CPU.`] };
  if (availableParallelism() < CORES_MIN) return { rows, notes: [`${name}: only one core here.`] };
  if (!isQuiet(aa, size)) return { rows, notes: [noiseNote(name, aa)] };
  const ratios = { 'x 1 worker': medianOf(one.warm) / medianOf(two!.warm) };
  return { rows: [{ ...rows[0]!, ratios }, ...rows.slice(1)], notes: [] };
}
