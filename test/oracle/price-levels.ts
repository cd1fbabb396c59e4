/** One level of a book. */
export interface Level {
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
}

/**
 * One side of a book in the plainest form that is fast enough for a day of a real feed: an array of
 * levels from the best on, searched by halving.
 */
export class PriceLevels {
  readonly #isBid: boolean;
  #levels: Level[] = [];

  constructor(isBid: boolean) {
    this.#isBid = isBid;
  }

  get count(): number {
    return this.#levels.length;
  }

  get best(): Level | null {
    return this.#levels[0] ?? null;
  }

  clear(): void {
    this.#levels = [];
  }

  /** The first `count` levels from the best. */
  top(count: number): Level[] {
    return this.#levels.slice(0, count);
  }

  /** All levels at `priceBoundPips` or better, from the best. */
  downTo(priceBoundPips: bigint): Level[] {
    return this.#levels.filter((level) => this.isWithin(level.pricePips, priceBoundPips));
  }

  /** Whether `pricePips` is `priceBoundPips` or better: above it for bids, below it for asks. */
  isWithin(pricePips: bigint, priceBoundPips: bigint): boolean {
    return this.#isBid ? pricePips >= priceBoundPips : pricePips <= priceBoundPips;
  }

  quantityAt(pricePips: bigint): bigint {
    const level = this.#levels[this.#indexOf(pricePips)];
    return level !== undefined && level.pricePips === pricePips ? level.qtyPips : 0n;
  }

  /** Sets a level; a quantity of 0 removes it, also one that was never there. */
  set(pricePips: bigint, qtyPips: bigint): void {
    const index = this.#indexOf(pricePips);
    const isThere = this.#levels[index]?.pricePips === pricePips;
    if (qtyPips === 0n) {
      if (isThere) this.#levels.splice(index, 1);
    } else {
      this.#levels.splice(index, isThere ? 1 : 0, { pricePips, qtyPips });
    }
  }

  /** Where `pricePips` is, or where it would stand. */
  #indexOf(pricePips: bigint): number {
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const price = this.#levels[middle]!.pricePips;
      if (this.#isBid ? price > pricePips : price < pricePips) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
