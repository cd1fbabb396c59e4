import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountingDifference, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const MIDNIGHT_MS = 1_767_312_000_000;
const HEADERS = {
  contiguous: 'symbol,local_ts,sequence_first,sequence,side,price,qty,is_snapshot',
  chain: 'symbol,local_ts,sequence_prev,sequence,side,price,qty,is_snapshot',
} as const;
type Policy = keyof typeof HEADERS;

/** Milliseconds from midnight, an id, and rows. */
type Message = readonly [number, number, ...string[]];

const START: readonly Message[] = [
  [-2_000, 98, 'bid,90,1,true', 'ask,110,1,true'],
  [-500, 99, 'bid,98,1,false'],
];
/** The messages of ids that come late set what those behind them set again. */
const CHANGES: Readonly<Record<number, readonly string[]>> = {
  100: ['bid,97,1,false'],
  101: ['bid,96,1,false', 'ask,108,5,false'],
  102: ['bid,96,0,false', 'bid,95,1,false'],
  103: ['ask,109,2,false'],
  104: ['ask,108,0,false', 'bid,99,4,false'],
  105: ['bid,94,3,false'],
};
const messages = (first: number, ...ids: readonly number[]): Message[] =>
  ids.map((id, i) => [first + 10 * i, id, ...CHANGES[id]!]);

function textOf(policy: Policy, of: readonly Message[]): string {
  const lines = of.flatMap(([ms, id, ...rows]) => {
    const before = policy === 'chain' ? id - 1 : id;
    return rows.map((row) => ['X', MIDNIGHT_MS + ms, before, id, row].join(','));
  });
  return `${[HEADERS[policy], ...lines].join('\n')}\n`;
}

async function daysOf(policy: Policy, days: readonly (readonly Message[])[]) {
  const root = temporaryFolder();
  for (const [index, day] of days.entries()) {
    writeFileSync(join(root, `${index}.csv`), textOf(policy, day));
  }
  const found = [];
  let out = '';
  for (const options of [[], ['--batch-rows', '1', '--workers', '2'], ['--workers', '4']]) {
    out = join(temporaryFolder(), 'out');
    await depthmillDone(['run', root, '-o', out, ...options]);
    found.push(readAudit(out).instruments);
  }
  expect(found[1]).toEqual(found[0]);
  expect(found[2]).toEqual(found[0]);
  for (const day of found[0]!) expect(accountingDifference(day.accounting)).toBe(0);
  return { out, days: found[0]! };
}

describe.each(['contiguous', 'chain'] as const)(
  'a message that comes late, behind midnight (%s)',
  (policy) => {
    it.each([
      ['first', [100, 102], [101, 103, 104, 105]],
      ['second', [100, 102], [103, 101, 104, 105]],
      ['with others before it', [100, 103, 104], [102, 101, 105]],
      ['and another one', [102], [101, 100, 103, 104, 105]],
    ])('is in its place, and no gap: %s', async (_, before, behind) => {
      const first = [...START, ...messages(-50, ...before)];
      const second = messages(10, ...behind);
      const whole = await daysOf(policy, [[...first, ...second]]);
      const { out, days } = await daysOf(policy, [first, second]);
      expect(days.map(({ dt }) => dt)).toEqual(['2026-01-01', '2026-01-02']);
      expect(days.map(({ gaps }) => gaps)).toEqual([[], []]);
      expect(days[1]).toMatchObject({ digest: whole.days[0]!.digest, quality: [], duplicates: 0 });
      expect(days[1]!.accounting.dropped).toEqual({});
      expect(days[1]!.out_of_order).toBe(whole.days[0]!.out_of_order);
      const again = join(temporaryFolder(), 'again');
      await depthmillDone(['run', out, '-o', again]);
      const digests = readAudit(again).instruments.map(({ digest }) => digest);
      expect(digests).toEqual(days.map(({ digest }) => digest));
    });

    it('is a gap of the day in which its time is over where it never comes', async () => {
      const first = [...START, ...messages(-50, 100, 102)];
      for (const second of [
        messages(10, 103, 104),
        [...messages(10, 103), ...messages(1_500, 104)],
      ]) {
        const { days } = await daysOf(policy, [first, second]);
        expect(days[0]!.gaps).toEqual([]);
        expect(days[0]!.quality).toMatchObject([{ state: 'suspect', reason: 'loss' }]);
        expect(days[1]!.gaps).toMatchObject([
          {
            kind: 'gap',
            proven: true,
            sequence_before: '100',
            sequence_after: '102',
            missing: policy === 'chain' ? null : '1',
            file: expect.stringMatching(/0\.csv$/),
            row: 4,
          },
        ]);
        expect(days[1]!.quality).toMatchObject([
          { state: 'suspect', reason: 'loss', sequence_from: '100', sequence_to: '104' },
        ]);
      }
    });

    it('is one of the day before where it comes too late, or that day is the last', async () => {
      const gap = [{ kind: 'gap', sequence_before: '100', sequence_after: '102' }];
      const first = [...START, ...messages(-50, 100, 102)];
      const { days } = await daysOf(policy, [first, messages(1_200, 101, 103)]);
      expect(days.map(({ gaps }) => gaps.length)).toEqual([1, 0]);
      expect(days[0]!.gaps).toMatchObject(gap);
      const alone = await daysOf(policy, [first]);
      expect(alone.days[0]!.gaps).toMatchObject(gap);
      const snapshot: Message = [10, 102, 'bid,90,1,true', 'ask,110,1,true'];
      const healed = await daysOf(policy, [first, [snapshot, ...messages(20, 103)]]);
      expect(healed.days.map(({ gaps }) => gaps.length)).toEqual([1, 0]);
      expect(healed.days[0]!.gaps).toMatchObject(gap);
      expect(healed.days[1]!.quality).toEqual([]);
    });

    it('may be behind a message that the next file goes on with', async () => {
      const first = [...START, ...messages(-50, 100, 102)];
      const cut: Message[] = [...first.slice(0, -1), [-40, 102, 'bid,96,0,false']];
      const rest: Message[] = [[-40, 102, 'bid,95,1,false'], ...messages(10, 103)];
      const { days } = await daysOf(policy, [cut, rest]);
      expect(days.flatMap(({ gaps }) => gaps)).toMatchObject([{ sequence_before: '100', sequence_after: '102' }]); // biome-ignore format: one line
      const whole = await daysOf(policy, [[...first, ...messages(10, 103)]]);
      expect(days.at(-1)!.digest).toBe(whole.days[0]!.digest);
    });
  },
);
