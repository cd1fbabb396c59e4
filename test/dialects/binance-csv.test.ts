import { describe, expect, test } from 'vitest';
import { FLAG_BAD_TS, FLAG_SNAPSHOT } from '#src/abi/flags.js';
import type { InputTable } from '#src/dialects/types.js';
import { firstDifference, TextHost } from './text-source.js';

/** Plans texts by path, and decodes the first file of a table of the first day. */
async function decodeTexts(texts: Readonly<Record<string, string>>, table: InputTable) {
  const host = new TextHost();
  const files = Object.entries(texts).map(([path, text]) => host.add(path, text));
  const plan = await host.plan(files);
  expect(plan.failures).toEqual([]);
  const day = plan.days[0]!;
  const { columns, rejects } = await host.decode(day, day.files[table][0]!);
  expect(rejects).toEqual([]);
  return { plan, day, columns };
}

describe('data.binance.vision', () => {
  test.each([
    [
      'spot trades without a header, in µs since 2025',
      'data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2025-01-02.csv',
      '4359011234567890123,94391.99,0.00029,27.37,1735776000007219,True,True\n' +
        '4359011234567890124,94392.00,0.00200000,188.78,1735776000007220,False,True\n',
      { exchange: 'binance', ids: [4359011234567890123n, 4359011234567890124n], unit: 1_000n },
      [1735776000007219n, 1735776000007220n],
    ],
    [
      'USD-M trades with a header, in ms',
      'data/futures/um/daily/trades/ETHUSDT/ETHUSDT-trades-2024-08-08.csv',
      'id,price,qty,quote_qty,time,is_buyer_maker\n' +
        '1,94391.99,0.00029,1,1723075200000,true\n2,94392,0.002,1,1723075200001,false\n',
      { exchange: 'binance-futures', ids: [1n, 2n], unit: 1_000_000n },
      [1723075200000n, 1723075200001n],
    ],
    [
      'COIN-M aggregates without a header',
      'cm/BTCUSD_PERP-aggTrades-2024-08-08.csv',
      '1,94391.99,0.00029,5,6,1723075200000,true\n2,94392,0.002,7,7,1723075200001,false\n',
      { exchange: 'binance-delivery', ids: [1n, 2n], unit: 1_000_000n },
      [1723075200000n, 1723075200001n],
    ],
    [
      'spot aggregates without a header',
      'BTCUSDT-aggTrades-2024-08-08.csv',
      '1,94391.99,0.00029,5,6,1723075200000,True,True\n2,94392,0.002,7,7,1723075200001,False,True\n',
      { exchange: 'binance', ids: [1n, 2n], unit: 1_000_000n },
      [1723075200000n, 1723075200001n],
    ],
  ])('%s', async (_what, path, text, { exchange, ids, unit }, stamps) => {
    const { day, columns } = await decodeTexts({ [path]: text }, 'trades');
    expect(day).toMatchObject({ exchange, dialect: 'binance-csv', dt: path.slice(-14, -4) });
    expect(day.symbol).toBe(/([A-Z0-9_]+)-/.exec(path.split('/').at(-1)!)![1]);
    const times = stamps.map((stamp) => stamp * unit);
    const expected = new Map<string, unknown[]>([
      ['ts_recv', times],
      ['ts_event', times],
      ['trade_id', ids],
      // The taker sold where the buyer was the maker.
      ['is_buy', [false, true]],
      ['price_pips', [9439199000000n, 9439200000000n]],
      ['qty_pips', [29000n, 200000n]],
      ['flags', [FLAG_BAD_TS, FLAG_BAD_TS]],
    ]);
    expect(firstDifference(columns, expected)).toBeNull();
  });

  test('aggregates give way to the trades of the same day, and are named', async () => {
    const { plan, day } = await decodeTexts(
      {
        'BTCUSDT-aggTrades-2024-08-08.csv': '1,9,1,5,6,1723075200000,True,True\n',
        'BTCUSDT-trades-2024-08-08.csv': '5,9,1,1,1723075200000,True,True\n',
      },
      'trades',
    );
    expect(day.files.trades.map(({ path }) => path)).toEqual(['BTCUSDT-trades-2024-08-08.csv']);
    expect(plan.skipped).toMatchObject([{ path: 'BTCUSDT-aggTrades-2024-08-08.csv' }]);
  });

  test('bookTicker is a witness of one level', async () => {
    const head =
      'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time\n';
    const row = '2817731234567890123,3.5,10,3.6,20,1687651200000,1687651200005\n';
    for (const text of [head + row, row]) {
      const path = 'um/BTCUSDT-bookTicker-2023-06-25.csv';
      const { columns } = await decodeTexts({ [path]: text }, 'quotes');
      const expected = new Map<string, unknown[]>([
        ['ts_event', [1687651200000000000n]],
        ['sequence', [2817731234567890123n]],
        ['bid_0_price_pips', [350000000n]],
        ['ask_0_qty_pips', [2000000000n]],
      ]);
      expect(firstDifference(columns, expected)).toBeNull();
    }
  });

  test('bookDepth is no book', async () => {
    const host = new TextHost();
    const text = 'timestamp,percentage,depth,notional\n2024-08-08 00:00:09,-5.00,1,2\n';
    const file = host.add('BTCUSDT-bookDepth-2024-08-08.csv', text);
    await expect(host.plan([file])).rejects.toMatchObject({
      code: 'ERR_INPUT_EMPTY',
      message: expect.stringContaining('no book'),
    });
  });
});

describe('T_DEPTH', () => {
  const ROWS = [
    ['1581854400001', '11', '101', '105', 'b', 'set', '9.5', '1', '99'],
    ['1581854400001', '11', '101', '105', 'a', 'set', '9.6', '0.000', '99'],
  ];
  const NAMES = [
    'timestamp',
    ...['trans_id', 'first_update_id', 'last_update_id'],
    ...['side', 'update_type', 'price', 'qty', 'pu'],
  ];

  test.each([
    ['of 2020', ['trans_id', 'pu'], 'monotonic'],
    ['with pu', ['trans_id'], 'chain'],
    ['with trans_id', ['pu'], 'monotonic'],
    ['with both', [], 'chain'],
  ])('%s, with a header or without', async (_what, without, policy) => {
    const kept = NAMES.flatMap((name, at) => (without.includes(name) ? [] : [at]));
    const rows = ROWS.map((row) => ['BTCUSDT', ...kept.map((at) => row[at])].join(','));
    const head = ['symbol', ...kept.map((at) => NAMES[at])].join(',');
    for (const lines of [[head, ...rows], rows]) {
      const path = 'BTCUSDT_T_DEPTH_2020-02-16_depth_update.csv';
      const { day, columns } = await decodeTexts({ [path]: `${lines.join('\n')}\n` }, 'depth');
      expect(day).toMatchObject({ policy, symbol: 'BTCUSDT', dt: '2020-02-16' });
      expect(day.exchange).toBe('binance-futures');
      const expected = new Map<string, unknown[]>([
        ['sequence', [105n, 105n]],
        ['sequence_first', [101n, 101n]],
        ...(policy === 'chain' ? [['sequence_prev', [99n, 99n]] as [string, unknown[]]] : []),
        ['is_bid', [true, false]],
        ['price_pips', [950000000n, 960000000n]],
        ['qty_pips', [100000000n, 0n]],
        ['flags', [FLAG_BAD_TS, FLAG_BAD_TS]],
      ]);
      expect(firstDifference(columns, expected)).toBeNull();
    }
  });

  test('a snapshot among the updates is marked row by row', async () => {
    const lines = [
      ['symbol', ...NAMES].join(','),
      ['BTCUSDT', '1581854400000', '10', '100', '100', 'b', 'snap', '9.4', '2', '-1'].join(','),
      ...ROWS.map((row) => ['BTCUSDT', ...row].join(',')),
    ];
    const texts = { 'BTCUSDT_T_DEPTH_2020-02-16_depth.csv': `${lines.join('\n')}\n` };
    const { columns } = await decodeTexts(texts, 'depth');
    expect(columns.get('flags')).toEqual([FLAG_BAD_TS | FLAG_SNAPSHOT, FLAG_BAD_TS, FLAG_BAD_TS]);
  });
});
