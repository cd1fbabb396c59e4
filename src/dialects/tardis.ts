import type { SourceColumnInfo } from '../parquet/reader.js';
import type { Dialect, DialectFile, DialectInput, DialectSkip } from './dialect.js';
import { instrumentOf } from './instrument.js';
import { INTEGER_TYPES, NUMBER_TYPES, Schema, SIDE_TYPES } from './schema.js';
import { SEQUENCE_NAMES } from './sequence-names.js';
import { tradeIdColumn } from './trade-id-type.js';
import type { LevelColumns, LevelMapping, RowMapping, TimeUnitNs } from './types.js';

/** What every table of Tardis has: MARKETS section 2. */
const KEYS = ['exchange', 'symbol', 'timestamp', 'local_timestamp'];
const UNIT_NS: TimeUnitNs = 1_000;

/** `binance-futures_incremental_book_L2_2024-08-08_ETHUSDT.csv.gz`, as Tardis' downloads are named. */
const DOWNLOAD = /^([a-z0-9-]+)_([A-Za-z0-9_]+)_(\d{4}-\d\d-\d\d)_(.+?)\.csv(?:\.gz)?$/;

/** Columns of tables of Tardis' that are not used: derivative_ticker and options_chain. */
const UNUSED = ['funding_rate', 'open_interest', 'strike_price'];

/** Rows of five levels are a narrower witness than those of 25; both may be there for a day. */
const NARROW_LEVELS_MAX = 5;

export const TARDIS: Dialect = {
  name: 'tardis',
  looksFor:
    'tardis: exchange, symbol, timestamp, local_timestamp with is_snapshot, side, price, amount;' +
    ' or with id, side, price, amount; or with bid_price, ask_price; or with bids[0].price',
  recognise(input: DialectInput): DialectFile | DialectSkip | null {
    const schema = new Schema(input.path, input.footer);
    if (KEYS.some((name) => schema.find([name]) === null)) return null;
    const download = DOWNLOAD.exec(input.path.split(/[\\/]/).at(-1)!);
    const dt = download?.[3] ?? null;
    const table = tableOf(schema, download?.[2] ?? null);
    if (table === null) {
      // Anybody may name the instrument and the times so.
      const isTardis = download !== null || UNUSED.some((name) => schema.find([name]) !== null);
      if (!isTardis) return null;
      const name = download?.[2] ?? 'with these columns';
      return { kind: 'skip', reason: `depthmill does not use Tardis' table ${name}` };
    }
    const order = { policy: input.policy ?? 'snapshot', messageKey: 'recv' } as const;
    if (table === 'depth' || table === 'trades') {
      return { kind: 'file', table, dt, ...events(schema, input, table), ...order };
    }
    return { kind: 'file', ...levels(schema, input, table), dt, ...order };
  },
};

type TardisTable = 'depth' | 'trades' | 'quotes' | 'book';

/** By its columns; liquidations have those of trades, and only their name tells. */
function tableOf(schema: Schema, dataType: string | null): TardisTable | null {
  if (dataType === 'liquidations') return null;
  const has = (...names: string[]): boolean => names.every((name) => schema.find([name]) !== null);
  if (has('is_snapshot')) {
    // A download that lacks another column is damaged, and is said to be. Tardis has no ids: with
    // them it is another recorder's table, and they may prove what is missing.
    if (dataType !== null) return 'depth';
    const hasIds = SEQUENCE_NAMES.some((name) => has(name));
    return has('side', 'price', 'amount') && !hasIds ? 'depth' : null;
  }
  if (has('bids[0].price', 'asks[0].price')) return 'book';
  if (has('ask_amount', 'ask_price', 'bid_price', 'bid_amount')) return 'quotes';
  return has('id', 'side', 'price', 'amount') ? 'trades' : null;
}

const TIMES = {
  tsRecv: { column: 'local_timestamp', unitNs: UNIT_NS },
  tsEvent: { column: 'timestamp', unitNs: UNIT_NS },
} as const;

function events(
  schema: Schema,
  input: DialectInput,
  table: 'depth' | 'trades',
): Pick<DialectFile, 'exchange' | 'symbol' | 'rows' | 'levels'> {
  const name = table === 'depth' ? "Tardis' incremental_book_L2" : "Tardis' trades";
  const { exchange, symbol, columns } = instrumentOf(schema, input.hive);
  const [, , side, price, qty] = schema.required(name, [
    { names: [TIMES.tsRecv.column], types: INTEGER_TYPES },
    { names: [TIMES.tsEvent.column], types: INTEGER_TYPES },
    { names: ['side'], types: SIDE_TYPES },
    { names: ['price'], types: NUMBER_TYPES },
    { names: ['amount'], types: NUMBER_TYPES },
  ]) as SourceColumnInfo[];
  const rows: RowMapping = {
    ...TIMES,
    sequence: null,
    sequenceFirst: null,
    sequencePrev: null,
    side: { column: side!.name, trueMeansBid: true },
    price: price!.name,
    qty: qty!.name,
    flags: null,
    snapshot: table === 'depth' ? 'is_snapshot' : null,
    orderType: null,
    ...columns,
    tradeId: table === 'trades' ? tradeIdColumn(schema, ['id']) : null,
    pipsScale: null,
  };
  return { exchange, symbol, rows, levels: null };
}

function levels(
  schema: Schema,
  input: DialectInput,
  table: 'quotes' | 'book',
): Pick<DialectFile, 'table' | 'exchange' | 'symbol' | 'rows' | 'levels'> {
  const { exchange, symbol, columns } = instrumentOf(schema, input.hive);
  const { bids, asks } =
    table === 'quotes'
      ? {
          bids: [{ price: 'bid_price', qty: 'bid_amount' }],
          asks: [{ price: 'ask_price', qty: 'ask_amount' }],
        }
      : { bids: levelColumns(schema, 'bids'), asks: levelColumns(schema, 'asks') };
  const count = Math.min(bids.length, asks.length);
  const mapping: LevelMapping = {
    kind: table === 'quotes' ? 'quotes' : `book_snapshot_${count}`,
    ...TIMES,
    sequence: null,
    bids: bids.slice(0, count),
    asks: asks.slice(0, count),
    ...columns,
  };
  const names = [...bids, ...asks].flatMap(({ price, qty }) => [price, qty]);
  schema.required(`Tardis' ${table === 'quotes' ? 'quotes' : 'book_snapshot'}`, [
    { names: [TIMES.tsRecv.column], types: INTEGER_TYPES },
    { names: [TIMES.tsEvent.column], types: INTEGER_TYPES },
    ...names.map((name) => ({ names: [name], types: NUMBER_TYPES })),
  ]);
  const isDeep = table === 'book' && count > NARROW_LEVELS_MAX;
  return { table: isDeep ? 'deep_book' : table, exchange, symbol, rows: null, levels: mapping };
}

/** Levels from 0 on as long as both columns of the next one are there. */
function levelColumns(schema: Schema, side: 'bids' | 'asks'): LevelColumns[] {
  const found: LevelColumns[] = [];
  for (;;) {
    const price = `${side}[${found.length}].price`;
    const qty = `${side}[${found.length}].amount`;
    if (schema.find([price]) === null || schema.find([qty]) === null) return found;
    found.push({ price, qty });
  }
}
