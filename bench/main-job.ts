import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBookRows, checkFirstRows, checkSameRows } from './main-job/compare-rows.js';
import { type Contenders, contendersOf } from './main-job/contenders.js';
import { runJob } from './main-job/depthmill.js';
import { DUCKDB_FORMATS, openDuckdb, quoted, scaleWithDuckdb } from './main-job/duckdb.js';
import { bytesOf, type JobInput } from './main-job/input.js';
import { JOB_SOURCES, ROUNDS } from './main-job/job-sources.js';
import { alternate, type Measured, pairRatios } from './main-job/rounds.js';
import { checkSameBytes, hashOf } from './main-job/same-bytes.js';
import { isQuiet, noiseNote } from './noise.js';
import { meanOf, medianOf, minOf } from './statistics.js';
import type { BenchRow, BenchSize, BenchSuite, SuiteResult } from './suite.js';

/**
 * The whole job against others doing a part of it, on the same rows, each as a whole process:
 * docs/bench.md says what is compared and what is not. One suite for each input.
 */
export const mainJobSuites: readonly BenchSuite[] = JOB_SOURCES.map(({ name, missing, make }) => ({
  name: `main-job-${name}`,
  async run({ size }): Promise<SuiteResult> {
    if (missing !== null) return { rows: [], notes: [missing] };
    const folder = mkdtempSync(join(tmpdir(), 'depthmill-main-job-'));
    try {
      const input = await make(join(folder, 'input'), size);
      const { checked, lastRows } = await checkOutputs(input, folder, size);
      const contenders = contendersOf(input, lastRows, { size, hasZstd: name === 'zstd' });
      await checkParquetWasm(contenders, input, join(folder, 'peer.parquet'));
      const measured = await alternate(contenders, join(folder, 'out'), ROUNDS[size]);
      const { rows, notes } = resultOf(input, measured, size);
      return { rows: [...rows, checked], notes };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
}));

/** Both sides' outputs against each other, whole, and ours against itself; throws when they differ. */
async function checkOutputs(
  input: JobInput,
  folder: string,
  size: BenchSize,
): Promise<{ checked: BenchRow; lastRows: number }> {
  const out = join(folder, 'checked');
  const theirFile = join(folder, 'checked.parquet');
  await runJob(input, out);
  const db = await openDuckdb();
  try {
    let rows = 0;
    for (const format of DUCKDB_FORMATS) {
      await scaleWithDuckdb(db, input.deltaFiles, theirFile, format);
      rows = await checkSameRows(db, `${out}/depth/**/*.parquet`, theirFile);
      if (rows !== input.events) throw new Error(`${rows} rows of ${input.events} came out.`);
    }
    rmSync(theirFile);
    const bookRows = await checkBookRows(db, out);
    const hash = hashOf(out);
    rmSync(out, { recursive: true });
    const outputs = await checkSameBytes(input, out, hash, size);
    const last = await db.runAndReadAll(
      `SELECT sum(num_rows)::INT FROM parquet_file_metadata(${quoted(input.deltaFiles.at(-1)!)})`,
    );
    const figures = { 'rows equal': rows, 'book rows': bookRows, 'same bytes': outputs };
    return {
      checked: { name: 'checked', ratios: {}, figures },
      lastRows: Number(last.getRows()[0]![0]),
    };
  } finally {
    db.closeSync();
  }
}

/** What parquet-wasm writes must be the rows that it was given. */
async function checkParquetWasm(
  { others }: Contenders,
  { deltaFiles }: JobInput,
  out: string,
): Promise<void> {
  const { run, events } = others[0]!;
  await run(out);
  const db = await openDuckdb();
  try {
    await checkFirstRows(db, out, deltaFiles.at(-1)!, events);
  } finally {
    db.closeSync();
  }
  rmSync(out);
}

function resultOf(
  input: JobInput,
  { ours, again, duckdb, others }: Awaited<ReturnType<typeof alternate>>,
  size: BenchSize,
): SuiteResult {
  const fastest = duckdb.reduce((best, each) =>
    medianOf(each.timesMs) < medianOf(best.timesMs) ? each : best,
  );
  const aa = medianOf(pairRatios(ours, again));
  const ratios = {
    'x DuckDB': medianOf(pairRatios(fastest, ours)),
    ...Object.fromEntries(
      others.map((each) => [`x ${each.name.split(',')[0]}`, medianOf(pairRatios(each, ours))]),
    ),
  };
  const quiet = isQuiet(aa, size);
  const bytesIn = bytesOf(input.deltaFiles);
  const row = (each: Measured, reference: Measured): BenchRow =>
    rowOf(each, pairRatios(reference, each), bytesIn * (each.events / input.events));
  return {
    rows: [
      { ...row(ours, fastest), ratios: quiet ? ratios : {} },
      row(again, ours),
      ...[...duckdb, ...others].map((each) => row(each, fastest)),
    ],
    notes: [
      ...(quiet ? [] : [noiseNote(ours.name, aa)]),
      ...(others.some(({ name }) => name.startsWith('hyparquet'))
        ? []
        : ['hyparquet alone does not read zstd.']),
      ...others.map(
        ({ name, events }) =>
          `${name}: on ${events} of ${input.events} events; its pairs are event for event.`,
      ),
    ],
  };
}

function rowOf(each: Measured, pairs: readonly number[], bytesIn: number): BenchRow {
  const { name, events, timesMs, outputBytes, rssBytesMax } = each;
  const medianMs = medianOf(timesMs);
  return {
    name,
    ratios: {},
    figures: {
      'min ms': minOf(timesMs),
      'median ms': medianMs,
      'mean ms': meanOf(timesMs),
      'M events/s': events / medianMs / 1e3,
      'MB/s in': bytesIn / medianMs / 1e3,
      'MB out': outputBytes / 1e6,
      'peak RSS MB': (rssBytesMax ?? 0) / 1e6,
      'pair min': minOf(pairs),
      'pair median': medianOf(pairs),
      'pair max': Math.max(...pairs),
    },
  };
}
