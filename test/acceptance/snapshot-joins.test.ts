import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { JoinedBook } from '../oracle/joined-book.js';
import {
  messagesApart,
  messagesOfStream,
  type StreamPolicy,
  type StreamRow,
} from '../oracle/stream-rows.js';
import { createPrng } from '../prng.js';
import { openDuckdb } from '../support/duckdb.js';
import { compareWithOracle } from '../support/oracle-comparison.js';
import {
  accountingDifference,
  type GapJson,
  instrumentIn,
  readAudit,
  readBook,
  readDepth,
} from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { randomStream, type StreamFaults } from '../support/random-stream.js';
import { differingPaths } from '../support/same-bytes.js';
import { differencesOf } from '../support/same-rows.js';
import { type StreamFixture, writeStream, writeStreamApart } from '../support/stream-fixture.js';

const BOOK_DEPTH = 4;
const ROW_GROUP_ROWS = 200;
const MARKETS_OF_A_KIND = 2;

const GOOD: Omit<StreamFaults, 'policy'> = {
  messages: 200,
  loss: 0,
  duplicate: 0,
  swap: 0,
  truncation: 0,
  reset: 0,
  snapshot: 0.01,
  lateness: [0, 3],
  snapshotLevels: 12,
  depth: 20,
  pauseNsMax: 300_000_000,
};

/** What can go wrong, alone and together. */
const KINDS: readonly (readonly [name: string, faults: Omit<StreamFaults, 'policy'>])[] = [
  ['GOOD', GOOD],
  ['ONE-LATE', { ...GOOD, snapshot: 0.001, lateness: [5, 40] }],
  ['AHEAD', { ...GOOD, snapshot: 0.02, lateness: [-5, 0] }],
  ['LOSSY', { ...GOOD, loss: 0.03 }],
  ['LOSSY-LATE', { ...GOOD, loss: 0.05, snapshot: 0.03, lateness: [-3, 20] }],
  ['DOUBLED', { ...GOOD, duplicate: 0.1 }],
  ['SWAPPED', { ...GOOD, swap: 0.1 }],
  ['TRUNCATED', { ...GOOD, truncation: 0.2 }],
  ['RESET', { ...GOOD, reset: 0.01, pauseNsMax: 100_000_000 }],
  ['RESETS', { ...GOOD, reset: 0.03, snapshot: 0.03, lateness: [-4, 12], pauseNsMax: 100_000_000 }],
  ['NEVER', { ...GOOD, snapshot: 0, loss: 0.02 }],
  ['SHALLOW', { ...GOOD, snapshotLevels: 3, snapshot: 0.05 }],
  [
    'ALL',
    {
      ...GOOD,
      loss: 0.02,
      duplicate: 0.04,
      swap: 0.04,
      truncation: 0.05,
      snapshot: 0.03,
      lateness: [-4, 12],
    },
  ],
];

const POLICIES: readonly StreamPolicy[] = ['chain', 'contiguous', 'monotonic', 'snapshot'];

interface Market {
  readonly kind: string;
  readonly fixture: StreamFixture;
  readonly rows: readonly StreamRow[];
}

// Real recordings have one snapshot each and no fault; here all rules of joining are at work.
describe('depth and book of random streams with snapshots', () => {
  const prng = createPrng();
  const root = temporaryFolder();
  const markets = POLICIES.flatMap((policy) =>
    KINDS.flatMap(([kind, faults]) =>
      Array.from({ length: MARKETS_OF_A_KIND }, (_, i): Market => {
        const symbol = `${kind}-${policy}-${i}`;
        const fixture = { exchange: 'TEST', symbol, dt: '2026-01-01', policy };
        return { kind, fixture, rows: randomStream(prng, { ...faults, policy }) };
      }),
    ),
  );
  const out = (name: string): string => join(root, `out-${name}`);
  const run = (name: string, input: string, ...options: string[]) =>
    depthmillDone([
      'run',
      join(root, input),
      '-o',
      out(name),
      '--json',
      '--no-sync',
      '--book-depth',
      String(BOOK_DEPTH),
      ...options,
    ]);

  beforeAll(async () => {
    const options = { rowGroupRows: ROW_GROUP_ROWS };
    for (const { fixture, rows } of markets) {
      await writeStream(join(root, 'together'), fixture, rows, options);
      // Two messages without ids at the same moment say nothing of which came first.
      if (fixture.policy === 'snapshot') continue;
      await writeStreamApart(join(root, 'apart'), fixture, rows, options);
    }
    await run('together', 'together');
    await run('apart', 'apart');
  }, 240_000);

  const gapLine = (gap: GapJson): string =>
    gap.kind === 'reconnect'
      ? `reconnect ${gap.ts_recv_before} ${gap.ts_recv_after}`
      : `${gap.kind} ${gap.sequence_before} ${gap.sequence_after}`;

  const cases = POLICIES.flatMap((policy) => [
    ...KINDS.map(([kind]) => [kind, policy, 'together'] as const),
    ...(policy === 'snapshot' ? [] : KINDS.map(([kind]) => [kind, policy, 'apart'] as const)),
  ]);

  it.each(cases)('%s, %s, %s: equal the oracle, row by row, mark by mark', async (...of) => {
    const [kind, policy, input] = of;
    const db = await openDuckdb();
    const audit = readAudit(out(input));
    const own = markets.filter(
      (market) => market.kind === kind && market.fixture.policy === policy,
    );
    expect(own.length).toBe(MARKETS_OF_A_KIND);
    for (const { fixture, rows } of own) {
      const where = `${fixture.symbol}, seed ${prng.seed}`;
      const oracle = new JoinedBook({ policy, bookDepth: BOOK_DEPTH });
      const received = input === 'apart' ? messagesApart : messagesOfStream;
      const messages = [...oracle.run(received(rows, policy))];
      const partition = `exchange=TEST/symbol=${fixture.symbol}/dt=${fixture.dt}`;
      const hasIds = policy !== 'snapshot';
      const depth = await readDepth(db, out(input), partition, { hasIds });
      const book = await readBook(db, out(input), BOOK_DEPTH, partition, { hasIds });
      const differences = compareWithOracle(messages, depth, book, BOOK_DEPTH);
      expect(differences.first, where).toEqual([]);
      const found = instrumentIn(audit, 'TEST', fixture.symbol);
      const { duplicates, outOfOrder, resets, reconnects } = oracle.counts;
      expect(found, where).toMatchObject({
        policy,
        digest: oracle.digest,
        duplicates,
        out_of_order: outOfOrder,
        resets,
        reconnects,
      });
      const { dropped } = found.accounting;
      const { duplicate = 0, stale = 0 } = dropped;
      expect({ duplicate, stale }, where).toEqual(oracle.dropped);
      expect(accountingDifference(found.accounting), where).toBe(0);
      expect(found.gaps.filter((gap) => gap.proven).map(gapLine), where).toEqual(oracle.gaps);
    }
  });

  it.each(['1', '700'])(
    'are the same in units of %s rows',
    { timeout: 240_000 },
    async (batchRows) => {
      for (const input of ['together', 'apart']) {
        const name = `${input}-${batchRows}`;
        await run(name, input, '--batch-rows', batchRows);
        expect(differingPaths(out(input), out(name)), `seed ${prng.seed}`).toEqual([]);
      }
    },
  );

  // Ours are in order, each once: what falls there is a new start, and nothing is late or twice.
  it('are the same, row by row, where our depth is read again', { timeout: 240_000 }, async () => {
    await run('again', 'out-together/depth');
    const db = await openDuckdb();
    const [first, second] = [readAudit(out('together')), readAudit(out('again'))];
    for (const { fixture } of markets) {
      const where = `${fixture.symbol}, seed ${prng.seed}`;
      const expected = instrumentIn(first, 'TEST', fixture.symbol);
      const found = instrumentIn(second, 'TEST', fixture.symbol);
      expect(found.digest, where).toBe(expected.digest);
      const rows = expected.accounting.rows_out;
      const kept = { rows_in: rows, rejected: {}, dropped: {}, synthetic: 0, rows_out: rows };
      expect(found.accounting, where).toEqual(kept);
      const partition = `exchange=TEST/symbol=${fixture.symbol}/dt=${fixture.dt}`;
      const depth = await differencesOf(db, [out('together'), out('again')], 'depth', partition);
      expect(depth, where).toEqual({ rowCounts: [BigInt(rows), BigInt(rows)], columns: [] });
    }
  });
});
