import { statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FLAG_LAST, FLAG_SYNTHETIC } from '#src/abi/flags.js';
import { ROW_GROUP_ROWS } from '#src/abi/limits.js';
import { columnsOf, fileOrderSql, openDuckdb, pipsSql, rowOf } from '../support/duckdb.js';
import { INSTRUMENTS, lakeFile, partitionOf } from '../support/instruments.js';
import {
  accountingDifference,
  instrumentIn,
  readAudit,
  readDepth,
  readManifest,
  tableSql,
} from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const IN_ORDER = 'row_number() OVER (ORDER BY filename, file_row_number) AS n';

describe.skipIf(!hasSharedData)('run on the real Lake inputs', () => {
  const out = join(temporaryFolder(), 'out');
  beforeAll(async () => {
    await depthmillDone(['run', sharedData('lake'), '-o', out, '--json']);
  }, 120_000);

  it.each(INSTRUMENTS)(
    '$exchange $symbol: every delta row is there, exactly, in order',
    async (instrument) => {
      const db = await openDuckdb();
      const source = fileOrderSql(
        `row_number() OVER (ORDER BY file_row_number) AS n, receipt_timestamp AS ts_recv,
       timestamp AS ts_event, sequence_number AS sequence, side_is_bid AS is_bid,
       ${pipsSql('price')} AS price_pips, ${pipsSql('size')} AS qty_pips`,
        lakeFile(instrument, 'book_delta_v2'),
      );
      const ours = `SELECT ${IN_ORDER}, ts_recv, ts_event, sequence, is_bid, price_pips, qty_pips
      FROM ${tableSql(out, 'depth', partitionOf(instrument))}
      WHERE flags & ${FLAG_SYNTHETIC} = 0`;
      const differs = ['ts_recv', 'ts_event', 'sequence', 'is_bid', 'price_pips', 'qty_pips']
        .map((column) => `o.${column} IS DISTINCT FROM s.${column}`)
        .join(' OR ');
      const result = await rowOf(
        db,
        `WITH s AS (${source}), o AS (${ours})
       SELECT count(s.n) AS rows_in, count(o.n) AS rows_out,
         count(*) FILTER (${differs}) AS differing
       FROM s FULL JOIN o ON s.n = o.n`,
      );
      const rows = BigInt(instrument.deltaRows);
      expect(result).toEqual({ rows_in: rows, rows_out: rows, differing: 0n });
    },
  );

  it.each(INSTRUMENTS)(
    '$exchange $symbol: every trade is there, exactly, in order',
    async (instrument) => {
      const db = await openDuckdb();
      const source = fileOrderSql(
        `row_number() OVER (ORDER BY file_row_number) AS n, receipt_timestamp AS ts_recv,
       timestamp AS ts_event, id AS trade_id, side = 'buy' AS is_buy,
       ${pipsSql('price')} AS price_pips, ${pipsSql('amount')} AS qty_pips`,
        lakeFile(instrument, 'trades'),
      );
      const ours = `SELECT ${IN_ORDER}, * FROM ${tableSql(out, 'trades', partitionOf(instrument))}`;
      const differs = ['ts_recv', 'ts_event', 'trade_id', 'is_buy', 'price_pips', 'qty_pips']
        .map((column) => `o.${column} IS DISTINCT FROM s.${column}`)
        .join(' OR ');
      const result = await rowOf(
        db,
        `WITH s AS (${source}), o AS (${ours})
       SELECT count(s.n) - count(o.n) AS lost, count(*) FILTER (${differs}) AS differing,
         count(o.n) AS rows_out
       FROM s FULL JOIN o ON s.n = o.n`,
      );
      expect(result).toMatchObject({ lost: 0n, differing: 0n });
      const { trades_accounting } = instrumentIn(
        readAudit(out),
        instrument.exchange,
        instrument.symbol,
      );
      expect(BigInt(trades_accounting.rows_in)).toBe(result.rows_out);
      expect(BigInt(trades_accounting.rows_out)).toBe(result.rows_out);
      expect(accountingDifference(trades_accounting)).toBe(0);
    },
  );

  it.each(INSTRUMENTS)(
    '$exchange $symbol: the accounting is what DuckDB counts',
    async (instrument) => {
      const db = await openDuckdb();
      const { accounting } = instrumentIn(readAudit(out), instrument.exchange, instrument.symbol);
      const counted = await rowOf(
        db,
        `SELECT count(*) AS rows_out, count(*) FILTER (flags & ${FLAG_SYNTHETIC} != 0) AS synthetic
       FROM ${tableSql(out, 'depth', partitionOf(instrument))}`,
      );
      expect(accounting.rows_in).toBe(instrument.deltaRows);
      expect(BigInt(accounting.rows_out)).toBe(counted.rows_out);
      expect(BigInt(accounting.synthetic)).toBe(counted.synthetic);
      expect(accountingDifference(accounting)).toBe(0);
    },
  );

  it('lists every part in the manifest with its rows and bytes', async () => {
    const db = await openDuckdb();
    const { parts } = readManifest(out);
    const found = parts.map(({ path, rows, bytes }) => ({ path, rows: BigInt(rows), bytes }));
    const expected = [];
    for (const { path } of parts) {
      const file = join(out, path);
      const { rows } = await rowOf(db, `SELECT count(*) AS rows FROM read_parquet('${file}')`);
      expected.push({ path, rows, bytes: statSync(file).size });
    }
    expect(found).toEqual(expected);
    for (const instrument of INSTRUMENTS) {
      for (const table of ['depth', 'book', 'trades']) {
        const path = `${table}/${partitionOf(instrument)}/part-0000.parquet`;
        expect(parts.map((part) => part.path)).toContain(path);
      }
    }
  });

  it('writes REQUIRED columns of depth, and its scales into the metadata', async () => {
    const db = await openDuckdb();
    const file = join(out, 'depth', partitionOf(INSTRUMENTS[0]!), 'part-0000.parquet');
    const schema = await columnsOf(
      db,
      `SELECT name, type, repetition_type FROM parquet_schema('${file}') WHERE type IS NOT NULL`,
    );
    const columns = schema.name!.map((name, i) => `${name} ${schema.type![i]}`);
    expect(columns).toEqual([
      'ts_recv INT64',
      'ts_event INT64',
      'sequence INT64',
      'is_bid BOOLEAN',
      'price_pips INT64',
      'qty_pips INT64',
      'flags INT32',
    ]);
    expect(new Set(schema.repetition_type)).toEqual(new Set(['REQUIRED']));
    const metadata = await columnsOf(
      db,
      `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${file}')`,
    );
    const keyValue = new Map(metadata.key!.map((key, i) => [key, metadata.value![i]]));
    expect(keyValue.get('depthmill.price_scale')).toBe('8');
    expect(keyValue.get('depthmill.qty_scale')).toBe('8');
  });

  it.each(INSTRUMENTS)(
    '$exchange $symbol: row groups end where messages do',
    async (instrument) => {
      const db = await openDuckdb();
      const { flags } = await readDepth(db, out, partitionOf(instrument));
      const expected: number[] = [];
      let rows = 0;
      for (const flag of flags) {
        rows++;
        if (rows >= ROW_GROUP_ROWS && (flag & FLAG_LAST) !== 0) {
          expected.push(rows);
          rows = 0;
        }
      }
      if (rows > 0) expected.push(rows);
      const groups = await columnsOf(
        db,
        `SELECT DISTINCT row_group_id, row_group_num_rows AS rows
       FROM parquet_metadata('${out}/depth/${partitionOf(instrument)}/part-0000.parquet')
       ORDER BY row_group_id`,
      );
      expect(groups.rows!.map(Number)).toEqual(expected);
    },
  );
});
