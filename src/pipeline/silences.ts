import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import type { RowOrigin } from './gap-findings.js';
import type { StampRows } from './time-checks.js';

/** A time without a message, and the row that ended it. */
export interface Silence {
  readonly fromNs: bigint;
  readonly toNs: bigint;
  readonly origin: RowOrigin;
}

/** MODEL section 3: the larger of 5 s and 50 times the instrument's own p99 interval. */
const SILENCE_NS_MIN = 5_000_000_000n;
const SILENCE_FACTOR = 50n;
/** Shorter intervals cannot raise the limit above SILENCE_NS_MIN, so they are only counted. */
const INTERVAL_NS_MIN = SILENCE_NS_MIN / SILENCE_FACTOR;
const NS_PER_MS = 1_000_000n;
const BUCKETS = 32 * 16;

/** Finds the long intervals between messages. Where a clock was set back there is none. */
export class Silences {
  /** The limit that was asked for; null: from the instrument's own intervals. */
  readonly #limitNs: bigint | null;
  readonly #shortestNs: bigint;
  readonly #core: Core;
  readonly #found: Silence[] = [];
  /** Intervals of INTERVAL_NS_MIN and more by their length in ms: a power of two in 16 parts. */
  readonly #counts = new Uint32Array(BUCKETS);
  #before: bigint | null = null;

  constructor(core: Core, limitNs: bigint | null) {
    this.#core = core;
    this.#limitNs = limitNs;
    this.#shortestNs = limitNs ?? INTERVAL_NS_MIN;
  }

  /** Rows of a slot, behind those of the last call. */
  add({ columns, rowCount, facts, originOf }: StampRows): void {
    const { kernels, views } = this.#core;
    const { tsRecvPtr } = columns;
    const stampAt = (row: number): bigint => views.i64[tsRecvPtr / 8 + row]!;
    if (this.#before !== null) this.#note(this.#before, stampAt(0), 0, originOf);
    this.#before = stampAt(rowCount - 1);
    if (facts.stepMaxNs < this.#shortestNs) return;
    const next = (from: number): number =>
      countOf('nextStepUp', kernels.nextStepUp(tsRecvPtr, from, rowCount, this.#shortestNs));
    for (let row = next(1); row < rowCount; row = next(row + 1)) {
      this.#note(stampAt(row - 1), stampAt(row), row, originOf);
    }
  }

  /** Those of the day, which had so many messages. */
  finish(messageCount: number): Silence[] {
    const limit = this.#limitNs ?? this.#ownLimit(messageCount);
    return this.#found.filter(({ fromNs, toNs }) => toNs - fromNs >= limit);
  }

  #note(fromNs: bigint, toNs: bigint, row: number, originOf: (row: number) => RowOrigin): void {
    const interval = toNs - fromNs;
    if (interval < this.#shortestNs) return;
    if (this.#limitNs === null) this.#counts[bucketOf(Number(interval / NS_PER_MS))]!++;
    if (interval < (this.#limitNs ?? SILENCE_NS_MIN)) return;
    this.#found.push({ fromNs, toNs, origin: originOf(row) });
  }

  /** Intervals between so many messages: a hundredth of them may be longer than the p99. */
  #ownLimit(messageCount: number): bigint {
    let left = Math.floor((messageCount - 1) / 100);
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      left -= this.#counts[bucket]!;
      if (left >= 0) continue;
      const limit = BigInt(msOf(bucket)) * NS_PER_MS * SILENCE_FACTOR;
      return limit > SILENCE_NS_MIN ? limit : SILENCE_NS_MIN;
    }
    return SILENCE_NS_MIN;
  }
}

/** Of 16 ms and more: the highest bit, and the four bits behind it. */
function bucketOf(ms: number): number {
  const within = Math.min(ms, 2 ** 31 - 1);
  const exponent = 31 - Math.clz32(within);
  return exponent * 16 + ((within >>> (exponent - 4)) & 15);
}

/** The shortest interval of a bucket. */
function msOf(bucket: number): number {
  const exponent = bucket >>> 4;
  return exponent < 4 ? 0 : (16 + (bucket & 15)) * 2 ** (exponent - 4);
}
