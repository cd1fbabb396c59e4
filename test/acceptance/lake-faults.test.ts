import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  FLAG_CROSSED,
  FLAG_DEPTH_UNKNOWN,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_SNAPSHOT,
  FLAG_SYNTHETIC,
  FLAG_UNSEEDED,
  FLAG_WITNESS_OFF,
} from '#src/abi/flags.js';
import { LakeBook, runLakeBook } from '../oracle/lake-book.js';
import { createPrng } from '../prng.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { type LakeFixture, writeLakeBook, writeLakeDeltas } from '../support/lake-fixture.js';
import { compareWithOracle } from '../support/oracle-comparison.js';
import {
  accountingDifference,
  filesBelow,
  instrumentIn,
  readAudit,
  readBook,
  readDepth,
  rowsSql,
} from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { type MarketFaults, type RandomLake, randomLake } from '../support/random-lake.js';
import { differingPaths } from '../support/same-bytes.js';

const CROSSED_AFTER_NS = 2_000_000_000n;
const BOOK_DEPTH = 5;
const ROW_GROUP_ROWS = 100;
/** Synthetic messages that are no plain merge. */
const OF_OTHERS = FLAG_SNAPSHOT | FLAG_WITNESS_OFF;

const GOOD: MarketFaults = {
  messages: 400,
  loss: 0,
  refusal: 0,
  witness: 0.1,
  invalid: 0,
  depth: 30,
};

/** Each in several random markets: what can go wrong, alone and together. */
const KINDS: readonly (readonly [name: string, faults: MarketFaults])[] = [
  ['GOOD', GOOD],
  ['LOSSY', { ...GOOD, loss: 0.05 }],
  ['LOSSY-RARELY-SEEN', { ...GOOD, loss: 0.1, witness: 0.01 }],
  ['REFUSED', { ...GOOD, refusal: 0.01 }],
  ['REFUSED-RARELY-SEEN', { ...GOOD, refusal: 0.01, witness: 0.01 }],
  ['THIN', { ...GOOD, depth: 4, loss: 0.02 }],
  ['DEEP', { ...GOOD, depth: 120, loss: 0.02 }],
  ['UNSEEDED', { ...GOOD, witness: 0 }],
  ['BAD-WITNESS', { ...GOOD, invalid: 0.4, loss: 0.02 }],
  ['ALL', { ...GOOD, loss: 0.05, refusal: 0.01, invalid: 0.03, depth: 15 }],
];
const MARKETS_OF_A_KIND = 4;

// Faults on the real recordings are too few to show all rules at work; here they are many.
describe('depth and book of random markets that go wrong', () => {
  const prng = createPrng();
  const root = temporaryFolder();
  const out = join(root, 'out');
  const markets = KINDS.flatMap(([kind, faults]) =>
    Array.from({ length: MARKETS_OF_A_KIND }, (_, i) => ({
      kind,
      fixture: { exchange: 'TEST', symbol: `${kind}-${i}`, dt: '2026-01-01' } as LakeFixture,
      lake: randomLake(prng, faults) as RandomLake,
    })),
  );

  beforeAll(async () => {
    for (const { fixture, lake } of markets) {
      const options = { rowGroupRows: ROW_GROUP_ROWS };
      await writeLakeDeltas(join(root, 'lake'), fixture, lake.lakeRows, options);
      if (lake.lakeWitnesses.length > 0) {
        await writeLakeBook(join(root, 'lake'), fixture, lake.lakeWitnesses);
      }
    }
    const levels = ['--book-depth', String(BOOK_DEPTH)];
    await depthmillDone(['run', join(root, 'lake'), '-o', out, '--json', ...levels]);
  }, 120_000);

  // A finding must not say where rows were cut: the book goes from row group to row group here.
  it.each(['1', '250', '1000'])('are the same in units of %s rows', async (batchRows) => {
    const other = join(root, `units-${batchRows}`);
    const options = ['--book-depth', String(BOOK_DEPTH), '--batch-rows', batchRows];
    await depthmillDone(['run', join(root, 'lake'), '-o', other, '--json', ...options]);
    expect(differingPaths(out, other), `seed ${prng.seed}`).toEqual([]);
  });

  it.each(KINDS.map(([kind]) => kind))(
    '%s: equal the oracle, row by row, mark by mark',
    async (kind) => {
      const db = await openDuckdb();
      for (const { fixture, lake } of markets.filter((market) => market.kind === kind)) {
        const where = `${fixture.symbol}, seed ${prng.seed}`;
        const partition = `exchange=TEST/symbol=${fixture.symbol}/dt=${fixture.dt}`;
        const oracle = new LakeBook({ bookDepth: BOOK_DEPTH, crossedAfterNs: CROSSED_AFTER_NS });
        const messages = [...runLakeBook(oracle, lake.deltas, lake.witnesses)];
        const depth = await readDepth(db, out, partition);
        const book = await readBook(db, out, BOOK_DEPTH, partition);
        const differences = compareWithOracle(messages, depth, book, BOOK_DEPTH);
        expect(differences.first, where).toEqual([]);
        const audit = instrumentIn(readAudit(out), 'TEST', fixture.symbol);
        expect(audit.digest, where).toBe(oracle.digest);
        expect(accountingDifference(audit.accounting), where).toBe(0);
      }
    },
  );

  it.each(KINDS.map(([kind]) => kind))('%s: date each doubt as the oracle does', (kind) => {
    const audit = readAudit(out);
    for (const { fixture, lake } of markets.filter((market) => market.kind === kind)) {
      const oracle = new LakeBook({ bookDepth: BOOK_DEPTH, crossedAfterNs: CROSSED_AFTER_NS });
      for (const _ of runLakeBook(oracle, lake.deltas, lake.witnesses));
      const { quality } = instrumentIn(audit, 'TEST', fixture.symbol);
      const found = quality.map(
        (each) => `${each.state} ${each.ts_recv_from} to ${each.ts_recv_to}`,
      );
      expect(found, `${fixture.symbol}, seed ${prng.seed}`).toEqual(
        oracle.doubts.map(({ state, from, to }) => `${state} ${from.tsRecv} to ${to.tsRecv}`),
      );
    }
  });

  it('has met every rule on the way', () => {
    const seen = { crossed: 0, reseeded: 0, disagreed: 0, merged: 0, depthUnknown: 0, suspect: 0 };
    for (const { lake } of markets) {
      const oracle = new LakeBook({ bookDepth: BOOK_DEPTH, crossedAfterNs: CROSSED_AFTER_NS });
      let seeds = 0;
      for (const { book } of runLakeBook(oracle, lake.deltas, lake.witnesses)) {
        const has = (flag: number): number => Number((book.flags & flag) !== 0);
        seen.crossed += has(FLAG_CROSSED);
        seen.disagreed += has(FLAG_WITNESS_OFF);
        seen.depthUnknown += has(FLAG_DEPTH_UNKNOWN);
        seen.suspect += has(FLAG_MAYBE_BAD_BOOK) - has(FLAG_UNSEEDED);
        seeds += has(FLAG_SNAPSHOT);
        const isMerge = has(FLAG_SYNTHETIC) === 1 && (book.flags & OF_OTHERS) === 0;
        seen.merged += Number(isMerge);
      }
      seen.reseeded += Math.max(0, seeds - 1);
    }
    console.log(`rules met: ${JSON.stringify(seen)}, seed ${prng.seed}`);
    expect(Object.values(seen).every((count) => count > 10)).toBe(true);
  });

  it('rejects exactly the bad rows, each with its reason and place', async () => {
    const db = await openDuckdb();
    for (const { fixture, lake } of markets) {
      const { accounting } = instrumentIn(readAudit(out), 'TEST', fixture.symbol);
      const counts: Record<string, number> = {};
      for (const { reason } of lake.rejects) counts[reason] = (counts[reason] ?? 0) + 1;
      expect(accounting.rejected, fixture.symbol).toEqual(counts);
      const partition = `exchange=TEST/symbol=${fixture.symbol}/dt=${fixture.dt}`;
      const isThere = filesBelow(out).some((path) => path.startsWith(`rejects/${partition}/`));
      expect(isThere, fixture.symbol).toBe(lake.rejects.length > 0);
      if (!isThere) continue;
      const select = 'row_group, "row", reason, file';
      const table = await columnsOf(db, rowsSql(select, out, 'rejects', partition));
      const found = table.reason!.map((reason, i) => ({
        group: Number(table.row_group![i]),
        row: Number(table.row![i]),
        reason,
      }));
      expect(found, fixture.symbol).toEqual(
        lake.rejects.map(({ row, reason }) => ({
          group: Math.floor(row / ROW_GROUP_ROWS),
          row,
          reason,
        })),
      );
      expect(String(table.file![0])).toContain(fixture.symbol);
    }
  });

  it('calls a day inconclusive whose witnesses are too often invalid', () => {
    const audit = readAudit(out);
    for (const { fixture, lake } of markets) {
      const { verdict } = instrumentIn(audit, 'TEST', fixture.symbol);
      const isTooOften = lake.invalidWitnesses > 0.05 * lake.lakeWitnesses.length;
      if (isTooOften) expect(verdict, fixture.symbol).toBe('inconclusive');
      else expect(verdict, fixture.symbol).not.toBe('missing');
    }
  });
});
