import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { bookAt } from '#src/worker/book-at.js';
import { run } from '#src/worker/run.js';
import { lastRowAt, replayDepth } from '../oracle/depth-replay.js';
import { JoinedBook } from '../oracle/joined-book.js';
import { messagesOfStream, type StreamPolicy } from '../oracle/stream-rows.js';
import { createPrng } from '../prng.js';
import { openDuckdb } from '../support/duckdb.js';
import { readKeyframes } from '../support/keyframe-rows.js';
import { compareWithOracle } from '../support/oracle-comparison.js';
import { instrumentIn, readAudit, readBook, readDepth } from '../support/outputs.js';
import { temporaryFolder } from '../support/product.js';
import { writeStream } from '../support/stream-fixture.js';
import { type WildOptions, wildStream } from '../support/wild-market.js';

const IS_LONG = process.env.DEPTHMILL_LONG === '1';
const MARKETS_OF_A_KIND = IS_LONG ? 3 : 1;
/** Messages of a market, so many times more: for more keyframes. */
const LENGTH = IS_LONG ? 5 : 1;
const MOMENTS = 10;
const BOOK_DEPTH = 6;

const CALM: WildOptions = {
  messages: 400,
  levels: 60,
  far: 0,
  jump: 0,
  oneSided: 0,
  unknownDelete: 0.3,
  emptySnapshot: 0,
  loss: 0,
  finer: 1n,
};

const KINDS: readonly (readonly [name: string, options: WildOptions])[] = [
  ['FAR', { ...CALM, far: 0.5 }],
  ['JUMPS', { ...CALM, jump: 0.05 }],
  ['ONE-SIDED', { ...CALM, oneSided: 0.03, emptySnapshot: 0.4 }],
  ['FINER', { ...CALM, finer: 1_000n, far: 0.1 }],
  ['MANY-LEVELS', { ...CALM, levels: 12_000, messages: 60, far: 0.1, jump: 0.02 }],
  [
    'ALL',
    {
      messages: 600,
      levels: 1_500,
      far: 0.2,
      jump: 0.02,
      oneSided: 0.01,
      unknownDelete: 0.3,
      emptySnapshot: 0.1,
      loss: 0.02,
      finer: 1_000_000n,
    },
  ],
];

const POLICIES: readonly StreamPolicy[] = ['contiguous', 'snapshot'];

const prng = createPrng();

// The sorted list of levels that the oracle keeps knows no windows, spills or ticks.
describe('books of every shape', () => {
  const root = temporaryFolder();
  const out = join(root, 'out');
  const markets = POLICIES.flatMap((policy) =>
    KINDS.flatMap(([kind, options]) =>
      Array.from({ length: MARKETS_OF_A_KIND }, (_, i) => ({
        kind,
        fixture: { exchange: 'TEST', symbol: `${kind}-${policy}-${i}`, dt: '2026-01-01', policy },
        rows: wildStream(prng, policy, { ...options, messages: options.messages * LENGTH }),
      })),
    ),
  );
  const partitionOf = (symbol: string): string => `exchange=TEST/symbol=${symbol}/dt=2026-01-01`;
  let db: DuckDBConnection;
  let keyframes = 0;

  beforeAll(async () => {
    db = await openDuckdb();
    for (const { fixture, rows } of markets) {
      await writeStream(join(root, 'in'), fixture, rows, { rowGroupRows: 5_000 });
    }
    const tables = ['depth', 'book', 'keyframes'] as const;
    await run({
      inputs: [join(root, 'in')],
      out,
      tables,
      bookDepth: BOOK_DEPTH,
      sync: false,
      workers: 2,
    });
  }, 240_000);

  it.each(KINDS.map(([kind]) => kind))(
    `%s: equal a sorted list of levels, row by row (seed ${prng.seed})`,
    { timeout: 240_000 },
    async (kind) => {
      const seen = { markets: 0, rows: 0, levelsMax: 0 };
      for (const { fixture, rows } of markets.filter((market) => market.kind === kind)) {
        const { symbol, policy } = fixture;
        const hasIds = policy !== 'snapshot';
        const depth = await readDepth(db, out, partitionOf(symbol), { hasIds });
        const book = await readBook(db, out, BOOK_DEPTH, partitionOf(symbol), { hasIds });
        const oracle = new JoinedBook({ policy, bookDepth: BOOK_DEPTH });
        const messages = [];
        for (const message of oracle.run(messagesOfStream(rows, policy))) {
          messages.push(message);
          seen.levelsMax = Math.max(seen.levelsMax, oracle.levelCount);
        }
        const where = `${symbol}, seed ${prng.seed}`;
        expect(compareWithOracle(messages, depth, book, BOOK_DEPTH).first, where).toEqual([]);
        const found = instrumentIn(readAudit(out), 'TEST', symbol);
        expect(found.digest, where).toBe(oracle.digest);
        seen.markets++;
        seen.rows += depth.flags.length;
      }
      console.log(`${kind}, seed ${prng.seed}: ${JSON.stringify(seen)}`);
      if (kind === 'MANY-LEVELS') expect(seen.levelsMax).toBeGreaterThan(10_000);
    },
  );

  it.each(KINDS.map(([kind]) => kind))(
    `%s: going on from any keyframe is as not stopping (seed ${prng.seed})`,
    { timeout: 240_000 },
    async (kind) => {
      let count = 0;
      for (const { fixture } of markets.filter((market) => market.kind === kind)) {
        const { symbol, policy } = fixture;
        const where = `${symbol}, seed ${prng.seed}`;
        const hasIds = policy !== 'snapshot';
        const depth = await readDepth(db, out, partitionOf(symbol), { hasIds });
        const moments = Array.from({ length: MOMENTS }, () => {
          const atNs = depth.tsRecv[prng.int(0, depth.tsRecv.length)]! + BigInt(prng.int(-1, 2));
          return { atNs, row: lastRowAt(depth, atNs) };
        });
        const ends = moments.filter(({ row }) => row >= 0).map(({ row }) => row);
        const rows = [...new Set(ends)].sort((a, b) => a - b);
        const books = new Map(replayDepth(depth, rows).map((book) => [book.row, book]));
        for (const { row, bids, asks } of await readKeyframes(db, out, partitionOf(symbol), {
          hasIds,
        })) {
          const start = { row: Number(row), bids, asks };
          const behind = rows.filter((each) => each > start.row);
          for (const book of replayDepth(depth, behind, start)) {
            expect(book, where).toEqual(books.get(book.row));
          }
          count++;
        }
        for (const { atNs, row } of moments) {
          const { digest, state, bids } = await momentOf(symbol, atNs);
          const expected = books.get(row);
          expect(state, where).toBe(expected?.state ?? 'unseeded');
          if (expected === undefined) continue;
          expect(digest, where).toBe(expected.digest);
          expect(bids, where).toEqual(expected.bids.slice(0, BOOK_DEPTH));
        }
      }
      console.log(`${kind}, seed ${prng.seed}: ${count} keyframes`);
      keyframes += count;
    },
  );

  it('has gone on from keyframes in the middle', () => {
    console.log(`${keyframes} keyframes of ${markets.length} markets`);
    expect(keyframes).toBeGreaterThan(markets.length);
  });

  const momentOf = (symbol: string, atNs: bigint) =>
    bookAt({
      out,
      atNs,
      depth: BOOK_DEPTH,
      selection: { exchanges: [], symbols: [symbol], fromNs: null, toNs: null, limit: null },
    });
});
