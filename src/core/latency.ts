import {
  LATENCY_BLOCK_BYTES,
  LATENCY_BUCKETS,
  LATENCY_COUNT,
  LATENCY_MAX,
  LATENCY_MIN,
  LATENCY_NEGATIVE,
  LATENCY_NEGATIVE_COUNTS,
  LATENCY_POSITIVE_COUNTS,
  LATENCY_SUB_BUCKET_BITS,
} from '../abi/latency.js';
import type { Core } from './core.js';
import { countOf } from './kernel-error.js';

/** Raw signature of assembly/latency.ts. */
export interface LatencyKernels {
  latencyAdd(tsRecvPtr: number, tsEventPtr: number, rowCount: number, blockPtr: number): number;
}

/** Latencies (ts_recv - ts_event, ns) of rows; plain data that travels between threads. */
export interface LatencySummary {
  readonly count: bigint;
  readonly negative: bigint;
  /** Exact; null without rows. */
  readonly min: bigint | null;
  readonly max: bigint | null;
  /** Counts by bucket of the magnitude, of latencies >= 0 and < 0. */
  readonly positiveCounts: Uint32Array;
  readonly negativeCounts: Uint32Array;
}

/**
 * Gathers latencies in LATENCY_BLOCK_BYTES of the linear memory, 8-byte aligned, that the caller
 * owns while this is used.
 */
export class LatencyCounter {
  readonly #core: Core;
  readonly #blockPtr: number;

  constructor(core: Core, blockPtr: number) {
    this.#core = core;
    this.#blockPtr = blockPtr;
    core.views.bytes(blockPtr, LATENCY_BLOCK_BYTES).fill(0);
  }

  /** Adds rows; both columns are int64 ns, 8-byte aligned. */
  add(tsRecvPtr: number, tsEventPtr: number, rowCount: number): void {
    const { kernels } = this.#core;
    countOf('latencyAdd', kernels.latencyAdd(tsRecvPtr, tsEventPtr, rowCount, this.#blockPtr));
  }

  /** A copy of what was gathered so far. */
  summary(): LatencySummary {
    const { views } = this.#core;
    const word = (offset: number): bigint => views.i64[(this.#blockPtr + offset) / 8]!;
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
}

const smaller = (a: bigint | null, b: bigint | null): bigint | null =>
  a === null || (b !== null && b < a) ? b : a;
const larger = (a: bigint | null, b: bigint | null): bigint | null =>
  a === null || (b !== null && b > a) ? b : a;

/** What one counter would have gathered of both. */
export function mergeLatencies(a: LatencySummary, b: LatencySummary): LatencySummary {
  return {
    count: a.count + b.count,
    negative: a.negative + b.negative,
    min: smaller(a.min, b.min),
    max: larger(a.max, b.max),
    positiveCounts: a.positiveCounts.map((count, bucket) => count + b.positiveCounts[bucket]!),
    negativeCounts: a.negativeCounts.map((count, bucket) => count + b.negativeCounts[bucket]!),
  };
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
