import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FLAG_CLEAR, FLAG_LAST, FLAG_UNSEEDED } from '#src/abi/flags.js';
import { bookDigest } from '../oracle/book-digest.js';
import type { Level } from '../oracle/price-levels.js';
import { openDuckdb, rowOf } from '../support/duckdb.js';
import { INSTRUMENTS, type Instrument, partitionOf } from '../support/instruments.js';
import {
  type DepthColumns,
  instrumentIn,
  levelsLine,
  readAudit,
  readBook,
  readDepth,
  readManifest,
  tableSql,
} from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

/**
 * The book as anyone would rebuild it from the table `depth`: two maps, no rule but what flags
 * say. The best prices are kept by looking, since a map has no order.
 */
class MapBook {
  readonly #sides = { bid: new Map<bigint, bigint>(), ask: new Map<bigint, bigint>() };
  readonly #best: { bid: bigint | null; ask: bigint | null } = { bid: null, ask: null };

  apply(depth: DepthColumns, row: number): void {
    const flags = depth.flags[row]!;
    if ((flags & FLAG_UNSEEDED) !== 0) return;
    if ((flags & FLAG_CLEAR) !== 0) {
      this.#sides.bid.clear();
      this.#sides.ask.clear();
      this.#best.bid = null;
      this.#best.ask = null;
      return;
    }
    const name = depth.isBid[row]! ? 'bid' : 'ask';
    const price = depth.pricePips[row]!;
    const side = this.#sides[name];
    const best = this.#best[name];
    if (depth.qtyPips[row] !== 0n) {
      side.set(price, depth.qtyPips[row]!);
      if (best === null || isBetter(name, price, best)) this.#best[name] = price;
    } else {
      side.delete(price);
      if (best === price) this.#best[name] = this.#search(name);
    }
  }

  #search(name: 'bid' | 'ask'): bigint | null {
    let best: bigint | null = null;
    for (const price of this.#sides[name].keys()) {
      if (best === null || isBetter(name, price, best)) best = price;
    }
    return best;
  }

  /** The best levels: one, or none. */
  best(name: 'bid' | 'ask'): Level[] {
    const pricePips = this.#best[name];
    return pricePips === null ? [] : [{ pricePips, qtyPips: this.#sides[name].get(pricePips)! }];
  }

  get digest(): string {
    const levels = (name: 'bid' | 'ask') =>
      [...this.#sides[name]]
        .map(([pricePips, qtyPips]) => ({ pricePips, qtyPips }))
        .sort((a, b) => (isBetter(name, a.pricePips, b.pricePips) ? -1 : 1));
    return bookDigest(levels('bid'), levels('ask'));
  }
}

function isBetter(name: 'bid' | 'ask', price: bigint, than: bigint): boolean {
  return name === 'bid' ? price > than : price < than;
}

const root = temporaryFolder();
const out = join(root, 'out');

/** Columns of `table` that differ between two outputs, row by row in order. */
async function countDiffering(
  instrument: Instrument,
  table: string,
  other: string,
  columns: readonly string[],
) {
  const db = await openDuckdb();
  const rows = (folder: string) =>
    `SELECT row_number() OVER (ORDER BY filename, file_row_number) AS n, ${columns.join(', ')}
     FROM ${tableSql(folder, table, partitionOf(instrument))}`;
  const differs = columns.map((name) => `a.${name} IS DISTINCT FROM b.${name}`).join(' OR ');
  return rowOf(
    db,
    `SELECT count(a.n) AS rows_first, count(b.n) AS rows_again,
       count(*) FILTER (${differs}) AS differing
     FROM (${rows(out)}) a FULL JOIN (${rows(other)}) b ON a.n = b.n`,
  );
}

describe.skipIf(!hasSharedData)('replaying the table depth', () => {
  const again = join(root, 'again');
  beforeAll(async () => {
    await depthmillDone(['run', sharedData('lake'), '-o', out, '--json']);
    // An output moved to where the vendor's rows are not: only our own tables can be read again.
    cpSync(out, join(root, 'moved'), { recursive: true });
    await depthmillDone(['run', join(root, 'moved'), '-o', again, '--json']);
  }, 240_000);

  it.each(INSTRUMENTS)(
    '$exchange $symbol: gives the rows of book and the digests of the run',
    { timeout: 120_000 },
    async (instrument) => {
      const db = await openDuckdb();
      const partition = partitionOf(instrument);
      const depth = await readDepth(db, out, partition);
      const rows = await readBook(db, out, 1, partition);
      const book = new MapBook();
      let message = 0;
      const wrong: string[] = [];
      depth.flags.forEach((flags, row) => {
        book.apply(depth, row);
        if ((flags & FLAG_LAST) === 0) return;
        const ours = levelsLine(book.best('bid'), book.best('ask'), 1);
        const isSame =
          rows.levels[message] === ours &&
          rows.sequence[message] === depth.sequence[row] &&
          rows.tsRecv[message] === depth.tsRecv[row] &&
          rows.tsEvent[message] === depth.tsEvent[row];
        if (!isSame && wrong.length < 5) {
          wrong.push(`depth row ${row}, book row ${message}: ${rows.levels[message]} for ${ours}`);
        }
        message++;
      });
      expect(wrong).toEqual([]);
      expect(message).toBe(rows.levels.length);
      const audit = instrumentIn(readAudit(out), instrument.exchange, instrument.symbol);
      expect(book.digest).toBe(audit.digest);
      const part = readManifest(out).parts.filter((each) =>
        each.path.startsWith(`depth/${partition}/`),
      );
      expect(part.at(-1)!.digest).toBe(book.digest);
    },
  );

  it.each(INSTRUMENTS)(
    '$exchange $symbol: a run on the output gives the same book again',
    async (instrument) => {
      const first = instrumentIn(readAudit(out), instrument.exchange, instrument.symbol);
      const second = instrumentIn(readAudit(again), instrument.exchange, instrument.symbol);
      expect(second.dialect).toBe('depthmill');
      expect(second.policy).toBe(first.policy);
      expect(second.scales).toEqual(first.scales);
      expect(second.digest).toBe(first.digest);
      const stamps = ['ts_recv', 'ts_event', 'sequence'];
      const levels = ['bid_0_price_pips', 'bid_0_qty_pips', 'ask_0_price_pips', 'ask_0_qty_pips'];
      const book = await countDiffering(instrument, 'book', again, [...stamps, ...levels]);
      expect(book).toEqual({
        rows_first: BigInt(first.book_rows),
        rows_again: BigInt(first.book_rows),
        differing: 0n,
      });
      const values = [...stamps, 'is_bid', 'price_pips', 'qty_pips'];
      const depth = await countDiffering(instrument, 'depth', again, values);
      expect(depth).toMatchObject({ rows_again: BigInt(first.accounting.rows_out), differing: 0n });
      const trades = [
        'ts_recv',
        'ts_event',
        'trade_id',
        'is_buy',
        'price_pips',
        'qty_pips',
        'flags',
      ];
      expect(await countDiffering(instrument, 'trades', again, trades)).toMatchObject({
        rows_again: BigInt(first.trades_accounting.rows_out),
        differing: 0n,
      });
    },
  );
});
