import { textFactsOf } from '../text/text-footer.js';
import type { BinanceMarket } from './binance-market.js';
import type { DialectInput, DialectSkip } from './dialect.js';
import { Schema } from './schema.js';

/** Where a table of Binance's files has its columns, by name. */
export interface BinanceTable {
  readonly name: string;
  readonly table: 'depth' | 'snapshots' | 'trades' | 'quotes';
  /** The market whose files look like this, where the path names none. */
  readonly market: BinanceMarket;
  readonly tsRecv: readonly string[];
  readonly tsEvent: readonly string[];
  readonly symbol: string | null;
  readonly sequence: string | null;
  readonly sequenceFirst: string | null;
  readonly sequencePrev: string | null;
  readonly side: string;
  readonly sideMeansBid: boolean;
  /** quotes: of the bid. */
  readonly price: string;
  readonly qty: string;
  readonly askPrice?: string;
  readonly askQty?: string;
  readonly snapshot: string | null;
  readonly tradeId: string | null;
  /** Ids that all symbols share prove no loss. */
  readonly sharesIds: boolean;
  readonly isAggregate: boolean;
}

const NO_IDS = { sequence: null, sequenceFirst: null, sequencePrev: null } as const;
const PLAIN = { symbol: null, snapshot: null, tradeId: null, sharesIds: false, isAggregate: false };

/** Tells Binance's tables apart: by their header, without one by the file's name and its columns. */
export function binanceTableOf(input: DialectInput): BinanceTable | DialectSkip | null {
  const facts = textFactsOf(input.footer)!;
  if (!facts.hasHeader) return withoutHeader(input);
  const schema = new Schema(input.path, input.footer);
  const has = (...names: string[]): boolean => names.every((name) => schema.find([name]) !== null);
  if (has('first_update_id', 'last_update_id', 'update_type', 'side')) {
    return tDepth(input, (name) => schema.find([name])?.name ?? null);
  }
  if (has('EventTime', 'FirstUpdateId', 'FinalUpdateId', 'IsAsk')) return stream(schema);
  if (has('TransactionTime', 'TradeId', 'IsBuyerMarketMaker')) return streamTrades(schema);
  if (has('percentage', 'depth', 'notional')) {
    return { kind: 'skip', reason: "Binance's bookDepth holds sums over bands of prices, no book" };
  }
  if (has('update_id', 'best_bid_price', 'best_ask_price')) {
    const names = ['best_bid_price', 'best_bid_qty', 'best_ask_price', 'best_ask_qty'];
    return ticker('update_id', names, ['transaction_time', 'event_time']);
  }
  const [isAggregate, isTrades] = [has('agg_trade_id'), has('id', 'is_buyer_maker', 'qty')];
  if (!isAggregate && !isTrades) return null;
  return dump(isAggregate, 'binance-futures', {
    id: isAggregate ? 'agg_trade_id' : 'id',
    qty: has('quantity') ? 'quantity' : 'qty',
    price: 'price',
    time: has('transact_time') ? 'transact_time' : 'time',
    maker: 'is_buyer_maker',
  });
}

/** @param columnOf what the file calls a column of T_DEPTH; null: it has none */
function tDepth({ footer }: DialectInput, columnOf: (name: string) => string | null): BinanceTable {
  const facts = textFactsOf(footer)!;
  const named = (name: string): string => columnOf(name)!;
  const type = named('update_type');
  const { texts } = facts.columns[footer.columns.findIndex(({ name }) => name === type)]!;
  const isSnap = texts.length > 0 && texts.every((words) => words?.join() === 'snap');
  return {
    ...PLAIN,
    name: 'T_DEPTH',
    table: isSnap ? 'snapshots' : 'depth',
    market: 'binance-futures',
    tsRecv: [],
    tsEvent: [named('timestamp')],
    symbol: named('symbol'),
    sequence: named('last_update_id'),
    sequenceFirst: named('first_update_id'),
    // A snapshot follows no event.
    sequencePrev: isSnap ? null : columnOf('pu'),
    side: named('side'),
    sideMeansBid: true,
    price: named('price'),
    qty: named('qty'),
    snapshot: isSnap ? null : type,
    sharesIds: true,
  };
}

/** Rows of the diff depth stream; those of spot have no last id of the event before. */
function stream(schema: Schema): BinanceTable {
  const hasPrev = schema.find(['FinalUpdateIdInLastStream']) !== null;
  return {
    ...PLAIN,
    name: 'depth stream',
    table: 'depth',
    market: hasPrev ? 'binance-futures' : 'binance',
    tsRecv: ['TimestampOfReceive'],
    tsEvent: ['TransactionTime', 'EventTime'],
    symbol: 'Symbol',
    sequence: 'FinalUpdateId',
    sequenceFirst: 'FirstUpdateId',
    sequencePrev: 'FinalUpdateIdInLastStream',
    side: 'IsAsk',
    sideMeansBid: false,
    price: 'Price',
    qty: 'Quantity',
  };
}

function streamTrades(schema: Schema): BinanceTable {
  return {
    ...PLAIN,
    ...NO_IDS,
    name: 'trade stream',
    table: 'trades',
    // Only spot's trades carry the field that Binance says to ignore.
    market: schema.find(['MUnknownParameter']) === null ? 'binance-futures' : 'binance',
    tsRecv: ['TimestampOfReceive'],
    tsEvent: ['TransactionTime', 'EventTime'],
    symbol: 'Symbol',
    side: 'IsBuyerMarketMaker',
    sideMeansBid: false,
    price: 'Price',
    qty: 'Quantity',
    tradeId: 'TradeId',
  };
}

function dump(
  isAggregate: boolean,
  market: BinanceMarket,
  columns: { id: string; price: string; qty: string; time: string; maker: string },
): BinanceTable {
  return {
    ...PLAIN,
    ...NO_IDS,
    name: isAggregate ? 'aggTrades' : 'trades',
    table: 'trades',
    market,
    tsRecv: [],
    tsEvent: [columns.time],
    side: columns.maker,
    sideMeansBid: false,
    price: columns.price,
    qty: columns.qty,
    tradeId: columns.id,
    isAggregate,
  };
}

function ticker(id: string, prices: readonly string[], times: readonly string[]): BinanceTable {
  return {
    ...PLAIN,
    ...NO_IDS,
    name: 'bookTicker',
    table: 'quotes',
    market: 'binance-futures',
    tsRecv: [],
    tsEvent: times,
    sequence: id,
    side: '',
    sideMeansBid: true,
    price: prices[0]!,
    qty: prices[1]!,
    askPrice: prices[2]!,
    askQty: prices[3]!,
  };
}

const T_DEPTH_NAMES = ['first_update_id', 'last_update_id', 'side', 'update_type', 'price', 'qty'];

/** T_DEPTH of 2020 has 8 columns; `trans_id` came behind the time, and `pu` at the end. */
function tDepthWithoutHeader(input: DialectInput): BinanceTable | null {
  const facts = textFactsOf(input.footer)!;
  const hasTransaction = facts.columns[4]?.kind === 'int64';
  const names = ['symbol', 'timestamp', ...(hasTransaction ? ['trans_id'] : []), ...T_DEPTH_NAMES];
  const extra = input.footer.columns.length - names.length;
  if (extra !== 0 && extra !== 1) return null;
  if (extra === 1) names.push('pu');
  return tDepth(input, (name) => {
    const at = names.indexOf(name);
    return at < 0 ? null : `column_${at}`;
  });
}

/** Dumps without a header: the name says which table, the number of columns which market. */
function withoutHeader(input: DialectInput): BinanceTable | null {
  const { path, footer } = input;
  const name = path.split(/[\\/]/).at(-1)!;
  const count = footer.columns.length;
  const at = (column: number): string => `column_${column}`;
  if (/depth_?(?:snap|update)/i.test(name)) return tDepthWithoutHeader(input);
  const kind = /-(trades|aggTrades|bookTicker)-/i.exec(name)?.[1]?.toLowerCase();
  if (kind === 'bookticker' && count === 7) {
    return ticker(at(0), [1, 2, 3, 4].map(at), [at(5), at(6)]);
  }
  // Spot's rows end with isBestMatch: one column more than the futures' have.
  if (kind === 'aggtrades' && (count === 7 || count === 8)) {
    const market = count === 8 ? 'binance' : 'binance-futures';
    const columns = { id: at(0), price: at(1), qty: at(2), time: at(5), maker: at(6) };
    return dump(true, market, columns);
  }
  if (kind === 'trades' && (count === 6 || count === 7)) {
    const market = count === 7 ? 'binance' : 'binance-futures';
    const columns = { id: at(0), price: at(1), qty: at(2), time: at(4), maker: at(5) };
    return dump(false, market, columns);
  }
  return null;
}
