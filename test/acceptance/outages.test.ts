import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { goodRows, START_NS } from '../support/failures.js';
import { schemaErrors } from '../support/json-schema.js';
import { writeLakeDeltas } from '../support/lake-fixture.js';
import { tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differingPaths } from '../support/same-bytes.js';

const SECOND = 1_000_000_000n;

/** A message a second, but for those that `isSilent` says of a second of the day. */
async function writeSeconds(
  root: string,
  name: { exchange: string; symbol: string; dt: string },
  [from, to]: readonly [number, number],
  isSilent: (second: number) => boolean,
): Promise<void> {
  const dayNs = BigInt(Date.parse(`${name.dt}T00:00:00Z`)) * 1_000_000n;
  const seconds = Array.from({ length: to - from }, (_, i) => from + i).filter((s) => !isSilent(s));
  const rows = goodRows(seconds.length).map((row, i) => {
    const at = dayNs + BigInt(seconds[i]!) * SECOND;
    return { ...row, timestamp: at, receipt_timestamp: at };
  });
  await writeLakeDeltas(root, name, rows);
}

/** Two of one exchange that are silent from second 100 to 200 and 110 to 190; one of another. */
async function writeMarket(): Promise<string> {
  const root = join(temporaryFolder(), 'lake');
  const day = { exchange: 'ONE', dt: '2026-01-01' };
  const during = (from: number, to: number) => (s: number) => s > from && s < to;
  await writeSeconds(root, { ...day, symbol: 'A' }, [0, 300], during(100, 200));
  await writeSeconds(root, { ...day, symbol: 'B' }, [20, 300], during(110, 190));
  await writeSeconds(root, { ...day, symbol: 'X', exchange: 'TWO' }, [0, 300], during(100, 200));
  return root;
}

interface AuditJson {
  readonly instruments: readonly {
    readonly symbol: string;
    readonly silences: readonly unknown[];
    readonly outages: readonly unknown[];
    readonly missing: { readonly ns: string };
    readonly verdict: string;
    readonly gaps: readonly unknown[];
  }[];
}

const at = (second: number): string => String(START_NS + BigInt(second) * SECOND);
// The default says 50 times the p99 interval, which is 50 s of messages a second apart.
const SHORT = ['--silence', '5s'];

describe('an outage', () => {
  it('is what all instruments of an exchange have in common', async () => {
    const out = join(temporaryFolder(), 'out');
    const { stdout } = await depthmillDone(['run', await writeMarket(), '-o', out, ...SHORT]);
    expect(stdout).toContain('ONE A');
    const audit = JSON.parse(readFileSync(join(out, 'audit.json'), 'utf8')) as AuditJson;
    const schema = JSON.parse(readFileSync('docs/audit.schema.json', 'utf8'));
    expect(schemaErrors(schema, audit)).toEqual([]);
    const [a, b, x] = audit.instruments;
    const outage = { ts_recv_from: at(110), ts_recv_to: at(190), instruments: 2 };
    expect([a!.outages, b!.outages, x!.outages]).toEqual([[outage], [outage], []]);
    expect(a!.silences).toEqual([{ ts_recv_from: at(100), ts_recv_to: at(200) }]);
    expect(x!.silences).toEqual(a!.silences);
    // Time that is missing, but no gap: nothing says that a message was lost.
    expect([a!.missing.ns, b!.missing.ns, x!.missing.ns]).toEqual([`${80n * SECOND}`, `${80n * SECOND}`, '0']); // biome-ignore format: one line
    expect([a!.gaps, b!.gaps]).toEqual([[], []]);
    const db = await openDuckdb();
    try {
      const select = `SELECT kind, proven, ts_recv_before, ts_recv_after, row, reason FROM ${tableSql(out, 'gaps', 'exchange=ONE/**')} WHERE kind = 'outage' ORDER BY filename`;
      expect(await columnsOf(db, select)).toEqual({
        kind: ['outage', 'outage'],
        proven: [false, false],
        ts_recv_before: [BigInt(at(110)), BigInt(at(110))],
        ts_recv_after: [BigInt(at(190)), BigInt(at(190))],
        // Of each the row that ended its own silence: A's of second 200, B's of second 190.
        row: [101n, 91n],
        reason: Array(2).fill('no message came of any of the 2 instruments of ONE'),
      });
      const calendar = `SELECT missing_ns FROM ${tableSql(out, 'calendar')} ORDER BY filename`;
      const { missing_ns: missing } = await columnsOf(db, calendar);
      expect(missing).toEqual([80n * SECOND, 80n * SECOND, 0n]);
    } finally {
      db.closeSync();
    }
  });

  it('shows in the table for people, and not where one instrument alone is read', async () => {
    const lake = await writeMarket();
    const { stdout } = await depthmillDone(['audit', lake, ...SHORT]);
    expect(stdout).toMatch(/outage: 1m 20s from 2026-01-01T00:01:50.* 2 instruments of ONE/);
    expect(stdout).toContain('silences: 1, the longest 1m 40s from 2026-01-01T00:01:40');
    const alone = await depthmillDone(['audit', lake, ...SHORT, '--symbol', 'A']);
    expect(alone.stdout).not.toContain('outage');
    expect(alone.stdout).toContain('silences: 1');
  });

  it('goes over midnight, and belongs to the day that ends it', async () => {
    const root = join(temporaryFolder(), 'lake');
    for (const symbol of ['A', 'B']) {
      const name = { exchange: 'ONE', symbol };
      const end = symbol === 'A' ? 86_390 : 86_395;
      await writeSeconds(root, { ...name, dt: '2026-01-01' }, [86_000, end], () => false);
      await writeSeconds(root, { ...name, dt: '2026-01-02' }, [30, 300], () => false);
    }
    const { stdout } = await depthmillDone(['audit', root, '--json', ...SHORT]);
    const { instruments } = JSON.parse(stdout) as AuditJson;
    const outage = { ts_recv_from: at(86_394), ts_recv_to: at(86_430), instruments: 2 };
    expect(instruments.map(({ outages }) => outages)).toEqual([[], [outage], [], [outage]]);
    expect(instruments[1]!.silences).toEqual([
      { ts_recv_from: at(86_389), ts_recv_to: at(86_430) },
    ]);
    const ns = (seconds: number): string => String(BigInt(seconds) * SECOND);
    expect(instruments.map(({ missing }) => missing.ns)).toEqual([ns(11), ns(30), ns(6), ns(30)]);
    // With --limit nobody knows how a day ends.
    const cut = await depthmillDone(['audit', root, '--json', ...SHORT, '--limit', '10']);
    const { instruments: days } = JSON.parse(cut.stdout) as AuditJson;
    expect(days.flatMap(({ silences, outages }) => [...silences, ...outages])).toEqual([]);
  });

  it('is the same for one worker and three, and however days take turns', async () => {
    const lake = await writeMarket();
    const reference = join(temporaryFolder(), 'one');
    await depthmillDone(['run', lake, '-o', reference, '--json', '--workers', '1', ...SHORT]);
    for (const seed of ['1', '2', '3']) {
      const out = join(temporaryFolder(), 'three');
      const words = ['run', lake, '-o', out, '--json', '--workers', '3', ...SHORT];
      await depthmillDone(words, { DEPTHMILL_TEST_DELAYS: seed });
      expect(differingPaths(reference, out)).toEqual([]);
    }
  });
});
