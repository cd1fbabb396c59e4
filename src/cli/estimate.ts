import { availableParallelism } from 'node:os';
import type { Codec } from '../parquet/write-types.js';

/*
 * What a run is going to need, from rows alone: measured on the three recordings of Crypto Lake
 * and on the generated tape, which differ by a third from one another. It is said as `about`.
 */

/** Output bytes of an event: depth, its share of `book` with one level a side, and trades. */
const BYTES_PER_EVENT: Readonly<Record<Codec, number>> = { none: 8.5, snappy: 7.5, zstd: 5.5 };
/** Rows of a message, in the mean. */
const ROWS_PER_MESSAGE = 15;
/** Output bytes of one more level of both sides in a row of `book`. */
const BYTES_PER_LEVEL = 4;
/** Events that a worker does in a second, on one core of a server of 2024. */
const EVENTS_PER_WORKER_SECOND = 1_000_000;
/** Threads, modules and the first passes of code that is not optimised yet. */
const START_SECONDS = 1;

export interface RunEstimate {
  readonly bytes: number;
  readonly seconds: number;
}

export function estimateRun(
  rows: number,
  options: { readonly codec?: Codec; readonly bookDepth?: number; readonly workers?: number },
): RunEstimate {
  const { codec = 'none', bookDepth = 1, workers = availableParallelism() } = options;
  const levelBytes = (rows / ROWS_PER_MESSAGE) * (bookDepth - 1) * BYTES_PER_LEVEL;
  return {
    bytes: Math.round(rows * BYTES_PER_EVENT[codec] + levelBytes),
    seconds: START_SECONDS + rows / (EVENTS_PER_WORKER_SECOND * workers),
  };
}
