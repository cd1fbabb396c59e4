import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type BenchReport, fallenRatios } from '#src/bench/report.js';

const MAIN = fileURLToPath(import.meta.resolve('#src/bench/main.js'));
const folder = mkdtempSync(join(tmpdir(), 'depthmill-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (...options: string[]) =>
  spawnSync(process.execPath, [MAIN, '--size', 'smoke', ...options], { encoding: 'utf8' });

/** The report with each of its ratios set to `value`. */
function withRatios(report: BenchReport, value: number): BenchReport {
  const all = (ratios: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.keys(ratios).map((name) => [name, value]));
  const suites = report.suites.map(({ name, rows }) => ({
    name,
    rows: rows.map((row) => ({ ...row, ratios: all(row.ratios) })),
  }));
  return { ...report, suites };
}

test('the whole bench checks its outputs, reports, and fails on a ratio that fell', () => {
  const path = join(folder, 'report.json');
  const first = bench('--json', path);
  expect(first.stderr).toBe('');
  expect(first.status).toBe(0);
  const report = JSON.parse(readFileSync(path, 'utf8')) as BenchReport;
  expect(report.suites.map(({ name }) => name)).toEqual(['kernels', 'main-job']);
  const [kernels, mainJob] = report.suites.map(({ rows }) => rows);
  expect(kernels!.map(({ name }) => name)).toContain('gapScan (4 K)');
  expect(first.stdout).toContain('x memcpy');

  const rowOf = (name: string) => mainJob!.find((row) => row.name === name);
  expect(rowOf('checked')?.figures['rows equal']).toBe(200_000);
  expect(rowOf('depthmill')?.ratios['x DuckDB']).toBeGreaterThan(0);
  for (const name of ['depthmill again (A/A)', 'DuckDB, snappy', 'DuckDB, uncompressed v2']) {
    expect(rowOf(name)?.figures['pair median'], name).toBeGreaterThan(0);
  }
  for (const name of ['command, whole process, cold', '2 runs in one process']) {
    expect(rowOf(name)?.figures['peak RSS MB'], name).toBeGreaterThan(50);
  }

  // A smoke run is too short for its ratios to hold: one report asks for nothing, one for too much.
  const write = (factor: number): string => {
    const changed = join(folder, `times-${factor}.json`);
    writeFileSync(changed, JSON.stringify(withRatios(report, factor)));
    return changed;
  };
  const kernelsAgain = (before: string) => bench('--only', 'kernels', '--compare', before);
  expect(kernelsAgain(write(0)).status).toBe(0);
  const fell = kernelsAgain(write(1e9));
  expect(fell.status).toBe(1);
  expect(fell.stderr).toContain('gapScan (4 K): x twin fell from');
  expect(fallenRatios(withRatios(report, 1), withRatios(report, 0.91))).toEqual([]);
  expect(fallenRatios(withRatios(report, 1), withRatios(report, 0.89))).toContain(
    'main-job: depthmill: x DuckDB fell from 1.00 to 0.89.',
  );
});

test('the bench names a wrong option', () => {
  expect(bench('--sice', 'smoke')).toMatchObject({ status: 2 });
});
