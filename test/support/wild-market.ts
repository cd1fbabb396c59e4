import { type Level, PriceLevels } from '../oracle/price-levels.js';
import type { StreamPolicy, StreamRow } from '../oracle/stream-rows.js';
import type { Prng } from '../prng.js';

// Markets that try the shape of a book: thousands of levels, prices far from all others, jumps, one
// side alone, deletions of what was never there, ticks that become finer.

const DAY_START_NS = 1_767_225_600_000_000_000n;
const TICK_PIPS = 1_000_000n;
const MIDDLE_TICKS = 6_000_000n;
/** A million units, at 8 decimals. */
const PRICE_MAX_PIPS = 10n ** 14n;
const QTY_STEP_PIPS = 1_000_000n;
const MESSAGES_BETWEEN_SNAPSHOTS = 40;

export interface WildOptions {
  readonly messages: number;
  /** Levels a side at the start. */
  readonly levels: number;
  /** Probabilities, each for a message. */
  readonly far: number;
  readonly jump: number;
  readonly oneSided: number;
  readonly unknownDelete: number;
  readonly emptySnapshot: number;
  readonly loss: number;
  /** The tick is so many times finer from the middle on. */
  readonly finer: bigint;
}

export interface Change extends Level {
  readonly isBid: boolean;
}

export class WildMarket {
  readonly #prng: Prng;
  readonly #options: WildOptions;
  readonly #sides = { bid: new PriceLevels(true), ask: new PriceLevels(false) };
  #middlePips = MIDDLE_TICKS * TICK_PIPS;
  #tickPips = TICK_PIPS;

  constructor(prng: Prng, options: WildOptions) {
    this.#prng = prng;
    this.#options = options;
    for (let level = 1; level <= options.levels; level++) {
      for (const isBid of [true, false]) this.#set(isBid, this.#away(isBid, level), this.#qty());
    }
  }

  /** From now on prices may lie between the ticks. */
  refine(): void {
    this.#tickPips /= this.#options.finer;
  }

  next(): Change[] {
    const prng = this.#prng;
    const { far, jump, oneSided, unknownDelete, levels } = this.#options;
    const changes: Change[] = [];
    const put = (isBid: boolean, pricePips: bigint, qtyPips: bigint): void => {
      this.#set(isBid, pricePips, qtyPips);
      changes.push({ isBid, pricePips, qtyPips });
    };
    if (prng.chance(jump)) this.#jump();
    else this.#middlePips += BigInt(prng.int(-4, 5)) * this.#tickPips;
    for (const isBid of [true, false]) {
      for (const { pricePips } of this.#passed(isBid)) put(isBid, pricePips, 0n);
    }
    for (let count = prng.int(1, 12); count > 0; count--) {
      const isBid = prng.chance(0.5);
      const isGone = prng.chance(0.3);
      put(isBid, this.#away(isBid, prng.int(1, 2 * levels + 20)), isGone ? 0n : this.#qty());
    }
    if (prng.chance(far)) {
      const isBid = prng.chance(0.5);
      put(isBid, this.#farPrice(isBid), prng.chance(0.2) ? 0n : this.#qty());
    }
    if (prng.chance(unknownDelete)) put(prng.chance(0.5), BigInt(prng.int(1, 1_000_000)), 0n);
    if (prng.chance(oneSided)) {
      const isBid = prng.chance(0.5);
      for (const { pricePips } of this.levels(isBid)) put(isBid, pricePips, 0n);
    }
    return changes;
  }

  levels(isBid: boolean): Level[] {
    const side = this.#sides[isBid ? 'bid' : 'ask'];
    return side.top(side.count);
  }

  snapshot(): Change[] {
    if (this.#prng.chance(this.#options.emptySnapshot)) return [];
    return [true, false].flatMap((isBid) =>
      this.levels(isBid).map((level) => ({ isBid, ...level })),
    );
  }

  #set(isBid: boolean, pricePips: bigint, qtyPips: bigint): void {
    this.#sides[isBid ? 'bid' : 'ask'].set(pricePips, qtyPips);
  }

  /** Far beyond any window of ticks, up or down, and back. */
  #jump(): void {
    const factor = this.#prng.pick([1n, 2n, 30n, 900n, 4_000n]);
    this.#middlePips = ((MIDDLE_TICKS * factor) / 60n) * TICK_PIPS;
  }

  #passed(isBid: boolean): Level[] {
    const { pricePips: best } = this.#sides[isBid ? 'bid' : 'ask'].best ?? { pricePips: null };
    if (best === null || (isBid ? best < this.#middlePips : best > this.#middlePips)) return [];
    return this.levels(isBid).filter(({ pricePips }) =>
      isBid ? pricePips >= this.#middlePips : pricePips <= this.#middlePips,
    );
  }

  #away(isBid: boolean, ticks: number): bigint {
    const distance = BigInt(ticks) * this.#tickPips;
    const price = isBid ? this.#middlePips - distance : this.#middlePips + distance;
    return price > 0n ? price : BigInt(ticks);
  }

  #farPrice(isBid: boolean): bigint {
    const share = BigInt(this.#prng.int(1, 1_000_000));
    const room = isBid ? this.#middlePips : PRICE_MAX_PIPS - this.#middlePips;
    const distance = (room * share) / 1_000_001n;
    return isBid ? this.#middlePips - distance - 1n : this.#middlePips + distance + 1n;
  }

  #qty(): bigint {
    return BigInt(this.#prng.int(1, 100_000)) * QTY_STEP_PIPS;
  }
}

/** A stream of such a market, snapshots in it, with ids that prove its losses or without ids. */
export function wildStream(prng: Prng, policy: StreamPolicy, options: WildOptions): StreamRow[] {
  const market = new WildMarket(prng, options);
  const rows: StreamRow[] = [];
  let tsRecv = DAY_START_NS;
  let id = 1_000_000n;
  const add = (changes: readonly Change[], first: bigint, isSnapshot: boolean): void => {
    const none = { isBid: true, pricePips: 0n, qtyPips: 0n };
    const ids =
      policy === 'snapshot'
        ? { first: 0n, last: 0n, prev: 0n }
        : { first, last: id, prev: first - 1n };
    const stamp = { tsRecv, tsEvent: tsRecv - 1_000_000n, ...ids, isSnapshot };
    for (const change of changes.length > 0 ? changes : [none]) rows.push({ ...stamp, ...change });
    tsRecv += BigInt(prng.int(1_000_000, 200_000_000));
  };
  const refineAt = Math.floor(options.messages / 2);
  for (let index = 0; index < options.messages; index++) {
    if (index === refineAt) market.refine();
    const changes = market.next();
    const first = id + 1n;
    id += BigInt(prng.int(1, 30));
    if (!prng.chance(options.loss)) add(changes, first, false);
    const isDue = index === 1 || prng.chance(1 / MESSAGES_BETWEEN_SNAPSHOTS);
    if (isDue) add(market.snapshot(), id, true);
  }
  return rows;
}
