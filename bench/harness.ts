import type { BenchMemory } from './bench-memory.js';
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
}

/** Builds cases of `valueCount` values; called again for each size. */
export type CaseMaker = (memory: BenchMemory, valueCount: number) => KernelCase[];

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

const minOf = (times: readonly number[]): number => Math.min(...times);
const medianOf = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1]!;

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

/**
 * Measures one case: kernel, twin and a memcpy of as many bytes take turns, so that all three see
 * the same machine. Ratios are of the fastest rounds, which neighbours on the machine disturb least.
 */
export function measure(memory: BenchMemory, kernelCase: KernelCase, size: BenchSize): BenchRow {
  check(kernelCase);
  const plan = PLANS[size];
  const bytes = memory.core.views.u8;
  const { inputBytes, valueCount } = kernelCase;
  const fromPtr = memory.buffer(inputBytes);
  const toPtr = memory.buffer(inputBytes);
  const memcpy = (): unknown => bytes.copyWithin(toPtr, fromPtr, fromPtr + inputBytes);
  for (let round = 0; round < plan.warmUpRounds; round++) {
    kernelCase.prepare();
    kernelCase.ours();
    if (round < 3) kernelCase.twin();
    memcpy();
  }
  const ours: number[] = [];
  const twin: number[] = [];
  const copy: number[] = [];
  const end = performance.now() + plan.budgetMs;
  while (
    ours.length < plan.roundsMin ||
    (ours.length < plan.roundsMax && performance.now() < end)
  ) {
    kernelCase.prepare();
    ours.push(timeMs(kernelCase.ours));
    twin.push(timeMs(kernelCase.twin));
    copy.push(timeMs(memcpy));
  }
  const fastest = minOf(ours);
  const valuesPerSecond = (valueCount / fastest) * 1_000;
  return {
    name: kernelCase.name,
    ratios: {
      'x twin': minOf(twin) / fastest,
      'x memcpy': minOf(copy) / fastest,
      ...(kernelCase.floor === undefined ? {} : { 'x floor': valuesPerSecond / kernelCase.floor }),
    },
    figures: {
      'min ns/value': (fastest * 1e6) / valueCount,
      'median ns/value': (medianOf(ours) * 1e6) / valueCount,
      'M values/s': valuesPerSecond / 1e6,
      ...(kernelCase.floor === undefined ? {} : { 'floor M/s': kernelCase.floor / 1e6 }),
      'MB/s': inputBytes / fastest / 1e3,
      rounds: ours.length,
    },
  };
}
