import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pathsBetween } from '#src/dialects/shards.js';
import { runCli } from '../cli/spawn-cli.js';
import { readAudit } from '../support/outputs.js';
import { temporaryFolder } from '../support/product.js';

const START_US = 1_767_229_200_000_000;
const DEPTH = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';

/** Messages of one row, 1 s apart; the day's first is a snapshot of both sides. */
function rows(from: number, to: number, hasSnapshot: boolean): string {
  const lines = [DEPTH];
  const add = (at: number, rest: string): void => {
    const us = START_US + at * 1_000_000;
    lines.push(`binance,BTCUSDT,${us},${us},${rest}`);
  };
  for (const level of hasSnapshot ? ['bid,99,1', 'ask,101,1'] : []) add(from, `true,${level}`);
  for (let at = from + 1; at < to; at++) add(at, `false,bid,98,${at}`);
  return `${lines.join('\n')}\n`;
}

function damaged(text: string): Buffer {
  const packed = gzipSync(text);
  packed[packed.length - 8]! ^= 0xff;
  return packed;
}

async function auditOf(files: Readonly<Record<string, string | Buffer>>) {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'in', name)), { recursive: true });
    writeFileSync(join(root, 'in', name), content);
  }
  const out = join(root, 'out');
  const { exitCode } = await runCli(['run', join(root, 'in'), '-o', out]);
  const audit = readAudit(out);
  return { exitCode, failures: audit.failures, day: audit.instruments[0]! };
}

const named = (part: string): string => `binance_incremental_book_L2_2026-01-01_BTCUSDT${part}`;

describe('a file that cannot be read, between two of a stream without ids', () => {
  it.each([
    ['beside them', ['_9.csv', '_10.csv.gz', '_11.csv'].map(named)],
    ['in a folder for its hour', ['09/', '10/', '11/'].map((hour) => hour + named('.csv'))],
  ])('is a hole, and the book behind it is suspect: %s', async (_, names) => {
    const [first, lost, last] = names as [string, string, string];
    const lostName = lost.endsWith('.gz') ? lost : `${lost}.gz`;
    const { exitCode, failures, day } = await auditOf({
      [first]: rows(0, 100, true),
      [lostName]: damaged(rows(100, 200, false)),
      [last]: rows(200, 300, false),
    });
    expect(exitCode).toBe(4);
    expect(failures).toHaveLength(1);
    const ns = (at: number): string => `${START_US + at * 1_000_000}000`;
    expect(day.gaps).toMatchObject([
      { kind: 'hole', proven: true, ts_recv_before: ns(99), ts_recv_after: ns(201) },
    ]);
    expect(day.gaps[0]!.reason).toMatch(/10.*\.csv\.gz could not be read$/);
    expect(day.quality).toMatchObject([
      { state: 'suspect', reason: 'loss', ts_recv_from: ns(99), ts_recv_to: ns(299) },
    ]);
    expect(day.verdict).toBe('degraded');
  });

  it('is none where its name stands elsewhere', async () => {
    const { exitCode, day } = await auditOf({
      [named('_1.csv')]: rows(0, 100, true),
      'binance_trades_2026-01-01_BTCUSDT_2.csv.gz': damaged(rows(0, 100, false)),
      [named('_3.csv')]: rows(100, 200, false),
    });
    expect(exitCode).toBe(4);
    expect(day).toMatchObject({ gaps: [], verdict: 'usable' });
  });

  it('is told by its name: its number, and what else it is called', () => {
    const between = (path: string) => pathsBetween('a/1.csv', 'a/3.csv', [path]).length === 1;
    expect(['a/2.csv', 'a/2.csv.gz', 'a/2-late.csv'].filter(between)).toHaveLength(3);
    expect(['a/0.csv', 'a/4.csv', 'a/10.csv', 'b/2.csv', 'a/3.csv'].filter(between)).toEqual([]);
    const hours = ['d/1/depth.csv', 'd/3/depth.csv'] as const;
    expect(pathsBetween(...hours, ['d/2/depth.csv', 'd/2/trades.csv'])).toEqual(['d/2/depth.csv']);
  });
});
