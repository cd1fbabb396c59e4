import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/spawn-cli.js';
import { createPrng } from '../prng.js';
import { columnsOf, openDuckdb } from '../support/duckdb.js';
import { writeLakeBook, writeLakeDeltas } from '../support/lake-fixture.js';
import { filesBelow, rowsSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { randomLake } from '../support/random-lake.js';

const root = temporaryFolder();
const lake = join(root, 'lake');
const TABLES = ['depth', 'book', 'keyframes', 'instruments'];
/** Quantities of some tens need 64 bits at this scale, and more than 18 digits. */
const WIDE = ['--qty-scale', '17'];
let db: DuckDBConnection;

async function run(name: string, ...options: readonly string[]): Promise<string> {
  const out = join(root, name);
  const args = ['--no-sync', '--tables', 'all', '--book-depth', '3'];
  await depthmillDone(['run', lake, '-o', out, ...args, ...options]);
  return out;
}

/** A table by columns: each pair of names is one of pips and its plain one. */
async function stored(out: string, table: string) {
  return columnsOf(db, rowsSql('* EXCLUDE (filename, file_row_number)', out, table));
}

/** Decimal text of pips, exactly; no trailing zeros. */
function decimalText(pips: bigint, scale: number): string {
  const digits = String(pips < 0n ? -pips : pips).padStart(scale + 1, '0');
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '');
  return `${pips < 0n ? '-' : ''}${text}`;
}

const scaleOf = (name: string, qty: number): number => (/(?:qty|lot)_pips$/.test(name) ? qty : 8);

beforeAll(async () => {
  db = await openDuckdb();
  const faults = { messages: 400, loss: 0.02, refusal: 0, witness: 0.1, invalid: 0, depth: 10 };
  const market = randomLake(createPrng(), faults);
  const fixture = { exchange: 'TEST', symbol: 'BTC-USDT', dt: '2026-01-01' };
  await writeLakeDeltas(lake, fixture, market.lakeRows);
  await writeLakeBook(lake, fixture, market.lakeWitnesses);
});

describe.each([
  ['of 8 decimals', 8, []],
  ['that doubles do not hold as integers', 17, WIDE],
] as const)('run --numbers double, quantities %s', (name, qtyScale, options) => {
  it('writes the doubles nearest to the decimals, under plain names', async () => {
    const pips = await run(`pips-${qtyScale}`, ...options);
    const out = await run(`double-${qtyScale}`, '--numbers', 'double', ...options);
    expect(filesBelow(out), name).toEqual(filesBelow(pips));
    for (const table of TABLES) {
      const [expected, found] = [await stored(pips, table), await stored(out, table)];
      for (const [column, values] of Object.entries(expected)) {
        const plain = found[column.replace(/_pips$/, '')];
        const scale = scaleOf(column, qtyScale);
        const wanted = column.endsWith('_pips')
          ? values.map((each) => each && Number(decimalText(each as bigint, scale)))
          : values;
        expect({ table, column, values: plain?.map((each) => each || 0) }).toEqual({
          table,
          column,
          values: wanted.map((each) => each || 0),
        });
      }
    }
  });
});

describe('run --numbers decimal', () => {
  let pips = '';
  let out = '';

  beforeAll(async () => {
    pips = await run('pips');
    out = await run('decimal', '--numbers', 'decimal');
  });

  it('writes DECIMAL(18, scale) under plain names, with the same integers', async () => {
    for (const table of TABLES) {
      const [expected, found] = [await stored(pips, table), await stored(out, table)];
      for (const [column, values] of Object.entries(expected)) {
        const plain = found[column.replace(/_pips$/, '')]!;
        const integers = column.endsWith('_pips')
          ? plain.map((each) => each && (each as { value: bigint }).value)
          : plain;
        expect({ table, column, integers }).toEqual({ table, column, integers: values });
      }
    }
    const { type } = await columnsOf(
      db,
      `SELECT typeof(price) AS type FROM (${rowsSql('price', out, 'depth')}) LIMIT 1`,
    );
    expect(type).toEqual(['DECIMAL(18,8)']);
  });

  it('is shown by views.sql and by cat as it is', async () => {
    const views = await openDuckdb();
    await views.run(`SET file_search_path = '${out}'`);
    await views.run(readFileSync(join(out, 'views.sql'), 'utf8'));
    const { price } = await columnsOf(views, 'SELECT price::VARCHAR AS price FROM depth LIMIT 5');
    const { price_pips } = await columnsOf(db, rowsSql('price_pips', pips, 'depth'));
    const expected = price_pips!.slice(0, 5).map((each) => decimalText(each as bigint, 8));
    expect(price!.map((text) => String(text).replace(/\.?0+$/, ''))).toEqual(expected);
    const { stdout } = await depthmillDone([
      'cat',
      out,
      '--table',
      'depth',
      '--columns',
      'price',
      '--limit',
      '5',
    ]);
    expect(stdout.trim().split('\n').slice(1)).toEqual(expected);
  });

  it('refuses an instrument with a value of more than 18 digits', async () => {
    const wide = join(root, 'wide');
    const args = ['run', lake, '-o', wide, '--no-sync', '--numbers', 'decimal', ...WIDE];
    const { exitCode, stderr } = await runCli(args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('ERR_SCALE');
    expect(stderr).toMatch(/qty holds \d+\.\d+, which has more than the 18 digits/);
    expect(filesBelow(root).filter((path) => path.startsWith('wide/'))).toEqual([]);
  });

  it('is no input for a run or a book, and says so', async () => {
    const again = await runCli(['run', join(out, 'depth'), '-o', join(root, 'again')]);
    expect(again.exitCode).not.toBe(0);
    expect(again.stderr).toContain('pips are needed');
    const book = await runCli(['book', out, '--at', '2026-01-01T00:01:00Z']);
    expect(book.exitCode).toBe(1);
    expect(book.stderr).toContain('ERR_INPUT_SCHEMA');
  });
});
