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

/** When no message of an instrument came on a day. */
export interface DayQuiet {
  /** From how long on it is a silence of this instrument. */
  readonly limitNs: bigint;
  /** Its silences, and the longest of the intervals that are none; in the order of the rows. */
  readonly intervals: readonly Silence[];
  /** The first row; null: there is none. */
  readonly first: { readonly atNs: bigint; readonly origin: RowOrigin } | null;
  readonly lastNs: bigint | null;
}

/** MODEL section 3: the larger of 5 s and 50 times the instrument's own p99 interval. */
export const SILENCE_NS_MIN = 5_000_000_000n;
const SILENCE_FACTOR = 50n;
/** Shorter intervals cannot raise the limit above SILENCE_NS_MIN, so they are only counted. */
const INTERVAL_NS_MIN = SILENCE_NS_MIN / SILENCE_FACTOR;
const NS_PER_MS = 1_000_000n;
const BUCKETS = 32 * 16;
/**
 * Intervals that are kept though they are no silences of this instrument: others may be silent at
 * the same time. An outage is longer than nearly all intervals, even of what is seldom traded.
 */
const USUAL_COUNT_MAX = 256;

/** Finds the long intervals between messages. Where a clock was set back there is none. */
export class Silences {
  /** The limit that was asked for; null: from the instrument's own intervals. */
  readonly #limitNs: bigint | null;
  readonly #shortestNs: bigint;
  readonly #core: Core;
  readonly #found: Silence[] = [];
  /** Intervals of INTERVAL_NS_MIN and more by their length in ms: a power of two in 16 parts. */
  readonly #counts = new Uint32Array(BUCKETS);
  #first: DayQuiet['first'] = null;
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
    const first = stampAt(0);
    this.#first ??= { atNs: first, origin: originOf(0) };
    if (this.#before !== null) this.#note(this.#before, first, 0, originOf);
    this.#before = stampAt(rowCount - 1);
    if (facts.stepMaxNs < this.#shortestNs) return;
    const next = (from: number): number =>
      countOf('nextStepUp', kernels.nextStepUp(tsRecvPtr, from, rowCount, this.#shortestNs));
    for (let row = next(1); row < rowCount; row = next(row + 1)) {
      this.#note(stampAt(row - 1), stampAt(row), row, originOf);
    }
  }

  /** Those of the day, which had so many messages. */
  finish(messageCount: number): DayQuiet {
    const limitNs = this.#limitNs ?? this.#ownLimit(messageCount);
    const usual = this.#found.filter((each) => lengthNs(each) < limitNs);
    usual.sort((a, b) => Number(lengthNs(b) - lengthNs(a)));
    const left = new Set(usual.slice(USUAL_COUNT_MAX));
    const intervals = this.#found.filter((each) => !left.has(each));
    return { limitNs, intervals, first: this.#first, lastNs: this.#before };
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

const lengthNs = ({ fromNs, toNs }: Silence): bigint => toNs - fromNs;

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
