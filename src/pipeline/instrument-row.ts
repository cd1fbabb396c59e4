import type { InstrumentAudit } from '../audit/types.js';
import type { SmallRow } from '../parquet/small-table.js';
import type { DayGridResult } from './day-grid.js';

/** What a quantity of 1 is, where the exchange's name tells: MODEL section 6. */
const QTY_UNITS: Readonly<Record<string, 'base' | 'contracts'>> = {
  BINANCE: 'base',
  BINANCE_FUTURES: 'base',
  // COIN-M: contracts of 10 or 100 USD.
  BINANCE_DELIVERY: 'contracts',
};

/** The day's row of the table `instruments`. */
export function instrumentRow(grid: DayGridResult, report: InstrumentAudit): SmallRow {
  const { exchange, scales, first, last, digest } = report;
  const unit = QTY_UNITS[exchange.toUpperCase().replaceAll('-', '_')];
  return {
    tick_pips: divisorOrNull(grid.tick),
    lot_pips: divisorOrNull(grid.lot),
    tick_since: grid.tickSince,
    price_min_pips: grid.priceMin,
    price_max_pips: grid.priceMax,
    price_decimals: decimalsOf(grid.tick, scales.price),
    qty_decimals: decimalsOf(grid.lot, scales.qty),
    price_scale: scales.price,
    qty_scale: scales.qty,
    qty_unit: unit ?? null,
    first_ts_recv: first?.ts_recv ?? null,
    first_ts_event: first?.ts_event ?? null,
    first_sequence: first?.sequence ?? null,
    last_ts_recv: last?.ts_recv ?? null,
    last_ts_event: last?.ts_event ?? null,
    last_sequence: last?.sequence ?? null,
    digest,
  };
}

/** 2^63, the divisor of nothing but int64's smallest value, is no int64 itself: no grid is told. */
function divisorOrNull(pips: bigint): bigint | null {
  return pips === 0n || pips > (1n << 63n) - 1n ? null : pips;
}

/** Decimals that the values have, of the `scale` that they could have; null without values. */
function decimalsOf(divisor: bigint, scale: number): number | null {
  if (divisor === 0n) return null;
  let decimals = scale;
  for (let rest = divisor; decimals > 0 && rest % 10n === 0n; rest /= 10n) decimals--;
  return decimals;
}
