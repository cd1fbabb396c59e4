import { describe, expect, test } from 'vitest';
import type { InputOptions } from '#src/dialects/options.js';
import { type Recognition, recogniseFile } from '#src/dialects/registry.js';
import type { RecognisedFile } from '#src/dialects/types.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { type FixtureColumn, parquetFixture } from '../support/parquet-fixture.js';

type Asked = Partial<Pick<InputOptions, 'dialect' | 'map' | 'policy'>>;

/** Columns as `name:type`. */
async function recognise(
  path: string,
  columns: string,
  asked: Asked = {},
  keyValue?: ReadonlyMap<string, string>,
): Promise<Recognition> {
  const specs = columns.split(' ').map((text): FixtureColumn => {
    const [name, type] = text.split(':') as [string, FixtureColumn['type']];
    return { name, type: type ?? 'int64', values: [] };
  });
  const bytes = parquetFixture(specs, keyValue ? { keyValue } : {});
  const footer = await readFooter(memorySource(path, bytes));
  const options = { dialect: null, map: {}, policy: null, ...asked };
  return recogniseFile({ path, mtimeNs: 0n, footer }, options)[0]!;
}

async function file(...args: Parameters<typeof recognise>): Promise<RecognisedFile> {
  const known = await recognise(...args);
  if (known.kind === 'file') return known.file;
  throw new Error(`skipped: ${known.skipped.reason}`);
}

const HIVE = 'exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08/1.snappy.parquet';
const DELTAS =
  'timestamp receipt_timestamp sequence_number side_is_bid:bool price:double size:double';

describe('tardis', () => {
  const KEYS = 'exchange:utf8 symbol:utf8 timestamp local_timestamp';
  const LEVEL = 'side:utf8 price:double amount:double';

  test('its tables, by their columns; those without a use are skipped', async () => {
    const deltas = `${KEYS} is_snapshot:bool ${LEVEL}`;
    expect(await file('a.csv', deltas)).toMatchObject({ dialect: 'tardis', policy: 'snapshot' });
    const ticker = await recognise('a.csv', `${KEYS} funding_rate:double mark_price:double`);
    expect(ticker.kind).toBe('skip');
    const name = 'binance_liquidations_2024-08-08_BTCUSDT.csv.gz';
    expect((await recognise(name, `${KEYS} id:utf8 ${LEVEL}`)).kind).toBe('skip');
  });

  test('is no table with ids: what they prove is not given away', async () => {
    for (const columns of [
      `${KEYS} is_snapshot:bool ${LEVEL} update_id prev_update_id`,
      `${KEYS} ${LEVEL} update_id prev_update_id`,
      `${KEYS} is_snapshot:bool side:utf8 px:double sz:double seq prev_update_id`,
    ]) {
      const known = await file('a.parquet', columns);
      expect(known).toMatchObject({ dialect: 'generic', table: 'depth', policy: 'chain' });
    }
  });
});

describe('lake', () => {
  test('deltas: raw names, ns, monotonic, message by receipt and sequence', async () => {
    expect(await file(`book_delta_v2/${HIVE}`, DELTAS)).toMatchObject({
      dialect: 'lake',
      table: 'depth',
      exchange: 'BINANCE',
      symbol: 'BTC-USDT',
      dt: '2024-08-08',
      policy: 'monotonic',
      messageKey: 'recv_and_sequence',
      rows: {
        tsRecv: { column: 'receipt_timestamp', unitNs: 1 },
        tsEvent: { column: 'timestamp', unitNs: 1 },
        sequence: 'sequence_number',
        side: { column: 'side_is_bid', trueMeansBid: true },
        price: 'price',
        qty: 'size',
        symbol: null,
        pipsScale: null,
      },
    });
  });

  test('renamed columns, with the unit that the file declares', async () => {
    const columns =
      'origin_time:timestamp_us received_time:timestamp_us side_is_bid:bool price:double quantity:double';
    const deltas = await file(`x/${HIVE}`, columns);
    expect(deltas).toMatchObject({ table: 'depth', policy: 'snapshot', messageKey: 'recv' });
    expect(deltas.rows?.tsRecv).toEqual({ column: 'received_time', unitNs: 1_000 });
    expect(deltas.rows?.qty).toBe('quantity');
  });

  test('trades, raw and renamed', async () => {
    const raw = 'side:utf8 amount:double price:double id timestamp receipt_timestamp';
    const renamed = 'side:utf8 quantity:double price:double trade_id origin_time received_time';
    for (const [columns, qty, tradeId] of [
      [raw, 'amount', 'id'],
      [renamed, 'quantity', 'trade_id'],
    ] as const) {
      const trades = await file(`trades/${HIVE}`, columns);
      expect(trades).toMatchObject({ table: 'trades', rows: { qty, tradeId, sequence: null } });
    }
  });

  test('books of any number of levels, deep by folder or by size', async () => {
    const levels = (count: number): string =>
      ['bid', 'ask']
        .flatMap((side) =>
          Array.from(
            { length: count },
            (_, at) => `${side}_${at}_price:double ${side}_${at}_size:double`,
          ),
        )
        .join(' ');
    const times = 'timestamp receipt_timestamp sequence_number';
    const book = await file(`book/${HIVE}`, `${times} ${levels(3)}`);
    expect(book).toMatchObject({ table: 'book', rows: null, policy: 'monotonic' });
    expect(book.levels?.bids).toHaveLength(3);
    expect(book.levels?.asks[2]).toEqual({ price: 'ask_2_price', qty: 'ask_2_size' });
    expect((await file(`deep_book_1m/${HIVE}`, `${times} ${levels(3)}`)).table).toBe('deep_book');
    expect((await file('plain.parquet', `${times} ${levels(21)}`)).table).toBe('deep_book');
    const best = await file(`level_1/${HIVE}`, `${times} ${levels(1)}`);
    expect(best).toMatchObject({ table: 'quotes', levels: { kind: 'level_1' } });
  });

  test('a plain file is of its columns, else unknown and its stem', async () => {
    expect(await file('x/btc.snappy.parquet', DELTAS)).toMatchObject({
      exchange: 'unknown',
      symbol: 'btc',
      dt: null,
    });
    const named = await file('x/btc.parquet', `${DELTAS} exchange:utf8 symbol:utf8`);
    expect(named).toMatchObject({ exchange: null, symbol: null });
    expect(named.rows).toMatchObject({ exchange: 'exchange', symbol: 'symbol' });
  });

  test('the path outdoes the columns', async () => {
    const named = await file(`book_delta_v2/${HIVE}`, `${DELTAS} symbol:utf8`);
    expect(named).toMatchObject({ symbol: 'BTC-USDT', rows: { symbol: null } });
  });

  test.each(['candles', 'funding', 'liquidations', 'book_delta'])(
    '%s is skipped with the reason',
    async (table) => {
      const columns = 'timestamp receipt_timestamp price:double side:utf8 amount:double id';
      const known = await recognise(`${table}/${HIVE}`, columns);
      expect(known).toMatchObject({
        kind: 'skip',
        skipped: { reason: expect.stringContaining(table) },
      });
    },
  );

  test('a missing column is named with what was found', async () => {
    const columns = 'timestamp receipt_timestamp side_is_bid:bool px:double size:double';
    await expect(recognise(`book_delta_v2/${HIVE}`, columns)).rejects.toMatchObject({
      code: 'ERR_INPUT_SCHEMA',
      message: expect.stringMatching(/lacks price.*px DOUBLE/),
      details: { path: `book_delta_v2/${HIVE}`, expected: ['price'] },
    });
    const timeless = 'timestamp side_is_bid:bool price:double size:double';
    await expect(recognise(`book_delta_v2/${HIVE}`, timeless)).rejects.toMatchObject({
      code: 'ERR_INPUT_SCHEMA',
      message: expect.stringContaining('receipt_timestamp'),
    });
  });

  test('a column of a type that cannot be read is named with its type', async () => {
    const columns = DELTAS.replace('price:double', 'price:bool');
    await expect(recognise(`book_delta_v2/${HIVE}`, columns)).rejects.toMatchObject({
      code: 'ERR_INPUT_SCHEMA',
      message: expect.stringMatching(/price of .* is BOOLEAN/),
    });
    const trades = 'side:utf8 amount:double price:double id:double timestamp receipt_timestamp';
    await expect(recognise(`trades/${HIVE}`, trades)).rejects.toMatchObject({
      code: 'ERR_INPUT_SCHEMA',
      message: expect.stringMatching(/Column id of/),
    });
  });
});

describe('generic', () => {
  test("finds the seed's names", async () => {
    const rows = await file('x/seed.parquet', 'timestamp update_id side price:double qty:double');
    expect(rows).toMatchObject({
      dialect: 'generic',
      table: 'depth',
      exchange: 'unknown',
      symbol: 'seed',
      policy: 'monotonic',
      messageKey: 'sequence',
      rows: {
        tsRecv: null,
        tsEvent: { column: 'timestamp', unitNs: null },
        sequence: 'update_id',
        price: 'price',
        qty: 'qty',
        side: { column: 'side', trueMeansBid: true },
      },
    });
  });

  test.each([
    ['', 'snapshot', 'recv'],
    ['u', 'monotonic', 'sequence'],
    ['U u', 'contiguous', 'first_and_last'],
    ['U u pu', 'chain', 'first_and_last'],
    ['u pu', 'chain', 'sequence'],
  ])('ids %j prove %s', async (ids, policy, messageKey) => {
    const columns = `local_ts price:utf8 qty:utf8 side:utf8 ${ids}`.trim();
    expect(await file('x.parquet', columns)).toMatchObject({ policy, messageKey });
  });

  test('--policy outdoes what the ids suggest', async () => {
    const columns = 'local_ts price:utf8 qty:utf8 side:utf8 U u';
    expect(await file('x.parquet', columns, { policy: 'monotonic' })).toMatchObject({
      policy: 'monotonic',
      messageKey: 'first_and_last',
    });
  });

  // Else the audit would call every loss proven where nothing is looked at.
  test.each([
    ['', 'contiguous', /no ids/],
    ['', 'monotonic', /no ids/],
    ['', 'chain', /no ids/],
    ['U u', 'chain', /only u, U/],
  ] as const)('ids %j cannot follow --policy %s', async (ids, policy, found) => {
    const columns = `local_ts price:utf8 qty:utf8 side:utf8 ${ids}`.trim();
    await expect(file('x.parquet', columns, { policy })).rejects.toMatchObject({
      code: 'ERR_INPUT_SCHEMA',
      message: expect.stringMatching(found),
    });
    const trades = 'local_ts trade_id price:double qty:double side:utf8';
    expect(await file('x.parquet', trades, { policy })).toMatchObject({ table: 'trades' });
  });

  test('--map says columns and units', async () => {
    const map = { price: 'p', qty: 'v', side: 'w', ts_recv: 't:ms', update_id: 'n', symbol: 's' };
    const columns = 'p:double v:double w:utf8 t n s:utf8';
    expect(await file('x.parquet', columns, { map })).toMatchObject({
      dialect: 'generic',
      symbol: null,
      rows: {
        price: 'p',
        qty: 'v',
        tsRecv: { column: 't', unitNs: 1_000_000 },
        sequence: 'n',
        symbol: 's',
      },
    });
  });

  test('a colon that belongs to the name is no unit', async () => {
    const map = { ts_recv: 'a:ms' };
    const specs = ['a:ms', 'price', 'qty', 'is_bid'];
    const bytes = parquetFixture(specs.map((name) => ({ name, type: 'int64', values: [] })));
    const footer = await readFooter(memorySource('x.parquet', bytes));
    const options = { dialect: null, map, policy: null };
    const [known] = recogniseFile({ path: 'x.parquet', mtimeNs: 0n, footer }, options);
    expect(known).toMatchObject({ file: { rows: { tsRecv: { column: 'a:ms', unitNs: null } } } });
  });

  test('declared timestamps outdo said units', async () => {
    const columns = 't:timestamp_us price:double qty:double side:utf8';
    const known = await file('x.parquet', columns, { map: { ts_recv: 't:ms' } });
    expect(known.rows?.tsRecv?.unitNs).toBe(1_000);
  });

  test('a trade id makes trades; the maker tells the side the other way round', async () => {
    const columns = 'local_ts trade_id price:double qty:double buyer_is_maker:bool';
    expect(await file('x.parquet', columns)).toMatchObject({
      table: 'trades',
      policy: 'snapshot',
      rows: {
        side: { column: 'buyer_is_maker', trueMeansBid: false },
        tradeId: 'trade_id',
        sequence: null,
      },
    });
  });

  test('the matching time comes before the sending time', async () => {
    const columns = 'local_ts event_ts transact_ts price:double qty:double side:utf8';
    const known = await file('x.parquet', columns);
    expect(known.rows?.tsEvent?.column).toBe('transact_ts');
  });

  test.each([
    ['no side', 'local_ts price:double qty:double', /lacks is_bid\|side_is_bid/],
    ['no time', 'price:double qty:double side:utf8', /lacks ts_recv\|local_ts/],
    ['no price', 'local_ts qty:double side:utf8', /lacks price\|px/, 'generic'],
  ] as const)('%s is named with what was found', async (_what, columns, message, mapped?) => {
    const map = mapped === 'generic' ? { qty: 'qty' } : {};
    await expect(recognise('x.parquet', columns, { map })).rejects.toMatchObject({
      code: 'ERR_INPUT_SCHEMA',
      message: expect.stringMatching(message),
    });
  });

  test('--map with a column that is not there, a word or a unit that nobody knows', async () => {
    const columns = 'local_ts price:double qty:double side:utf8';
    const codeOf = (map: Record<string, string>): Promise<string> =>
      recognise('x.parquet', columns, { map }).then(
        () => 'none',
        (error) => error.code,
      );
    expect(await codeOf({ price: 'px' })).toBe('ERR_INPUT_SCHEMA');
    expect(await codeOf({ prize: 'price' })).toBe('ERR_USAGE_MAP');
    expect(await codeOf({ ts_recv: 'local_ts:h' })).toBe('ERR_USAGE_MAP');
    expect(await codeOf({ price: 'price:ms' })).toBe('ERR_USAGE_MAP');
    expect(await codeOf({ price: 'price', ts_recv: 'local_ts:us' })).toBe('none');
  });
});

describe('unknown', () => {
  test('a schema that nobody knows says what was looked for and what to do', async () => {
    await expect(recognise('x.parquet', 'a b:utf8')).rejects.toMatchObject({
      code: 'ERR_INPUT_DIALECT',
      message: expect.stringMatching(/a INT64.*lake.*depthmill|depthmill.*lake.*--map/s),
    });
  });

  test('--dialect asks that one alone', async () => {
    await expect(recognise('x.parquet', DELTAS, { dialect: 'depthmill' })).rejects.toMatchObject({
      code: 'ERR_INPUT_DIALECT',
    });
    const generic = await file('x.parquet', DELTAS, { dialect: 'generic' });
    expect(generic).toMatchObject({ dialect: 'generic', messageKey: 'sequence' });
  });
});
