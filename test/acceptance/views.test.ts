import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPrng } from '../prng.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { writeLakeBook, writeLakeDeltas } from '../support/lake-fixture.js';
import { filesBelow, rowsSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { randomLake } from '../support/random-lake.js';

const root = temporaryFolder();
const lake = join(root, 'lake');
const prng = createPrng();

/** Folders of Hive writers have their values URL-encoded. */
const SYMBOLS = ['ETH-USDT', 'BTC%2FUSDT'];

async function viewsOf(out: string): Promise<DuckDBConnection> {
  const db = await openDuckdb();
  await db.run(`SET file_search_path = '${out}'`);
  await db.run(readFileSync(join(out, 'views.sql'), 'utf8'));
  return db;
}

beforeAll(async () => {
  const faults = { messages: 300, loss: 0, refusal: 0, witness: 0.1, invalid: 0, depth: 10 };
  for (const symbol of SYMBOLS) {
    const market = randomLake(prng, faults);
    const fixture = { exchange: 'TEST', symbol, dt: '2026-01-01' };
    await writeLakeDeltas(lake, fixture, market.lakeRows);
    await writeLakeBook(lake, fixture, market.lakeWitnesses);
  }
});

/** Pips as text with all decimals of their scale. */
function fixed(pips: unknown, scale: number): string {
  const digits = String(pips).padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

describe.each([
  ['one scale', []],
  ['scales of their own', ['--price-scale', 'BTC*=3', '--qty-scale', 'ETH*=4']],
] as const)('views.sql of instruments with %s', (name, options) => {
  const out = join(root, name.replaceAll(' ', '-'));
  let db: DuckDBConnection;

  beforeAll(async () => {
    await depthmillDone(['run', lake, '-o', out, '--no-sync', '--tables', 'all', ...options]);
    db = await viewsOf(out);
  });

  it('has a view for each table that was written, with all of its rows', async () => {
    const tables = new Set(filesBelow(out).map((path) => path.split('/')[0]!));
    for (const table of tables) {
      if (table.includes('.')) continue;
      const { n } = await columnsOf(db, `SELECT count(*) AS n FROM ${table}`);
      const { rows } = await columnsOf(
        db,
        `SELECT count(*) AS rows FROM (${rowsSql('*', out, table)})`,
      );
      expect({ table, n }).toEqual({ table, n: rows });
    }
  });

  it('shows prices and quantities as exact decimals, with the instrument in front', async () => {
    for (const symbol of ['ETH-USDT', 'BTC/USDT']) {
      const { price_scale: p, qty_scale: q } = await columnsOf(
        db,
        `SELECT price_scale, qty_scale FROM instruments WHERE symbol = '${symbol}'`,
      );
      const partition = `exchange=TEST/symbol=${encodeURIComponent(symbol)}/dt=2026-01-01`;
      const [price, qty] = [Number(p![0]), Number(q![0])];
      const pips = await columnsOf(
        db,
        rowsSql('price_pips, qty_pips, flags', out, 'depth', partition),
      );
      const expected = {
        price: pips.price_pips!.map((each) => fixed(each, price)),
        qty: pips.qty_pips!.map((each) => fixed(each, qty)),
        flags: pips.flags,
      };
      const shown = await columnsOf(
        db,
        `SELECT price::DECIMAL(38, ${price})::VARCHAR AS price,
         qty::DECIMAL(38, ${qty})::VARCHAR AS qty, flags
         FROM depth WHERE symbol = '${symbol}' AND exchange = 'TEST' AND dt = DATE '2026-01-01'`,
      );
      expect(expected.price.length).toBeGreaterThan(300);
      expect(shown).toEqual(expected);
    }
  });

  it('keeps what is no number of pips, and NULL where there is no level', async () => {
    const { nulls } = await columnsOf(
      db,
      'SELECT count(*) AS nulls FROM book WHERE flags & 512 != 0 AND bid_0_price IS NULL',
    );
    const { unseeded } = await columnsOf(
      db,
      'SELECT count(*) AS unseeded FROM book WHERE flags & 512 != 0',
    );
    expect(Number(unseeded![0])).toBeGreaterThan(0);
    expect(nulls).toEqual(unseeded);
  });
});
