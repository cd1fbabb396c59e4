import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import {
  FLAG_BAD_TS,
  FLAG_DEPTH_UNKNOWN,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_SNAPSHOT,
} from '#src/abi/flags.js';
import { run } from '#src/worker/run.js';
import { JoinedBook } from '../oracle/joined-book.js';
import { createPrng } from '../prng.js';
import { MUTATIONS, type MutatedStretch, mutateStretch } from '../support/capture-mutations.js';
import {
  CAPTURE_MARKETS,
  type CaptureMarket,
  loadCapture,
  planStretch,
  stretchLines,
  wholeBooks,
} from '../support/capture-stretches.js';
import { openDuckdb } from '../support/duckdb.js';
import { compareWithOracle } from '../support/oracle-comparison.js';
import {
  accountingDifference,
  type BookLines,
  type GapJson,
  type InstrumentJson,
  instrumentIn,
  levelsLine,
  readAudit,
  readBook,
  readDepth,
} from '../support/outputs.js';
import { temporaryFolder } from '../support/product.js';
import { hasSharedData } from '../support/shared-data.js';

const IS_LONG = process.env.DEPTHMILL_LONG === '1';
/** Of each market; three markets. */
const STRETCHES = IS_LONG ? 334 : 15;
const STRETCHES_WITH_OTHERS = IS_LONG ? 100 : 5;
const STRETCHES_A_RUN = 50;
const STRETCH_NS = 6_000_000_000n;
/** Read of each market: a short run takes its stretches from the first minute or two. */
const UPDATES_MAX = IS_LONG ? Number.POSITIVE_INFINITY : 1_500;
const BOOK_DEPTH = 5;
const MARKS = FLAG_MAYBE_BAD_BOOK | FLAG_DEPTH_UNKNOWN;

const prng = createPrng();

interface Case {
  /**
   * Trades and tickers are there too. Then the oracle, which knows no witness, is not asked, and
   * only the best prices are looked at, since they are all that a ticker proves.
   */
  readonly hasOthers: boolean;
  readonly bookDepth: number;
  readonly market: CaptureMarket;
  readonly symbol: string;
  readonly mutated: MutatedStretch;
  /** What the book shows after each message when nothing is lost. */
  readonly clean: ReadonlyMap<bigint, string>;
}

/** Stretches of a market, each mutated in one place. */
function casesOf(market: CaptureMarket, hasOthers: boolean): Case[] {
  const bookDepth = hasOthers ? 1 : BOOK_DEPTH;
  const length = hasOthers ? STRETCHES_WITH_OTHERS : STRETCHES;
  const plans = Array.from({ length }, () => planStretch(prng, market, STRETCH_NS));
  const indices = plans.flatMap(({ snapshots }) => snapshots.map(({ of }) => of));
  const books = wholeBooks(market, indices);
  return plans.map((plan, index): Case => {
    const lines = stretchLines(market, plan, books);
    const kind = MUTATIONS[index % MUTATIONS.length]!;
    const mutated = mutateStretch(prng, lines, kind, market.policy === 'chain');
    const oracle = new JoinedBook({ policy: market.policy, bookDepth });
    const clean = [...oracle.run(lines.map(({ message }) => message))]
      .filter(({ book }) => (book.flags & MARKS) === 0)
      .map(
        ({ book: { sequence, bids, asks } }) =>
          [sequence, levelsLine(bids, asks, bookDepth)] as const,
      );
    const symbol = `M${index}${kind.toUpperCase()}`;
    return { hasOthers, bookDepth, market, symbol, mutated, clean: new Map(clean) };
  });
}

/** The lines of a stretch with the trades and tickers that were received between them. */
function withOthers(lines: MutatedStretch['lines'], { others }: CaptureMarket) {
  const [from, to] = [lines[0]!.tsRecv, lines.at(-1)!.tsRecv];
  const between = others.filter(({ tsRecv }) => tsRecv > from && tsRecv < to);
  // Stable: what was received at one time keeps its order.
  return [...lines, ...between].sort((a, b) => Number(a.tsRecv - b.tsRecv));
}

async function runCases(root: string, cases: readonly Case[]): Promise<string> {
  const inputs = cases.map(({ market, symbol, mutated, hasOthers }) => {
    const folder = join(root, market.name);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${symbol}.txt`);
    const lines = (hasOthers ? withOthers(mutated.lines, market) : mutated.lines).map(({ line }) =>
      line.replace(`"s":"${market.symbol}"`, `"s":"${symbol}"`),
    );
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  });
  const out = join(root, 'out');
  const tables = ['depth', 'book'] as const;
  const { bookDepth } = cases[0]!;
  await run({ inputs, out, tables, bookDepth, sync: false, workers: 2 });
  return out;
}

type FoundGap = GapJson & { readonly row: number; readonly ts_recv_after: string };

const gapFacts = ({ sequence_before, sequence_after, missing, row, ts_recv_after }: FoundGap) => ({
  sequence_before,
  sequence_after,
  missing,
  row,
  ts_recv_after,
});

async function check(db: DuckDBConnection, out: string, each: Case): Promise<number> {
  const { market, symbol, mutated, clean } = each;
  const where = `${market.name} ${symbol}, seed ${prng.seed}`;
  const audit = readAudit(out).instruments.find((found) => found.symbol === symbol)!;
  const found: InstrumentJson = instrumentIn(readAudit(out), audit.exchange, symbol);

  // What is reported: the lost ids with their place, and nothing else. What comes too late, but in
  // time for a snapshot that has made up for it, need not be lost.
  const gaps = found.gaps.map((gap) => gapFacts(gap as FoundGap));
  const isMadeUpFor = mutated.kind === 'late' && found.out_of_order === 0 && gaps.length === 0;
  expect(gaps, where).toEqual(mutated.gap === null || isMadeUpFor ? [] : [mutated.gap]);
  expect(
    found.gaps.every(({ proven, kind }) => proven && kind === 'gap'),
    where,
  ).toBe(true);
  const { duplicates, outOfOrder, rejected } = mutated;
  const counts = { duplicates: found.duplicates, outOfOrder: found.out_of_order };
  // What a snapshot covers is not looked at any closer: it is stale.
  const isFewer = counts.duplicates + counts.outOfOrder < duplicates + outOfOrder;
  const isCovered = isFewer || mutated.isCopyOfCovered;
  if (isCovered) expect(found.accounting.dropped.stale, where).toBeGreaterThan(0);
  else expect(counts, where).toEqual({ duplicates, outOfOrder });
  expect(found.accounting.rejected, where).toEqual(
    rejected > 0 ? { ERR_ROW_FIELDS: rejected } : {},
  );
  expect(accountingDifference(found.accounting), where).toBe(0);

  const partition = `exchange=${found.exchange}/symbol=${symbol}/dt=${found.dt}`;
  const book = await readBook(db, out, each.bookDepth, partition);
  if (!each.hasOthers) await compareRows(db, out, each, { found, book, partition });

  // What carries no mark is what it would be had nothing been lost.
  const wrong: string[] = [];
  let flagged = 0;
  for (const [row, flags] of book.flags.entries()) {
    if ((flags & FLAG_MAYBE_BAD_BOOK) !== 0) flagged++;
    if ((flags & MARKS) !== 0) continue;
    const expected = clean.get(book.sequence[row]!);
    if (expected !== undefined && expected !== book.levels[row]) wrong.push(`row ${row}`);
  }
  expect(wrong, where).toEqual([]);
  return flagged;
}

/** Every row and mark of depth and book, by the oracle. */
async function compareRows(
  db: DuckDBConnection,
  out: string,
  each: Case,
  { found, book, partition }: { found: InstrumentJson; book: BookLines; partition: string },
): Promise<void> {
  const { market, symbol, mutated } = each;
  const where = `${market.name} ${symbol}, seed ${prng.seed}`;
  const depth = await readDepth(db, out, partition);
  const oracle = new JoinedBook({ policy: market.policy, bookDepth: BOOK_DEPTH });
  const messages = [...oracle.run(mutated.messages)];
  const isSpot = market.name === 'spot';
  const plain = (flags: readonly number[]): number[] =>
    flags.map((each) => withoutTimes(each, isSpot));
  const differences = compareWithOracle(
    messages,
    { ...depth, flags: plain(depth.flags) },
    { ...book, flags: plain(book.flags) },
    BOOK_DEPTH,
  );
  expect(differences.first, where).toEqual([]);
  expect(found.digest, where).toBe(oracle.digest);
  const { duplicates, out_of_order: outOfOrder, gaps } = found;
  expect(oracle.counts, where).toMatchObject({ duplicates, outOfOrder });
  expect(
    gaps.map(({ sequence_before: from, sequence_after: to }) => `gap ${from} ${to}`),
    where,
  ).toEqual(oracle.gaps);
}

const markets = new Map<string, CaptureMarket>();

function marketOf(name: CaptureMarket['name']): CaptureMarket {
  const market = markets.get(name) ?? loadCapture(name, UPDATES_MAX);
  markets.set(name, market);
  return market;
}

/** Spot's replies have no time: the rows of its snapshots are BAD_TS, which the oracle does not say. */
const withoutTimes = (flags: number, isSpot: boolean): number =>
  isSpot && (flags & FLAG_SNAPSHOT) !== 0 ? flags & ~FLAG_BAD_TS : flags;

describe.skipIf(!hasSharedData)('mutated captures', () => {
  it.each(
    CAPTURE_MARKETS.flatMap((name) => [[name, 'alone'] as const, [name, 'with tickers'] as const]),
  )(
    `%s, %s: every loss is reported and marked, and nothing else (seed ${prng.seed})`,
    { timeout: 1_200_000 },
    async (name, how) => {
      const cases = casesOf(marketOf(name), how !== 'alone');
      const db = await openDuckdb();
      const counts: Record<string, number> = {};
      for (let start = 0; start < cases.length; start += STRETCHES_A_RUN) {
        const some = cases.slice(start, start + STRETCHES_A_RUN);
        const out = await runCases(temporaryFolder(), some);
        for (const each of some) {
          const flagged = await check(db, out, each);
          const { kind, gap } = each.mutated;
          counts[kind] = (counts[kind] ?? 0) + 1;
          if (gap !== null) counts.gaps = (counts.gaps ?? 0) + 1;
          counts.flagged = (counts.flagged ?? 0) + flagged;
        }
      }
      console.log(
        `${name} ${how}: ${cases.length} mutations, seed ${prng.seed}: ${JSON.stringify(counts)}`,
      );
      expect(counts.gaps).toBeGreaterThanOrEqual((3 * Math.floor(cases.length / 5)) / 2);
    },
  );
});
