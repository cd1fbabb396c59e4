import { FLAG_LAST } from '#src/abi/flags.js';
import { createUnitPrng } from '../prng.js';

export const TICK_PIPS = 1_000_000;
const STEP = BigInt(TICK_PIPS);
const CENTER = 6_183_763n;

/** Rows of a two-sided market that never crosses. */
export interface MarketRows {
  readonly isBid: Uint8Array;
  readonly pricePips: BigInt64Array;
  readonly qtyPips: BigInt64Array;
  readonly flags: Int32Array;
  readonly stamps: BigInt64Array;
}

/**
 * Rows as a feed of one book has them: 83 % within 10 ticks of the touch and 98.5 % within 64
 * (MOEX, see FACTS), 30 % deletes. `farShare` of the rows lie on a sparse ladder down to 250,000
 * ticks away instead, as a tenth of the ETH-USDT-PERP rows do.
 */
export function marketRows(
  rowCount: number,
  options: { messageRows: number; farShare: number },
): MarketRows {
  const unit = createUnitPrng(11);
  const isBid = new Uint8Array(rowCount);
  const pricePips = new BigInt64Array(rowCount);
  const qtyPips = new BigInt64Array(rowCount);
  const flags = new Int32Array(rowCount);
  const stamps = new BigInt64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const side = unit() < 0.5 ? 1 : 0;
    const where = unit();
    let ticks = 1 + Math.floor(unit() * (where < 0.83 ? 10 : where < 0.985 ? 64 : 500));
    if (unit() < options.farShare) ticks = 70_000 + 60 * Math.floor(unit() * 3_000);
    isBid[row] = side;
    pricePips[row] = (CENTER + BigInt(side === 1 ? -ticks : ticks)) * STEP;
    qtyPips[row] = unit() < 0.3 ? 0n : BigInt(1 + Math.floor(unit() * 1e9));
    stamps[row] = BigInt(row) * 1_000n;
    const isLast = row % options.messageRows === options.messageRows - 1;
    flags[row] = isLast || row === rowCount - 1 ? FLAG_LAST : 0;
  }
  return { isBid, pricePips, qtyPips, flags, stamps };
}
