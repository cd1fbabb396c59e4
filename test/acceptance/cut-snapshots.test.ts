import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const MIDNIGHT_MS = 1_767_312_000_000;
const HEADERS = {
  contiguous: 'exchange,symbol,local_ts,sequence_first,sequence,side,price,qty,is_snapshot',
  chain: 'exchange,symbol,local_ts,sequence_prev,sequence,side,price,qty,is_snapshot',
  monotonic: 'exchange,symbol,local_ts,sequence,side,price,qty,is_snapshot',
  snapshot: 'exchange,symbol,local_ts,side,price,qty,is_snapshot',
} as const;
type Policy = keyof typeof HEADERS;

/** A message: milliseconds from midnight, its first and last id, and rows. */
type Message = readonly [number, number, number, ...string[]];

const FIRST: readonly Message[] = [
  [-2_000, 10, 10, 'bid,90,1,true', 'ask,110,1,true'],
  [-1_000, 11, 12, 'bid,98,2,false'],
];
/** The first file may end behind each of its rows, and is of the first day all the same. */
const CUT = ['bid,99,1,true', 'bid,98,1,true', 'ask,101,1,true', 'ask,102,1,true', 'ask,103,1,true'] as const; // biome-ignore format: one line
const SNAPSHOT: Message = [40, 12, 12, ...CUT];
const BEHIND: readonly Message[] = [
  [50, 13, 14, 'bid,97,1,false'],
  [60, 15, 16, 'ask,101,0,false'],
];
const CUTS = CUT.slice(1).map((_, index) => FIRST.flat().length - 3 * FIRST.length + index + 1);

function linesOf(policy: Policy, exchange: string, messages: readonly Message[]): string[] {
  return messages.flatMap(([ms, first, last, ...rows]) => {
    const ids = { contiguous: [first, last], chain: [first - 1, last], monotonic: [last], snapshot: [] }; // biome-ignore format: one line
    return rows.map((row) => [exchange, 'X', MIDNIGHT_MS + ms, ...ids[policy], row].join(','));
  });
}

type Files = Readonly<Record<string, readonly string[]>>;

/** Runs files of lines; what the audit says of the last day, and the rows of the last books. */
async function lastDayOf(files: Files, ...more: string[]) {
  const root = temporaryFolder();
  for (const [name, lines] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), `${lines.join('\n')}\n`);
  }
  const out = join(temporaryFolder(), 'out');
  await depthmillDone(['run', root, '-o', out, '--book-depth', '3', ...more]);
  const { instruments } = readAudit(out);
  const { stdout } = await depthmillDone(['cat', out, '--table', 'book']);
  const books = stdout.trim().split('\n').slice(-BEHIND.length);
  return { days: instruments, day: instruments.at(-1)!, books: books.map(withoutDay) };
}

const withoutDay = (line: string): string => line.replace(/,\d{4}-\d\d-\d\d,/, ',,');

/** The lines cut in two files behind the row at `at`, one of each day. */
function cutAt(header: string, lines: readonly string[], at: number): Files {
  return { '0.csv': [header, ...lines.slice(0, at)], '1.csv': [header, ...lines.slice(at)] };
}

describe('a snapshot whose rows two files of two days share', () => {
  it.each([
    ['contiguous', 'binance'],
    ['chain', 'binance'],
    ['monotonic', 'test'],
    ['snapshot', 'test'],
    ['contiguous', 'bybit'],
    ['chain', 'okx'],
  ] as const)('is one snapshot, wherever it is cut (%s, %s)', async (policy, exchange) => {
    const header = HEADERS[policy];
    const lines = linesOf(policy, exchange, [...FIRST, SNAPSHOT, ...BEHIND]);
    const whole = await lastDayOf({ '0.csv': [header, ...lines] });
    for (const at of CUTS) {
      const { day, books } = await lastDayOf(cutAt(header, lines, at));
      const label = `behind ${lines[at - 1]}`;
      expect(day.dt, label).toBe('2026-01-02');
      expect(day.digest, label).toBe(whole.day.digest);
      expect(day, label).toMatchObject({ gaps: [], quality: [], reconnects: 0 });
      expect(day.accounting.dropped, label).toEqual({});
      expect(books, label).toEqual(whole.books);
    }
  });

  it('is so with ids above its own in front of it', async () => {
    const lines = linesOf('contiguous', 'binance', [
      ...FIRST,
      [30, 13, 13, 'bid,98,5,false', 'ask,102,5,false'],
      SNAPSHOT,
      [50, 14, 14, 'bid,97,1,false'],
      [60, 15, 16, 'ask,101,0,false'],
    ]);
    const whole = await lastDayOf({ '0.csv': [HEADERS.contiguous, ...lines] });
    for (const at of CUTS) {
      const { day, books } = await lastDayOf(cutAt(HEADERS.contiguous, lines, at + 2));
      expect(day).toMatchObject({ digest: whole.day.digest, gaps: [], quality: [] });
      expect(books).toEqual(whole.books);
    }
  });

  it('is so in the files of Tardis', async () => {
    const header = 'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount';
    const lines = [...FIRST, SNAPSHOT, ...BEHIND].flatMap(([ms, , , ...rows]) =>
      rows.map((row) => {
        const [side, price, amount, isSnapshot] = row.split(',');
        const us = (MIDNIGHT_MS + ms) * 1_000;
        return ['bitmex', 'X', us, us, isSnapshot, side, price, amount].join(',');
      }),
    );
    const whole = await lastDayOf({ '0.csv': [header, ...lines] });
    const name = (dt: string) => `bitmex_incremental_book_L2_${dt}_X.csv`;
    for (const at of CUTS) {
      const { day, books } = await lastDayOf({
        [name('2026-01-01')]: [header, ...lines.slice(0, at)],
        [name('2026-01-02')]: [header, ...lines.slice(at)],
      });
      expect(day).toMatchObject({ digest: whole.day.digest, gaps: [], quality: [] });
      expect(books).toEqual(whole.books);
    }
  });

  it('keeps the doubt of a row that was refused in its first half', async () => {
    const lines = linesOf('chain', 'binance', [...FIRST, SNAPSHOT, ...BEHIND]);
    lines[3] = lines[3]!.replace(',99,', ',9x9,');
    const { day } = await lastDayOf(cutAt(HEADERS.chain, lines, 5));
    expect(day.quality).toMatchObject([
      { state: 'suspect', reason: 'rejected_row', sequence_from: '12', sequence_to: '16' },
    ]);
  });

  it('is the same book, as far as it is known, where the second file has all of it again', async () => {
    const first = linesOf('chain', 'binance', [...FIRST, SNAPSHOT]);
    const again = linesOf('chain', 'binance', [SNAPSHOT, ...BEHIND]);
    const once = [...first, ...again.slice(CUT.length)];
    const whole = await lastDayOf({ '0.csv': [HEADERS.chain, ...once] });
    for (const at of [...CUTS, first.length]) {
      const cut = first.slice(0, at);
      for (const files of [
        { '0.csv': [HEADERS.chain, ...cut], '1.csv': [HEADERS.chain, ...again] },
        { '0.csv': [HEADERS.chain, ...cut, ...again] },
        { '0.csv': [HEADERS.chain, ...first, ...cut.slice(3), ...again.slice(CUT.length)] },
      ]) {
        const { day, books } = await lastDayOf(files);
        expect(day).toMatchObject({ digest: whole.day.digest, gaps: [], quality: [] });
        expect(books).toEqual(whole.books);
      }
    }
  });

  it('is another one where its stamp or its id is another', async () => {
    for (const other of [
      [41, 12],
      [40, 13],
    ] as const) {
      // biome-ignore format: one line
      const rest: Message = [...other, other[1], ...CUT.slice(2)];
      const lines = linesOf('contiguous', 'binance', [...FIRST, SNAPSHOT]);
      const next = linesOf('contiguous', 'binance', [rest, [50, other[1] + 1, 14, 'bid,97,1,false']]); // biome-ignore format: one line
      const alone = await lastDayOf({ '1.csv': [HEADERS.contiguous, ...next] });
      const both = await lastDayOf({
        '0.csv': [HEADERS.contiguous, ...lines],
        '1.csv': [HEADERS.contiguous, ...next],
      });
      expect(both.day.digest).toBe(alone.day.digest);
    }
  });

  it('is the same whatever the units and the workers', async () => {
    const lines = linesOf('contiguous', 'binance', [...FIRST, SNAPSHOT, ...BEHIND]);
    const files = cutAt(HEADERS.contiguous, lines, 5);
    const expected = await lastDayOf(files);
    for (const options of [
      ['--batch-rows', '1', '--workers', '2'],
      ['--batch-rows', '2', '--workers', '4'],
      ['--batch-rows', '3', '--workers', '1'],
    ]) {
      expect(await lastDayOf(files, ...options)).toEqual(expected);
    }
  });
});

describe('a snapshot of a table of snapshots, whose rows two files of two days share', () => {
  const HEADER = 'exchange,symbol,local_ts,last_update_id,side,level,price,qty';
  const CHANGES = 'exchange,symbol,local_ts,first_update_id,last_update_id,side,price,qty';
  const changes = (messages: readonly Message[]) =>
    linesOf('contiguous', 'binance', messages).map((line) => line.replace(/,(true|false)$/, ''));
  const levels = ([ms, , id, ...rows]: Message) =>
    rows.map((row, level) => {
      const [side, price, qty] = row.split(',');
      return ['binance', 'X', MIDNIGHT_MS + ms, id, side, level, price, qty].join(',');
    });
  const snapshots = [...levels(FIRST[0]!), ...levels(SNAPSHOT)];
  const stream: readonly Message[] = [
    FIRST[1]!,
    // The next file begins behind the second of these, or the third, or the fourth.
    [30, 13, 13, 'bid,98,5,false', 'ask,102,5,false'],
    [50, 14, 14, 'bid,97,1,false', 'ask,102,0,false', 'ask,103,7,false'],
    [60, 15, 16, 'ask,101,0,false'],
    [70, 17, 17, 'bid,96,1,false'],
  ];

  it('is one snapshot, and what came behind it stays', async () => {
    const whole = await lastDayOf({
      'updates.csv': [CHANGES, ...changes(stream)],
      'snapshots.csv': [HEADER, ...snapshots],
    });
    for (const messages of [2, 3, 4]) {
      for (const at of [3, 4, 5, 6]) {
        const { day, books } = await lastDayOf({
          'updates-0.csv': [CHANGES, ...changes(stream.slice(0, messages))],
          'updates-1.csv': [CHANGES, ...changes(stream.slice(messages))],
          'snapshots-0.csv': [HEADER, ...snapshots.slice(0, at)],
          'snapshots-1.csv': [HEADER, ...snapshots.slice(at)],
        });
        expect(day).toMatchObject({ dt: '2026-01-02', digest: whole.day.digest, gaps: [], quality: [] }); // biome-ignore format: one line
        expect(books.at(-1)).toEqual(whole.books.at(-1));
      }
    }
  });

  it('is in doubt where what came behind it is not known any more', async () => {
    const more = Array.from({ length: 5_000 }, (_, i): Message => {
      return [60, 17 + i, 17 + i, `bid,${50 + (i % 7)},1,false`];
    });
    const last: Message = [80, 5_017, 5_017, 'bid,97,1,false'];
    const { day } = await lastDayOf({
      'updates-0.csv': [CHANGES, ...changes([...stream.slice(0, 4), ...more])],
      'updates-1.csv': [CHANGES, ...changes([last])],
      'snapshots-0.csv': [HEADER, ...snapshots.slice(0, 4)],
      'snapshots-1.csv': [HEADER, ...snapshots.slice(4)],
    });
    expect(day.accounting.dropped).toEqual({ stale: 3 });
    expect(day.quality).toMatchObject([{ state: 'suspect', reason: 'loss' }]);
  });
});
