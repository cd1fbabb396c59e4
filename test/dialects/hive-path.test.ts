import { expect, test } from 'vitest';
import { parseHivePath } from '#src/dialects/hive-path.js';

test('Hive parts name the instrument, the folder above them the table', () => {
  const path = 'in/book_delta_v2/exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08/1.snappy.parquet';
  expect(parseHivePath(path)).toEqual({
    exchange: 'BINANCE',
    symbol: 'BTC-USDT',
    dt: '2024-08-08',
    tableFolder: 'book_delta_v2',
    stem: '1',
  });
});

test('values are URL-decoded, and a stray % is a plain character', () => {
  expect(parseHivePath('t/symbol=BTC%2FUSDT/1.parquet').symbol).toBe('BTC/USDT');
  expect(parseHivePath('t/symbol=100%/1.parquet').symbol).toBe('100%');
  expect(parseHivePath('t/symbol=%FF/1.parquet').symbol).toBe('%FF');
  expect(parseHivePath('t/symbol=a=b/1.parquet').symbol).toBe('a=b');
});

test('plain files have a folder and a stem', () => {
  expect(parseHivePath('trades/deltas.decimal.snappy.parquet')).toEqual({
    exchange: null,
    symbol: null,
    dt: null,
    tableFolder: 'trades',
    stem: 'deltas.decimal',
  });
  expect(parseHivePath('x.pq')).toMatchObject({ tableFolder: null, stem: 'x' });
});

test('a dt that is no date is none', () => {
  expect(parseHivePath('dt=today/1.parquet').dt).toBeNull();
});
