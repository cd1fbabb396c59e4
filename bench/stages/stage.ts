import type { BenchMemory } from '../bench-memory.js';
import { isQuiet, noiseNote } from '../noise.js';
import { minOf } from '../statistics.js';
import type { BenchRow, BenchSize } from '../suite.js';

/** One stage of the main job over all rows of the bench, piece by piece, on one thread. */
export interface Stage {
  readonly name: string;
  /** Chunks of rows, row groups or whatever else the stage takes at once. */
  readonly pieces: number;
  /** Puts back what `run` overwrites; not timed. */
  readonly prepare?: (piece: number) => void;
  readonly run: (piece: number) => unknown;
  /** Bytes that all pieces read as their input and write as their result. */
  readonly bytesIn: number;
  readonly bytesOut: () => number;
  /** Bytes that the stage moves from one buffer to another as they are. */
  readonly bytesCopied: number;
  /** Gives back what the stage holds open. */
  readonly close?: () => Promise<void>;
}

const ROUNDS: Readonly<Record<BenchSize, { warmUp: number; timed: number }>> = {
  smoke: { warmUp: 1, timed: 2 },
  real: { warmUp: 3, timed: 15 },
};

/** Measures a stage against a memcpy of its input, piece by piece, and against itself. */
export async function measureStage(
  memory: BenchMemory,
  stage: Stage,
  { events, size }: { events: number; size: BenchSize },
): Promise<{ row: BenchRow; note: string | null }> {
  const { warmUp, timed } = ROUNDS[size];
  const pieceBytes = Math.ceil(stage.bytesIn / stage.pieces);
  const [fromPtr, toPtr] = [memory.buffer(pieceBytes), memory.buffer(pieceBytes)];
  const { u8 } = memory.core.views;
  const copy: Stage = {
    ...stage,
    prepare: () => undefined,
    run: () => u8.copyWithin(toPtr, fromPtr, fromPtr + pieceBytes),
  };
  const times: [number[], number[], number[]] = [[], [], []];
  for (let round = -warmUp; round < timed; round++) {
    for (const [i, each] of [stage, copy, stage].entries()) {
      const tookMs = await timeMs(each);
      if (round >= 0) times[i]!.push(tookMs);
    }
  }
  const [ours, memcpy, again] = times.map(minOf) as [number, number, number];
  const aa = ours / again;
  const fastest = Math.min(ours, again);
  const quiet = isQuiet(aa, size);
  const { name, bytesIn, bytesCopied } = stage;
  const row: BenchRow = {
    name,
    ratios: quiet ? { 'x memcpy': memcpy / fastest } : {},
    figures: {
      'ns/event': (fastest * 1e6) / events,
      'B in/event': bytesIn / events,
      'B out/event': stage.bytesOut() / events,
      'B copied/event': bytesCopied / events,
    },
  };
  return { row, note: quiet ? null : noiseNote(name, aa) };
}

/** Time of all pieces in order, what prepares them left out. */
async function timeMs({ pieces, prepare, run }: Stage): Promise<number> {
  let sum = 0;
  for (let piece = 0; piece < pieces; piece++) {
    prepare?.(piece);
    const start = performance.now();
    const result = run(piece);
    if (result instanceof Promise) await result;
    sum += performance.now() - start;
  }
  return sum;
}
