import type { DeltaRow, Stamp, WitnessRow } from '../oracle/lake-rows.js';
import { type Level, PriceLevels } from '../oracle/price-levels.js';
import type { Prng } from '../prng.js';
import { lakeRow, WITNESS_DEPTH } from './lake-fixture.js';
import type { LakeRow } from './parquet-fixture.js';

// Small random markets that go wrong in every way a Lake recording can: lost messages, rows that
// cannot be read, thin books, witnesses that must not be believed. The market itself never errs, so
// each witness is its true top, and what a lossy recording makes of it is the oracle's to say.

const TICK_PIPS = 1_000_000n;
const UNIT_PIPS = 100_000_000n;
const SEED_INDEX = 4;
/** How far the middle wanders at a message; far, so that lost messages leave crossed books. */
const WANDER_TICKS = 12;
const DAY_START_NS = 1_767_225_600_000_000_000n;

export interface MarketFaults {
  readonly messages: number;
  /** Probability that a message is lost, and the next one with it. */
  readonly loss: number;
  /** Probability that a row of a message cannot be used. */
  readonly refusal: number;
  /** Probability that a witness row stands behind a message; not 0: also behind the fifth. */
  readonly witness: number;
  /** Probability that such a row must not be believed. */
  readonly invalid: number;
  /** Levels that the market holds at each side, about. */
  readonly depth: number;
}

export interface RandomLake {
  /** For the oracle. */
  readonly deltas: readonly DeltaRow[];
  readonly witnesses: readonly WitnessRow[];
  readonly invalidWitnesses: number;
  /** For the product: the same, as the vendor writes it. */
  readonly lakeRows: readonly LakeRow[];
  readonly lakeWitnesses: readonly WitnessRow[];
  /** Rows (from 0) that must be rejected, with their reason. */
  readonly rejects: readonly { readonly row: number; readonly reason: string }[];
}

export function randomLake(prng: Prng, faults: MarketFaults): RandomLake {
  const market = new Market(prng, faults.depth);
  const deltas: DeltaRow[] = [];
  const lakeRows: LakeRow[] = [];
  const witnesses: WitnessRow[] = [];
  const lakeWitnesses: WitnessRow[] = [];
  const rejects: { row: number; reason: string }[] = [];
  let isLost = false;
  for (let i = 0; i < faults.messages; i++) {
    const { stamp, changes } = market.nextMessage();
    isLost = prng.chance(isLost ? 0.5 : faults.loss);
    for (const change of isLost ? [] : changes) {
      const row = { ...stamp, ...change };
      const refused = prng.chance(faults.refusal) ? spoil(prng, row) : null;
      deltas.push(refused === null ? row : { ...row, refused: refused.doubt });
      if (refused !== null) rejects.push({ row: lakeRows.length, reason: refused.reason });
      lakeRows.push(refused === null ? lakeRow(row) : refused.lakeRow);
    }
    const isSeed = i === SEED_INDEX && faults.witness > 0;
    if (!isSeed && !prng.chance(faults.witness)) continue;
    const witness = market.witness(stamp);
    const isInvalid = prng.chance(faults.invalid);
    lakeWitnesses.push(isInvalid ? disfigure(prng, witness) : witness);
    if (!isInvalid) witnesses.push(witness);
  }
  const invalidWitnesses = lakeWitnesses.length - witnesses.length;
  return { deltas, witnesses, invalidWitnesses, lakeRows, lakeWitnesses, rejects };
}

type Change = Pick<DeltaRow, 'isBid' | 'pricePips' | 'qtyPips'>;

/** A market that wanders, and says after each step what changed. */
class Market {
  readonly #prng: Prng;
  readonly #depth: number;
  readonly #bids = new PriceLevels(true);
  readonly #asks = new PriceLevels(false);
  #middleTicks = 6_000_000n;
  #sequence = 5_000_000_000_000n;
  #tsRecv = DAY_START_NS;

  constructor(prng: Prng, depth: number) {
    this.#prng = prng;
    this.#depth = depth;
    for (let i = 0; i < depth; i++) {
      this.#randomChange(true);
      this.#randomChange(false);
    }
  }

  nextMessage(): { stamp: Stamp; changes: Change[] } {
    const prng = this.#prng;
    this.#sequence += BigInt(prng.int(1, 50));
    this.#tsRecv += BigInt(prng.int(1_000_000, 400_000_000));
    const stamp = {
      tsRecv: this.#tsRecv,
      tsEvent: this.#tsRecv - BigInt(prng.int(-5_000_000, 20_000_000)),
      sequence: this.#sequence,
    };
    this.#middleTicks += BigInt(prng.int(-WANDER_TICKS, WANDER_TICKS + 1));
    const changes: Change[] = [];
    for (const isBid of [true, false]) {
      for (const { pricePips } of this.#passed(isBid)) {
        changes.push({ isBid, pricePips, qtyPips: 0n });
        this.#side(isBid).set(pricePips, 0n);
      }
    }
    const count = prng.int(1, 9);
    for (let i = 0; i < count; i++) changes.push(this.#randomChange(prng.chance(0.5)));
    for (const isBid of [true, false]) {
      if (this.#side(isBid).count === 0) changes.push(this.#randomChange(isBid));
    }
    return { stamp, changes };
  }

  witness(stamp: Stamp): WitnessRow {
    const bids = this.#bids.top(WITNESS_DEPTH);
    const asks = this.#asks.top(WITNESS_DEPTH);
    return { ...stamp, bids, asks, depth: WITNESS_DEPTH };
  }

  /** Levels that the wandering middle left on the wrong side. */
  #passed(isBid: boolean): Level[] {
    const middlePips = this.#middleTicks * TICK_PIPS;
    const levels = this.#side(isBid).top(this.#side(isBid).count);
    return levels.filter(({ pricePips }) =>
      isBid ? pricePips >= middlePips : pricePips <= middlePips,
    );
  }

  #randomChange(isBid: boolean): Change {
    const prng = this.#prng;
    const away = BigInt(prng.int(1, 2 * this.#depth));
    const pricePips = (this.#middleTicks + (isBid ? -away : away)) * TICK_PIPS;
    const isRemoval = this.#side(isBid).count > this.#depth && prng.chance(0.7);
    const qtyPips = isRemoval ? 0n : (BigInt(prng.int(1, 5_000)) * UNIT_PIPS) / 100n;
    this.#side(isBid).set(pricePips, qtyPips);
    return { isBid, pricePips, qtyPips };
  }

  #side(isBid: boolean): PriceLevels {
    return isBid ? this.#bids : this.#asks;
  }
}

/** The row as something broke it, why it must be rejected, and how far the doubt goes. */
function spoil(prng: Prng, row: DeltaRow) {
  const good = lakeRow(row);
  return prng.pick([
    { lakeRow: { ...good, size: null }, reason: 'ERR_ROW_NULL', doubt: 'level' },
    { lakeRow: { ...good, size: NaN }, reason: 'ERR_ROW_NOT_FINITE', doubt: 'level' },
    { lakeRow: { ...good, size: -1 }, reason: 'ERR_ROW_QTY_NEGATIVE', doubt: 'level' },
    { lakeRow: { ...good, price: null }, reason: 'ERR_ROW_NULL', doubt: 'unknown' },
    { lakeRow: { ...good, price: Infinity }, reason: 'ERR_ROW_NOT_FINITE', doubt: 'unknown' },
    { lakeRow: { ...good, price: -0.01 }, reason: 'ERR_ROW_PRICE_NEGATIVE', doubt: 'unknown' },
    { lakeRow: { ...good, side_is_bid: null }, reason: 'ERR_ROW_NULL', doubt: 'unknown' },
  ] as const);
}

/** A witness that must neither seed nor be compared. */
function disfigure(prng: Prng, witness: WitnessRow): WitnessRow {
  const { bids, asks } = witness;
  const kinds: (() => WitnessRow)[] = [
    () => ({ ...witness, bids: [] }),
    () => ({ ...witness, bids: [...asks].reverse(), asks: [...bids].reverse() }),
    () => ({ ...witness, asks: [asks[0]!, ...asks].slice(0, WITNESS_DEPTH) }),
    () => ({ ...witness, bids: [{ ...bids[0]!, qtyPips: 0n }, ...bids.slice(1)] }),
    () => ({ ...witness, asks: [{ pricePips: 0n, qtyPips: UNIT_PIPS }, ...asks.slice(1)] }),
  ];
  return prng.pick(kinds)();
}
