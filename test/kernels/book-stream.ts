import {
  FLAG_CLEAR,
  FLAG_LAST,
  FLAG_SNAPSHOT,
  FLAG_SYNTHETIC,
  FLAG_WITNESS_OFF,
} from '#src/abi/flags.js';
import { type DepthRow, I64_MAX, I64_MIN } from '../oracle/book.js';
import type { Prng } from '../prng.js';

/** What kind of market a random stream shows. */
export interface StreamOptions {
  /** Prices: around `center`, `step` apart, mostly within `near` steps, sometimes within `far`. */
  readonly center: bigint;
  readonly step: bigint;
  readonly near: number;
  readonly far: number;
  readonly farShare: number;
  /** Probability, a message, that the centre jumps by up to `jump` steps. */
  readonly jumpShare: number;
  readonly jump: number;
  /** Probability, a row, of a price off the grid, of a price anywhere in int64, of a clear. */
  readonly offGridShare: number;
  readonly anywhereShare: number;
  readonly clearShare: number;
  /** Share of rows that remove a level. */
  readonly deleteShare: number;
  /** Distance that bids and asks are kept from the centre, in steps; negative: they cross. */
  readonly halfSpread: number;
  readonly bidShare: number;
  readonly messageRowsMax: number;
  /** Largest step of the clock between messages; it may also run backwards by as much. */
  readonly clockStep: number;
  readonly clockBackShare: number;
}

export const CALM: StreamOptions = {
  center: 50_000_00000000n,
  step: 1_000_000n,
  near: 60,
  far: 5_000,
  farShare: 0.1,
  jumpShare: 0.02,
  jump: 40,
  offGridShare: 0,
  anywhereShare: 0,
  clearShare: 0.001,
  deleteShare: 0.35,
  halfSpread: 1,
  bidShare: 0.5,
  messageRowsMax: 8,
  clockStep: 30,
  clockBackShare: 0,
};

const clamp = (value: bigint): bigint =>
  value < I64_MIN ? I64_MIN : value > I64_MAX ? I64_MAX : value;

/** An endless random market, message by message. */
export function* randomMessages(prng: Prng, options: StreamOptions): Generator<DepthRow[]> {
  const o = options;
  let center = o.center;
  let clock = BigInt(prng.int(-500, 500));
  const priceOf = (isBid: boolean): bigint => {
    if (prng.chance(o.anywhereShare)) {
      return prng.chance(0.3) ? prng.pick([I64_MIN, I64_MAX, 0n, -1n, 1n]) : prng.i64();
    }
    const span = prng.chance(o.farShare) ? o.far : o.near;
    const steps = BigInt(o.halfSpread + prng.int(0, span));
    const price = isBid ? center - steps * o.step : center + steps * o.step;
    return clamp(prng.chance(o.offGridShare) ? price + BigInt(prng.int(1, 100)) : price);
  };
  for (let sequence = 1n; ; sequence++) {
    if (prng.chance(o.jumpShare)) {
      center = clamp(center + BigInt(prng.int(-o.jump, o.jump + 1)) * o.step);
    }
    clock += BigInt(prng.int(0, o.clockStep + 1)) * (prng.chance(o.clockBackShare) ? -1n : 1n);
    const count = prng.int(1, o.messageRowsMax + 1);
    const rows: DepthRow[] = [];
    for (let row = 0; row < count; row++) {
      const isBid = prng.chance(o.bidShare);
      const isClear = prng.chance(o.clearShare);
      const qtyPips = prng.chance(o.deleteShare) ? 0n : BigInt(prng.int(1, 5));
      let flags = row === count - 1 ? FLAG_LAST : 0;
      if (isClear) flags |= FLAG_CLEAR;
      if (prng.chance(0.05)) flags |= prng.pick([FLAG_SNAPSHOT, FLAG_SYNTHETIC, FLAG_WITNESS_OFF]);
      rows.push({
        // Only the stamps of the last row count.
        tsRecv: row === count - 1 ? clock : clock - 7n,
        tsEvent: row === count - 1 ? clock - 3n : clock + 1000n,
        sequence,
        isBid,
        pricePips: priceOf(isBid),
        qtyPips,
        flags,
      });
    }
    yield rows;
  }
}
