import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEMORY_BYTES, runCli } from './main-job/depthmill.js';
import { makeTape } from './main-job/tape.js';
import type { BenchRow, BenchSize, BenchSuite, SuiteResult } from './suite.js';

const EVENTS: Readonly<Record<BenchSize, readonly number[]>> = {
  smoke: [100_000, 200_000],
  real: [1_000_000, 10_000_000, 40_000_000],
};
const EVENTS_HUGE = 100_000_000;
const RUNS: Readonly<Record<BenchSize, number>> = { smoke: 1, real: 3 };

/** Whether --memory is kept, whatever the size of the input: peaks seen from outside. */
export const memorySuite: BenchSuite = {
  name: 'memory',
  async run({ size, huge }): Promise<SuiteResult> {
    const rows: BenchRow[] = [];
    const folder = mkdtempSync(join(tmpdir(), 'depthmill-memory-'));
    try {
      for (const events of [...EVENTS[size], ...(huge ? [EVENTS_HUGE] : [])]) {
        const tape = join(folder, 'tape');
        const input = await makeTape(tape, { name: 'tape', events });
        const peaks: number[] = [];
        for (let run = 0; run < RUNS[size]; run++) {
          const { rssBytesMax } = await runCli(input, join(folder, 'out'));
          rmSync(join(folder, 'out'), { recursive: true });
          if (rssBytesMax === null) {
            return { rows, notes: ['Skipped: peaks are read from /proc, which is not here.'] };
          }
          peaks.push(rssBytesMax);
        }
        rows.push(rowOf(events, peaks));
        rmSync(tape, { recursive: true });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const peaks = rows.map(({ figures }) => figures['peak RSS MB']!);
    const spread = (Math.max(...peaks) / Math.min(...peaks) - 1) * 100;
    return {
      rows,
      notes: [`The largest peak lies ${spread.toFixed(1)} % above the smallest.`],
    };
  },
};

function rowOf(events: number, peaks: readonly number[]): BenchRow {
  const peak = Math.max(...peaks);
  return {
    name: `${events / 1e6} M events`,
    ratios: { '--memory / peak': MEMORY_BYTES / peak },
    figures: { 'peak RSS MB': peak / 1e6, 'smallest peak MB': Math.min(...peaks) / 1e6 },
  };
}
