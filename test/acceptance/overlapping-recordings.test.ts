import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type InstrumentJson, readAudit } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const START_MS = 1_767_225_600_000;
const COLUMNS = {
  chain: 'local_ts,sequence_prev,sequence,side,price,qty,is_snapshot',
  contiguous: 'local_ts,sequence_first,sequence,side,price,qty,is_snapshot',
  monotonic: 'local_ts,sequence,side,price,qty,is_snapshot',
} as const;
type Policy = keyof typeof COLUMNS;

/** Messages `from` to `to` (exclusive), ten a second; each has two ids, and sets one of nine bids. */
function messages(policy: Policy, from: number, to: number, lateMs: number): string[] {
  return Array.from({ length: to - from }, (_, index) => {
    const n = from + index;
    const [first, last] = [2 * n, 2 * n + 1];
    const ids = { chain: [first - 1, last], contiguous: [first, last], monotonic: [last] }[policy];
    return [START_MS + n * 100 + lateMs, ...ids, `bid,${90 + (n % 9)},${n},false`].join(',');
  });
}

/** A snapshot with all messages below `n`. */
function snapshot(policy: Policy, n: number, lateMs: number): string[] {
  const last = 2 * n - 1;
  const ids = { chain: [last, last], contiguous: [last, last], monotonic: [last] }[policy];
  const levels = ['ask,101,1', ...bidsBefore(n).map(([price, qty]) => `bid,${price},${qty}`)];
  return levels.map((level) => [START_MS + n * 100 - 1 + lateMs, ...ids, level, 'true'].join(','));
}

function bidsBefore(n: number): [number, number][] {
  return [...Array(9).keys()].map((k) => {
    const latest = n - 1 - ((n - 1 - k + 9) % 9);
    return [90 + k, Math.max(latest, 1)];
  });
}

type Found = InstrumentJson & { readonly resets: number; readonly reconnects: number };

async function auditOf(
  { policy, exchange }: { policy: Policy; exchange: string },
  files: readonly (readonly string[])[],
  firstColumns = '',
): Promise<Found> {
  const root = temporaryFolder();
  for (const [index, lines] of files.entries()) {
    const text = [
      `exchange,symbol,${firstColumns}${COLUMNS[policy]}`,
      ...lines.map((line) => `${exchange},X,${line}`),
    ];
    writeFileSync(join(root, `${index}.csv`), `${text.join('\n')}\n`);
  }
  const out = join(temporaryFolder(), 'out');
  await depthmillDone(['run', root, '-o', out, '--dialect', 'generic', '--policy', policy]);
  return readAudit(out).instruments[0] as Found;
}

describe('two recordings of a stream that overlap', () => {
  const begin = (policy: Policy): string[] => snapshot(policy, 10, 0);
  const kinds = (['chain', 'contiguous', 'monotonic'] as const).flatMap((policy) =>
    ['binance', 'bybit'].map((exchange) => ({ policy, exchange })),
  );

  it.each(kinds)('are one: copies are dropped ($policy, $exchange)', async (kind) => {
    const { policy } = kind;
    const whole = await auditOf(kind, [[...begin(policy), ...messages(policy, 10, 90, 0)]]);
    const first = [...begin(policy), ...messages(policy, 10, 60, 0)];
    // Their clocks differ by some milliseconds; the second one may begin with a snapshot.
    for (const second of [
      messages(policy, 30, 90, 7),
      [...snapshot(policy, 30, 7), ...messages(policy, 30, 90, 7)],
      [...messages(policy, 28, 30, 7), ...snapshot(policy, 30, 7), ...messages(policy, 30, 90, 7)],
    ]) {
      const both = await auditOf(kind, [first, second]);
      expect(both).toMatchObject({ gaps: [], resets: 0, reconnects: 0, verdict: 'usable' });
      expect(both.duplicates).toBeGreaterThanOrEqual(30);
      expect(both.digest).toBe(whole.digest);
    }
  });

  it('hide no loss, and no new start', async () => {
    const kind = { policy: 'contiguous', exchange: 'binance' } as const;
    const first = [...begin('contiguous'), ...messages('contiguous', 10, 60, 0)];
    const lossy = [...messages('contiguous', 30, 65, 7), ...messages('contiguous', 66, 90, 7)];
    expect((await auditOf(kind, [first, lossy])).gaps).toMatchObject([
      { kind: 'gap', sequence_before: '129', sequence_after: '132', missing: '2' },
    ]);
    // Ids that begin anew do so later, whatever there was of them before.
    const anew = messages('contiguous', 30, 60, 60_000);
    expect((await auditOf(kind, [first, anew])).resets).toBe(1);
    // So they do behind a second recording that lies within the first one.
    const within = messages('contiguous', 20, 50, 7);
    const later = messages('contiguous', 30, 60, 600_000);
    const all = await auditOf(kind, [first, within, later]);
    expect(all).toMatchObject({ resets: 1, duplicates: 30 });
  });
});

describe('two connections in one file', () => {
  const START_ID = 10;
  const END_ID = 110;

  /** Both hold all; the second one is `lagMs` behind. */
  function bothIn(policy: Policy, lagMs: number): readonly string[] {
    const stamped = [0, lagMs].flatMap((lateMs) =>
      messages(policy, START_ID, END_ID, lateMs).map((line) => ({ line, at: parseInt(line, 10) })),
    );
    return stamped.toSorted((a, b) => a.at - b.at).map(({ line }) => line);
  }

  it.each(
    (['chain', 'contiguous', 'monotonic'] as const).flatMap((policy) =>
      [900, 1_500, 8_000].map((lagMs) => ({ policy, lagMs })),
    ),
  )('are one, $lagMs ms apart, to the last copy ($policy)', async ({ policy, lagMs }) => {
    const kind = { policy, exchange: 'binance' };
    const begin = snapshot(policy, START_ID, 0);
    const alone = [...begin, ...messages(policy, START_ID, END_ID, 0)];
    const one = await auditOf(kind, [alone]);
    const both = await auditOf(kind, [[...begin, ...bothIn(policy, lagMs)]]);
    expect(both).toMatchObject({ gaps: [], resets: 0, reconnects: 0, verdict: 'usable' });
    expect(both.duplicates).toBe(END_ID - START_ID);
    expect(both.digest).toBe(one.digest);
  });

  it('are one where the second one has a hole, and where both do, a loss', async () => {
    const kind = { policy: 'contiguous', exchange: 'binance' } as const;
    const begin = snapshot('contiguous', START_ID, 0);
    const without = (lines: readonly string[], n: number, lateMs: number): string[] =>
      lines.filter((line) => !line.startsWith(`${START_MS + n * 100 + lateMs},${2 * n},`));
    const lines = bothIn('contiguous', 1_500);
    // The last copies but three.
    const second = await auditOf(kind, [[...begin, ...without(lines, 106, 1_500)]]);
    expect(second).toMatchObject({ gaps: [], resets: 0, duplicates: END_ID - START_ID - 1 });
    const both = without(without(lines, 60, 0), 60, 1_500);
    const lossy = await auditOf(kind, [[...begin, ...both]]);
    expect(lossy.gaps).toMatchObject([{ sequence_before: '119', sequence_after: '122' }]);
    expect(lossy).toMatchObject({ resets: 0, duplicates: END_ID - START_ID - 1 });
  });

  it('hide no new start', async () => {
    const kind = { policy: 'contiguous', exchange: 'binance' } as const;
    const begin = snapshot('contiguous', START_ID, 0);
    const anew = messages('contiguous', 1, 40, (END_ID + 20) * 100);
    const found = await auditOf(kind, [[...begin, ...bothIn('contiguous', 1_500), ...anew]]);
    expect(found).toMatchObject({ resets: 1, duplicates: END_ID - START_ID });
    expect(found.accounting.rows_out).toBeGreaterThan(END_ID - START_ID + anew.length);
  });
});

describe('ids that go back', () => {
  /** Lines with the exchange's time in front: `lateMs` before the recorder's. */
  const stamped = (lines: readonly string[], lateMs: number): string[] =>
    lines.map((line) => `${parseInt(line, 10) - lateMs},${line}`);
  const kinds = (['chain', 'contiguous', 'monotonic'] as const).map((policy) => ({
    policy,
    exchange: 'binance',
  }));

  it.each(kinds)('with the event time are copies, however late ($policy)', async (kind) => {
    const { policy } = kind;
    const first = stamped(messages(policy, 10, 60, 0), 0);
    const later = stamped(messages(policy, 10, 60, 20_000), 20_000);
    const both = await auditOf(kind, [[...first, ...later]], 'ts_event,');
    expect(both).toMatchObject({ gaps: [], resets: 0, duplicates: 50 });
  });

  it.each(kinds)('while it goes on are a new start ($policy)', async (kind) => {
    const { policy } = kind;
    const first = stamped(messages(policy, 10, 60, 0), 0);
    const anew = stamped(messages(policy, 10, 60, 20_000), 5);
    const both = await auditOf(kind, [[...first, ...anew]], 'ts_event,');
    expect(both).toMatchObject({ resets: 1, duplicates: 0 });
  });
});

describe('a message that comes late from before the first one', () => {
  it.each(
    (['chain', 'contiguous', 'monotonic'] as const).flatMap((policy) =>
      [true, false].map((hasSnapshot) => ({ policy, hasSnapshot })),
    ),
  )('is stale, not a duplicate ($policy, snapshot: $hasSnapshot)', async (of) => {
    const { policy, hasSnapshot } = of;
    const [late, first, second, third, ...more] = messages(policy, 10, 60, 0) as [
      string,
      string,
      string,
      string,
      ...string[],
    ];
    const lines = [first, second, late, third, second, ...more.slice(0, 20)];
    if (hasSnapshot) lines.push(...snapshot(policy, 33, 0));
    lines.push(...more.slice(20));
    const found = await auditOf({ policy, exchange: 'binance' }, [lines]);
    expect(found.accounting.dropped).toEqual({ stale: 1, duplicate: 1 });
    expect(found).toMatchObject({ duplicates: 1, out_of_order: 1, resets: 0, gaps: [] });
  });
});
