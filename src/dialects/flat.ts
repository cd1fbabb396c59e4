import { textFactsOf } from '../text/text-footer.js';
import { marketOfPath } from './binance-market.js';
import type { Dialect, DialectFile, DialectInput, DialectSkip } from './dialect.js';
import { EXCHANGE_UNKNOWN, instrumentOf } from './instrument.js';
import { INTEGER_TYPES, NUMBER_TYPES, Schema, SIDE_TYPES } from './schema.js';
import { SEQUENCE_FIRST_NAMES, SEQUENCE_PREV_NAMES } from './sequence-names.js';
import { tradeIdColumn } from './trade-id-type.js';
import type { MessageKey, RowMapping, SequencePolicy } from './types.js';

/**
 * `binance-usdm-ETHUSDT-20240808`, `okx-10inst-20220227`: the folder of a day's tables. Without a
 * day only if it begins with a venue that is known: any folder has a name.
 */
const FOLDER = /^([a-z]+)(?:-[a-z]+)?-.+-\d{8}$/;
const VENUE_FOLDER =
  /^(binance|bitget|bitmex|bybit|coinbase|deribit|ftx|kraken|kucoin|okcoin|okx)(?:-.+)?$/;
const TRUTH_FILE = /^truth_/;

const TS_RECV = ['local_ts'];
const TS_EVENT = ['transact_ts', 'trade_ts', 'exch_ts', 'event_ts'];

/** Names of first and previous ids that these tables do not use. */
const OTHER_IDS = [...SEQUENCE_FIRST_NAMES, ...SEQUENCE_PREV_NAMES].filter(
  (name) => name !== 'first_update_id' && name !== 'prev_update_id',
);

/** Recordings as flat tables: `deltas`, `snapshots` and `trades`, one level or trade a row. */
export const FLAT: Dialect = {
  name: 'flat',
  looksFor:
    'flat: local_ts, symbol, price, qty with side and last_update_id or seq; or with trade_id',
  recognise(input: DialectInput): DialectFile | DialectSkip | null {
    // Parquet of the same columns is generic: it need not lie in such a folder.
    if (textFactsOf(input.footer) === null) return null;
    if (TRUTH_FILE.test(input.path.split(/[\\/]/).at(-1)!)) {
      return { kind: 'skip', reason: 'a table of truths is compared with, and no input' };
    }
    const schema = new Schema(input.path, input.footer);
    const has = (...names: string[]): boolean =>
      names.every((name) => schema.find([name]) !== null);
    if (!has('local_ts', 'symbol', 'price', 'qty')) return null;
    if (has('trade_id')) return trades(schema, input);
    if (!has('side')) return null;
    // Ids under other names are of another recorder: what they prove is not given away.
    if (OTHER_IDS.some((name) => has(name))) return null;
    if (has('last_update_id')) return binance(schema, input);
    if (has('first_update_id') || has('prev_update_id')) return null;
    return has('seq', 'is_snapshot') ? counted(schema, input) : null;
  },
};

/**
 * Binance's updates with their ids, and its REST snapshots (which have a level, but no first id), as
 * a table of their own or among the updates.
 */
function binance(schema: Schema, input: DialectInput): DialectFile {
  const isSnapshots = schema.find(['level']) !== null;
  const mark = isSnapshots ? null : schema.optional({ names: ['is_snapshot'], types: SIDE_TYPES });
  const asksForPrev = input.policy === 'chain' && schema.holdsSnapshots(mark);
  const id = (name: string, mayBeEmpty = false): string | null => {
    const info = schema.optional({ names: [name], types: INTEGER_TYPES });
    return info === null || (!mayBeEmpty && schema.isAllNull(info)) ? null : info.name;
  };
  const prev = id('prev_update_id', asksForPrev);
  const [first, last] = [id('first_update_id'), id('last_update_id')];
  const policy = prev !== null ? 'chain' : first !== null ? 'contiguous' : 'monotonic';
  return file(schema, input, isSnapshots ? 'snapshots' : 'depth', {
    sequence: last,
    sequenceFirst: first,
    sequencePrev: prev,
    ...(mark !== null && { snapshot: mark.name }),
    // The recorder's time tells a message that comes twice in a row from a longer one.
    order: { policy, messageKey: 'recv_and_sequence' },
  });
}

/** Venues without ids: `seq` counts their messages, and a checksum of theirs proves them. */
function counted(schema: Schema, input: DialectInput): DialectFile {
  return file(schema, input, 'depth', {
    sequence: schema.optional({ names: ['seq'], types: INTEGER_TYPES })!.name,
    sequenceFirst: null,
    sequencePrev: null,
    snapshot: 'is_snapshot',
    order: { policy: 'checksum', messageKey: 'sequence' },
  });
}

function trades(schema: Schema, input: DialectInput): DialectFile {
  return file(schema, input, 'trades', {
    sequence: null,
    sequenceFirst: null,
    sequencePrev: null,
    tradeId: tradeIdColumn(schema, ['trade_id']),
    order: { policy: 'snapshot', messageKey: 'recv' },
  });
}

function file(
  schema: Schema,
  input: DialectInput,
  table: 'depth' | 'snapshots' | 'trades',
  own: Pick<RowMapping, 'sequence' | 'sequenceFirst' | 'sequencePrev'> & {
    readonly snapshot?: string;
    readonly tradeId?: string | null;
    readonly order: { readonly policy: SequencePolicy; readonly messageKey: MessageKey };
  },
): DialectFile {
  const { exchange, symbol, columns } = instrumentOf(schema, input.hive);
  const isMaker = schema.find(['buyer_is_maker']) !== null;
  const [price, qty, side] = schema.required(`a flat table of ${table}`, [
    { names: ['price'], types: NUMBER_TYPES },
    { names: ['qty'], types: NUMBER_TYPES },
    { names: [isMaker ? 'buyer_is_maker' : 'side'], types: SIDE_TYPES },
  ]);
  const { order, snapshot = null, tradeId = null, ...ids } = own;
  return {
    kind: 'file',
    table,
    exchange: exchange === EXCHANGE_UNKNOWN ? exchangeOf(input) : exchange,
    symbol,
    dt: null,
    rows: {
      tsRecv: schema.time(TS_RECV, null),
      tsEvent: schema.time(TS_EVENT, null),
      ...ids,
      side: { column: side!.name, trueMeansBid: !isMaker },
      price: price!.name,
      qty: qty!.name,
      flags: null,
      snapshot,
      orderType: null,
      ...columns,
      tradeId,
      pipsScale: null,
    },
    levels: null,
    policy: input.policy ?? order.policy,
    messageKey: order.messageKey,
  };
}

function exchangeOf({ path }: DialectInput): string {
  const folder = path.split(/[\\/]+/).at(-2) ?? '';
  const venue = (FOLDER.exec(folder) ?? VENUE_FOLDER.exec(folder))?.[1];
  if (venue === undefined) return EXCHANGE_UNKNOWN;
  return venue === 'binance' ? (marketOfPath(folder) ?? venue) : venue;
}
