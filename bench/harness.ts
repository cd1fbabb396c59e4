import type { BenchMemory } from './bench-memory.js';
import type { CCase, CProgram } from './c-program.js';
import { isQuiet, noiseNote } from './noise.js';
import { medianOf, minOf } from './statistics.js';
import type { BenchRow, BenchSize } from './suite.js';

/** One kernel on one input, with its plain TypeScript twin. */
export interface KernelCase {
  readonly name: string;
  /** Values (rows, ids, bytes) that one run handles. */
  readonly valueCount: number;
  /** Bytes of its main input; the memcpy that it is compared with copies as many. */
  readonly inputBytes: number;
  /** Puts back what `ours` overwrites; not timed. */
  readonly prepare: () => void;
  readonly ours: () => unknown;
  readonly twin: () => unknown;
  /** What `ours` and `twin` made; compared before anything is timed. */
  readonly outputs: () => { readonly ours: unknown; readonly twin: unknown };
  /** Values a second that DESIGN section 3 measured for a prototype, in cache. */
  readonly floor?: number;
  /** The same in C, and the bytes that it must put out: those that `ours` has made. */
  readonly c?: CCase & { readonly expected: () => Uint8Array };
}

/** Builds cases of `valueCount` values; called again for each size. */
export type CaseMaker = (memory: BenchMemory, valueCount: number) => KernelCase[];

/** A twin is many times slower than what it is the twin of: a few rounds show that. */
const TWIN_ROUNDS = 5;

interface Plan {
  readonly warmUpRounds: number;
  readonly roundsMin: number;
  readonly roundsMax: number;
  /** Rounds end after this time, once roundsMin are done. */
  readonly budgetMs: number;
}

const PLANS: Readonly<Record<BenchSize, Plan>> = {
  smoke: { warmUpRounds: 1, roundsMin: 2, roundsMax: 2, budgetMs: 0 },
  real: { warmUpRounds: 20, roundsMin: 7, roundsMax: 400, budgetMs: 1_500 },
};

const timeMs = (run: () => unknown): number => {
  const start = performance.now();
  run();
  return performance.now() - start;
};

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, item) => {
    if (typeof item === 'bigint') return `${item}n`;
    return ArrayBuffer.isView(item) ? Array.from(item as Uint8Array) : item;
  });

/** Throws unless kernel and twin agree on the whole output. */
function check(kernelCase: KernelCase): void {
  kernelCase.prepare();
  const results = [kernelCase.ours(), kernelCase.twin()];
  const { ours, twin } = kernelCase.outputs();
  if (asText([results[0], ours]) !== asText([results[1], twin])) {
    throw new Error(`${kernelCase.name}: the kernel and its twin disagree; nothing was timed.`);
  }
}

/** Fastest round of the case in C; throws unless it puts out what the kernel does. */
function timeC(c: NonNullable<KernelCase['c']>, program: CProgram, plan: Plan): number {
  const { roundsMax, budgetMs } = plan;
  const { output, fastestMs } = program.run(c, { roundsMax, budgetMs: budgetMs / 4 });
  if (Buffer.compare(output, c.expected()) !== 0) {
    throw new Error(`${c.name}: the kernel and C disagree; nothing was timed.`);
  }
  return fastestMs;
}

/** Times in ms, round by round. */
interface Times {
  readonly ours: number[];
  /** Ours once more in each round: A/A. */
  readonly again: number[];
  readonly twin: number[];
  readonly copy: number[];
}

function timeRounds(kernelCase: KernelCase, memcpy: () => unknown, plan: Plan): Times {
  const times: Times = { ours: [], again: [], twin: [], copy: [] };
  const end = performance.now() + plan.budgetMs;
  while (
    times.ours.length < plan.roundsMin ||
    (times.ours.length < plan.roundsMax && performance.now() < end)
  ) {
    for (const into of [times.ours, times.again]) {
      kernelCase.prepare();
      into.push(timeMs(kernelCase.ours));
    }
    if (times.twin.length < TWIN_ROUNDS) times.twin.push(timeMs(kernelCase.twin));
    times.copy.push(timeMs(memcpy));
  }
  return times;
}

/**
 * Measures one case: kernel, the kernel again, twin and a memcpy of as many bytes take turns, with
 * C before and behind, so that all see the same machine. Ratios are of the fastest rounds, which
 * neighbours on the machine disturb least; there are none where the kernel differs from itself.
 */
export function measure(
  memory: BenchMemory,
  kernelCase: KernelCase,
  { size, program }: { size: BenchSize; program: CProgram | null },
): { row: BenchRow; note: string | null } {
  check(kernelCase);
  const plan = PLANS[size];
  const { inputBytes, c } = kernelCase;
  const bytes = memory.core.views.u8;
  const fromPtr = memory.buffer(inputBytes);
  const toPtr = memory.buffer(inputBytes);
  const memcpy = (): unknown => bytes.copyWithin(toPtr, fromPtr, fromPtr + inputBytes);
  const ofC = (): number[] =>
    c === undefined || program === null ? [] : [timeC(c, program, plan)];
  const before = ofC();
  for (let round = 0; round < plan.warmUpRounds; round++) {
    kernelCase.prepare();
    kernelCase.ours();
    if (round < 3) kernelCase.twin();
    memcpy();
  }
  const times = timeRounds(kernelCase, memcpy, plan);
  return rowOf(kernelCase, times, [...before, ...ofC()], size);
}

function rowOf(
  { name, valueCount, inputBytes, floor }: KernelCase,
  times: Times,
  timesC: readonly number[],
  size: BenchSize,
): { row: BenchRow; note: string | null } {
  const fastest = Math.min(minOf(times.ours), minOf(times.again));
  const valuesPerSecond = (valueCount / fastest) * 1_000;
  const aa = minOf(times.ours) / minOf(times.again);
  const quiet = isQuiet(aa, size);
  const ratios = {
    'x twin': minOf(times.twin) / fastest,
    'x memcpy': minOf(times.copy) / fastest,
    ...(floor === undefined ? {} : { 'x floor': valuesPerSecond / floor }),
  };
  const timeRatios = timesC.length === 0 ? {} : { 'x C': fastest / minOf(timesC) };
  const row = {
    name,
    ratios: quiet ? ratios : {},
    timeRatios: quiet ? timeRatios : {},
    figures: {
      'min ns/value': (fastest * 1e6) / valueCount,
      'median ns/value': (medianOf(times.ours) * 1e6) / valueCount,
      'M values/s': valuesPerSecond / 1e6,
      ...(floor === undefined ? {} : { 'floor M/s': floor / 1e6 }),
      'MB/s': inputBytes / fastest / 1e3,
      rounds: times.ours.length,
    },
  };
  return { row, note: quiet ? null : noiseNote(name, aa) };
}
