import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { PriceLevels } from '../oracle/price-levels.js';
import { sharedData } from './shared-data.js';

/** The files of a recording of Binance's streams, and the instrument in them. */
export interface Capture {
  readonly exchange: string;
  readonly symbol: string;
  readonly files: readonly string[];
}

export const CAPTURES: readonly Capture[] = [
  {
    exchange: 'binance',
    symbol: 'BTCUSDT',
    files: ['captures/spot/btcusdt_20240808.gz', 'captures/spot/btcusdt_20240809.gz'],
  },
  {
    exchange: 'binance-futures',
    symbol: 'ETHUSDT',
    files: ['captures/usdm/ethusdt_20240808.gz'],
  },
  {
    exchange: 'binance-delivery',
    symbol: 'ETHUSD_PERP',
    files: ['captures/cm/ethusd_perp_20240808.gz', 'captures/cm/ethusd_perp_20240809.gz'],
  },
];

/** Texts keep all digits of ids and numbers. */
export type JsonFields = Readonly<Record<string, string>> & {
  readonly b: readonly [string, string][] & string;
  readonly a: readonly [string, string][] & string;
  readonly bids?: readonly [string, string][];
  readonly asks?: readonly [string, string][];
};

export interface CaptureLine {
  readonly kind: 'update' | 'snapshot' | 'trade' | 'ticker';
  readonly tsRecv: bigint;
  readonly fields: JsonFields;
}

/** The lines of some files, with JSON.parse. */
export function captureLines(files: readonly string[]): CaptureLine[] {
  return files.flatMap((file) => {
    const text = gunzipSync(readFileSync(sharedData(file))).toString();
    return text.trimEnd().split('\n').map(lineOf);
  });
}

function lineOf(line: string): CaptureLine {
  const blank = line.indexOf(' ');
  const message = JSON.parse(line.slice(blank).replaceAll(/:(\d+)/g, ':"$1"'));
  const fields = message.data ?? message;
  const kinds = { depthUpdate: 'update', trade: 'trade', bookTicker: 'ticker' } as const;
  const kind =
    fields.lastUpdateId !== undefined
      ? 'snapshot'
      : (kinds[fields.e as keyof typeof kinds] ?? 'ticker');
  return { kind, tsRecv: BigInt(line.slice(0, blank)), fields };
}

/** Sets levels given as texts. */
export class TextBook {
  readonly bids = new PriceLevels(true);
  readonly asks = new PriceLevels(false);

  set(bids: readonly (readonly [string, string])[], asks: typeof bids): void {
    for (const [levels, texts] of [
      [this.bids, bids],
      [this.asks, asks],
    ] as const) {
      for (const [price, qty] of texts) levels.set(pipsOf(price), pipsOf(qty));
    }
  }

  /** Bid and ask, price and quantity. */
  get best(): string {
    return bestText(this.bids.best, this.asks.best);
  }
}

export const pipsOf = (text: string): bigint => {
  const [whole, decimals = ''] = text.split('.');
  return BigInt(`${whole}${decimals.padEnd(8, '0')}`);
};

export function tickerBest({ b, B, a, A }: JsonFields): string {
  const level = (price: string, qty: string) => ({
    pricePips: pipsOf(price),
    qtyPips: pipsOf(qty),
  });
  return bestText(level(b, B!), level(a, A!));
}

type Level = { readonly pricePips: bigint; readonly qtyPips: bigint } | null;

const bestText = (bid: Level, ask: Level): string =>
  [bid, ask].map((level) => `${level?.pricePips} ${level?.qtyPips}`).join(' ');
