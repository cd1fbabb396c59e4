import { availableParallelism, totalmem } from 'node:os';
import { VERDICT_THRESHOLDS } from '../audit/verdict.js';
import type { InputOptions } from '../dialects/options.js';
import type { RunOptions } from '../pipeline/options.js';

const MEMORY_BYTES_MAX = 2_000_000_000;

/** Fills in what was not said: everything is taken, and found out by itself. */
export function inputOptions(
  options: Partial<InputOptions> & Pick<InputOptions, 'inputs'>,
): InputOptions {
  return {
    dialect: null,
    map: {},
    policy: null,
    selection: { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null },
    priceScale: [],
    qtyScale: [],
    ...options,
  };
}

/**
 * Fills in what was not said of a run: all cores; a quarter of the RAM, at most 2 GB; all tables;
 * the best bid and ask after each message; a reseed after two seconds of a crossed book; no codec;
 * integers in pips;  * files forced to disk.
 */
export function runOptions(
  options: Partial<RunOptions> & Pick<RunOptions, 'inputs' | 'out'>,
): RunOptions {
  return {
    tables: [],
    workers: availableParallelism(),
    memoryBytes: Math.min(Math.floor(totalmem() / 4), MEMORY_BYTES_MAX),
    batchRows: null,
    bookDepth: 1,
    bookEvery: { kind: 'message' },
    crossed: null,
    warmStart: null,
    crossedAfterNs: 2_000_000_000n,
    silenceNs: null,
    latencyMaxNs: 3_600_000_000_000n,
    thresholds: VERDICT_THRESHOLDS,
    codec: 'none',
    numbers: 'pips',
    failFast: false,
    sync: true,
    signal: null,
    onProgress: null,
    ...options,
    ...inputOptions(options),
  };
}

/** The options of a run that each of its jobs needs as they are. */
export function jobOptionsOf(options: RunOptions) {
  const { selection, bookDepth, bookEvery, crossed, crossedAfterNs } = options;
  const { latencyMaxNs, silenceNs, codec, numbers } = options;
  const book = { bookDepth, bookEvery, crossed, crossedAfterNs };
  return { ...book, selection, latencyMaxNs, silenceNs, codec, numbers };
}
