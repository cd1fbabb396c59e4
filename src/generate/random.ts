const U64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/**
 * SplitMix64, as the kernels have it (assembly/generate/random.ts), for the few draws of the host:
 * instruments and faults. Integers only, so that every host draws the same.
 */
export class SplitMix64 {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = U64(seed);
  }

  /** 64 random bits, unsigned. */
  next(): bigint {
    this.#state = U64(this.#state + 0x9e3779b97f4a7c15n);
    let x = this.#state;
    x = U64((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
    x = U64((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
    return x ^ (x >> 31n);
  }

  /** Integer in [0, limit), limit at most 2^53. The bias is below 2^-11 and the same everywhere. */
  below(limit: number): number {
    return Number((this.next() * BigInt(limit)) >> 64n);
  }
}

/** An independent stream of the tape `seed`, for purpose `lane` of instrument `index`. */
export function streamOf(seed: bigint, lane: number, index: number): SplitMix64 {
  const place = new SplitMix64((BigInt(lane) << 40n) | BigInt(index)).next();
  return new SplitMix64(new SplitMix64(seed).next() ^ place);
}
