import type { RowOrigin } from './gap-findings.js';

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

/**
 * Finds the long intervals between messages. Receipt times rise, so a stretch of rows that took less
 * than the shortest interval of interest holds none: whole slots are passed over at two looks, and
 * nothing is read row by row. Where a recorder's clock was set back and a silence follows within the
 * same stretch, it may be missed.
 */
export class Silences {
  /** The limit that was asked for; null: from the instrument's own intervals. */
  readonly #limitNs: bigint | null;
  readonly #shortestNs: bigint;
  readonly #found: Silence[] = [];
  /** Intervals of INTERVAL_NS_MIN and more by their length in ms: a power of two in 16 parts. */
  readonly #counts = new Uint32Array(BUCKETS);
  #before: bigint | null = null;

  constructor(limitNs: bigint | null) {
    this.#limitNs = limitNs;
    this.#shortestNs = limitNs ?? INTERVAL_NS_MIN;
  }

  /** Rows of a slot, behind those of the last call. */
  add(
    stampAt: (row: number) => bigint,
    rowCount: number,
    originOf: (row: number) => RowOrigin,
  ): void {
    if (rowCount === 0) return;
    const first = stampAt(0);
    if (this.#before !== null) this.#note(this.#before, first, 0, originOf);
    const last = stampAt(rowCount - 1);
    this.#search({ row: 0, stamp: first }, { row: rowCount - 1, stamp: last }, stampAt, originOf);
    this.#before = last;
  }

  /** Those of the day, which had so many messages. */
  finish(messageCount: number): Silence[] {
    const limit = this.#limitNs ?? this.#ownLimit(messageCount);
    return this.#found.filter(({ fromNs, toNs }) => toNs - fromNs >= limit);
  }

  #search(
    low: { readonly row: number; readonly stamp: bigint },
    high: { readonly row: number; readonly stamp: bigint },
    stampAt: (row: number) => bigint,
    originOf: (row: number) => RowOrigin,
  ): void {
    const took = high.stamp - low.stamp;
    if ((took >= 0n && took < this.#shortestNs) || high.row === low.row) return;
    if (high.row - low.row === 1) {
      this.#note(low.stamp, high.stamp, high.row, originOf);
      return;
    }
    const row = (low.row + high.row) >>> 1;
    const middle = { row, stamp: stampAt(row) };
    this.#search(low, middle, stampAt, originOf);
    this.#search(middle, high, stampAt, originOf);
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
