import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPrng } from '../prng.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { instrumentIn, readAudit, tableSql } from '../support/outputs.js';
import { type FixtureColumn, writeParquetFixture } from '../support/parquet-fixture.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';

const SYMBOLS = Array.from({ length: 24 }, (_, i) => `S${i}`);
const MESSAGES = 1_500;
const START_NS = 1_767_225_600_000_000_000n;

interface Row {
  readonly symbol: string;
  readonly ts: bigint;
  readonly id: bigint;
  readonly isBid: boolean;
  /** NaN: refused. */
  readonly price: number;
  readonly qty: number;
}

function fixtureOf(rows: readonly Row[]): FixtureColumn[] {
  return [
    { name: 'symbol', type: 'utf8', values: rows.map(({ symbol }) => symbol) },
    { name: 'ts_recv', type: 'int64', values: rows.map(({ ts }) => ts) },
    { name: 'ts_event', type: 'int64', values: rows.map(({ ts }) => ts - 5n) },
    { name: 'sequence', type: 'int64', values: rows.map(({ id }) => id) },
    { name: 'is_bid', type: 'bool', values: rows.map(({ isBid }) => isBid) },
    { name: 'price', type: 'double', values: rows.map(({ price }) => price) },
    { name: 'qty', type: 'double', values: rows.map(({ qty }) => qty) },
  ];
}

// Each reads the whole file and leaves out the rows of the others.
describe('many instruments that take turns in a file', () => {
  it('each give what they give alone, refused rows and their places too', async () => {
    const prng = createPrng();
    const ids = new Map(SYMBOLS.map((symbol) => [symbol, 1n]));
    const rows: Row[] = [];
    for (let message = 0; message < MESSAGES; message++) {
      // The last one alone has many rows in a row: both ways are gone.
      const symbol = message % 500 < 40 ? SYMBOLS.at(-1)! : prng.pick(SYMBOLS);
      const id = ids.get(symbol)!;
      ids.set(symbol, id + (prng.chance(0.02) ? 2n : 1n));
      const ts = START_NS + BigInt(message) * 1_000_000n;
      for (let level = prng.int(1, 6); level > 0; level--) {
        const isBid = prng.chance(0.5);
        const price = prng.chance(0.01) ? Number.NaN : 100 + (isBid ? -1 : 1) * prng.int(1, 20);
        rows.push({ symbol, ts, id, isBid, price, qty: prng.int(0, 4) / 2 });
      }
    }
    const root = temporaryFolder();
    const options = ['--policy', 'contiguous', '--exchange', 'X'];
    const run = async (name: string, of: readonly Row[]): Promise<string> => {
      const path = join(root, 'exchange=X', `${name}.parquet`);
      await writeParquetFixture(path, fixtureOf(of), { rowGroupRows: 700 });
      const out = join(root, `out-${name}`);
      await depthmillDone(['run', path, '-o', out, '--no-sync', ...options]);
      return out;
    };
    const together = await run('together', rows);
    const db = await openDuckdb();
    const refusedIn = async (out: string, symbol: string): Promise<bigint[]> => {
      const partition = `exchange=X/symbol=${symbol}/**`;
      const sql = `SELECT row FROM ${tableSql(out, 'rejects', partition)} ORDER BY 1`;
      return ((await columnsOf(db, sql)).row ?? []).map((row) => BigInt(row as bigint));
    };
    try {
      for (const symbol of [SYMBOLS[0]!, SYMBOLS[7]!, SYMBOLS.at(-1)!]) {
        const where = `${symbol}, seed ${prng.seed}`;
        const own = rows.flatMap((row, index) => (row.symbol === symbol ? [{ row, index }] : []));
        const alone = await run(symbol, own.map(({ row }) => row)); // biome-ignore format: one line
        const [found, wanted] = [together, alone].map((out) => {
          const { digest, messages, accounting, gaps } = instrumentIn(readAudit(out), 'X', symbol);
          const ranges = gaps.map((gap) => `${gap.sequence_before} ${gap.sequence_after}`);
          return { digest, messages, accounting, ranges };
        });
        expect(found, where).toEqual(wanted);
        expect(found!.accounting.rows_in, where).toBe(own.length);
        const refused = own.filter(({ row }) => Number.isNaN(row.price));
        const places = refused.map(({ index }) => BigInt(index));
        expect(await refusedIn(together, symbol), where).toEqual(places);
      }
    } finally {
      db.closeSync();
    }
  });
});
