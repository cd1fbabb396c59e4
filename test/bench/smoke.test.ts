import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(import.meta.resolve('#src/bench/main.js'));
const folder = mkdtempSync(join(tmpdir(), 'depthmill-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (...options: string[]) =>
  spawnSync(process.execPath, [MAIN, '--only', 'kernels', '--size', 'smoke', ...options], {
    encoding: 'utf8',
  });

interface Report {
  suites: { rows: { name: string; ratios: Record<string, number> }[] }[];
}

test('the kernel bench checks its outputs, reports, and fails on a ratio that fell', () => {
  const path = join(folder, 'report.json');
  const first = bench('--json', path);
  expect(first.stderr).toBe('');
  expect(first.status).toBe(0);
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const rows = report.suites[0]!.rows;
  expect(rows.map(({ name }) => name)).toContain('gapScan (4 K)');
  expect(first.stdout).toContain('x memcpy');

  // A smoke run is too short for its ratios to hold: one report asks for nothing, one for too much.
  const write = (factor: number): string => {
    for (const row of rows) {
      for (const name of Object.keys(row.ratios)) row.ratios[name] = factor;
    }
    const changed = join(folder, `times-${factor}.json`);
    writeFileSync(changed, JSON.stringify(report));
    return changed;
  };
  expect(bench('--compare', write(0)).status).toBe(0);
  const fell = bench('--compare', write(1e9));
  expect(fell.status).toBe(1);
  expect(fell.stderr).toContain('gapScan (4 K): x twin fell from');
});

test('the bench names a wrong option', () => {
  expect(bench('--sice', 'smoke')).toMatchObject({ status: 2 });
});
