import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { auditJobSuites } from './audit-job.js';
import { kernelSuite } from './kernels.js';
import { thisMachine } from './machine.js';
import { mainJobSuites } from './main-job.js';
import { memorySuite } from './memory.js';
import { parquetSuite } from './parquet.js';
import { type BenchReport, fallenRatios, type SuiteReport, tableOf } from './report.js';
import { reportText, writeResults } from './results.js';
import { stagesSuite } from './stages.js';
import type { BenchSize, BenchSuite } from './suite.js';
import { warmSuite } from './warm.js';

/** In the order in which they run. */
const SUITES: readonly BenchSuite[] = [
  kernelSuite,
  stagesSuite,
  parquetSuite,
  ...mainJobSuites,
  ...auditJobSuites,
  warmSuite,
  memorySuite,
];

const USAGE = `node build/bench/main.js [options]
  --size smoke|real   default real; smoke only shows that the bench works
  --only NAME,...     these suites: ${SUITES.map(({ name }) => name).join(', ')};
                      main-job and audit are all whose names begin so
  --huge              with memory at 100 million events
  --json FILE         writes the report
  --no-results        writes nothing to bench/results/, where a report of size real goes
  --compare FILE      exits with 1 when a ratio of that report got worse by more than 10 %
`;

/** Load average of the last minute above which the machine is not ours. */
const LOAD_MAX = 1.5;
const EXIT_FELL = 1;
const EXIT_USAGE = 2;

function usageError(problem: string): never {
  process.stderr.write(`${problem}\n${USAGE}`);
  process.exit(EXIT_USAGE);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        size: { type: 'string', default: 'real' },
        only: { type: 'string' },
        huge: { type: 'boolean', default: false },
        json: { type: 'string' },
        'no-results': { type: 'boolean', default: false },
        compare: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    return usageError((error as Error).message);
  }
}

function suitesOf(only: string | undefined): readonly BenchSuite[] {
  if (only === undefined) return SUITES;
  const names = only.split(',');
  const isNamed = (name: string, suite: BenchSuite): boolean =>
    suite.name === name || suite.name.startsWith(`${name}-`);
  for (const name of names) {
    if (!SUITES.some((suite) => isNamed(name, suite))) usageError(`There is no suite ${name}.`);
  }
  return SUITES.filter((suite) => names.some((name) => isNamed(name, suite)));
}

const options = readOptions();
if (options.size !== 'smoke' && options.size !== 'real') usageError('--size is smoke or real.');
const size: BenchSize = options.size;
const suites = suitesOf(options.only);
// Read before hours of measuring, so that a wrong path is found at once.
const before =
  options.compare === undefined
    ? null
    : (JSON.parse(readFileSync(options.compare, 'utf8')) as BenchReport);

const machine = thisMachine();
const { node, cores, cpu, commit } = machine;
process.stdout.write(`Node ${node}, ${cores} cores of ${cpu}, commit ${commit}, size ${size}\n`);
if (size === 'real' && cores < 2) process.stdout.write('Too few cores: expect noise.\n');
const [load = 0] = loadavg();
if (size === 'real' && load > LOAD_MAX) {
  process.stdout.write(`Load ${load.toFixed(1)}: others use this machine; quote no figure.\n`);
}

const measured: SuiteReport[] = [];
for (const suite of suites) {
  const { rows, notes } = await suite.run({ size, huge: options.huge });
  measured.push({ name: suite.name, rows, notes });
  process.stdout.write(`\n${[suite.name, tableOf(rows), ...notes].join('\n')}\n`);
}
const report: BenchReport = {
  schema: 'depthmill-bench/1',
  size,
  takenAt: new Date().toISOString(),
  machine,
  suites: measured,
};
if (options.json !== undefined) writeFileSync(options.json, reportText(report));
if (size === 'real' && !options['no-results']) {
  process.stdout.write(`\nResults: ${writeResults(report)}\n`);
}
if (before !== null) {
  const fallen = fallenRatios(before, report);
  for (const line of fallen) process.stderr.write(`${line}\n`);
  if (fallen.length > 0) process.exit(EXIT_FELL);
}
