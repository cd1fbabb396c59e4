import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GenerateResult } from '#src/generate/generate-tape.js';
import { bookDigest } from '../oracle/book-digest.js';
import { PriceLevels } from '../oracle/price-levels.js';
import { columnsOf, int64, openDuckdb, pipsSql } from '../support/duckdb.js';
import { filesOf, TapeFolder, tapeSql } from './tape-folder.js';

const folder = new TapeFolder();
let db: DuckDBConnection;
beforeAll(async () => {
  db = await openDuckdb();
});
afterAll(() => folder.remove());

const SYMBOL = 'SYM-0001-USDT';

/** Messages of one symbol as they were received: first and last id. */
async function received(
  tape: GenerateResult,
  symbol: string,
): Promise<{ u: bigint[]; U: bigint[] }> {
  const columns = await columnsOf(
    db,
    `SELECT sequence_first AS f, sequence AS l FROM ${tapeSql(tape, 'depth')}
     WHERE symbol = '${symbol}' AND (flags & 128) <> 0 AND (flags & 32) = 0
     ORDER BY dt, file_row_number`,
  );
  return { U: [...int64(columns, 'f')], u: [...int64(columns, 'l')] };
}

/** The book after all rows of a symbol, and what `visit` sees at each message end. */
async function replay(
  tape: GenerateResult,
  symbol: string,
  visit: (sequence: bigint, bids: PriceLevels, asks: PriceLevels) => void = () => undefined,
): Promise<string> {
  const columns = await columnsOf(
    db,
    `SELECT sequence, is_bid, price_pips, qty_pips, flags::BIGINT AS flags
     FROM ${tapeSql(tape, 'depth')} WHERE symbol = '${symbol}' ORDER BY dt, file_row_number`,
  );
  const [bids, asks] = [new PriceLevels(true), new PriceLevels(false)];
  const [sequence, flags] = [int64(columns, 'sequence'), int64(columns, 'flags')];
  const [price, qty] = [int64(columns, 'price_pips'), int64(columns, 'qty_pips')];
  for (let i = 0; i < price.length; i++) {
    if ((flags[i]! & 8192n) !== 0n) {
      bids.clear();
      asks.clear();
    } else {
      (columns.is_bid![i] === true ? bids : asks).set(price[i]!, qty[i]!);
    }
    if ((flags[i]! & 128n) !== 0n) visit(sequence[i]!, bids, asks);
  }
  return bookDigest(bids.top(1e6), asks.top(1e6));
}

describe('truth.json', () => {
  test('is what generateTape returns', async () => {
    const tape = await folder.generate({ events: 200_000, gaps: 3 });
    const text = filesOf(tape.out).get('truth.json')!.toString();
    expect(JSON.parse(text)).toEqual(tape.truth);
  });

  test.each([1n, 2n, 3n])('names the faults that are in the files (seed %i)', async (seed) => {
    const tape = await folder.generate({
      events: 400_000,
      symbols: 2,
      days: 2,
      seed,
      gaps: 50,
      duplicates: 20,
      swaps: 20,
    });
    const truths = tape.truth.symbols;
    expect(truths.reduce((sum, { gaps }) => sum + gaps.length, 0)).toBe(50);
    expect(truths.reduce((sum, { duplicates }) => sum + duplicates.length, 0)).toBe(20);
    expect(truths.reduce((sum, { swaps }) => sum + swaps.length, 0)).toBe(20);
    for (const truth of truths) {
      const { U, u } = await received(tape, truth.symbol);
      expect(u.length + 2, 'messages, with a snapshot a day').toBe(truth.messages);
      const seen = new Set<bigint>();
      const [duplicates, swaps]: [string[], string[][]] = [[], []];
      const ids: [bigint, bigint][] = [];
      for (let i = 0; i < u.length; i++) {
        if (seen.has(u[i]!)) duplicates.push(u[i]!.toString());
        else ids.push([U[i]!, u[i]!]);
        if (i > 0 && u[i]! < u[i - 1]! && !seen.has(u[i]!)) {
          swaps.push([u[i]!.toString(), u[i - 1]!.toString()]);
        }
        seen.add(u[i]!);
      }
      ids.sort((a, b) => (a[1] < b[1] ? -1 : 1));
      const gaps = ids.slice(1).flatMap(([first], i) => {
        const before = ids[i]![1];
        const missing = first - before - 1n;
        return missing === 0n ? [] : [`${before} ${first} ${missing}`];
      });
      expect(gaps).toEqual(
        truth.gaps.map((g) => `${g.sequence_before} ${g.sequence_after} ${g.missing}`),
      );
      expect(duplicates.sort()).toEqual(truth.duplicates.map(({ sequence }) => sequence).sort());
      expect(swaps).toEqual(truth.swaps.map((s) => [s.sequence_a, s.sequence_b]));
      for (const { messages } of truth.gaps) {
        expect(messages).toBeGreaterThanOrEqual(1);
        expect(messages).toBeLessThanOrEqual(20);
      }
    }
  });

  test('finds its gaps again in DuckDB, by lag()', async () => {
    const tape = await folder.generate({ events: 300_000, gaps: 30, seed: 5n });
    const columns = await columnsOf(
      db,
      `SELECT sequence_before, f AS sequence_after, f - sequence_before - 1 AS missing FROM (
         SELECT sequence_first AS f, lag(sequence) OVER (ORDER BY file_row_number) AS sequence_before
         FROM ${tapeSql(tape, 'depth')} WHERE (flags & 128) <> 0)
       WHERE f > sequence_before + 1`,
    );
    const { gaps } = tape.truth.symbols[0]!;
    const found = gaps.map(({ sequence_before, sequence_after, missing }) => ({
      sequence_before,
      sequence_after,
      missing,
    }));
    expect(columns.missing).toHaveLength(30);
    expect(
      columns.missing!.map((missing, i) => ({
        sequence_before: String(columns.sequence_before![i]),
        sequence_after: String(columns.sequence_after![i]),
        missing: String(missing),
      })),
    ).toEqual(found);
  });

  test('gives the digest of the book that a plain replay ends with', async () => {
    const tape = await folder.generate({ events: 150_000, symbols: 2, days: 3, seed: 9n });
    for (const { symbol, digest } of tape.truth.symbols) {
      expect(await replay(tape, symbol)).toBe(digest);
    }
  });

  test('faults change the files, not the market', async () => {
    const options = { events: 100_000, seed: 4n };
    const clean = await folder.generate(options);
    const faulty = await folder.generate({ ...options, gaps: 10, duplicates: 3, swaps: 3 });
    const [a, b] = [clean.truth.symbols[0]!, faulty.truth.symbols[0]!];
    const { u: cleanIds } = await received(clean, SYMBOL);
    const { U: firstIds, u: ids } = await received(faulty, SYMBOL);
    expect(b.digest).toBe(a.digest);
    expect(b.rows).not.toBe(a.rows);
    expect([ids[0], ids.at(-1)]).toEqual([cleanIds[0], cleanIds.at(-1)]);
    const lost = b.gaps.reduce((sum, { messages }) => sum + messages, 0);
    expect(ids.length).toBe(cleanIds.length - lost + 3);
    // A book heals as its levels are set again; just behind the largest loss it is wrong.
    const largest = b.gaps.reduce((most, gap) => (gap.rows > most.rows ? gap : most));
    const behind = ids[firstIds.indexOf(BigInt(largest.sequence_after))];
    const bookBehind = async (tape: GenerateResult): Promise<string> => {
      let digest = '';
      await replay(tape, SYMBOL, (id, bids, asks) => {
        if (id === behind) digest = bookDigest(bids.top(1e6), asks.top(1e6));
      });
      return digest;
    };
    expect(await bookBehind(clean)).toMatch(/^[0-9a-f]{16}$/);
    expect(await bookBehind(faulty)).not.toBe(await bookBehind(clean));
  });
});

test("a row of Lake's book table is the true book after its message, once a second", async () => {
  const options = { events: 200_000, seed: 6n };
  const lake = await folder.generate({ ...options, layout: 'lake', gaps: 10 });
  const clean = await folder.generate(options);
  const sides = ['bid', 'ask'].flatMap((side) =>
    Array.from({ length: 20 }, (_, level) => [`${side}_${level}_price`, `${side}_${level}_size`]),
  );
  const columns = await columnsOf(
    db,
    `SELECT sequence_number, receipt_timestamp,
       ${sides
         .flat()
         .map((name) => `${pipsSql(name)} AS ${name}`)
         .join(', ')}
     FROM ${tapeSql(lake, 'book')} ORDER BY file_row_number`,
  );
  const sequence = int64(columns, 'sequence_number');
  const rowOfSequence = new Map(sequence.map((id, row) => [id, row]));
  let [compared, wrong] = [0, 0];
  await replay(clean, SYMBOL, (id, bids, asks) => {
    const row = rowOfSequence.get(id);
    if (row === undefined) return;
    const levels = [...bids.top(20), ...asks.top(20)];
    for (const [i, [price, size]] of sides.entries()) {
      const isEqual =
        columns[price!]![row] === levels[i]!.pricePips &&
        columns[size!]![row] === levels[i]!.qtyPips;
      if (!isEqual) wrong++;
    }
    compared++;
  });
  expect(wrong).toBe(0);
  expect(compared).toBe(sequence.length);
  expect(compared).toBe(lake.rows.book);
  const seconds = int64(columns, 'receipt_timestamp').map((ns) => Number(ns / 1_000_000_000n));
  expect(new Set(seconds).size).toBe(seconds.length);
  expect(seconds.length).toBeGreaterThan(15);
  // The first row comes a second after the tape's start.
  expect(seconds[0]).toBe(1_767_225_601);
});
