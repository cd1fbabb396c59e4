import { sharedData } from './shared-data.js';

/** One real instrument, as each of the layouts in the shared data names it. */
export interface Instrument {
  readonly exchange: string;
  readonly symbol: string;
  readonly dt: string;
  readonly flatFolder: string;
  readonly deltaRows: number;
  /** Binance spot ids are contiguous; futures chain by the previous id. */
  readonly joining: 'contiguous' | 'chain';
  /** Messages for which truth_bbo misses a ticker that got lost (README of the shared data). */
  readonly lostTickers: readonly bigint[];
}

export const INSTRUMENTS: readonly Instrument[] = [
  {
    exchange: 'BINANCE',
    symbol: 'BTC-USDT',
    dt: '2024-08-08',
    flatFolder: 'binance-spot-BTCUSDT-20240808',
    deltaRows: 298_111,
    joining: 'contiguous',
    lostTickers: [50093478174n, 50093480542n],
  },
  {
    exchange: 'BINANCE_FUTURES',
    symbol: 'ETH-USDT-PERP',
    dt: '2024-08-08',
    flatFolder: 'binance-usdm-ETHUSDT-20240808',
    deltaRows: 428_662,
    joining: 'chain',
    lostTickers: [],
  },
  {
    exchange: 'BINANCE_DELIVERY',
    symbol: 'ETH-USD-PERP',
    dt: '2024-08-08',
    flatFolder: 'binance-cm-ETHUSD_PERP-20240808',
    deltaRows: 437_922,
    joining: 'chain',
    lostTickers: [],
  },
];

export function partitionOf({ exchange, symbol, dt }: Instrument): string {
  return `exchange=${exchange}/symbol=${symbol}/dt=${dt}`;
}

/** A Lake table's file of an instrument. */
export function lakeFile(instrument: Instrument, table: string): string {
  return sharedData(`lake/${table}/${partitionOf(instrument)}/1.snappy.parquet`);
}

export function flatFile(instrument: Instrument, table: string): string {
  return sharedData(`flat/${instrument.flatFolder}/${table}.csv.gz`);
}
