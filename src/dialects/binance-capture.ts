import { type TextFooter, textFactsOf } from '../text/text-footer.js';
import { marketOfPath } from './binance-market.js';
import type { Dialect, DialectFile, DialectInput, DialectSkip } from './dialect.js';
import { Schema } from './schema.js';
import type { LevelMapping, RowMapping, SequencePolicy } from './types.js';

/**
 * Recordings of Binance's streams, `<time> <json>` a line, REST snapshots among them. One file
 * makes several tables, and may hold several symbols; its columns are those of text/capture-lines.
 */
export const BINANCE_CAPTURE: Dialect = {
  name: 'binance-capture',
  looksFor: 'binance-capture: lines of a time in ns or µs, a blank, and a message as JSON',
  recognise(input: DialectInput): readonly DialectFile[] | DialectSkip | null {
    const facts = textFactsOf(input.footer);
    if (facts === null || !('stream' in facts.lines)) return null;
    const footers = facts.streams ?? [];
    if (footers.length === 0) {
      return { kind: 'skip', reason: 'none of its messages is of a stream that depthmill uses' };
    }
    const symbol = onlySymbol(footers);
    const depth = footers.find((footer) => streamOf(footer) === 'depth') ?? null;
    const isChain = depth !== null && isOfFutures(depth);
    const exchange =
      input.hive.exchange ?? marketOfPath(input.path) ?? (isChain ? 'binance-futures' : 'binance');
    return footers.map((footer): DialectFile => {
      const schema = new Schema(input.path, footer);
      const stream = streamOf(footer);
      const common = {
        kind: 'file' as const,
        footer,
        exchange,
        symbol: input.hive.symbol ?? symbol,
        dt: null,
      };
      const named = { exchange: null, symbol: common.symbol === null ? 'symbol' : null };
      const keys = { ...times(schema), ...named };
      if (stream === 'ticker') return { ...common, ...ticker(keys), ...byTime(input) };
      if (stream !== 'depth') {
        const isAggregate = stream === 'aggTrade' && { isAggregate: true as const };
        return { ...common, ...trades(keys), ...byTime(input), ...isAggregate };
      }
      const policy: SequencePolicy = isChain ? 'chain' : 'contiguous';
      // Replies that were recorded beside the stream, and not in it.
      const table = isAllSnapshots(footer) ? 'snapshots' : 'depth';
      return {
        ...common,
        ...updates(keys, table, isChain),
        policy: input.policy ?? policy,
        messageKey: 'recv_and_sequence',
      };
    });
  },
};

function streamOf({ text: { lines } }: TextFooter): string {
  return 'stream' in lines ? lines.stream : '';
}

/** Snapshots of spot and USD-M name no symbol: theirs is the only one of the file, if there is. */
function onlySymbol(footers: readonly TextFooter[]): string | null {
  const symbols = new Set<string>();
  for (const { text, columns } of footers) {
    const at = columns.findIndex(({ name }) => name === 'symbol');
    for (const words of text.columns[at]!.words) {
      // Too many to be listed are more than one.
      if (words === null) return null;
      for (const symbol of words) symbols.add(symbol);
    }
  }
  const [symbol] = symbols;
  return symbols.size === 1 ? symbol! : null;
}

/**
 * Futures' updates name the one before them. A snapshot, which follows none, has its own id there;
 * but futures' replies have times, and spot's have none.
 */
function isOfFutures(depth: TextFooter): boolean {
  const timedCount = depth.rowCount - nullCountOf(depth, 'transact_ts');
  const updatesWithoutPrev =
    nullCountOf(depth, 'prev_update_id') - nullCountOf(depth, 'first_update_id');
  const namesPrev = updatesWithoutPrev === 0 && !isAllSnapshots(depth);
  return namesPrev || timedCount > updatesWithoutPrev;
}

function isAllSnapshots({ columns, text }: TextFooter): boolean {
  const at = columns.findIndex(({ name }) => name === 'is_snapshot');
  return text.columns[at]!.words.every((words) => words?.every((word) => word === 'true') ?? false);
}

function nullCountOf({ columns, chunks, rowGroupRows }: TextFooter, column: string): number {
  const at = columns.findIndex(({ name }) => name === column);
  let nullCount = 0;
  for (const block of rowGroupRows.keys())
    nullCount += chunks.nullCounts[block * columns.length + at]!;
  return nullCount;
}

function times(schema: Schema): Pick<RowMapping, 'tsRecv' | 'tsEvent'> {
  return {
    tsRecv: schema.time(['local_ts'], null),
    // The matching time comes before the sending time: MODEL section 1.
    tsEvent: schema.time(['transact_ts', 'event_ts'], null),
  };
}

type Keys = Pick<RowMapping, 'tsRecv' | 'tsEvent' | 'symbol' | 'exchange'>;

function byTime(input: DialectInput): Pick<DialectFile, 'policy' | 'messageKey'> {
  return { policy: input.policy ?? 'snapshot', messageKey: 'recv' };
}

function updates(
  keys: Keys,
  table: 'depth' | 'snapshots',
  isChain: boolean,
): Pick<DialectFile, 'table' | 'rows' | 'levels'> {
  const rows: RowMapping = {
    ...keys,
    sequence: 'last_update_id',
    sequenceFirst: 'first_update_id',
    sequencePrev: isChain ? 'prev_update_id' : null,
    side: { column: 'side', trueMeansBid: true },
    price: 'price',
    qty: 'qty',
    flags: null,
    snapshot: table === 'depth' ? 'is_snapshot' : null,
    lasts: 'line_ends',
    orderType: null,
    tradeId: null,
    pipsScale: null,
  };
  return { table, rows, levels: null };
}

function trades(keys: Keys): Pick<DialectFile, 'table' | 'rows' | 'levels'> {
  const rows: RowMapping = {
    ...keys,
    sequence: null,
    sequenceFirst: null,
    sequencePrev: null,
    // A buyer who is the maker was hit by a seller: the taker sold.
    side: { column: 'buyer_is_maker', trueMeansBid: false },
    price: 'price',
    qty: 'qty',
    flags: null,
    snapshot: null,
    orderType: 'order_type',
    tradeId: 'trade_id',
    pipsScale: null,
  };
  return { table: 'trades', rows, levels: null };
}

function ticker(keys: Keys): Pick<DialectFile, 'table' | 'rows' | 'levels'> {
  const levels: LevelMapping = {
    kind: 'bookTicker',
    ...keys,
    sequence: 'update_id',
    bids: [{ price: 'bid_price', qty: 'bid_qty' }],
    asks: [{ price: 'ask_price', qty: 'ask_qty' }],
  };
  return { table: 'quotes', rows: null, levels };
}
