import { beforeAll, describe, expect, test } from 'vitest';
import { FLAG_CROSSED, FLAG_LAST } from '#src/abi/flags.js';
import { renderBook } from '#src/cli/book-text.js';
import { generateTape } from '#src/generate/generate-tape.js';
import type { BookMoment } from '#src/worker/book-at.js';
import { depthmillDone } from '../support/product.js';
import { scratchFolder } from './scratch-folder.js';
import { runCli } from './spawn-cli.js';

const MOMENT: BookMoment = {
  exchange: 'BINANCE',
  symbol: 'BTC-USDT',
  dt: '2026-01-01',
  scales: { price: 2, qty: 1 },
  atNs: 1_767_225_600_002_500_000n,
  state: 'suspect',
  last: {
    place: { part: 0, row: 7 },
    tsRecv: 1_767_225_600_001_000_000n,
    tsEvent: 1_767_225_600_000_000_000n,
    sequence: 99n,
    flags: FLAG_LAST | FLAG_CROSSED,
  },
  bids: [
    { pricePips: 10_050n, qtyPips: 40n },
    { pricePips: 10_000n, qtyPips: 5n },
  ],
  asks: [{ pricePips: 10_049n, qtyPips: 20n }],
  bidCount: 2,
  askCount: 1,
  digest: '0123456789abcdef',
  from: { dt: '2026-01-01', keyframe: 3, knownBidPips: null, knownAskPips: 10_100n },
  rowsReplayed: 1234,
};

describe('the book as a table', () => {
  test('stands in columns, with bars as long as the quantities', () => {
    expect(renderBook(MOMENT, { width: 38, colour: false })).toBe(
      [
        'BINANCE BTC-USDT at 2026-01-01T00:00:00.002500Z',
        '  suspect (CROSSED)',
        '  last message 1.5 ms before, of 2026-01-01, sequence 99',
        '    received 2026-01-01T00:00:00.001Z, stamped 2026-01-01T00:00:00Z',
        '  from keyframe 3 of 2026-01-01 and 1,234 rows behind it',
        '  2 bids, 1 asks, digest 0123456789abcdef',
        '',
        '████  4.0  100.50 │ 100.49  2.0  ██',
        '   ▐  0.5  100.00 │',
      ].join('\n'),
    );
  });

  test('has no bars where the screen has no room, and colours on a terminal only', () => {
    const narrow = renderBook(MOMENT, { width: 20, colour: true });
    expect(narrow.split('\n').at(-2)).toBe('  4.0  100.50 │ 100.49  2.0');
    expect(renderBook(MOMENT, { width: 60, colour: true })).toContain('\u001b[32m█');
    expect(renderBook(MOMENT, { width: null, colour: false })).not.toContain('\u001b');
  });

  test('says so where there is no book', () => {
    const none = { ...MOMENT, bids: [], asks: [], state: 'unseeded' as const };
    expect(renderBook(none, { width: 80, colour: false })).toContain('there is no book');
    const before = renderBook({ ...none, last: null }, { width: 80, colour: false });
    expect(before.split('\n').slice(1)).toEqual(['  unseeded: nothing had been received']);
  });
});

describe('book --at', () => {
  const scratch = scratchFolder();
  const at = '2026-01-01T00:00:20Z';
  let out = '';

  beforeAll(async () => {
    out = scratch('out');
    const tape = { symbols: 2, events: 60_000, layout: 'lake' as const };
    await generateTape({ out: scratch('lake'), ...tape });
    await depthmillDone(['run', scratch('lake'), '-o', out, '--no-sync', '--tables', 'all']);
  });

  test('--json has decimals as strings, exact stamps, and as many levels as asked for', async () => {
    const symbol = ['--symbol', 'SYM-0002-USDT'];
    const { stdout } = await depthmillDone([
      'book',
      out,
      ...symbol,
      '--at',
      at,
      '--depth',
      '3',
      '--json',
    ]);
    const book = JSON.parse(stdout) as Record<string, unknown> & { bids: { price: string }[] };
    expect(book).toMatchObject({
      schema: 'depthmill-book/1',
      symbol: 'SYM-0002-USDT',
      at: '1767225620000000000',
      state: 'live',
      marks: [],
    });
    expect(book.bids).toHaveLength(3);
    const prices = book.bids.map(({ price }) => price);
    expect(prices.every((price) => /^\d+(\.\d+)?$/.test(price))).toBe(true);
    expect(prices).toEqual(prices.toSorted((a, b) => Number(b) - Number(a)));
  });

  test.each([
    [['--at', at], 2, 'ERR_USAGE', 'name one with --symbol'],
    [['--at', at, '--symbol', 'NO'], 1, 'ERR_INPUT_NO_MATCH', 'SYM-0002-USDT'],
    [['--symbol', 'SYM-0001-USDT'], 2, 'ERR_USAGE', '--at TIME'],
    [['--at', 'noon'], 2, 'ERR_USAGE_TIME', 'ISO 8601'],
    [['--at', at, '--depth', '0'], 2, 'ERR_USAGE_NUMBER', '--depth'],
  ] as const)('refuses %j in words that help', async (args, exitCode, code, words) => {
    const result = await runCli(['book', out, ...args]);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(code);
    expect(result.stderr).toContain(words);
  });

  test('refuses a folder that is no output', async () => {
    const { exitCode, stderr } = await runCli(['book', scratch('lake'), '--at', at]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('holds no table depth');
  });
});
