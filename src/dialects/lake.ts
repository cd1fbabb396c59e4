import type { SourceColumnInfo } from '../parquet/reader.js';
import type { Dialect, DialectFile, DialectInput, DialectSkip } from './dialect.js';
import { instrumentOf } from './instrument.js';
import { INTEGER_TYPES, NUMBER_TYPES, Schema, SIDE_TYPES } from './schema.js';
import { tradeIdColumn } from './trade-id-type.js';
import type { LevelColumns, TimeField } from './types.js';

type LakeTable = 'depth' | 'book' | 'deep_book' | 'quotes' | 'trades';

/** Crypto Lake's tables by their folder; null: depthmill does not use it. MARKETS section 1. */
const TABLE_OF_FOLDER = new Map<string, LakeTable | null>([
  ['book_delta_v2', 'depth'],
  ['book', 'book'],
  ['deep_book_1m', 'deep_book'],
  ['level_1', 'quotes'],
  ['trades', 'trades'],
  ...['book_delta', 'book_1m', 'candles', 'funding', 'open_interest', 'liquidations'].map(
    (name) => [name, null] as const,
  ),
]);

// The vendor's raw names, and those that its Python package gives them on reading.
const TS_RECV = ['receipt_timestamp', 'received_time'];
const TS_EVENT = ['timestamp', 'origin_time'];
const SEQUENCE = ['sequence_number'];
const SIDE_IS_BID = ['side_is_bid'];
const SIDE = ['side'];
const PRICE = ['price'];
const QTY = ['size', 'amount', 'quantity'];
const TRADE_ID = ['id', 'trade_id'];
const FIRST_LEVEL = ['bid_0_price', 'ask_0_price'];

/** What a witness table is called in the audit. */
const KIND_OF_TABLE = { book: 'book', deep_book: 'deep_book_1m', quotes: 'level_1' } as const;

/** `book` holds 20 levels a side; a plain file (no table folder) with more is a deep book. */
const BOOK_LEVELS_MAX = 20;

export const LAKE: Dialect = {
  name: 'lake',
  looksFor:
    'lake: receipt_timestamp (received_time) with side_is_bid, price, size; or with bid_0_price;' +
    ' or with side, price, amount (quantity), id (trade_id)',
  recognise(input: DialectInput): DialectFile | DialectSkip | null {
    const schema = new Schema(input.path, input.footer);
    const folder = input.hive.tableFolder ?? '';
    const byFolder = TABLE_OF_FOLDER.get(folder);
    // These two folders nobody else has: what lies there is Lake's, and lacks a column.
    const isSurelyLake = folder === 'book_delta_v2' || folder === 'deep_book_1m';
    if (schema.find(TS_RECV) === null) {
      if (!isSurelyLake || input.hive.exchange === null) return null;
      throw schema.missing(`Crypto Lake's ${folder}`, [{ names: TS_RECV, types: INTEGER_TYPES }]);
    }
    if (byFolder === null) {
      return { kind: 'skip', reason: `depthmill does not use Crypto Lake's table ${folder}` };
    }
    const table = byFolder ?? tableOfSchema(schema);
    if (table === 'depth') return deltas(schema, input);
    if (table === 'trades') return trades(schema, input);
    return table === null ? null : book(schema, input, byFolder ?? null);
  },
};

function tableOfSchema(schema: Schema): 'depth' | 'book' | 'trades' | null {
  if (schema.find(FIRST_LEVEL) !== null) return 'book';
  if (schema.find(SIDE_IS_BID) !== null) return 'depth';
  const isTrades = [SIDE, PRICE, QTY, TRADE_ID].every((names) => schema.find(names) !== null);
  return isTrades ? 'trades' : null;
}

function deltas(schema: Schema, input: DialectInput): DialectFile {
  const { exchange, symbol, columns } = instrumentOf(schema, input.hive);
  const [side, price, qty] = schema.required("Crypto Lake's book_delta_v2", [
    { names: SIDE_IS_BID, types: SIDE_TYPES },
    { names: PRICE, types: NUMBER_TYPES },
    { names: QTY, types: NUMBER_TYPES },
  ]) as [SourceColumnInfo, SourceColumnInfo, SourceColumnInfo];
  const sequence = schema.optional({ names: SEQUENCE, types: INTEGER_TYPES });
  return {
    kind: 'file',
    table: 'depth',
    exchange,
    symbol,
    dt: null,
    rows: {
      ...times(schema),
      sequence: sequence?.name ?? null,
      sequenceFirst: null,
      sequencePrev: null,
      side: { column: side.name, trueMeansBid: true },
      price: price.name,
      qty: qty.name,
      snapshot: null,
      flags: null,
      orderType: null,
      ...columns,
      tradeId: null,
      pipsScale: null,
    },
    levels: null,
    ...order(input, sequence !== null),
  };
}

function trades(schema: Schema, input: DialectInput): DialectFile {
  const { exchange, symbol, columns } = instrumentOf(schema, input.hive);
  const [side, price, qty] = schema.required("Crypto Lake's trades", [
    { names: SIDE, types: SIDE_TYPES },
    { names: PRICE, types: NUMBER_TYPES },
    { names: QTY, types: NUMBER_TYPES },
  ]) as [SourceColumnInfo, SourceColumnInfo, SourceColumnInfo];
  return {
    kind: 'file',
    table: 'trades',
    exchange,
    symbol,
    dt: null,
    rows: {
      ...times(schema),
      sequence: null,
      sequenceFirst: null,
      sequencePrev: null,
      side: { column: side.name, trueMeansBid: true },
      price: price.name,
      qty: qty.name,
      snapshot: null,
      flags: null,
      orderType: null,
      ...columns,
      // Some venues' ids are text.
      tradeId: tradeIdColumn(schema, TRADE_ID),
      pipsScale: null,
    },
    levels: null,
    ...order(input, false),
  };
}

function book(schema: Schema, input: DialectInput, byFolder: LakeTable | null): DialectFile {
  const { exchange, symbol, columns } = instrumentOf(schema, input.hive);
  const bids = levelColumns(schema, 'bid');
  const asks = levelColumns(schema, 'ask');
  const count = Math.min(bids.length, asks.length);
  const isDeep = byFolder === null ? count > BOOK_LEVELS_MAX : byFolder === 'deep_book';
  const table = byFolder === 'quotes' ? 'quotes' : isDeep ? 'deep_book' : 'book';
  const sequence = schema.optional({ names: SEQUENCE, types: INTEGER_TYPES });
  return {
    kind: 'file',
    table,
    exchange,
    symbol,
    dt: null,
    rows: null,
    levels: {
      kind: KIND_OF_TABLE[table],
      ...times(schema),
      sequence: sequence?.name ?? null,
      bids: bids.slice(0, count),
      asks: asks.slice(0, count),
      ...columns,
    },
    ...order(input, sequence !== null),
  };
}

/** Levels from 0 on as long as both columns of the next one are there. */
function levelColumns(schema: Schema, side: 'bid' | 'ask'): LevelColumns[] {
  const levels: LevelColumns[] = [];
  for (;;) {
    const names = [`${side}_${levels.length}_price`, `${side}_${levels.length}_size`];
    if (levels.length > 0 && names.some((name) => schema.find([name]) === null)) return levels;
    const wishes = names.map((name) => ({ names: [name], types: NUMBER_TYPES }));
    const [price, qty] = schema.required("Crypto Lake's book", wishes) as [
      SourceColumnInfo,
      SourceColumnInfo,
    ];
    levels.push({ price: price.name, qty: qty.name });
  }
}

/** Raw stamps are ns; a frame saved after renaming declares its own unit. */
function times(schema: Schema): { tsRecv: TimeField | null; tsEvent: TimeField | null } {
  return { tsRecv: schema.time(TS_RECV, 1), tsEvent: schema.time(TS_EVENT, 1) };
}

/** Lake's ids are last ids alone: they show a wrong order, never a loss. */
function order(
  input: DialectInput,
  hasSequence: boolean,
): Pick<DialectFile, 'policy' | 'messageKey'> {
  return {
    policy: input.policy ?? (hasSequence ? 'monotonic' : 'snapshot'),
    messageKey: hasSequence ? 'recv_and_sequence' : 'recv',
  };
}
