import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FLAG_SNAPSHOT, FLAG_SYNTHETIC } from '#src/abi/flags.js';
import { openDuckdb, rowOf, textPipsSql } from '../support/duckdb.js';
import { filesBelow, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { differingPaths } from '../support/same-bytes.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const root = temporaryFolder();

const TARDIS = [
  ['binance_incremental_book_L2_2024-08-08_BTCUSDT', 300_094],
  ['binance-futures_incremental_book_L2_2024-08-08_ETHUSDT', 430_358],
  ['binance-delivery_incremental_book_L2_2024-08-08_ETHUSD_PERP', 439_840],
] as const;

/** The same file, unpacked: read at any block, by any worker. */
function unpacked(name: string): string {
  const path = join(root, `${name}.csv`);
  writeFileSync(path, gunzipSync(readFileSync(sharedData(`tardis/${name}.csv.gz`))));
  return path;
}

// The whole way, from the text to the Parquet file: DuckDB reads both.
describe.skipIf(!hasSharedData)('tardis', () => {
  it.each(TARDIS)('%s: depth is the rows of the file', { timeout: 120_000 }, async (name, rows) => {
    const file = unpacked(name);
    const out = join(root, 'out');
    await depthmillDone(['run', file, '-o', out, '--json', '--workers', '2']);
    const db = await openDuckdb();
    const theirs = `SELECT row_number() OVER () AS n, CAST(local_timestamp AS BIGINT) * 1000 AS ts_recv,
        CAST("timestamp" AS BIGINT) * 1000 AS ts_event, side = 'bid' AS is_bid,
        ${textPipsSql('price')} AS price_pips, ${textPipsSql('amount')} AS qty_pips,
        is_snapshot = 'true' AS is_snapshot
      FROM read_csv('${file}', all_varchar = true, parallel = false)`;
    const ours = `SELECT row_number() OVER (ORDER BY filename, file_row_number) AS n, *,
        flags & ${FLAG_SNAPSHOT} != 0 AS is_snapshot
      FROM ${tableSql(out, 'depth')} WHERE flags & ${FLAG_SYNTHETIC} = 0`;
    const differs = ['ts_recv', 'ts_event', 'is_bid', 'price_pips', 'qty_pips', 'is_snapshot']
      .map((column) => `o.${column} IS DISTINCT FROM t.${column}`)
      .join(' OR ');
    const compared = await rowOf(
      db,
      `SELECT count(t.n) AS theirs, count(o.n) AS ours, count(*) FILTER (${differs}) AS differing
       FROM (${theirs}) t FULL JOIN (${ours}) o ON o.n = t.n`,
    );
    expect(compared).toEqual({ theirs: BigInt(rows), ours: BigInt(rows), differing: 0n });
    rmSync(out, { recursive: true });
  });
});

// Blocks, workers and batches leave no trace, whether a text can be read anywhere or only forward.
describe.skipIf(!hasSharedData)('the same bytes', () => {
  it('plain, packed, and of a capture', { timeout: 240_000 }, async () => {
    const inputs = [unpacked(TARDIS[0][0]), sharedData('captures/cm/ethusd_perp_20240808.gz')];
    for (const [index, input] of [
      ...inputs,
      sharedData(`tardis/${TARDIS[0][0]}.csv.gz`),
    ].entries()) {
      const reference = join(root, `reference-${index}`);
      await depthmillDone(['run', input, '-o', reference, '--json', '--workers', '1']);
      expect(filesBelow(reference).length).toBeGreaterThan(4);
      for (const [workers, batchRows] of [
        ['2', '200000'],
        ['3', '1000'],
      ] as const) {
        const out = join(root, 'again');
        const options = ['--workers', workers, '--batch-rows', batchRows];
        await depthmillDone(['run', input, '-o', out, '--json', ...options]);
        expect(differingPaths(reference, out), `${input} ${options.join(' ')}`).toEqual([]);
        rmSync(out, { recursive: true });
      }
    }
  });
});
