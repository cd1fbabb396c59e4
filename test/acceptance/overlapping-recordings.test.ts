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
): Promise<Found> {
  const root = temporaryFolder();
  for (const [index, lines] of files.entries()) {
    const text = [
      `exchange,symbol,${COLUMNS[policy]}`,
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
