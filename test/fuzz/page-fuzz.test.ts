import { expect, it } from 'vitest';
import { TEST_SEED } from '../prng.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { type FuzzReport, runFuzz } from './run-fuzz.js';

const WORKER = new URL('../../build/fuzz/fuzz/page-fuzz-worker.js', import.meta.url);
const CASES = 6_000;
/** Files of the corpus that have what DuckDB's do not. */
const CORPUS = [
  'apache-parquet-testing/data/alltypes_tiny_pages.parquet',
  'apache-parquet-testing/data/datapage_v2.snappy.parquet',
  'apache-parquet-testing/data/delta_binary_packed.parquet',
  'hyparquet/test/files/page_index.parquet',
];

function run(brokenCore: string | null, caseCount = CASES): Promise<FuzzReport> {
  const paths = hasSharedData ? CORPUS.map((path) => sharedData(`parquet-corpus/${path}`)) : [];
  return runFuzz(WORKER, { seed: TEST_SEED, caseStart: 0, caseCount, brokenCore, paths });
}

const sum = ({ counts }: FuzzReport, label: RegExp): number =>
  [...counts].reduce((total, [name, count]) => total + (label.test(name) ? count : 0), 0);

it('damaged pages are refused, or read as parquet-wasm reads them', async () => {
  const report = await run(null);
  expect(report.findings, `seed ${TEST_SEED}`).toEqual([]);
  expect(report.targetCount).toBeGreaterThan(400);
  expect(sum(report, /./)).toBe(CASES);
  // Each class is met, so that nothing passes because nothing happens.
  expect(sum(report, /^ours, (front|body|chunk): refused/)).toBeGreaterThan(500);
  expect(sum(report, /^ours, header: refused/)).toBeGreaterThan(100);
  expect(sum(report, /^others, .*: refused/)).toBeGreaterThan(500);
  expect(sum(report, /as parquet-wasm reads them$/)).toBeGreaterThan(100);
});

it.each([
  ['no checksums', /a changed body was read|other values/],
  ['codes beyond the dictionary', /parquet-wasm (refuses|reads other values)/],
  ['a write behind the region', /wrote beside the region/],
])('a reader with a fault is found out: %s', async (brokenCore, what) => {
  const report = await run(brokenCore);
  const found = report.findings.filter((finding) => what.test(finding.what));
  expect(found.length, `seed ${TEST_SEED}`).toBeGreaterThan(0);
});
