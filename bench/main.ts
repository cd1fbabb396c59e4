import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { kernelSuite } from './kernels.js';
import { mainJobSuite } from './main-job.js';
import { type BenchReport, fallenRatios, tableOf } from './report.js';
import type { BenchSize, BenchSuite } from './suite.js';

/** In the order in which they run. */
const SUITES: readonly BenchSuite[] = [kernelSuite, mainJobSuite];

const USAGE = `node build/bench/main.js [options]
  --size smoke|real   default real; smoke only shows that the bench works
  --only NAME         one suite: ${SUITES.map(({ name }) => name).join(', ')}
  --json FILE         writes the report
  --compare FILE      exits with 1 when a ratio of that report fell by more than 10 %
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
        json: { type: 'string' },
        compare: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    return usageError((error as Error).message);
  }
}

const options = readOptions();
if (options.size !== 'smoke' && options.size !== 'real') usageError('--size is smoke or real.');
const size: BenchSize = options.size;
const suites = SUITES.filter(({ name }) => options.only === undefined || name === options.only);
if (suites.length === 0) usageError(`There is no suite ${options.only}.`);
// Read before hours of measuring, so that a wrong path is found at once.
const before =
  options.compare === undefined
    ? null
    : (JSON.parse(readFileSync(options.compare, 'utf8')) as BenchReport);

const cores = availableParallelism();
const cpu = cpus()[0]?.model ?? 'unknown';
process.stdout.write(`Node ${process.version}, ${cores} cores of ${cpu}, size ${size}\n`);
if (size === 'real' && cores < 2) process.stdout.write('Too few cores: expect noise.\n');
const [load = 0] = loadavg();
if (size === 'real' && load > LOAD_MAX) {
  process.stdout.write(`Load ${load.toFixed(1)}: others use this machine; quote no figure.\n`);
}

const measured: BenchReport['suites'][number][] = [];
for (const suite of suites) {
  const rows = await suite.run(size);
  measured.push({ name: suite.name, rows });
  process.stdout.write(`\n${suite.name}\n${tableOf(rows)}\n`);
}
const report: BenchReport = { size, node: process.version, cpu, cores, suites: measured };
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}
if (before !== null) {
  const fallen = fallenRatios(before, report);
  for (const line of fallen) process.stderr.write(`${line}\n`);
  if (fallen.length > 0) process.exit(EXIT_FELL);
}
