import { describe, expect, test } from 'vitest';
import { FLAG_BAD_TS, FLAG_SNAPSHOT } from '#src/abi/flags.js';
import type { InputTable } from '#src/dialects/types.js';
import { discoverInputs } from '#src/io/file-discover.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { firstDifference, pips, readCsv, TextHost } from './text-source.js';

const host = new TextHost();

/** Plans a folder or file of the test data, and decodes the first file of a table. */
async function decodeTable(input: string, table: InputTable, scales = { price: 8, qty: 8 }) {
  const plan = await host.plan(await discoverInputs([sharedData(input)]));
  expect(plan.failures).toEqual([]);
  const day = plan.days[0]!;
  const file = day.files[table][0]!;
  return { plan, day, file, decoded: await host.decode(day, file, { scales }) };
}

const ns = (unit: bigint) => (text: string) => BigInt(text) * unit;
const isBid = (text: string): boolean => text === 'bid' || text === 'buy';

const TARDIS = [
  ['binance_incremental_book_L2_2024-08-08_BTCUSDT', 'binance', 'BTCUSDT', 300_094],
  ['binance-futures_incremental_book_L2_2024-08-08_ETHUSDT', 'binance-futures', 'ETHUSDT', 430_358],
  [
    'binance-delivery_incremental_book_L2_2024-08-08_ETHUSD_PERP',
    'binance-delivery',
    'ETHUSD_PERP',
    439_840,
  ],
] as const;

describe.skipIf(!hasSharedData)('tardis', () => {
  test.each(TARDIS)('%s: every row, exactly and in order', async (name, exchange, symbol, rows) => {
    const input = `tardis/${name}.csv.gz`;
    const { day, decoded } = await decodeTable(input, 'depth');
    expect(day).toMatchObject({ exchange, symbol, dt: '2024-08-08', dialect: 'tardis' });
    expect(day).toMatchObject({ policy: 'snapshot', messageKey: 'recv' });
    expect(decoded.rejects).toEqual([]);
    expect(decoded.result).toMatchObject({ rowsIn: rows, rowsDeselected: 0 });
    const csv = readCsv(sharedData(input));
    const expected = new Map<string, unknown[]>([
      ['ts_recv', csv.get('local_timestamp')!.map(ns(1_000n))],
      ['ts_event', csv.get('timestamp')!.map(ns(1_000n))],
      ['is_bid', csv.get('side')!.map(isBid)],
      ['price_pips', csv.get('price')!.map((text) => pips(text))],
      ['qty_pips', csv.get('amount')!.map((text) => pips(text))],
      ['flags', csv.get('is_snapshot')!.map((text) => (text === 'true' ? FLAG_SNAPSHOT : 0))],
    ]);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
  });

  test.each([
    ['trades', 'ab318c9__trades.csv', 9_999],
    ['trades', 'bitmex_trades_XBTUSD.csv', 10],
  ] as const)('its table %s of %s', async (table, name, rowCount) => {
    const input = `vendor-fixtures/tardis/${name}`;
    const { decoded } = await decodeTable(input, table);
    const csv = readCsv(sharedData(input));
    const isNumbered = /^\d+$/.test(csv.get('id')![0]!);
    const expected = new Map<string, unknown[]>([
      ['ts_recv', csv.get('local_timestamp')!.map(ns(1_000n))],
      ['trade_id', csv.get('id')!.map((text) => (isNumbered ? BigInt(text) : null))],
      ['is_buy', csv.get('side')!.map(isBid)],
      ['price_pips', csv.get('price')!.map((text) => pips(text))],
      ['qty_pips', csv.get('amount')!.map((text) => pips(text))],
    ]);
    expect(decoded.result.rowsIn).toBe(rowCount);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
  });

  test.each([
    ['quotes', '75bd87e__quotes.csv', 1],
    ['quotes', 'huobi-dm-swap_quotes_BTC-USD.csv', 1],
    ['book', 'binance-futures_book_snapshot_5_BTCUSDT.csv', 5],
    ['deep_book', 'binance-futures_book_snapshot_25_BTCUSDT.csv', 25],
  ] as const)('its table %s of %s', async (table, name, levels) => {
    const input = `vendor-fixtures/tardis/${name}`;
    const { decoded } = await decodeTable(input, table);
    const csv = readCsv(sharedData(input));
    const expected = new Map<string, unknown[]>();
    for (const side of ['bid', 'ask']) {
      for (let level = 0; level < levels; level++) {
        const prefix = table === 'quotes' ? `${side}_` : `${side}s[${level}].`;
        const of = (column: string) => csv.get(`${prefix}${column}`)!.map((text) => pips(text));
        expected.set(`${side}_${level}_price_pips`, of('price'));
        expected.set(`${side}_${level}_qty_pips`, of('amount'));
      }
    }
    const rowCount = csv.get('symbol')!.length;
    expected.set('bid_count', Array(rowCount).fill(levels));
    expected.set('ts_recv', csv.get('local_timestamp')!.map(ns(1_000n)));
    expect(firstDifference(decoded.columns, expected)).toBeNull();
  });
});

const FLAT = [
  ['binance-spot-BTCUSDT-20240808', 'binance', 'contiguous', 298_111, 19_904],
  ['binance-usdm-ETHUSDT-20240808', 'binance-futures', 'chain', 428_662, 14_076],
  ['binance-cm-ETHUSD_PERP-20240808', 'binance-delivery', 'chain', 437_922, 3_595],
] as const;

describe.skipIf(!hasSharedData)('flat', () => {
  test.each(FLAT)('%s: every delta', async (folder, exchange, policy, rowCount) => {
    const { plan, day, decoded } = await decodeTable(`flat/${folder}`, 'depth');
    expect(plan.days.length).toBe(1);
    expect(plan.skipped.map(({ path }) => path)).toEqual([
      sharedData(`flat/${folder}/truth_bbo.csv.gz`),
    ]);
    expect(day).toMatchObject({
      exchange,
      policy,
      dialect: 'flat',
      messageKey: 'recv_and_sequence',
    });
    expect(decoded.result.rowsIn).toBe(rowCount);
    const csv = readCsv(sharedData(`flat/${folder}/deltas.csv.gz`));
    const hasMatching = csv.get('transact_ts')![0] !== '';
    const expected = new Map<string, unknown[]>([
      ['ts_recv', csv.get('local_ts')!.map(BigInt)],
      ['ts_event', csv.get(hasMatching ? 'transact_ts' : 'event_ts')!.map(ns(1_000_000n))],
      ['sequence', csv.get('last_update_id')!.map(BigInt)],
      ['sequence_first', csv.get('first_update_id')!.map(BigInt)],
      ...(policy === 'chain'
        ? [['sequence_prev', csv.get('prev_update_id')!.map(BigInt)] as [string, unknown[]]]
        : []),
      ['is_bid', csv.get('side')!.map(isBid)],
      ['price_pips', csv.get('price')!.map((text) => pips(text))],
      ['qty_pips', csv.get('qty')!.map((text) => pips(text))],
    ]);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
    expect([...decoded.columns.keys()].includes('sequence_prev')).toBe(policy === 'chain');
  });

  test.each(FLAT)('%s: its snapshot', async (folder, _exchange, policy) => {
    const { decoded } = await decodeTable(`flat/${folder}`, 'snapshots');
    const csv = readCsv(sharedData(`flat/${folder}/snapshots.csv.gz`));
    const ids = csv.get('last_update_id')!.map(BigInt);
    const expected = new Map<string, unknown[]>([
      ['ts_recv', csv.get('local_ts')!.map(BigInt)],
      ['ts_event', csv.get('local_ts')!.map(BigInt)],
      ['sequence', ids],
      ['sequence_first', ids],
      ...(policy === 'chain' ? [['sequence_prev', ids] as [string, unknown[]]] : []),
      ['is_bid', csv.get('side')!.map(isBid)],
      ['price_pips', csv.get('price')!.map((text) => pips(text))],
      ['qty_pips', csv.get('qty')!.map((text) => pips(text))],
      ['flags', ids.map(() => FLAG_SNAPSHOT | FLAG_BAD_TS)],
    ]);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
  });

  test.each(FLAT)('%s: every trade', async (folder, _exchange, _policy, _rows, rowCount) => {
    const { decoded } = await decodeTable(`flat/${folder}`, 'trades');
    const csv = readCsv(sharedData(`flat/${folder}/trades.csv.gz`));
    const expected = new Map<string, unknown[]>([
      ['ts_recv', csv.get('local_ts')!.map(BigInt)],
      ['ts_event', csv.get('trade_ts')!.map(ns(1_000_000n))],
      ['trade_id', csv.get('trade_id')!.map(BigInt)],
      ['is_buy', csv.get('buyer_is_maker')!.map((text) => text === 'false')],
      ['price_pips', csv.get('price')!.map((text) => pips(text))],
      ['qty_pips', csv.get('qty')!.map((text) => pips(text))],
    ]);
    expect(decoded.result.rowsIn).toBe(rowCount);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
  });

  test.each([
    ['okx-10inst-20220227', 10],
    ['okcoin-10pairs-20210405', 10],
    ['bitget-8pairs-20220407', 8],
    ['ftx-10mkts-20210405', 10],
  ])('%s: each instrument has its rows, with stamps to the last digit', async (folder, count) => {
    const plan = await host.plan(await discoverInputs([sharedData(`flat/${folder}`)]));
    expect(plan.failures).toEqual([]);
    expect(plan.days.length).toBe(count);
    const csv = readCsv(sharedData(`flat/${folder}/deltas.csv.gz`));
    const symbols = csv.get('symbol')!;
    for (const day of plan.days) {
      const own = [...symbols.keys()].filter((row) => symbols[row] === day.symbol);
      const of = <T>(name: string, read: (text: string) => T): T[] =>
        own.map((row) => read(csv.get(name)![row]!));
      // Its quantities at 8 decimals overflow int64.
      const scales = { price: 12, qty: day.symbol === 'ELON-USDT' ? 0 : 8 };
      const decoded = await host.decode(day, day.files.depth[0]!, { scales });
      const expected = new Map<string, unknown[]>([
        ['ts_recv', of('local_ts', (text) => pips(text, 9))],
        ['sequence', of('seq', BigInt)],
        ['is_bid', of('side', isBid)],
        ['price_pips', of('price', (text) => pips(text, 12))],
        ['qty_pips', of('qty', (text) => pips(text, scales.qty))],
        ['flags', of('is_snapshot', (text) => (text === 'true' ? FLAG_SNAPSHOT : 0))],
      ]);
      expect(firstDifference(decoded.columns, expected), day.symbol).toBeNull();
    }
  });
});

const FAULTS = 'faults/test_';
const SPOT_DEPTH = 'binance_difference_depth_stream_spot_trxusdt_04-03-2025.csv.gz';

describe.skipIf(!hasSharedData)('binance-csv', () => {
  test.each([
    [`${FAULTS}positive_${SPOT_DEPTH}`, 'contiguous', 1_000n],
    [`${FAULTS}positive_${SPOT_DEPTH.replace('spot', 'usd_m_futures')}`, 'chain', 1_000_000n],
  ])('%s: every row', async (input, policy, unit) => {
    const { day, decoded } = await decodeTable(input, 'depth');
    expect(day).toMatchObject({ policy, symbol: 'TRXUSDT', dialect: 'binance-csv' });
    expect(decoded.rejects).toEqual([]);
    const csv = readCsv(sharedData(input));
    const eventTimes = csv.get('TransactionTime') ?? csv.get('EventTime')!;
    const expected = new Map<string, unknown[]>([
      ['ts_recv', csv.get('TimestampOfReceive')!.map(ns(unit))],
      ['ts_event', eventTimes.map(ns(unit))],
      ['sequence', csv.get('FinalUpdateId')!.map(BigInt)],
      ['sequence_first', csv.get('FirstUpdateId')!.map(BigInt)],
      ['is_bid', csv.get('IsAsk')!.map((text) => text === '0')],
      ['price_pips', csv.get('Price')!.map((text) => pips(text))],
      ['qty_pips', csv.get('Quantity')!.map((text) => pips(text))],
    ]);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
  });

  test('the faulty twin: the negative price is refused, and all else is as it stands', async () => {
    const input = `${FAULTS}negative_${SPOT_DEPTH}`;
    const { decoded } = await decodeTable(input, 'depth');
    expect(decoded.rejects).toMatchObject([
      { row: 0, reason: 'ERR_ROW_PRICE_NEGATIVE', column: 'Price', value: '-1', isBid: true },
    ]);
    const csv = readCsv(sharedData(input));
    const of = (name: string) => csv.get(name)!.slice(1).map(BigInt);
    const expected = new Map<string, unknown[]>([
      ['sequence', of('FinalUpdateId')],
      ['sequence_first', of('FirstUpdateId')],
      ['ts_event', of('EventTime').map((stamp) => stamp * 1_000n)],
    ]);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
  });

  test.each(['positive', 'negative'])('the %s trades', async (kind) => {
    const input = `${FAULTS}${kind}_binance_trade_stream_spot_trxusdt_04-03-2025.csv.gz`;
    const { day, decoded } = await decodeTable(input, 'trades');
    expect(day.exchange).toBe('binance');
    const csv = readCsv(sharedData(input));
    const expected = new Map<string, unknown[]>([
      ['trade_id', csv.get('TradeId')!.map(BigInt)],
      ['is_buy', csv.get('IsBuyerMarketMaker')!.map((text) => text === '0')],
      ['price_pips', csv.get('Price')!.map((text) => pips(text))],
      ['ts_event', csv.get('TransactionTime')!.map(ns(1_000n))],
    ]);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
  });

  test('T_DEPTH: updates are a chain, and the snapshot a table of its own', async () => {
    const { day, decoded } = await decodeTable('vendor-fixtures/binance', 'depth');
    expect(day).toMatchObject({ policy: 'chain', exchange: 'binance-futures', symbol: 'BTCUSDT' });
    const csv = readCsv(sharedData('vendor-fixtures/binance/btcusdt-depth-update.csv'));
    const expected = new Map<string, unknown[]>([
      ['sequence_prev', csv.get('pu')!.map(BigInt)],
      ['is_bid', csv.get('side')!.map((text) => text === 'b')],
      ['ts_event', csv.get('timestamp')!.map(ns(1_000_000n))],
      ['flags', csv.get('pu')!.map(() => FLAG_BAD_TS)],
    ]);
    expect(firstDifference(decoded.columns, expected)).toBeNull();
    const snapshots = await host.decode(day, day.files.snapshots[0]!);
    const snap = readCsv(sharedData('vendor-fixtures/binance/btcusdt-depth-snap.csv'));
    const ids = snap.get('last_update_id')!.map(BigInt);
    const rows = new Map<string, unknown[]>([
      ['sequence', ids],
      ['sequence_prev', ids],
      ['price_pips', snap.get('price')!.map((text) => pips(text))],
      ['flags', ids.map(() => FLAG_SNAPSHOT | FLAG_BAD_TS)],
    ]);
    expect(firstDifference(snapshots.columns, rows)).toBeNull();
  });
});
