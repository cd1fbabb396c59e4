import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GenerateOptions } from '#src/generate/options.js';
import { resolveTapeOptions } from '#src/generate/options.js';
import { tapeMemoryBytes } from '#src/generate/tape-memory.js';
import { columnsOf, int64, openDuckdb, pipsSql, rowOf } from '../support/duckdb.js';
import { filesOf, TapeFolder, tapeSql } from './tape-folder.js';

const folder = new TapeFolder();
let db: DuckDBConnection;
beforeAll(async () => {
  db = await openDuckdb();
});
afterAll(() => folder.remove());

const FAULTY = {
  events: 300_000,
  symbols: 2,
  days: 2,
  seed: 11n,
  gaps: 9,
  duplicates: 6,
  swaps: 7,
} as const satisfies Omit<GenerateOptions, 'out'>;

describe('the same bytes', () => {
  test.each(['depthmill', 'lake'] as const)('of the same seed in %s layout', async (layout) => {
    const options = { ...FAULTY, layout, rowGroupRows: 5_000 };
    const first = filesOf((await folder.generate(options)).out);
    const second = filesOf((await folder.generate(options)).out);
    const other = filesOf((await folder.generate({ ...options, seed: 12n })).out);
    expect([...second.keys()]).toEqual([...first.keys()]);
    for (const [path, bytes] of first) {
      expect(second.get(path)!.equals(bytes), path).toBe(true);
      expect(other.get(path)!.equals(bytes), path).toBe(false);
    }
  });
});

test('exactly the events that were asked for, shared by symbols and days', async () => {
  const tape = await folder.generate({ events: 100_003, symbols: 3, days: 2, rowGroupRows: 777 });
  const columns = await columnsOf(
    db,
    `SELECT count(*) AS n FROM ${tapeSql(tape, 'depth')} WHERE (flags & 32) = 0
     GROUP BY symbol, dt ORDER BY symbol, dt`,
  );
  expect(columns.n).toEqual([16_667n, 16_667n, 16_667n, 16_667n, 16_667n, 16_668n]);
  const { n, messages } = await rowOf(
    db,
    `SELECT count(*) AS n, count(*) FILTER ((flags & 128) <> 0) AS messages
     FROM ${tapeSql(tape, 'depth')}`,
  );
  expect(n).toBe(BigInt(tape.rows.depth));
  expect(messages).toBe(BigInt(tape.messages));
  expect(tape.rows.depth).toBe(tape.truth.symbols.reduce((sum, { rows }) => sum + rows, 0));
});

test('a row group holds the rows that were asked for, whether a message ends there or not', async () => {
  const tape = await folder.generate({ events: 50_000, layout: 'lake', rowGroupRows: 1_000 });
  const { groups, most, least, cut } = await rowOf(
    db,
    `WITH file AS (SELECT * FROM ${tapeSql(tape, 'book_delta_v2')})
     SELECT (SELECT count(*) FROM file) / 1000 AS groups,
       (SELECT max(row_group_num_rows) FROM parquet_metadata('${tape.out}/book_delta_v2/**/*.parquet')) AS most,
       (SELECT min(row_group_num_rows) FROM parquet_metadata('${tape.out}/book_delta_v2/**/*.parquet')) AS least,
       (SELECT count(*) FROM file a JOIN file b ON b.file_row_number = a.file_row_number + 1
         WHERE b.file_row_number % 1000 = 0 AND a.sequence_number = b.sequence_number) AS cut`,
  );
  expect([groups, most, least]).toEqual([50, 1_000n, 1_000n]);
  expect(cut).toBeGreaterThan(10n);
});

test('Lake files have the columns and types that the vendor ships', async () => {
  const tape = await folder.generate({ events: 20_000, layout: 'lake' });
  const schema = async (table: string): Promise<string> => {
    const columns = await columnsOf(
      db,
      `SELECT name || ' ' || type || ' ' || repetition_type AS c
       FROM parquet_schema('${tape.out}/${table}/**/*.parquet') WHERE type IS NOT NULL`,
    );
    return columns.c!.slice(0, 7).join(', ');
  };
  expect(await schema('book_delta_v2')).toBe(
    'timestamp INT64 OPTIONAL, receipt_timestamp INT64 OPTIONAL, sequence_number INT64 OPTIONAL, ' +
      'side_is_bid BOOLEAN OPTIONAL, price DOUBLE OPTIONAL, size DOUBLE OPTIONAL',
  );
  expect(await schema('trades')).toBe(
    'side BYTE_ARRAY OPTIONAL, amount DOUBLE OPTIONAL, price DOUBLE OPTIONAL, ' +
      'id INT64 OPTIONAL, timestamp INT64 OPTIONAL, receipt_timestamp INT64 OPTIONAL',
  );
  expect(await schema('book')).toBe(
    'timestamp INT64 OPTIONAL, receipt_timestamp INT64 OPTIONAL, sequence_number INT64 OPTIONAL, ' +
      'bid_0_price DOUBLE OPTIONAL, bid_0_size DOUBLE OPTIONAL, bid_1_price DOUBLE OPTIONAL, ' +
      'bid_1_size DOUBLE OPTIONAL',
  );
});

test('both layouts hold the same rows, faults and trades', async () => {
  const own = await folder.generate(FAULTY);
  const lake = await folder.generate({ ...FAULTY, layout: 'lake' });
  const numbered = 'row_number() OVER (ORDER BY symbol, dt, file_row_number) AS n, symbol, dt';
  const differences = async (ours: string, theirs: string): Promise<unknown> => {
    const { rows, differ } = await rowOf(
      db,
      `SELECT count(*) AS rows, count(*) FILTER (ours IS DISTINCT FROM theirs) AS differ
       FROM (${ours}) ours FULL JOIN (${theirs}) theirs USING (n)`,
    );
    return { rows, differ };
  };
  const depth = await differences(
    `SELECT ${numbered}, ts_event AS a, ts_recv AS b, sequence AS c, is_bid AS d,
       price_pips AS e, qty_pips AS f
     FROM ${tapeSql(own, 'depth')} WHERE (flags & 32) = 0`,
    `SELECT ${numbered}, timestamp AS a, receipt_timestamp AS b, sequence_number AS c,
       side_is_bid AS d, ${pipsSql('price')} AS e, ${pipsSql('size')} AS f
     FROM ${tapeSql(lake, 'book_delta_v2')}`,
  );
  expect(depth).toEqual({ rows: BigInt(lake.rows.depth), differ: 0n });
  const trades = await differences(
    `SELECT ${numbered}, ts_event AS a, ts_recv AS b, trade_id AS c, is_buy AS d,
       price_pips AS e, qty_pips AS f
     FROM ${tapeSql(own, 'trades')}`,
    `SELECT ${numbered}, timestamp AS a, receipt_timestamp AS b, id AS c, side = 'buy' AS d,
       ${pipsSql('price')} AS e, ${pipsSql('amount')} AS f
     FROM ${tapeSql(lake, 'trades')}`,
  );
  expect(trades).toEqual({ rows: BigInt(own.rows.trades), differ: 0n });
  for (const [i, symbol] of own.truth.symbols.entries()) {
    const { gaps, duplicates, swaps, digest } = lake.truth.symbols[i]!;
    expect({ gaps, duplicates, swaps, digest }).toEqual({
      gaps: symbol.gaps,
      duplicates: symbol.duplicates,
      swaps: symbol.swaps,
      digest: symbol.digest,
    });
  }
});

test('received times never fall, trade ids follow one another', async () => {
  const tape = await folder.generate(FAULTY);
  const falls = async (table: string, column: string): Promise<unknown> => {
    const { n } = await rowOf(
      db,
      `SELECT count(*) AS n FROM (SELECT ${column} < lag(${column}) OVER (PARTITION BY symbol
         ORDER BY dt, file_row_number) AS falls FROM ${tapeSql(tape, table)}) WHERE falls`,
    );
    return n;
  };
  expect(await falls('depth', 'ts_recv')).toBe(0n);
  expect(await falls('trades', 'ts_recv')).toBe(0n);
  const trades = await columnsOf(
    db,
    `SELECT max(trade_id) - min(trade_id) + 1 AS span, count(DISTINCT trade_id) AS n
     FROM ${tapeSql(tape, 'trades')} GROUP BY symbol`,
  );
  expect(int64(trades, 'span')).toEqual(int64(trades, 'n'));
});

test('memory does not depend on the number of events', () => {
  const bytes = (events: number): number => tapeMemoryBytes(resolveTapeOptions({ events }));
  expect(bytes(10 ** 12)).toBe(bytes(1));
});

describe('refused', () => {
  const generate = (options: Omit<GenerateOptions, 'out'>): Promise<unknown> =>
    folder.generate(options);

  test.each([
    { events: 0 },
    { events: 1.5 },
    { symbols: 0 },
    { days: 0 },
    { rowGroupRows: 99 },
    { gaps: -1 },
    { events: 1, symbols: 2 },
    { events: 10_000, gaps: 50 },
    { startNs: -1n },
  ])('%o', async (options) => {
    await expect(generate(options)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  test('a folder that holds something', async () => {
    const out = folder.fresh();
    await mkdir(out);
    writeFileSync(join(out, 'mine.txt'), 'mine');
    const { generateTape } = await import('#src/generate/generate-tape.js');
    await expect(generateTape({ out, events: 10 })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_NOT_EMPTY',
    });
    expect([...filesOf(out).keys()]).toEqual(['mine.txt']);
  });
});
