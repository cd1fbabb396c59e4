import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FLAG_CROSSED, FLAG_SYNTHETIC } from '#src/abi/flags.js';
import { run as runJob } from '#src/worker/run.js';
import { JoinedBook } from '../oracle/joined-book.js';
import { messagesOfStream, type StreamPolicy, type StreamRow } from '../oracle/stream-rows.js';
import { createPrng } from '../prng.js';
import { openDuckdb } from '../support/duckdb.js';
import { compareWithOracle } from '../support/oracle-comparison.js';
import {
  accountingDifference,
  instrumentIn,
  readAudit,
  readBook,
  readDepth,
} from '../support/outputs.js';
import { temporaryFolder } from '../support/product.js';
import { randomStream, type StreamFaults } from '../support/random-stream.js';
import { differingPaths } from '../support/same-bytes.js';
import { writeStream } from '../support/stream-fixture.js';

const IS_LONG = process.env.DEPTHMILL_LONG === '1';
const MARKETS_OF_A_KIND = IS_LONG ? 12 : 2;
const BOOK_DEPTH = 4;

const POLICIES: readonly StreamPolicy[] = ['contiguous', 'monotonic', 'snapshot'];
/** A venue of several feeds, and one where a crossed book is a loss. */
const EXCHANGES = ['TEST', 'BINANCE'] as const;
const CROSSED = ['report', 'reseed', 'uncross'] as const;

/** Markets that wander fast and lose messages: their books cross again and again. */
const FAULTS: Omit<StreamFaults, 'policy'> = {
  messages: 300,
  loss: 0.25,
  duplicate: 0.02,
  swap: 0.02,
  truncation: 0.1,
  reset: 0,
  snapshot: 0.01,
  lateness: [-2, 8],
  snapshotLevels: 12,
  depth: 20,
  pauseNsMax: 300_000_000,
};

const KINDS: readonly (readonly [string, Omit<StreamFaults, 'policy'>])[] = [
  ['LOSSY', FAULTS],
  ['LONG-MESSAGES', { ...FAULTS, messages: 60, depth: 200, snapshotLevels: 150, loss: 0.5 }],
  ['THIN', { ...FAULTS, depth: 3, snapshotLevels: 3 }],
];

describe('crossed books', () => {
  const prng = createPrng();
  const root = temporaryFolder();
  const markets = EXCHANGES.flatMap((exchange) =>
    POLICIES.flatMap((policy) =>
      KINDS.flatMap(([kind, faults]) =>
        Array.from({ length: MARKETS_OF_A_KIND }, (_, i) => ({
          fixture: { exchange, symbol: `${kind}-${policy}-${i}`, dt: '2026-01-01', policy },
          rows: randomStream(prng, { ...faults, policy }) as readonly StreamRow[],
        })),
      ),
    ),
  );
  const out = (name: string): string => join(root, `out-${name}`);
  const run = (
    name: string,
    crossed: (typeof CROSSED)[number],
    { batchRows = null, input = 'in' }: { batchRows?: number | null; input?: string } = {},
  ) =>
    runJob({
      inputs: [join(root, input)],
      out: out(name),
      bookDepth: BOOK_DEPTH,
      crossed,
      batchRows,
      sync: false,
      workers: 2,
    });

  beforeAll(async () => {
    for (const { fixture, rows } of markets) {
      await writeStream(join(root, 'in'), fixture, rows, { rowGroupRows: 150 });
    }
    for (const crossed of CROSSED) await run(crossed, crossed);
  }, 240_000);

  it.each(CROSSED)(`--crossed %s: equal the oracle (seed ${prng.seed})`, async (crossed) => {
    const db = await openDuckdb();
    const audit = readAudit(out(crossed));
    const seen = { markets: markets.length, crossed: 0, removed: 0 };
    for (const { fixture, rows } of markets) {
      const { exchange, symbol, dt, policy } = fixture;
      const where = `${exchange} ${symbol}, seed ${prng.seed}`;
      const isSingleFeed = exchange === 'BINANCE';
      const oracle = new JoinedBook({ policy, bookDepth: BOOK_DEPTH, crossed, isSingleFeed });
      const messages = [...oracle.run(messagesOfStream(rows, policy))];
      const partition = `exchange=${exchange}/symbol=${symbol}/dt=${dt}`;
      const hasIds = policy !== 'snapshot';
      const depth = await readDepth(db, out(crossed), partition, { hasIds });
      const book = await readBook(db, out(crossed), BOOK_DEPTH, partition, { hasIds });
      expect(compareWithOracle(messages, depth, book, BOOK_DEPTH).first, where).toEqual([]);
      const found = instrumentIn(audit, exchange, symbol);
      expect(found, where).toMatchObject({
        digest: oracle.digest,
        crossed: { messages: oracle.crossings.messages },
      });
      expect(accountingDifference(found.accounting), where).toBe(0);
      seen.crossed += oracle.crossings.messages;
      seen.removed += oracle.crossings.removed;
    }
    console.log(`--crossed ${crossed}, seed ${prng.seed}: ${JSON.stringify(seen)}`);
    expect(seen.crossed).toBeGreaterThan(100);
    expect(seen.removed > 100).toBe(crossed === 'uncross');
  });

  it('uncrossed, no message of the market finds a crossed book before it', async () => {
    const db = await openDuckdb();
    for (const { fixture } of markets) {
      const partition = `exchange=${fixture.exchange}/symbol=${fixture.symbol}/dt=${fixture.dt}`;
      const hasIds = fixture.policy !== 'snapshot';
      const { flags } = await readBook(db, out('uncross'), 1, partition, { hasIds });
      const crossed = flags.flatMap((each, row) => ((each & FLAG_CROSSED) === 0 ? [] : [row]));
      for (const row of crossed) {
        const next = flags[row + 1] ?? 0;
        expect(next & (FLAG_SYNTHETIC | FLAG_CROSSED), fixture.symbol).toBe(FLAG_SYNTHETIC);
      }
    }
  });

  // A message that lies in several units is judged as a whole.
  it('uncrossed, are the same in units of 300 rows', { timeout: 240_000 }, async () => {
    await run('units', 'uncross', { batchRows: 300 });
    expect(differingPaths(out('uncross'), out('units')), `seed ${prng.seed}`).toEqual([]);
  });

  it.each(CROSSED)('--crossed %s: replaying depth gives the same books', async (crossed) => {
    await run(`again-${crossed}`, 'report', { input: `out-${crossed}/depth` });
    const [first, second] = [readAudit(out(crossed)), readAudit(out(`again-${crossed}`))];
    for (const { fixture } of markets) {
      const { exchange, symbol } = fixture;
      const expected = instrumentIn(first, exchange, symbol).digest;
      const where = `${exchange} ${symbol}, seed ${prng.seed}`;
      expect(instrumentIn(second, exchange, symbol).digest, where).toBe(expected);
    }
  });
});
