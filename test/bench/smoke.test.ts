import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { BenchReport } from '#src/bench/report.js';
import type { BenchRow } from '#src/bench/suite.js';
import { hasSharedData } from '../support/shared-data.js';

const SUITES = [
  'kernels',
  'stages',
  'parquet',
  'main-job-tape',
  'main-job-real',
  'main-job-zstd',
  'audit-tape',
  'audit-real',
  'warm',
  'memory',
];
/** All suites, while other tests use the machine too. */
const TIMEOUT_MS = 180_000;

const MAIN = fileURLToPath(import.meta.resolve('#src/bench/main.js'));
const folder = mkdtempSync(join(tmpdir(), 'depthmill-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (...options: string[]) =>
  spawnSync(process.execPath, [MAIN, '--size', 'smoke', ...options], { encoding: 'utf8' });

/** The report with each of its ratios set to `value`. */
function withRatios(report: BenchReport, value: number): BenchReport {
  const all = (ratios: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.keys(ratios).map((name) => [name, value]));
  const suites = report.suites.map((suite) => ({
    ...suite,
    rows: suite.rows.map((row) => ({ ...row, ratios: all(row.ratios) })),
  }));
  return { ...report, suites };
}

test(
  'the whole bench checks its outputs, reports, and fails on a ratio that fell',
  () => {
    const path = join(folder, 'report.json');
    const first = bench('--json', path);
    expect(first.stderr).toBe('');
    expect(first.status).toBe(0);
    const report = JSON.parse(readFileSync(path, 'utf8')) as BenchReport;
    expect(report.suites.map(({ name }) => name)).toEqual(SUITES);
    expect(report.machine).toMatchObject({ node: process.version.slice(1) });
    expect(report.machine.versions['parquet-wasm']).toMatch(/^\d+\.\d+\.\d+$/);
    // A smoke run is no result.
    expect(first.stdout).not.toContain('Results:');

    const rowOf = (suite: string, name: string): BenchRow | undefined =>
      report.suites.find((each) => each.name === suite)?.rows.find((row) => row.name === name);
    expect(rowOf('kernels', 'gapScan (4 K)')?.ratios['x memcpy']).toBeGreaterThan(0);
    expect(rowOf('stages', 'checked')?.figures['rows equal']).toBe(100_000);
    for (const stage of ['scale', 'book', 'encode depth']) {
      expect(rowOf('stages', stage)?.figures['ns/event'], stage).toBeGreaterThan(0);
    }
    for (const name of ['read, none', 'read, snappy', 'read, zstd', 'write, no codec']) {
      expect(rowOf('parquet', name)?.ratios['x parquet-wasm'], name).toBeGreaterThan(0);
    }
    const inputs = [
      ['main-job-tape', 200_000],
      ['main-job-zstd', 200_000],
      ...(hasSharedData ? ([['main-job-real', 2_329_390]] as const) : []),
    ] as const;
    for (const [suite, events] of inputs) {
      expect(rowOf(suite, 'checked')?.figures['rows equal'], suite).toBe(events);
      expect(rowOf(suite, 'checked')?.figures['same bytes'], suite).toBe(4);
      expect(rowOf(suite, 'depthmill')?.ratios['x DuckDB'], suite).toBeGreaterThan(0);
      expect(rowOf(suite, 'depthmill')?.ratios['x parquet-wasm'], suite).toBeGreaterThan(0);
      for (const name of ['depthmill again (A/A)', 'DuckDB, snappy', 'DuckDB, uncompressed v2']) {
        expect(rowOf(suite, name)?.figures['pair median'], name).toBeGreaterThan(0);
      }
    }
    expect(rowOf('warm', 'tape: 2 workers')?.figures['M events/s warm']).toBeGreaterThan(0);
    expect(rowOf('memory', '0.2 M events')?.figures['peak RSS MB']).toBeGreaterThan(50);

    // A smoke run is too short for its ratios to hold: one report asks for nothing, one for too much.
    const write = (factor: number): string => {
      const changed = join(folder, `times-${factor}.json`);
      writeFileSync(changed, JSON.stringify(withRatios(report, factor)));
      return changed;
    };
    const memoryAgain = (before: string) => bench('--only', 'memory', '--compare', before);
    expect(memoryAgain(write(0)).status).toBe(0);
    const fell = memoryAgain(write(1e9));
    expect(fell.status).toBe(1);
    expect(fell.stderr).toContain('memory: 0.2 M events: --memory / peak fell from');
  },
  TIMEOUT_MS,
);

test('the bench names a wrong option', () => {
  expect(bench('--sice', 'smoke')).toMatchObject({ status: 2 });
  expect(bench('--only', 'kernels,nothing')).toMatchObject({ status: 2 });
});
