import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { runCliJob, runJob, runOwnProcess } from './main-job/depthmill.js';
import {
  checkBookRows,
  checkSameRows,
  DUCKDB_FORMATS,
  type DuckdbFormat,
  openPeer,
  scaleWithDuckdb,
} from './main-job/duckdb.js';
import { type BenchTape, makeTape } from './main-job/tape.js';
import type { BenchRow, BenchSize, BenchSuite } from './suite.js';

interface Rounds {
  readonly warmUp: number;
  readonly timed: number;
  /** Starts of a process of its own. */
  readonly processes: number;
}

const ROUNDS: Readonly<Record<BenchSize, Rounds>> = {
  smoke: { warmUp: 1, timed: 2, processes: 1 },
  real: { warmUp: 2, timed: 5, processes: 3 },
};

/** Someone who takes part in each round. */
interface Contender {
  readonly name: string;
  /** Writes to `out`, which is not there. */
  readonly run: (out: string) => Promise<unknown>;
  readonly timesMs: number[];
  /** Bytes of the last output. */
  outputBytes: number;
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The whole job against DuckDB doing a part of it, on the same rows: docs/bench.md says what is
 * compared and what is not.
 */
export const mainJobSuite: BenchSuite = {
  name: 'main-job',
  async run(size) {
    const folder = mkdtempSync(join(tmpdir(), 'depthmill-main-job-'));
    try {
      const tape = await makeTape(join(folder, 'tape'), size);
      const db = await openPeer();
      try {
        const checked = await checkOutputs(db, tape, folder);
        const alternated = await alternate(db, tape, folder, ROUNDS[size]);
        return [...alternated, ...aloneRows(tape, folder, ROUNDS[size].processes), checked];
      } finally {
        db.closeSync();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Both sides' outputs against each other, whole; throws when they differ. */
async function checkOutputs(
  db: DuckDBConnection,
  tape: BenchTape,
  folder: string,
): Promise<BenchRow> {
  const out = join(folder, 'checked');
  const theirFile = join(folder, 'checked.parquet');
  await runJob(tape, out);
  let rows = 0;
  for (const format of DUCKDB_FORMATS) {
    await scaleWithDuckdb(db, tape.deltaFile, theirFile, format);
    rows = await checkSameRows(db, `${out}/depth/**/*.parquet`, theirFile);
    if (rows !== tape.events) throw new Error(`${rows} rows of ${tape.events} came out.`);
  }
  const bookRows = await checkBookRows(db, out);
  rmSync(out, { recursive: true });
  rmSync(theirFile);
  return { name: 'checked', ratios: {}, figures: { 'rows equal': rows, 'book rows': bookRows } };
}

function contenders(db: DuckDBConnection, tape: BenchTape) {
  const contender = (name: string, run: Contender['run']): Contender => {
    return { name, run, timesMs: [], outputBytes: 0 };
  };
  const duckdb = (format: DuckdbFormat): Contender =>
    contender(`DuckDB, ${format.name}`, (out) => scaleWithDuckdb(db, tape.deltaFile, out, format));
  return {
    ours: contender('depthmill', (out) => runJob(tape, out)),
    again: contender('depthmill again (A/A)', (out) => runJob(tape, out)),
    theirs: DUCKDB_FORMATS.map(duckdb),
  };
}

/** All take turns, so that each pair saw the same machine. */
async function alternate(
  db: DuckDBConnection,
  tape: BenchTape,
  folder: string,
  rounds: Rounds,
): Promise<BenchRow[]> {
  const { ours, again, theirs } = contenders(db, tape);
  const all = [ours, ...theirs, again];
  const out = join(folder, 'out');
  for (let round = -rounds.warmUp; round < rounds.timed; round++) {
    for (const contender of all) {
      const start = performance.now();
      await contender.run(out);
      if (round >= 0) contender.timesMs.push(performance.now() - start);
      contender.outputBytes = bytesBelow(out);
      // Gone before the next one's turn, so that no one's dirty pages are written in it.
      rmSync(out, { recursive: true });
    }
  }
  const fastest = theirs.reduce((best, each) =>
    medianOf(each.timesMs) < medianOf(best.timesMs) ? each : best,
  );
  const pairs = pairRatios(fastest, ours);
  return [
    {
      ...contenderRow(tape, ours, pairs),
      ratios: { 'x DuckDB': medianOf(pairs) },
    },
    contenderRow(tape, again, pairRatios(ours, again)),
    ...theirs.map((each) => contenderRow(tape, each, pairRatios(fastest, each))),
  ];
}

/** How many times as fast `contender` was as `reference`, round by round. */
function pairRatios(reference: Contender, contender: Contender): number[] {
  return contender.timesMs.map((timeMs, round) => reference.timesMs[round]! / timeMs);
}

function contenderRow(
  tape: BenchTape,
  { name, timesMs, outputBytes }: Contender,
  pairs: readonly number[],
): BenchRow {
  return {
    name,
    ratios: {},
    figures: {
      ...timeFigures(tape, timesMs),
      'MB out': outputBytes / 1e6,
      'pair min': Math.min(...pairs),
      'pair median': medianOf(pairs),
      'pair max': Math.max(...pairs),
    },
  };
}

function timeFigures(tape: BenchTape, timesMs: readonly number[]): Record<string, number> {
  const medianMs = medianOf(timesMs);
  return {
    'min ms': Math.min(...timesMs),
    'median ms': medianMs,
    'mean ms': meanOf(timesMs),
    'M events/s': tape.events / medianMs / 1e3,
    'MB/s in': tape.deltaBytes / medianMs / 1e3,
  };
}

/** depthmill without DuckDB beside it: the whole command, cold; and several jobs in one process. */
function aloneRows(tape: BenchTape, folder: string, processes: number): BenchRow[] {
  const out = join(folder, 'alone');
  const cold = Array.from({ length: processes }, () => {
    const figures = runCliJob(tape, out);
    rmSync(out, { recursive: true });
    return figures;
  });
  const warm = runOwnProcess(tape, out, 2 * processes);
  const rssCold = Math.max(...cold.map(({ rssBytesMax }) => rssBytesMax));
  const row = (name: string, timesMs: readonly number[], rssBytesMax: number): BenchRow => ({
    name,
    ratios: {},
    figures: { ...timeFigures(tape, timesMs), 'peak RSS MB': rssBytesMax / 1e6 },
  });
  return [
    row(
      'command, whole process, cold',
      cold.map(({ processMs }) => processMs),
      rssCold,
    ),
    row(`${2 * processes} runs in one process`, warm.runsMs, warm.rssBytesMax),
  ];
}

function bytesBelow(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}
