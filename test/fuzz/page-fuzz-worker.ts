// The fuzzer on a thread of its own: whoever started it goes on when it hangs.
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PageReading } from '../support/page-reading.js';
import { BROKEN_CORES } from './broken-cores.js';
import { duckdbFiles, largeFiles, ownFiles } from './fuzz-files.js';
import { PageFuzzer } from './page-fuzzer.js';
import type { FuzzJob, FuzzReport } from './run-fuzz.js';

/** Cases between two reports. */
const STEP_CASES = 200;
const FINDINGS_MAX = 200;
const REGION_BYTES = 8 * 2 ** 20;
/** A lane of it does not hold chunks of a megabyte: they go through windows. */
const WINDOWED_REGION_BYTES = 1_700_000;

const job = workerData as FuzzJob;
const breakCore = job.brokenCore === null ? undefined : BROKEN_CORES[job.brokenCore]!;
const readingOf = (regionBytes: number): Promise<PageReading> =>
  PageReading.create({ regionBytes, ...(breakCore === undefined ? {} : { breakCore }) });
const reading = await readingOf(REGION_BYTES);
const fuzzer = new PageFuzzer(job.seed);
for (const file of [...(await ownFiles()), ...(await duckdbFiles())]) {
  await fuzzer.add(file, reading);
}
const windowed = await readingOf(WINDOWED_REGION_BYTES);
for (const file of await largeFiles()) await fuzzer.add(file, windowed);
for (const path of job.paths) {
  await fuzzer.add(
    { name: path, bytes: new Uint8Array(readFileSync(path)), isOurs: false },
    reading,
  );
}

const report = (nextCase: number, isDone: boolean): void => {
  const message: FuzzReport = {
    nextCase,
    isDone,
    targetCount: fuzzer.targetCount,
    counts: fuzzer.counts,
    findings: fuzzer.findings,
  };
  parentPort!.postMessage(message);
};

report(job.caseStart, false);
const end = job.caseStart + job.caseCount;
for (let index = job.caseStart; index < end; index++) {
  if (fuzzer.findings.length >= FINDINGS_MAX) break;
  if (index % STEP_CASES === 0) report(index, false);
  await fuzzer.run(index);
}
report(end, true);
