import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GenerateOptions, resolveTapeOptions } from '../generate/options.js';
import { newTruth } from '../generate/truth.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { runProgram } from './program.js';
import { printLine } from './terminal.js';

const DEMO = 'demo';
const TAPE = join(DEMO, 'tape');
const OUT = join(DEMO, 'out');
/** Says that what lies in the demo folder may be removed: npm start made it. */
const MARKER = join(DEMO, 'made-by-npm-start');

const TAPE_OPTIONS = {
  seed: 1n,
  events: 1_000_000,
  layout: 'lake',
} as const satisfies Omit<GenerateOptions, 'out'>;

/**
 * `npm start`: the main job on a tape of one million events, from nothing. The second time the
 * tape is still there and only the job is done again.
 */
export async function runDemo(signal: AbortSignal): Promise<ExitCode> {
  await mkdir(DEMO, { recursive: true });
  const isOurs = existsSync(MARKER);
  await writeFile(MARKER, 'npm start removes and makes tape/ and out/ beside this file.\n');
  if (await isTapeThere()) {
    printLine(`The tape of the last start is in ${TAPE}.`);
  } else {
    if (isOurs) await rm(TAPE, { recursive: true, force: true });
    printLine(`Generating a market tape into ${TAPE} …`);
    const exitCode = await runProgram(generateArguments(), signal);
    if (exitCode !== EXIT.done) return exitCode;
  }
  if (isOurs) await rm(OUT, { recursive: true, force: true });
  printLine(`\nRunning depthmill run ${TAPE} -o ${OUT} …\n`);
  return runProgram(['run', TAPE, '-o', OUT], signal);
}

function generateArguments(): string[] {
  const { seed, events, layout } = TAPE_OPTIONS;
  return ['generate', '-o', TAPE, `--seed=${seed}`, `--events=${events}`, `--layout=${layout}`];
}

/** truth.json is written last, so a tape that has one is whole. */
async function isTapeThere(): Promise<boolean> {
  const path = join(TAPE, 'truth.json');
  if (!existsSync(path)) return false;
  const wanted = newTruth(resolveTapeOptions(TAPE_OPTIONS));
  const found = JSON.parse(await readFile(path, 'utf8')) as Partial<typeof wanted>;
  return (
    found.seed === wanted.seed && JSON.stringify(found.options) === JSON.stringify(wanted.options)
  );
}
