import { existsSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createPrng, TEST_SEED } from '../prng.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import type { ColumnReport, CorpusJob, FileReport } from './corpus-worker.js';

const TIME_LIMIT_MS = 50_000;
const DAMAGES_PER_FILE = 12;

interface ManifestLine {
  readonly f: string;
  /** Rows that DuckDB counted, absent where it failed. */
  readonly dk_count?: number;
  readonly dk_read_err?: string;
}

/** Says 0 rows in its footer and has 6 in its row group: readers that do not add up miss it. */
const LYING = /repeated_no_annotation\.parquet$/;

function manifest(): ManifestLine[] {
  const lines = readFileSync(sharedData('parquet-corpus/MANIFEST.jsonl'), 'utf8').trim();
  return lines.split('\n').map((line) => JSON.parse(line) as ManifestLine);
}

/** Reads the files on a thread that is stopped when its time is up. */
async function readOnThread(files: string[]): Promise<Map<string, FileReport>> {
  const random = createPrng();
  const damages = Array.from({ length: DAMAGES_PER_FILE }, () => ({
    pick: random.unit(),
    changes: Array.from({ length: random.int(1, 5) }, () => ({
      nearStart: random.chance(0.5),
      place: random.unit(),
      value: random.int(0, 256),
    })),
  }));
  const job: CorpusJob = { files, damages };
  const worker = new Worker(new URL('../../build/fuzz/parquet/corpus-worker.js', import.meta.url), {
    workerData: job,
  });
  const reports = new Map<string, FileReport>();
  let current = 'nothing';
  const ended = new Promise<string>((resolve) => {
    worker.on('message', (report: FileReport) => {
      if (report.begin) current = report.path;
      else reports.set(report.path, report);
    });
    worker.on('error', (error) => resolve(`died of ${error} in ${current}`));
    worker.on('exit', () => resolve('done'));
    setTimeout(() => resolve(`hung in ${current}`), TIME_LIMIT_MS).unref();
  });
  const end = await ended;
  await worker.terminate();
  expect(end, `seed ${TEST_SEED}`).toBe('done');
  return reports;
}

describe.skipIf(!hasSharedData || !existsSync(sharedData('parquet-corpus')))('the corpus', () => {
  it('is read or refused with a code, as it is and damaged; never a crash, hang or escape', async () => {
    const lines = manifest();
    const reports = await readOnThread(lines.map(({ f }) => sharedData(`parquet-corpus/${f}`)));
    const wrong: string[] = [];
    let columnsRead = 0;
    let damagedRefused = 0;
    const judge = (path: string, expected: number, found: number | string): void => {
      const refused = typeof found === 'string' && found.startsWith('ERR_PARQUET_');
      if (found !== expected && !refused) wrong.push(`${path}: ${found} for ${expected}`);
    };
    for (const line of lines) {
      const report = reports.get(sharedData(`parquet-corpus/${line.f}`))!;
      const othersCanRead = line.dk_count !== undefined && line.dk_read_err === undefined;
      if (report.footerError !== undefined) {
        judge(line.f, -1, report.footerError);
        if (othersCanRead && !LYING.test(line.f)) wrong.push(`${line.f}: ${report.footerError}`);
        continue;
      }
      if (othersCanRead) expect(report.rowCount, line.f).toBe(line.dk_count);
      for (const { name, outcome } of report.columns!) {
        judge(`${line.f} ${name}`, report.rowCount!, outcome);
        if (outcome === report.rowCount) columnsRead++;
        else if (othersCanRead) wrong.push(`${line.f} ${name}: ${outcome}`);
      }
      for (const { expected, found } of report.damagedReads!) {
        judge(`${line.f} damaged`, expected, found);
        if (found !== expected) damagedRefused++;
      }
    }
    expect(wrong, `seed ${TEST_SEED}`).toEqual([]);
    expect(reports.size).toBe(303);
    expect(columnsRead).toBeGreaterThan(600);
    expect(damagedRefused).toBeGreaterThan(500);
  });
});
