import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BenchReport, fallenRatios, type SuiteReport } from '#src/bench/report.js';
import { withTables } from '#src/bench/result-tables.js';
import { newestResults, writeResults } from '#src/bench/results.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'depthmill-results-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const MACHINE = {
  cpu: 'A CPU',
  cores: 2,
  memoryGib: 24,
  node: '20.20.2',
  commit: 'abcdef0',
  versions: { 'parquet-wasm': '0.8.0' },
};

/** A suite of one row with one ratio, and one time ratio. */
function suite(name: string, ratio: number | null, notes: readonly string[] = []): SuiteReport {
  const row = {
    name: 'depthmill',
    ratios: ratio === null ? {} : { 'x DuckDB': ratio },
    timeRatios: ratio === null ? {} : { 'x C': 1 / ratio },
    figures: { 'M events/s': 1 / 3 },
  };
  return { name, rows: [row], notes };
}

function report(takenAt: string, suites: readonly SuiteReport[], commit = 'abcdef0'): BenchReport {
  const machine = { ...MACHINE, commit };
  return { schema: 'depthmill-bench/1', size: 'real', takenAt, machine, suites };
}

test('suites that are run one by one come together in the file of the day and commit', () => {
  const [first, second] = [suite('main-job-tape', 4), suite('main-job-real', 5)];
  writeResults(report('2026-11-25T10:00:00.000Z', [first]), folder);
  writeResults(report('2026-11-25T11:00:00.000Z', [second]), folder);
  expect(readdirSync(folder)).toEqual(['2026-11-25-abcdef0.json']);
  const found = newestResults(folder)!;
  expect(found.suites.map(({ name }) => name)).toEqual(['main-job-tape', 'main-job-real']);
  // Four digits.
  expect(found.suites[0]!.rows[0]!.figures).toEqual({ 'M events/s': 0.3333 });

  writeResults(report('2026-11-25T12:00:00.000Z', [suite('main-job-tape', 6)]), folder);
  const again = newestResults(folder)!.suites.map(({ rows }) => rows[0]!.ratios['x DuckDB']);
  expect(again).toEqual([5, 6]);
});

test('the newest results are those that were taken last', () => {
  expect(newestResults(folder)).toBeNull();
  expect(newestResults(join(folder, 'missing'))).toBeNull();
  writeResults(report('2026-11-25T12:00:00.000Z', [], 'aaaaaaa'), folder);
  writeResults(report('2026-11-25T10:00:00.000Z', [], 'fffffff'), folder);
  writeResults(report('2026-09-25T10:00:00.000Z', [], '9999999+'), folder);
  expect(newestResults(folder)!.machine.commit).toBe('aaaaaaa');
  expect(readdirSync(folder)).toContain('2026-09-25-9999999-changed.json');
});

test('tables are made between their markers, and nothing else is touched', () => {
  const text = [
    'Before.',
    '<!-- bench:summary -->',
    'old',
    '<!-- /bench -->',
    'Between.',
    '<!-- bench:main-job-tape -->',
    '<!-- /bench -->',
    '<!-- bench:main-job-zstd -->',
    '<!-- /bench -->',
    'After.',
    '',
  ].join('\n');
  const results = report('2026-11-25T10:00:00.000Z', [suite('main-job-tape', 4.25, ['A note.'])]);
  const made = withTables(text, results);
  expect(made).not.toContain('old');
  expect(made).toMatch(/^Before\.\n<!-- bench:summary -->\n\n\| /);
  expect(made).toMatch(/^\| generated, snappy +\| +0\.33 \| +4\.25 \| +\| +\| +\|$/m);
  // What was not measured stays empty.
  expect(made).toMatch(/^\| recorded, snappy +\| +\| +\| +\| +\| +\|$/m);
  expect(made).toContain('Commit abcdef0, 2026-11-25, 2 cores of A CPU, 24 GiB, Node 20.20.2');
  expect(made).toMatch(/\| depthmill \| +0\.33 \| +4\.25 \| 0\.24 \|\n\n- A note\./);
  expect(made).toContain('<!-- bench:main-job-zstd -->\n\nNot measured.\n\n<!-- /bench -->');
  expect(withTables(made, results)).toBe(made);
  expect(withTables(made, null)).toContain('<!-- bench:summary -->\n\nNo results yet.\n');
});

test('a comparison names ratios that fell, times that grew, and what is not measured', () => {
  const at = (ratio: number | null, notes: readonly string[] = []): BenchReport =>
    report('2026-11-25T10:00:00.000Z', [suite('kernels', ratio, notes)]);
  expect(fallenRatios(at(1), at(0.95))).toEqual([]);
  expect(fallenRatios(at(1), at(2))).toEqual([]);
  expect(fallenRatios(at(1), at(0.8))).toEqual([
    'kernels: depthmill: x DuckDB fell from 1.00 to 0.80.',
    'kernels: depthmill: x C grew from 1.00 to 1.25.',
  ]);
  expect(fallenRatios(at(1), at(null))).toEqual([
    'kernels: depthmill: x DuckDB was 1.00 and is not measured now.',
    'kernels: depthmill: x C was 1.00 and is not measured now.',
  ]);
  // Noise is no fall: the run says so itself.
  expect(fallenRatios(at(1), at(null, ['depthmill: the machine is too noisy']))).toEqual([]);
  expect(fallenRatios(at(1), report('2026-11-25T10:00:00.000Z', []))).toEqual([]);
});
