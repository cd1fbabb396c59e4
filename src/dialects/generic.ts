import { InputError, UsageError } from '../errors/errors.js';
import type { SourceColumnInfo } from '../parquet/reader.js';
import type { Dialect, DialectFile, DialectInput } from './dialect.js';
import { type InstrumentSource, instrumentOf } from './instrument.js';
import { BOOK_LEVELS_MAX, type LevelPair, numberedLevels } from './numbered-levels.js';
import { INTEGER_TYPES, NUMBER_TYPES, Schema, SIDE_TYPES } from './schema.js';
import { SEQUENCE_FIRST_NAMES, SEQUENCE_NAMES, SEQUENCE_PREV_NAMES } from './sequence-names.js';
import { tradeIdColumn } from './trade-id-type.js';
import type {
  MessageKey,
  RowMapping,
  SequencePolicy,
  SideField,
  TimeField,
  TimeUnitNs,
} from './types.js';

/** Our columns, as `--map` names them, and the names by which they are found without it. */
const NAMES = {
  ts_recv: ['ts_recv', 'local_ts', 'local_timestamp', 'receipt_timestamp', 'received_time'],
  // The matching time comes before the sending time: MODEL section 1.
  ts_event: [
    'ts_event',
    'transact_ts',
    'transact_time',
    'event_ts',
    'event_time',
    'exchange_timestamp',
    'timestamp',
  ],
  sequence: SEQUENCE_NAMES,
  sequence_first: SEQUENCE_FIRST_NAMES,
  sequence_prev: SEQUENCE_PREV_NAMES,
  side: ['is_bid', 'side_is_bid', 'is_buy', 'side'],
  buyer_is_maker: ['buyer_is_maker', 'is_buyer_maker'],
  is_ask: ['is_ask', 'side_is_ask', 'is_sell'],
  price: ['price', 'px'],
  qty: ['qty', 'quantity', 'size', 'amount', 'sz'],
  trade_id: ['trade_id', 'agg_trade_id'],
  snapshot: ['is_snapshot', 'snapshot'],
  level: ['level'],
  bid_price: ['bid_price', 'best_bid_price', 'bid_px'],
  bid_qty: ['bid_qty', 'bid_size', 'bid_amount', 'bid_quantity', 'best_bid_qty', 'bid_sz'],
  ask_price: ['ask_price', 'best_ask_price', 'ask_px'],
  ask_qty: ['ask_qty', 'ask_size', 'ask_amount', 'ask_quantity', 'best_ask_qty', 'ask_sz'],
  symbol: ['symbol'],
  exchange: ['exchange'],
} as const satisfies Record<string, readonly string[]>;

type Field = keyof typeof NAMES;

/** Other words for our columns in `--map`: those of the vendors. */
const FIELD_OF_WORD: Readonly<Record<string, Field>> = {
  update_id: 'sequence',
  last_update_id: 'sequence',
  first_update_id: 'sequence_first',
  prev_update_id: 'sequence_prev',
  is_bid: 'side',
  is_buy: 'side',
};

const UNITS: Readonly<Record<string, TimeUnitNs>> = {
  ns: 1,
  us: 1_000,
  ms: 1_000_000,
  s: 1_000_000_000,
};

/** Any flat table with a price and a quantity a row, by `--map` and by the usual names. */
export const GENERIC: Dialect = {
  name: 'generic',
  looksFor:
    'generic: price and qty (quantity, size, amount), a side, a time; or bid_price, bid_qty,' +
    ' ask_price, ask_qty; or bid_0_price, bid_0_qty and so on; or --map',
  recognise(input: DialectInput): DialectFile | null {
    const schema = new Schema(input.path, input.footer);
    const columns = new MappedColumns(schema, input);
    const levels = columns.has('price') ? [] : levelsOf(columns, schema);
    if (levels.length > 0) return bookRows(columns, schema, input, levels);
    if (!columns.isMapped && (!columns.has('price') || !columns.has('qty'))) return null;
    const isTrades = columns.has('trade_id') || columns.has('buyer_is_maker');
    // Only a book that was asked for numbers its levels.
    const isSnapshots = !isTrades && columns.has('level');
    const table = isTrades ? 'trades' : isSnapshots ? 'snapshots' : 'depth';
    const price = columns.required('price', table);
    const qty = columns.required('qty', table);
    const side = sideOf(columns, table);
    const { exchange, symbol, columns: instrument } = instrumentIn(columns, schema, input);
    const snapshot = table === 'depth' ? columns.snapshot() : null;
    const asksForPrev = input.policy === 'chain' && schema.holdsSnapshots(snapshot);
    const rows: RowMapping = {
      ...timesOf(columns, schema, table),
      sequence: columns.integer('sequence'),
      sequenceFirst: isTrades ? null : columns.integer('sequence_first'),
      sequencePrev: isTrades ? null : columns.integer('sequence_prev', asksForPrev),
      side,
      price: price.name,
      qty: qty.name,
      snapshot: snapshot?.name ?? null,
      flags: null,
      orderType: null,
      ...instrument,
      tradeId: isTrades ? tradeIdColumn(schema, columns.names('trade_id')) : null,
      pipsScale: null,
    };
    const mapping = isTrades ? { ...rows, sequence: null } : rows;
    const policy = input.policy ?? policyOf(mapping);
    const messageKey = messageKeyOf(mapping);
    return {
      kind: 'file',
      table,
      exchange,
      symbol,
      dt: null,
      rows: mapping,
      levels: null,
      policy,
      messageKey,
    };
  },
};

/** A witness: book rows of one level or more. */
function bookRows(
  columns: MappedColumns,
  schema: Schema,
  input: DialectInput,
  levels: readonly LevelPair[],
): DialectFile {
  const { exchange, symbol, columns: instrument } = instrumentIn(columns, schema, input);
  const count = levels.length;
  const kind = count === 1 ? 'quotes' : `book_snapshot_${count}`;
  return {
    kind: 'file',
    table: count === 1 ? 'quotes' : count > BOOK_LEVELS_MAX ? 'deep_book' : 'book',
    exchange,
    symbol,
    dt: null,
    rows: null,
    levels: {
      kind,
      ...timesOf(columns, schema, kind),
      sequence: columns.integer('sequence'),
      bids: levels.map(({ bid }) => bid),
      asks: levels.map(({ ask }) => ask),
      ...instrument,
    },
    policy: input.policy ?? 'snapshot',
    messageKey: 'recv',
  };
}

/** The best levels by name, or levels by number; none: it is no table of book rows. */
function levelsOf(columns: MappedColumns, schema: Schema): LevelPair[] {
  const fields = ['bid_price', 'bid_qty', 'ask_price', 'ask_qty'] as const;
  const best = fields.map((field) => columns.optional(field, NUMBER_TYPES)?.name ?? null);
  const [bidPrice, bidQty, askPrice, askQty] = best;
  if (bidPrice == null || bidQty == null || askPrice == null || askQty == null) {
    return numberedLevels(schema);
  }
  return [{ bid: { price: bidPrice, qty: bidQty }, ask: { price: askPrice, qty: askQty } }];
}

function instrumentIn(
  columns: MappedColumns,
  schema: Schema,
  { hive }: DialectInput,
): InstrumentSource {
  return instrumentOf(schema, hive, {
    exchange: columns.names('exchange'),
    symbol: columns.names('symbol'),
  });
}

/** What ids a table has decides what they can prove: MODEL section 3. */
function policyOf(rows: RowMapping): SequencePolicy {
  if (rows.sequence === null) return 'snapshot';
  if (rows.sequencePrev !== null) return 'chain';
  return rows.sequenceFirst === null ? 'monotonic' : 'contiguous';
}

function messageKeyOf(rows: RowMapping): MessageKey {
  if (rows.sequence === null) return 'recv';
  return rows.sequenceFirst === null ? 'sequence' : 'first_and_last';
}

function sideOf(columns: MappedColumns, table: string): SideField {
  for (const field of ['side', 'buyer_is_maker', 'is_ask'] as const) {
    const info = columns.optional(field, SIDE_TYPES);
    // A buyer who is the maker was hit by a seller: the taker sold.
    if (info !== null) return { column: info.name, trueMeansBid: field === 'side' };
  }
  throw columns.missing(table, ['side', 'buyer_is_maker', 'is_ask']);
}

function timesOf(
  columns: MappedColumns,
  schema: Schema,
  table: string,
): { tsRecv: TimeField | null; tsEvent: TimeField | null } {
  const tsRecv = schema.time(columns.names('ts_recv'), columns.unitNs('ts_recv'));
  const tsEvent = schema.time(columns.names('ts_event'), columns.unitNs('ts_event'));
  if (tsRecv === null && tsEvent === null) throw columns.missing(table, ['ts_recv', 'ts_event']);
  return { tsRecv, tsEvent };
}

/** `--map` laid over the usual names: which columns of one file stand for which of ours. */
class MappedColumns {
  readonly isMapped: boolean;
  readonly #schema: Schema;
  readonly #mapped = new Map<Field, { column: string; unitNs: TimeUnitNs | null }>();

  constructor(schema: Schema, input: DialectInput) {
    this.#schema = schema;
    this.isMapped = Object.keys(input.map).length > 0;
    for (const [word, text] of Object.entries(input.map)) {
      const field = fieldOf(word);
      const target = this.#target(field, text);
      if (schema.find([target.column]) === null) {
        throw new InputError(
          'ERR_INPUT_SCHEMA',
          `--map says ${word}=${text}, but ${input.path} has no column ${target.column}.` +
            ` Found: ${schema.words()}.`,
          { details: { path: input.path, expected: target.column, found: schema.names() } },
        );
      }
      this.#mapped.set(field, target);
    }
  }

  /** A `:unit` at the end belongs to the column's name where the file has such a column. */
  #target(field: Field, text: string): { column: string; unitNs: TimeUnitNs | null } {
    const at = text.lastIndexOf(':');
    if (at < 0 || this.#schema.find([text]) !== null) return { column: text, unitNs: null };
    const unitNs = UNITS[text.slice(at + 1)];
    if (unitNs === undefined || (field !== 'ts_recv' && field !== 'ts_event')) {
      throw mapError(
        `The unit in --map ${field}=${text} is not understood; times take :s, :ms, :us or :ns.`,
      );
    }
    return { column: text.slice(0, at), unitNs };
  }

  names(field: Field): readonly string[] {
    const mapped = this.#mapped.get(field);
    return mapped === undefined ? NAMES[field] : [mapped.column];
  }

  unitNs(field: Field): TimeUnitNs | null {
    return this.#mapped.get(field)?.unitNs ?? null;
  }

  has(field: Field): boolean {
    return this.#schema.find(this.names(field)) !== null;
  }

  optional(field: Field, types: readonly SourceColumnInfo['type'][]): SourceColumnInfo | null {
    return this.#schema.optional({ names: this.names(field), types });
  }

  required(field: Field, table: string): SourceColumnInfo {
    const wish = { names: this.names(field), types: NUMBER_TYPES };
    return this.#schema.required(`a table of ${table}`, [wish])[0]!;
  }

  /**
   * A column of ids; one without any value (Binance spot has no prev_update_id) is none.
   * @param mayBeEmpty the file holds rows that need have none
   */
  integer(field: Field, mayBeEmpty = false): string | null {
    const info = this.optional(field, INTEGER_TYPES);
    return info === null || (!mayBeEmpty && this.#schema.isAllNull(info)) ? null : info.name;
  }

  /** A column that tells the rows of snapshots. */
  snapshot(): SourceColumnInfo | null {
    return this.optional('snapshot', SIDE_TYPES);
  }

  missing(table: string, fields: readonly Field[]): InputError {
    const names = fields.flatMap((field) => this.names(field));
    return this.#schema.missing(`a table of ${table}`, [{ names, types: [] }]);
  }
}

function fieldOf(word: string): Field {
  const field = word in NAMES ? (word as Field) : FIELD_OF_WORD[word];
  if (field !== undefined) return field;
  const known = [...Object.keys(NAMES), ...Object.keys(FIELD_OF_WORD)];
  throw mapError(`--map knows no column ${word}; it knows ${known.join(', ')}.`);
}

function mapError(message: string): UsageError {
  return new UsageError('ERR_USAGE_MAP', message);
}
