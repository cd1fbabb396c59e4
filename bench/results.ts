import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './machine.js';
import type { BenchReport } from './report.js';

/** Tracked by git: figures with what they were taken on. */
export const RESULTS_FOLDER = join(PROJECT_ROOT, 'bench/results');

/** The file of a run: one for each day and commit, so that suites may be run one by one. */
const nameOf = ({ machine, takenAt }: BenchReport): string =>
  `${takenAt.slice(0, 10)}-${machine.commit.replace('+', '-changed')}.json`;

/** Writes a report; suites that ran before on the same day and commit stay beside the new ones. */
export function writeResults(report: BenchReport, folder = RESULTS_FOLDER): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, nameOf(report));
  const earlier = existsSync(path) ? readReport(path) : null;
  const isKept = (name: string): boolean => !report.suites.some((suite) => suite.name === name);
  const kept =
    earlier !== null && JSON.stringify(earlier.machine) === JSON.stringify(report.machine)
      ? earlier.suites.filter(({ name }) => isKept(name))
      : [];
  writeFileSync(path, reportText({ ...report, suites: [...kept, ...report.suites] }));
  return path;
}

export function reportText(report: BenchReport): string {
  // Four digits are more than any of these figures is good for.
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  return `${JSON.stringify(report, short, 2)}\n`;
}

export function readReport(path: string): BenchReport {
  return JSON.parse(readFileSync(path, 'utf8')) as BenchReport;
}

/** The report that was taken last, null where there is none. */
export function newestResults(folder = RESULTS_FOLDER): BenchReport | null {
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const reports = names.map((name) => readReport(join(folder, name)));
  return reports.toSorted((a, b) => (a.takenAt < b.takenAt ? -1 : 1)).at(-1) ?? null;
}
