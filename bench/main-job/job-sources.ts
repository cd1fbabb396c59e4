import type { BenchSize } from '../suite.js';
import type { JobInput } from './input.js';
import { copiesFor, makeReal, realRowsMissing } from './real.js';
import { makeTape } from './tape.js';

/** Rounds in which all take turns. */
export const ROUNDS: Readonly<Record<BenchSize, { warmUp: number; timed: number }>> = {
  smoke: { warmUp: 0, timed: 1 },
  real: { warmUp: 1, timed: 5 },
};
const TAPE_EVENTS: Readonly<Record<BenchSize, number>> = { smoke: 200_000, real: 40_000_000 };
const REAL_COPIES: Readonly<Record<BenchSize, number>> = { smoke: 2, real: copiesFor(40_000_000) };

/** What the suites of whole processes read, 40 million events each. */
export interface JobSource {
  readonly name: string;
  /** Why there is no such input; null where there is. */
  readonly missing: string | null;
  readonly make: (folder: string, size: BenchSize) => Promise<JobInput>;
}

export const JOB_SOURCES: readonly JobSource[] = [
  {
    name: 'tape',
    missing: null,
    make: (folder, size) => makeTape(folder, { name: 'tape', events: TAPE_EVENTS[size] }),
  },
  {
    name: 'real',
    missing: realRowsMissing,
    make: (folder, size) => makeReal(folder, { name: 'real', copies: REAL_COPIES[size] }),
  },
  {
    name: 'zstd',
    missing: null,
    make: (folder, size) =>
      makeTape(folder, { name: 'zstd', events: TAPE_EVENTS[size], codec: 'zstd' }),
  },
];
