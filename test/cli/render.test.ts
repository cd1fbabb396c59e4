import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatPercent,
  formatRate,
  formatSeconds,
} from '#src/cli/format.js';
import { renderProgress } from '#src/cli/progress.js';
import { renderTable, type TableColumn } from '#src/cli/table.js';

const COLUMNS: TableColumn[] = [
  { header: 'symbol', align: 'left' },
  { header: 'rows', align: 'right' },
];

test('numbers stand on the right under their header', () => {
  const rows = [
    ['BTC-USDT', '298,111'],
    ['ETH', '7'],
  ];
  expect(renderTable(COLUMNS, rows, null)).toBe(
    ['symbol       rows', '────────  ───────', 'BTC-USDT  298,111', 'ETH             7'].join('\n'),
  );
});

test('a table wider than the terminal becomes blocks and loses nothing', () => {
  const text = renderTable(COLUMNS, [['BTC-USDT', '298,111']], 10);
  expect(text).toBe('symbol  BTC-USDT\nrows    298,111');
});

test('a table without rows still has its headers', () => {
  expect(renderTable(COLUMNS, [], null)).toBe('symbol  rows\n──────  ────');
});

test('figures are short and never claim what is not so', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(formatCount(-1234n)).toBe('-1,234');
  expect(formatCount(999)).toBe('999');
  expect(formatBytes(999)).toBe('999 B');
  expect(formatBytes(1_500_000)).toBe('1.50 MB');
  expect(formatRate(12_345_678)).toBe('12.3 M');
  expect(formatRate(Number.POSITIVE_INFINITY)).toBe('-');
  expect(formatSeconds(0.424)).toBe('0.42 s');
  expect(formatSeconds(185)).toBe('3m 05s');
  expect(formatSeconds(7620)).toBe('2h 07m');
  expect(formatPercent(999_999, 1_000_000)).toBe('99.99');
  expect(formatPercent(1, 1_000_000)).toBe('<0.01');
  expect(formatPercent(5, 5)).toBe('100.00');
  expect(formatPercent(0, 0)).toBe('-');
});

test('progress names share, speed, memory and the time that is left', () => {
  const line = renderProgress(
    {
      phase: 'run',
      rowsDone: 5_000_000,
      rowsTotal: 10_000_000,
      bytesDone: 40_000_000,
      bytesTotal: 80_000_000,
      instrumentsDone: 0,
      instrumentsTotal: 1,
      elapsedMs: 1000,
    },
    410_000_000,
  );
  expect(line).toBe(
    '[############------------]   50 %  5.00 M events/s  40.0 MB/s  RSS 410 MB  ETA 1.00 s',
  );
});
