import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountingDifference, idsInDoubt, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_NS = 1_767_229_200_000_000_000n;

/** A row of a CSV, received in this millisecond: its ids (one alone: all three), price, quantity. */
type Row = readonly [ms: number, ids: readonly number[] | number, price: string, qty: string];

/** Whether the book is in doubt at the end of each message, its gaps and doubts. */
async function outcomeOf(policy: 'contiguous' | 'chain', rows: readonly Row[], ...more: string[]) {
  const root = temporaryFolder();
  const lines = rows.map(([ms, ids, price, qty]) => {
    const [prev, first, last] = typeof ids === 'number' ? [ids, ids, ids] : ids;
    const chain = policy === 'chain' ? `,${prev}` : '';
    const isSnapshot = typeof ids === 'number';
    return `${START_NS + BigInt(ms) * 1_000_000n},kucoin,X,${first},${last}${chain},bid,${price},${qty},${isSnapshot}`;
  });
  const chain = policy === 'chain' ? ',sequence_prev' : '';
  const head = `ts_recv,exchange,symbol,sequence_first,sequence${chain},side,price,qty,is_snapshot`;
  const [input, out] = [join(root, 'in.csv'), join(root, 'out')];
  writeFileSync(input, `${[head, ...lines].join('\n')}\n`);
  await depthmillDone(['run', input, '-o', out, ...more]);
  const audit = readAudit(out).instruments[0]!;
  expect(audit.policy).toBe(policy);
  expect(accountingDifference(audit.accounting)).toBe(0);
  return {
    gaps: audit.gaps.map((gap) => [gap.sequence_before, gap.sequence_after, gap.missing]),
    inDoubt: await idsInDoubt(out),
    reasons: audit.quality.map(({ reason }) => reason),
    stale: audit.accounting.dropped.stale ?? 0,
  };
}

/** Messages [prev, first, last] of one row each; ids of a chain leave holes. */
const IDS = {
  contiguous: [
    [10, 11, 12],
    [12, 13, 14],
    [14, 15, 15],
    [15, 16, 18],
    [18, 19, 20],
  ],
  chain: [
    [9, 11, 12],
    [12, 17, 18],
    [18, 30, 31],
    [31, 32, 40],
    [40, 44, 45],
  ],
} as const;

// The recording has such a message: its level is in doubt, and no message is lost.
describe.each(['contiguous', 'chain'] as const)(
  '%s: a message whose every row is refused',
  (policy) => {
    const ids = IDS[policy];
    const lastOf = (index: number): bigint => BigInt(ids[index]![2]);
    /** Snapshot, then a message each 100 ms; the second one's quantity is no number. */
    const stream = (): Row[] => [
      [0, 10, '99', '1'],
      [100, ids[0]!, '98', '1'],
      [200, ids[1]!, '97', 'NaN'],
      [300, ids[2]!, '98', '2'],
      [400, ids[3]!, '97', '3'],
      [500, ids[4]!, '96', '1'],
    ];

    it('is no gap; its level is in doubt until it is set', async () => {
      expect(await outcomeOf(policy, stream())).toEqual({
        gaps: [],
        inDoubt: [lastOf(2)],
        reasons: ['rejected_level'],
        stale: 0,
      });
    });

    it('hides no loss behind it', async () => {
      const { gaps, inDoubt } = await outcomeOf(policy, stream().toSpliced(3, 1));
      const first = BigInt(ids[3]![1]);
      const missing = policy === 'chain' ? null : String(first - lastOf(1) - 1n);
      expect(gaps).toEqual([[String(lastOf(1)), String(first), missing]]);
      expect(inDoubt).toEqual([lastOf(3), lastOf(4)]);
    });

    it('hides no loss in front of it', async () => {
      const { gaps, inDoubt } = await outcomeOf(policy, stream().toSpliced(1, 1));
      expect(gaps).toHaveLength(1);
      expect(inDoubt).toEqual([lastOf(2), lastOf(3), lastOf(4)]);
    });

    it('may be the one that joins the snapshot', async () => {
      const rows = stream().toSpliced(1, 2, [100, ids[0]!, '98', 'x'], [200, ids[1]!, '97', '1']);
      expect(await outcomeOf(policy, rows)).toMatchObject({ gaps: [], inDoubt: [lastOf(1)] });
    });

    it('may be covered by a snapshot, or stand in front of one that is older', async () => {
      const at = Number(lastOf(1));
      const rows = stream().toSpliced(3, 0, [250, at, '99', '1']);
      expect(await outcomeOf(policy, rows)).toMatchObject({ gaps: [], inDoubt: [] });
      const older = stream().toSpliced(4, 0, [350, Number(lastOf(0)), '99', '1']);
      // The book is joined with what lacks that row, so its level stays in doubt.
      expect(await outcomeOf(policy, older)).toMatchObject({
        gaps: [],
        inDoubt: [lastOf(2), lastOf(2)],
      });
    });

    it('is a gap where its ids cannot be read', async () => {
      const text = stream();
      text[2] = [200, [Number.NaN, Number.NaN, ids[1]![2]], '97', '1'];
      expect((await outcomeOf(policy, text)).gaps).toHaveLength(1);
    });
  },
);
