import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDuckdb, rowOf, textPipsSql } from '../support/duckdb.js';
import { flatFile, INSTRUMENTS } from '../support/instruments.js';
import { readAudit, tableSql } from '../support/outputs.js';
import { depthmillDone, temporaryFolder } from '../support/product.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';

const SPOT_BTC = INSTRUMENTS[0]!;

// The same deltas as double, decimal and text, in every codec: what the file looks like must not
// matter. The judge is the exchange's own text in the flat CSV.
describe.skipIf(!hasSharedData)('the Parquet variants through generic', () => {
  it.each([
    ['deltas.double.zstd.parquet', 298_111],
    ['deltas.decimal.snappy.parquet', 298_111],
    ['deltas.string.gzip.parquet', 298_111],
    ['deltas50k.decimal38.v2.parquet', 50_000],
  ])('%s gives the rows of flat', { timeout: 120_000 }, async (file, rowCount) => {
    const out = join(temporaryFolder(), 'out');
    await depthmillDone(['run', sharedData(`parquet-variants/${file}`), '-o', out, '--json']);
    const audit = readAudit(out);
    expect(
      audit.instruments.map(({ symbol, dialect, policy }) => [symbol, dialect, policy]),
    ).toEqual([['BTCUSDT', 'generic', 'contiguous']]);
    expect(audit.instruments[0]!.accounting).toMatchObject({
      rows_in: rowCount,
      rejected: {},
      dropped: {},
      synthetic: 0,
      rows_out: rowCount,
    });
    expect(audit.instruments[0]!.gaps).toEqual([]);

    const db = await openDuckdb();
    const flat = `SELECT row_number() OVER () AS n, CAST(local_ts AS BIGINT) AS ts_recv,
        CAST(event_ts AS BIGINT) * 1000000 AS ts_event, CAST(last_update_id AS BIGINT) AS sequence,
        CAST(first_update_id AS BIGINT) AS sequence_first, side = 'bid' AS is_bid,
        ${textPipsSql('price')} AS price_pips, ${textPipsSql('qty')} AS qty_pips
      FROM read_csv('${flatFile(SPOT_BTC, 'deltas')}', all_varchar = true) LIMIT ${rowCount}`;
    const ours = `SELECT row_number() OVER (ORDER BY filename, file_row_number) AS n, *
      FROM ${tableSql(out, 'depth')}`;
    const columns = ['ts_recv', 'ts_event', 'sequence', 'sequence_first'];
    const differs = [...columns, 'is_bid', 'price_pips', 'qty_pips']
      .map((name) => `o.${name} IS DISTINCT FROM f.${name}`)
      .join(' OR ');
    const compared = await rowOf(
      db,
      `SELECT count(f.n) AS rows_flat, count(o.n) AS rows_ours,
         count(*) FILTER (${differs}) AS differing
       FROM (${flat}) f FULL JOIN (${ours}) o ON o.n = f.n`,
    );
    const rows = BigInt(rowCount);
    expect(compared).toEqual({ rows_flat: rows, rows_ours: rows, differing: 0n });
  });
});
