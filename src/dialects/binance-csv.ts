import { textFactsOf } from '../text/text-footer.js';
import { marketOfPath } from './binance-market.js';
import { type BinanceTable, binanceTableOf } from './binance-tables.js';
import type { Dialect, DialectFile, DialectInput, DialectSkip } from './dialect.js';
import { INTEGER_TYPES, NUMBER_TYPES, Schema, SIDE_TYPES } from './schema.js';
import { tradeIdColumn } from './trade-id-type.js';
import type { LevelMapping, RowMapping, SequencePolicy } from './types.js';

/** `BTCUSDT-trades-2024-08-08.csv`, as data.binance.vision names its files. */
const DOWNLOAD = /^([A-Z0-9_]+)-[A-Za-z]+-(\d{4}-\d\d-\d\d)\.csv(?:\.gz)?$/;
/** `BTCUSDT_T_DEPTH_2022-11-01_depth_snap.csv`: its day; the symbol stands in the rows. */
const T_DEPTH = /^([A-Z0-9]+(?:_[A-Z0-9]+)?)_T_DEPTH(?:-BACKFILL)?_(\d{4}-\d\d-\d\d)_/;

/**
 * Binance's own files (MARKETS section 4): T_DEPTH, `trades`, `aggTrades` and `bookTicker`, with a
 * header or without, and recordings of its streams a level or trade a row.
 */
export const BINANCE_CSV: Dialect = {
  name: 'binance-csv',
  looksFor:
    'binance-csv: first_update_id, last_update_id, side, update_type, price, qty;' +
    " FirstUpdateId, FinalUpdateId, IsAsk, Price, Quantity; or a dump's trades, aggTrades or" +
    ' bookTicker',
  recognise(input: DialectInput): DialectFile | DialectSkip | null {
    if (textFactsOf(input.footer) === null) return null;
    const table = binanceTableOf(input);
    if (table === null || 'reason' in table) return table;
    const schema = new Schema(input.path, input.footer);
    const name = input.path.split(/[\\/]/).at(-1)!;
    const found = DOWNLOAD.exec(name) ?? T_DEPTH.exec(name);
    const columns = { symbol: table.symbol ?? null, exchange: null };
    const times = {
      tsRecv: schema.time(table.tsRecv, null),
      tsEvent: schema.time(table.tsEvent, null),
    };
    return {
      kind: 'file',
      table: table.table,
      exchange: input.hive.exchange ?? marketOfPath(input.path) ?? table.market,
      symbol: columns.symbol === null ? (input.hive.symbol ?? found?.[1] ?? symbolOf(name)) : null,
      dt: found?.[2] ?? null,
      rows: table.table === 'quotes' ? null : { ...times, ...columns, ...rowsOf(schema, table) },
      levels: table.table === 'quotes' ? levelsOf(schema, table, { ...times, ...columns }) : null,
      policy: input.policy ?? policyOf(schema, table),
      messageKey: table.table === 'trades' || table.table === 'quotes' ? 'recv' : 'first_and_last',
      ...(table.isAggregate && { isAggregate: true }),
    };
  },
};

function symbolOf(name: string): string {
  return /^([A-Za-z0-9]+(?:_[A-Z]+)?)[-_]/.exec(name)?.[1]?.toUpperCase() ?? name;
}

/** What the ids prove; T_DEPTH's are shared by all symbols where it has no `pu`. */
function policyOf(schema: Schema, table: BinanceTable): SequencePolicy {
  if (table.table === 'trades' || table.table === 'quotes') return 'snapshot';
  if (idOf(schema, table.sequencePrev) !== null) return 'chain';
  return table.sharesIds ? 'monotonic' : 'contiguous';
}

function idOf(schema: Schema, name: string | null): string | null {
  if (name === null) return null;
  const info = schema.optional({ names: [name], types: INTEGER_TYPES });
  return info === null || schema.isAllNull(info) ? null : info.name;
}

function rowsOf(
  schema: Schema,
  table: BinanceTable,
): Omit<RowMapping, 'tsRecv' | 'tsEvent' | 'symbol' | 'exchange'> {
  const [price, qty, side] = schema.required(`Binance's ${table.name}`, [
    { names: [table.price], types: NUMBER_TYPES },
    { names: [table.qty], types: NUMBER_TYPES },
    { names: [table.side], types: SIDE_TYPES },
  ]);
  return {
    sequence: idOf(schema, table.sequence),
    sequenceFirst: idOf(schema, table.sequenceFirst),
    sequencePrev: idOf(schema, table.sequencePrev),
    // `a`/`b` name the side itself; an ask's flag and a buyer who is the maker say the other one.
    side: { column: side!.name, trueMeansBid: table.sideMeansBid },
    price: price!.name,
    qty: qty!.name,
    flags: null,
    snapshot: table.snapshot,
    orderType: null,
    tradeId: table.tradeId === null ? null : tradeIdColumn(schema, [table.tradeId]),
    pipsScale: null,
  };
}

function levelsOf(
  schema: Schema,
  table: BinanceTable,
  rest: Pick<LevelMapping, 'tsRecv' | 'tsEvent' | 'symbol' | 'exchange'>,
): LevelMapping {
  return {
    kind: table.name,
    ...rest,
    sequence: idOf(schema, table.sequence),
    bids: [{ price: table.price, qty: table.qty }],
    asks: [{ price: table.askPrice!, qty: table.askQty! }],
  };
}
