import { existsSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPrng, TEST_SEED } from '../prng.js';
import { duckCells, firstDifference } from '../support/duckdb-cells.js';
import { PageReading } from '../support/page-reading.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { type Cell, readCells } from '../support/source-cells.js';
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

/** Damaged on purpose: page kernels see by the checksum what parquet-wasm does not look at. */
const WRONG_CHECKSUM = /corrupt-checksum\.parquet$/;

/** Unsigned, up to 2^64 - 1: refused with the value, because no int64 holds it. */
const BEYOND_INT64 = /signs\.parquet unsigned_int64$/;

/** What became of the flat columns of all files: `file column`, with a reason or a code. */
interface Lists {
  readonly kernels: string[];
  readonly fallback: string[];
  readonly refused: string[];
  readonly wrong: string[];
}

function judgeColumn(file: string, column: ColumnReport, lists: Lists): void {
  const { name, fallback, ours, theirs, isEqual } = column;
  const label = `${file} ${name}`;
  const isRefused = typeof ours === 'string' && ours.startsWith('ERR_PARQUET_');
  const isOurs = WRONG_CHECKSUM.test(file) || BEYOND_INT64.test(label);
  if (isRefused && (typeof theirs === 'string' || isOurs)) {
    lists.refused.push(`${label}: ${ours}`);
  } else if (!isEqual) {
    lists.wrong.push(`${label}: ${ours}, parquet-wasm: ${theirs}`);
  } else if (fallback !== null) {
    lists.fallback.push(`${label}: ${fallback}`);
  } else {
    lists.kernels.push(label);
  }
}

/** DuckDB gives times in a unit of its own choice, microseconds at least. */
function isSameTime(cell: Cell, unitNs: bigint, duckdb: Cell): boolean {
  if (typeof cell !== 'bigint' || typeof duckdb !== 'bigint') return cell === duckdb;
  const timeUs = (cell * unitNs) / 1_000n;
  return [1n, 1_000n, 1_000_000n].some((scale) => (duckdb * scale) / 1_000n === timeUs);
}

function print(lists: Lists): void {
  for (const [list, lines] of Object.entries(lists)) {
    console.log(`corpus, ${list} (${lines.length}):\n  ${lines.join('\n  ')}`);
  }
}

describe.skipIf(!hasSharedData || !existsSync(sharedData('parquet-corpus')))('the corpus', () => {
  let reports: Map<string, FileReport>;
  const lines = hasSharedData ? manifest() : [];
  const reportOf = ({ f }: ManifestLine): FileReport =>
    reports.get(sharedData(`parquet-corpus/${f}`))!;
  const othersCanRead = ({ dk_count, dk_read_err }: ManifestLine): boolean =>
    dk_count !== undefined && dk_read_err === undefined;

  beforeAll(async () => {
    reports = await readOnThread(lines.map(({ f }) => sharedData(`parquet-corpus/${f}`)));
  });

  it('is read by the page kernels as parquet-wasm reads it, or refused', () => {
    const lists: Lists = { kernels: [], fallback: [], refused: [], wrong: [] };
    for (const line of lines) {
      const report = reportOf(line);
      if (report.footerError !== undefined) lists.refused.push(`${line.f}: ${report.footerError}`);
      for (const column of report.columns ?? []) judgeColumn(line.f, column, lists);
      expect(report.isClean ?? true, line.f).toBe(true);
    }
    print(lists);
    expect(lists.wrong).toEqual([]);
    const { kernels, fallback, refused } = lists;
    expect({
      files: reports.size,
      kernels: kernels.length,
      fallback: fallback.length,
      refused: refused.length,
    }).toEqual({ files: 303, kernels: 557, fallback: 72, refused: 23 });
  });

  it('is read where DuckDB reads it, and refused with a code where nobody does', () => {
    const wrong: string[] = [];
    let columnsRead = 0;
    for (const line of lines) {
      const report = reportOf(line);
      if (report.footerError !== undefined) {
        if (!report.footerError.startsWith('ERR_PARQUET_')) wrong.push(report.footerError);
        const isRead = othersCanRead(line) && !LYING.test(line.f);
        if (isRead) wrong.push(`${line.f}: ${report.footerError}`);
        continue;
      }
      if (othersCanRead(line)) expect(report.rowCount, line.f).toBe(line.dk_count);
      for (const { name, ours } of report.columns!) {
        const isRefused = typeof ours === 'string' && ours.startsWith('ERR_PARQUET_');
        if (ours === report.rowCount) columnsRead++;
        else if (!isRefused) wrong.push(`${line.f} ${name}: ${ours} of ${report.rowCount}`);
        else if (BEYOND_INT64.test(`${line.f} ${name}`)) continue;
        else if (othersCanRead(line) && !WRONG_CHECKSUM.test(line.f)) {
          wrong.push(`${line.f} ${name}: ${ours}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(columnsRead).toBeGreaterThan(600);
  });

  it('holds the values that DuckDB reads', async () => {
    const reading = await PageReading.create();
    const wrong: string[] = [];
    let columnsEqual = 0;
    for (const line of lines) {
      const report = reportOf(line);
      if (!othersCanRead(line) || report.footerError !== undefined) continue;
      const reader = await reading.open(report.path, new Uint8Array(readFileSync(report.path)));
      for (const { name, ours } of report.columns!) {
        if (typeof ours === 'string') continue;
        const { timeUnitNs } = reader.footer.columns.find((info) => info.name === name)!;
        const found = (await readCells(reader, [name])).get(name)!;
        const wanted = (await duckCells(report.path, [name])).get(name)!;
        const row =
          timeUnitNs === null
            ? firstDifference(found, wanted)
            : found.findIndex((cell, i) => !isSameTime(cell, BigInt(timeUnitNs), wanted[i]!));
        if (row === -1 && found.length === wanted.length) columnsEqual++;
        else wrong.push(`${line.f} ${name}: ${found[row]} for ${wanted[row]} in row ${row}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(columnsEqual).toBeGreaterThan(560);
  });

  it('is read or refused by parquet-wasm when it is damaged; never a crash, hang or escape', () => {
    const wrong: string[] = [];
    let damagedRefused = 0;
    for (const line of lines) {
      for (const { expected, found } of reportOf(line).damagedReads ?? []) {
        const isRefused = typeof found === 'string' && found.startsWith('ERR_PARQUET_');
        if (isRefused) damagedRefused++;
        else if (found !== expected) wrong.push(`${line.f}: ${found} for ${expected}`);
      }
    }
    expect(wrong, `seed ${TEST_SEED}`).toEqual([]);
    expect(damagedRefused).toBeGreaterThan(500);
  });
});
