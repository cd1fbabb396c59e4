/** Binance's markets under the names that Tardis gives them, so that all sources agree. */
export type BinanceMarket = 'binance' | 'binance-futures' | 'binance-delivery';

const FUTURES = /(?:^|[/_-])(?:usdm|um|usd_m|usd-m|futures)(?=[/_.-]|$)/i;
const DELIVERY = /(?:^|[/_-])(?:cm|coinm|coin_m|coin-m|delivery|dapi)(?=[/_.-]|$)/i;
const SPOT = /(?:^|[/_-])spot(?=[/_.-]|$)/i;

/**
 * The market that a path names (`futures/um`, `captures/cm`, `stream_usd_m_futures`); null: none.
 * The part nearest to the file's name decides.
 */
export function marketOfPath(path: string): BinanceMarket | null {
  const parts = path.split(/[\\/]+/);
  for (const part of parts.toReversed()) {
    if (DELIVERY.test(part)) return 'binance-delivery';
    if (FUTURES.test(part)) return 'binance-futures';
    if (SPOT.test(part)) return 'binance';
  }
  return null;
}
