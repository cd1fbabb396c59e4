import {
  LATENCY_BUCKETS,
  LATENCY_COUNT,
  LATENCY_MAX,
  LATENCY_MIN,
  LATENCY_NEGATIVE,
  LATENCY_NEGATIVE_COUNTS,
  LATENCY_POSITIVE_COUNTS,
  LATENCY_SUB_BUCKET_BITS,
  STAMPS_APART_MAX,
  STAMPS_BLOCK_BYTES,
  STAMPS_MIXED,
  STAMPS_RECV_MAX,
  STAMPS_RECV_MIN,
  STAMPS_STEP_MAX,
} from '../abi/stamps.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signatures of assembly/stamps.ts. */
export interface StampKernels {
  stampsAdd(
    tsRecvPtr: number,
    tsEventPtr: number,
    flagsPtr: number,
    rowCount: number,
    blockPtr: number,
  ): number;
  nextStepUp(ptr: number, row: number, rowCount: number, limit: bigint): number;
}

/** Columns of rows in a slot: int64 stamps in ns, 8-byte aligned, and int32 flags, 4-byte aligned. */
export interface StampColumns {
  readonly tsRecvPtr: number;
  readonly tsEventPtr: number;
  readonly flagsPtr: number;
}

/** What the stamps of some rows, one or more, are like. */
export interface StampFacts {
  /** How far the two clocks are apart at most. */
  readonly apartMaxNs: bigint;
  readonly recvMin: bigint;
  readonly recvMax: bigint;
  /** How far ts_recv is from that of the row before at most, be it earlier or later. */
  readonly stepMaxNs: bigint;
  /** Rows within a message, as LAST ends them, whose ts_event is not that of the row behind. */
  readonly mixedCount: number;
}

/**
 * Latencies (ts_recv - ts_event, ns) of rows whose two stamps differ: where they are equal, one is a
 * copy of the other. Plain data that travels between threads.
 */
export interface LatencySummary {
  readonly count: bigint;
  readonly negative: bigint;
  /** Exact; null without such rows. */
  readonly min: bigint | null;
  readonly max: bigint | null;
  /** Counts by bucket of the magnitude, of latencies >= 0 and < 0. */
  readonly positiveCounts: Uint32Array;
  readonly negativeCounts: Uint32Array;
}

/**
 * Looks at the stamps of rows, slot after slot, and gathers their latencies, in STAMPS_BLOCK_BYTES of
 * the linear memory, 8-byte aligned, that the caller owns while this is used.
 */
export class StampCounter {
  readonly #core: Core;
  readonly #blockPtr: number;

  constructor(core: Core, blockPtr: number) {
    this.#core = core;
    this.#blockPtr = blockPtr;
    core.views.bytes(blockPtr, STAMPS_BLOCK_BYTES).fill(0);
  }

  /** Adds `rowCount` rows, one or more, and says what they are like. */
  add({ tsRecvPtr, tsEventPtr, flagsPtr }: StampColumns, rowCount: number): StampFacts {
    const { kernels } = this.#core;
    const done = kernels.stampsAdd(tsRecvPtr, tsEventPtr, flagsPtr, rowCount, this.#blockPtr);
    countOf('stampsAdd', done);
    return {
      apartMaxNs: BigInt.asUintN(64, this.#word(STAMPS_APART_MAX)),
      recvMin: this.#word(STAMPS_RECV_MIN),
      recvMax: this.#word(STAMPS_RECV_MAX),
      stepMaxNs: BigInt.asUintN(64, this.#word(STAMPS_STEP_MAX)),
      mixedCount: Number(this.#word(STAMPS_MIXED)),
    };
  }

  /** A copy of what was gathered so far. */
  latencies(): LatencySummary {
    const { views } = this.#core;
    const word = (offset: number): bigint => this.#word(offset);
    const counts = (offset: number): Uint32Array => {
      const start = (this.#blockPtr + offset) / 4;
      return views.u32.slice(start, start + LATENCY_BUCKETS);
    };
    const count = word(LATENCY_COUNT);
    return {
      count,
      negative: word(LATENCY_NEGATIVE),
      min: count === 0n ? null : word(LATENCY_MIN),
      max: count === 0n ? null : word(LATENCY_MAX),
      positiveCounts: counts(LATENCY_POSITIVE_COUNTS),
      negativeCounts: counts(LATENCY_NEGATIVE_COUNTS),
    };
  }

  #word(offset: number): bigint {
    return this.#core.views.i64[(this.#blockPtr + offset) / 8]!;
  }
}

/** The middle of a bucket's magnitudes. */
function bucketMiddle(bucket: number): bigint {
  const subBuckets = 1 << LATENCY_SUB_BUCKET_BITS;
  if (bucket < 2 * subBuckets) return BigInt(bucket);
  const exponent = BigInt((bucket >> LATENCY_SUB_BUCKET_BITS) - 1);
  const low = BigInt(subBuckets + (bucket & (subBuckets - 1))) << exponent;
  return low + ((1n << exponent) - 1n) / 2n;
}

/**
 * The latency below or at which `fraction` (0 to 1) of all lie, within 3.2 %; never beyond the
 * exact extremes. Null without rows.
 */
export function latencyPercentile(summary: LatencySummary, fraction: number): bigint | null {
  const { count, min, max } = summary;
  if (min === null || max === null) return null;
  const within = (latency: bigint): bigint => (latency < min ? min : latency > max ? max : latency);
  let left = Math.max(1, Math.ceil(Number(count) * fraction));
  // From the most negative up to zero, then up from zero.
  for (let bucket = LATENCY_BUCKETS - 1; bucket >= 0; bucket--) {
    left -= summary.negativeCounts[bucket]!;
    if (left <= 0) return within(-bucketMiddle(bucket));
  }
  for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
    left -= summary.positiveCounts[bucket]!;
    if (left <= 0) return within(bucketMiddle(bucket));
  }
  return max;
}

/** What the audit says of latencies, in ns; null without rows. */
export interface LatencyFigures {
  readonly min: bigint;
  readonly p50: bigint;
  readonly p99: bigint;
  readonly max: bigint;
  /** How many are negative. */
  readonly negative: number;
}

export function latencyFigures(summary: LatencySummary): LatencyFigures | null {
  const { min, max, negative } = summary;
  const p50 = latencyPercentile(summary, 0.5);
  const p99 = latencyPercentile(summary, 0.99);
  if (min === null || max === null || p50 === null || p99 === null) return null;
  return { min, p50, p99, max, negative: Number(negative) };
}
