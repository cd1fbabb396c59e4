import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountingDifference, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const MIDNIGHT_MS = 1_767_312_000_000;

interface Message {
  readonly ms: number;
  readonly id: number;
  readonly isSnapshot?: boolean;
  /** Side, price, quantity. */
  readonly levels: readonly string[];
}

const DAY: readonly Message[] = [
  { ms: -2_000, id: 97, isSnapshot: true, levels: ['bid,90,1', 'ask,110,1'] },
  { ms: -500, id: 98, levels: ['bid,98,1'] },
  { ms: -300, id: 99, levels: ['ask,108,2'] },
  { ms: -100, id: 100, levels: ['bid,99,3', 'ask,108,0'] },
];
/** The book behind 98, which a recorder asked for before 99 and 100 came. */
const OLD: Message = {
  ms: 10,
  id: 98,
  isSnapshot: true,
  levels: ['bid,98,1', 'bid,90,1', 'ask,110,1'],
};
const NEXT: readonly Message[] = [
  { ms: 40, id: 101, levels: ['ask,107,4'] },
  { ms: 60, id: 102, levels: ['bid,97,1'] },
];

const HEADERS = {
  contiguous: 'local_ts,symbol,first_update_id,last_update_id',
  chain: 'local_ts,symbol,first_update_id,last_update_id,prev_update_id',
} as const;
type Policy = keyof typeof HEADERS;
type Place = 'stream' | 'table';

function writeDay(root: string, day: number, policy: Policy, place: Place, of: readonly Message[]) {
  const changes = [`${HEADERS[policy]},${place === 'stream' ? 'is_snapshot,' : ''}side,price,qty`];
  const snapshots = ['local_ts,symbol,last_update_id,level,side,price,qty'];
  for (const { ms, id, isSnapshot = false, levels } of of) {
    const stamp = `${MIDNIGHT_MS + ms},X`;
    const before = isSnapshot ? id : id - 1;
    const ids = policy === 'chain' ? `${id},${id},${before}` : `${id},${id}`;
    for (const [level, text] of levels.entries()) {
      if (place === 'stream') changes.push(`${stamp},${ids},${isSnapshot},${text}`);
      else if (isSnapshot) snapshots.push(`${stamp},${id},${level},${text}`);
      else changes.push(`${stamp},${ids},${text}`);
    }
  }
  const tables = { deltas: changes, snapshots };
  for (const [name, lines] of Object.entries(tables)) {
    if (lines.length > 1) writeFileSync(join(root, `${name}-${day}.csv`), `${lines.join('\n')}\n`);
  }
}

async function audited(policy: Policy, place: Place, days: readonly (readonly Message[])[]) {
  const root = temporaryFolder();
  for (const [day, messages] of days.entries()) writeDay(root, day, policy, place, messages);
  const found = [];
  for (const options of [[], ['--batch-rows', '1', '--workers', '2']]) {
    const out = join(temporaryFolder(), 'out');
    await depthmillDone(['run', root, '-o', out, ...options]);
    found.push(readAudit(out).instruments);
  }
  expect(found[1]).toEqual(found[0]);
  for (const day of found[0]!) expect(accountingDifference(day.accounting)).toBe(0);
  return found[0]!;
}

describe.each(['contiguous', 'chain'] as const)(
  'a snapshot behind midnight that is older than the book of the day before (%s)',
  (policy) => {
    it.each([
      ['stream', 'in front of the messages', [OLD, ...NEXT]],
      ['stream', 'among the messages', [NEXT[0]!, { ...OLD, ms: 50 }, NEXT[1]!]],
      ['table', 'in front of the messages', [OLD, ...NEXT]],
      ['table', 'among the messages', [NEXT[0]!, { ...OLD, ms: 50 }, NEXT[1]!]],
    ] as const)('is stale, and no loss: in the %s, %s', async (place, _, second) => {
      const [whole] = await audited(policy, place, [[...DAY, ...NEXT]]);
      const days = await audited(policy, place, [DAY, second]);
      expect(days.map(({ dt }) => dt)).toEqual(['2026-01-01', '2026-01-02']);
      expect(days.map(({ gaps }) => gaps)).toEqual([[], []]);
      expect(days[1]).toMatchObject({ digest: whole!.digest, quality: [], resets: 0 });
      expect(days[1]!.accounting.dropped).toEqual({ stale: OLD.levels.length });
    });

    it.each(['stream', 'table'] as const)('hides no loss behind it: in the %s', async (place) => {
      const days = await audited(policy, place, [DAY, [OLD, NEXT[1]!]]);
      expect(days[0]!.gaps).toEqual([]);
      expect(days[1]!.gaps).toMatchObject([{ kind: 'gap', proven: true, sequence_before: '100' }]);
      expect(days[1]!.quality).toMatchObject([{ state: 'suspect', reason: 'loss' }]);
    });

    it.each(['stream', 'table'] as const)(
      'begins a book where the ids fell to a new start: in the %s',
      async (place) => {
        const snapshot = { ...OLD, id: 8 };
        const changes = NEXT.map((message, index) => ({ ...message, id: 9 + index }));
        const days = await audited(policy, place, [DAY, [snapshot, ...changes]]);
        const [alone] = await audited(policy, place, [[snapshot, ...changes]]);
        expect(days[1]!.digest).toBe(alone!.digest);
      },
    );
  },
);
