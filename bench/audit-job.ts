import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from '#src/index.js';
import type { Contender } from './main-job/contenders.js';
import { auditCli, MEMORY_BYTES, WORKERS } from './main-job/depthmill.js';
import { openDuckdb } from './main-job/duckdb.js';
import { auditWithDuckdb, type SqlAudit, type SqlWay } from './main-job/duckdb-audit.js';
import type { JobInput } from './main-job/input.js';
import { JOB_SOURCES, ROUNDS } from './main-job/job-sources.js';
import { alternate, type Measured, pairRatios } from './main-job/rounds.js';
import { runNode, scriptPath } from './main-job/run-process.js';
import { isQuiet, noiseNote } from './noise.js';
import { medianOf, minOf } from './statistics.js';
import type { BenchRow, BenchSize, BenchSuite, SuiteResult } from './suite.js';

/**
 * The audit alone, which books every message, against what SQL finds without a book: ids by lag(),
 * and a crossed test. Each as a whole process; one suite for each input.
 */
export const auditJobSuites: readonly BenchSuite[] = JOB_SOURCES.filter(
  ({ name }) => name !== 'zstd',
).map(({ name, missing, make }) => ({
  name: `audit-${name}`,
  async run({ size }): Promise<SuiteResult> {
    if (missing !== null) return { rows: [], notes: [missing] };
    const folder = mkdtempSync(join(tmpdir(), 'depthmill-audit-job-'));
    try {
      const input = await make(join(folder, 'input'), size);
      const found = await checkFindings(input);
      const measured = await alternate(contendersOf(input), join(folder, 'none'), ROUNDS[size]);
      return resultOf(measured, found, size);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
}));

interface Findings {
  readonly theirs: SqlAudit;
  /** Message ends that the rebuilt book has crossed, or locked. */
  readonly crossed: number;
}

/** Both must have seen the same messages, and ids that fall in none of them. */
async function checkFindings({ deltaFiles, bookFiles }: JobInput): Promise<Findings> {
  const inputs = [...deltaFiles, ...bookFiles];
  const { report } = await audit({
    inputs,
    workers: WORKERS,
    memoryBytes: MEMORY_BYTES,
    failFast: true,
  });
  const sum = (of: (each: (typeof report.instruments)[number]) => number): number =>
    report.instruments.reduce((total, each) => total + of(each), 0);
  const messages = sum((each) => each.messages);
  const idsBack = sum(({ out_of_order, resets }) => out_of_order + resets);
  // What we write ourselves, a seed or what a witness corrects, are messages too.
  const ownMax = sum(({ accounting }) => accounting.synthetic);
  const db = await openDuckdb();
  try {
    const theirs = await auditWithDuckdb(db, deltaFiles, 'messages');
    for (const found of [theirs, await auditWithDuckdb(db, deltaFiles, 'rows')]) {
      const own = messages - found.messages;
      if (own >= 0 && own <= ownMax && idsBack === found.idsBack) continue;
      const ours = JSON.stringify({ messages, idsBack, ownMax });
      throw new Error(`${ours}, but DuckDB says ${JSON.stringify(found)}.`);
    }
    return { theirs, crossed: sum((each) => each.crossed.messages + each.locked.messages) };
  } finally {
    db.closeSync();
  }
}

function contendersOf(input: JobInput): Parameters<typeof alternate>[0] {
  const { deltaFiles, events } = input;
  const run = () => auditCli(input);
  const script = scriptPath('./duckdb-audit-process.js');
  const duckdb = (['messages', 'rows'] satisfies SqlWay[]).map(
    (way): Contender => ({
      name: `DuckDB, lag() over ${way}`,
      events,
      run: () => runNode([script, JSON.stringify(deltaFiles), way]),
    }),
  );
  return {
    ours: { name: 'depthmill audit', events, run },
    again: { name: 'depthmill audit again (A/A)', events, run },
    duckdb,
    others: [],
  };
}

function resultOf(
  { ours, again, duckdb }: Awaited<ReturnType<typeof alternate>>,
  { theirs, crossed }: Findings,
  size: BenchSize,
): SuiteResult {
  const [overMessages, overRows] = duckdb as [Measured, Measured];
  const aa = medianOf(pairRatios(ours, again));
  const pairs = pairRatios(overMessages, ours);
  const quiet = isQuiet(aa, size);
  const ratios: BenchRow['ratios'] = quiet
    ? { 'x DuckDB': medianOf(pairs), 'x over rows': medianOf(pairRatios(overRows, ours)) }
    : {};
  return {
    rows: [
      { ...rowOf(ours, pairs), ratios },
      rowOf(again, pairRatios(ours, again)),
      ...duckdb.map((sql) => rowOf(sql, pairRatios(overMessages, sql))),
    ],
    notes: [
      `${theirs.messages} messages. Crossed or locked: ${crossed} by the book, ${theirs.crossed} by the last bid and ask that were set, which is no book.`,
      `${theirs.idJumps} of the ids leave some out, which proves nothing in these files.`,
      ...(quiet ? [] : [noiseNote(ours.name, aa)]),
    ],
  };
}

function rowOf({ name, events, timesMs, rssBytesMax }: Measured, pairs: readonly number[]) {
  const medianMs = medianOf(timesMs);
  const figures = {
    'min ms': minOf(timesMs),
    'median ms': medianMs,
    'M events/s': events / medianMs / 1e3,
    'peak RSS MB': (rssBytesMax ?? 0) / 1e6,
    'pair min': minOf(pairs),
    'pair median': medianOf(pairs),
    'pair max': Math.max(...pairs),
  };
  return { name, ratios: {}, figures };
}
