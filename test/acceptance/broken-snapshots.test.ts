import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import { readAudit } from '../support/outputs.js';
import { temporaryFolder } from '../support/product.js';

const MIDNIGHT_MS = 1_767_312_000_000;
const HEADERS = {
  contiguous: 'exchange,symbol,local_ts,sequence_first,sequence,side,price,qty,is_snapshot',
  snapshot: 'exchange,symbol,local_ts,side,price,qty,is_snapshot',
} as const;
type Policy = keyof typeof HEADERS;

/** Milliseconds from midnight, first and last id, and rows. */
type Message = readonly [number, number, number, ...string[]];

const lines = (policy: Policy, messages: readonly Message[]): string[] =>
  messages.flatMap(([ms, first, last, ...rows]) => {
    const ids = policy === 'contiguous' ? [first, last] : [];
    return rows.map((row) => ['binance', 'X', MIDNIGHT_MS + ms, ...ids, row].join(','));
  });

const SNAPSHOT: Message = [0, 10, 10, 'bid,99,1,true', 'bid,98,1,true', 'ask,101,1,true', 'ask,102,1,true']; // biome-ignore format: one line
const CHANGES: readonly Message[] = [
  [10, 11, 12, 'bid,97,1,false'],
  [20, 13, 13, 'bid,96,1,false'],
];
const AGAIN: readonly Message[] = [
  [30, 13, 13, 'bid,99,1,true', 'ask,101,1,true'],
  [40, 14, 14, 'bid,97,1,false'],
];

function textOf(header: string, rows: readonly string[]): string {
  return `${[header, ...rows].join('\n')}\n`;
}

function damaged(text: string): Buffer {
  const packed = gzipSync(text);
  packed[packed.length - 8]! ^= 0xff;
  return packed;
}

/** What the audit says of each day, the same whatever the units and the workers. */
async function daysOf(files: Readonly<Record<string, string | Buffer>>) {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, name), content);
  const found = [];
  for (const options of [[], ['--batch-rows', '1', '--workers', '2']]) {
    const out = join(temporaryFolder(), 'out');
    await runCli(['run', root, '-o', out, ...options]);
    found.push(readAudit(out).instruments);
  }
  expect(found[1]).toEqual(found[0]);
  return found[0]!;
}

const kindsOf = (gaps: readonly { kind: string; reason: string }[]): string[] =>
  gaps.map(({ kind, reason }) => `${kind}: ${reason}`);

describe.each(['contiguous', 'snapshot'] as const)(
  'a snapshot whose rest a file holds that cannot be read (%s)',
  (policy) => {
    const header = HEADERS[policy];
    const all = lines(policy, [SNAPSHOT, ...CHANGES, ...AGAIN]);
    const textFrom = (from: number, to?: number): string => textOf(header, all.slice(from, to));
    const ids = (from: string, to: string) =>
      policy === 'contiguous' ? { sequence_from: from, sequence_to: to } : {};

    it.each([
      ['its last rows', 4],
      ['rows in its middle', 3],
    ])('is not trusted until the next one: %s', async (_, restTo) => {
      const [day] = await daysOf({
        '1.csv': textFrom(0, 2),
        '2.csv.gz': damaged(textFrom(2, restTo)),
        '3.csv': textFrom(restTo),
      });
      expect(kindsOf(day!.gaps)[0]).toMatch(/^hole: .*2\.csv\.gz could not be read$/);
      expect(day!.quality[0]).toMatchObject({ state: 'suspect', reason: 'loss', ...ids('10', '13') }); // biome-ignore format: one line
      expect(day!.verdict).toBe('degraded');
    });

    it('is not trusted until the end where no other one comes', async () => {
      const [day] = await daysOf({
        '1.csv': textFrom(0, 3),
        '2.csv.gz': damaged(textFrom(3, 4)),
        '3.csv': textFrom(4, 6),
      });
      expect(day!.quality).toMatchObject([{ state: 'suspect', ...ids('10', '13') }]);
    });

    it('is so where the file breaks off in front of its first whole message', async () => {
      const [day] = await daysOf({
        '1.csv': textFrom(0, 3),
        '2.csv': textFrom(3, 5).slice(0, -30),
        '3.csv': textFrom(5, 6),
      });
      expect(kindsOf(day!.gaps)).toContainEqual(expect.stringMatching(/^hole: .*2\.csv could not be read$/)); // biome-ignore format: one line
      expect(day!.quality).toMatchObject([{ state: 'suspect', ...ids('10', '13') }]);
    });

    it('is so over midnight', async () => {
      for (const restTo of [3, 4]) {
        const early = [[-10, 9, 9, 'bid,90,1,true', 'ask,110,1,true']] as const; // biome-ignore format: one line
        const before = lines(policy, [...early]);
        const days = await daysOf({
          '1.csv': textOf(header, [...before, ...all.slice(0, 2)]),
          '2.csv.gz': damaged(textFrom(2, restTo)),
          '3.csv': textFrom(restTo),
        });
        const [first, second] = days;
        expect(days.map(({ dt }) => dt)).toEqual(['2026-01-01', '2026-01-02']);
        expect(first!.gaps.filter(({ kind }) => kind === 'hole')).toEqual([]);
        expect(kindsOf(second!.gaps)[0]).toMatch(/^hole: .*2\.csv\.gz could not be read$/);
        expect(second!.quality[0]).toMatchObject({ state: 'suspect', reason: 'loss', ...ids('10', '13') }); // biome-ignore format: one line
      }
    });
  },
);

describe('a file that cannot be read where ids go on behind it', () => {
  it('is nothing to be told of behind a message', async () => {
    const all = lines('contiguous', [SNAPSHOT, ...CHANGES]);
    const [day] = await daysOf({
      '1.csv': textOf(HEADERS.contiguous, all.slice(0, 5)),
      '2.csv.gz': damaged(textOf(HEADERS.contiguous, all.slice(4, 5))),
      '3.csv': textOf(HEADERS.contiguous, all.slice(5)),
    });
    expect(day).toMatchObject({ gaps: [], quality: [] });
  });
});

describe('a snapshot of a table whose rest a file holds that cannot be read', () => {
  const CHANGE = 'exchange,symbol,local_ts,first_update_id,last_update_id,side,price,qty';
  const LEVEL = 'exchange,symbol,local_ts,last_update_id,side,level,price,qty';
  const changes = lines('contiguous', [...CHANGES, AGAIN[1]!]).map((line) => line.replace(/,false$/, '')); // biome-ignore format: one line
  const levels = [SNAPSHOT, AGAIN[0]!].flatMap(([ms, , id, ...rows]) =>
    rows.map((row, level) => {
      const [side, price, qty] = row.split(',');
      return ['binance', 'X', MIDNIGHT_MS + ms, id, side, level, price, qty].join(',');
    }),
  );
  const part = (from: number, to?: number): string => textOf(LEVEL, levels.slice(from, to));

  it('is not trusted until the next one', async () => {
    for (const restTo of [3, 4]) {
      const [day] = await daysOf({
        'updates.csv': textOf(CHANGE, changes),
        'snapshots-1.csv': part(0, 2),
        'snapshots-2.csv.gz': damaged(part(2, restTo)),
        'snapshots-3.csv': part(restTo),
      });
      expect(kindsOf(day!.gaps)).toMatchObject([expect.stringMatching(/^hole: .*snapshots-2\.csv\.gz could not be read/)]); // biome-ignore format: one line
      expect(day!.quality).toMatchObject([
        { state: 'suspect', reason: 'loss', sequence_from: '10', sequence_to: '13' },
      ]);
    }
  });

  it('is so where no file stands behind it', async () => {
    const [day] = await daysOf({
      'updates.csv': textOf(CHANGE, changes),
      'snapshots-1.csv': part(0, 2),
      'snapshots-2.csv.gz': damaged(part(2)),
    });
    expect(day!.quality).toMatchObject([
      { state: 'suspect', reason: 'loss', sequence_from: '10', sequence_to: '14' },
    ]);
  });

  it('is trusted where another file holds what comes behind it', async () => {
    const [day] = await daysOf({
      'updates.csv': textOf(CHANGE, changes),
      'snapshots-1.csv': part(0, 5),
      'snapshots-2.csv': part(5),
      'trades-2.csv.gz': damaged('exchange,symbol,local_ts,trade_id,side,price,qty\n'),
    });
    expect(day).toMatchObject({ gaps: [], quality: [] });
  });
});
