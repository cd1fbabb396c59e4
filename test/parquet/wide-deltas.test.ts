import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { spanOf } from '#src/parquet/footer-chunks.js';
import { openDuckdb } from '../support/duckdb.js';
import { duckCells, firstDifference } from '../support/duckdb-cells.js';
import { PageReading } from '../support/page-reading.js';
import { temporaryFolder } from '../support/product.js';
import { readCells } from '../support/source-cells.js';

let reading: PageReading;
beforeAll(async () => {
  reading = await PageReading.create();
});

describe('deltas of decimals', () => {
  it('are read by the kernels as DuckDB wrote them', async () => {
    const path = join(temporaryFolder(), 'decimals.parquet');
    const db = await openDuckdb();
    const least = '-999999999999999999';
    await db.run(
      `COPY (SELECT CASE WHEN i % 2 = 0 THEN 9999999.99 ELSE -i END::DECIMAL(9, 2) AS d9,
           CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN ${least} ELSE i END::DECIMAL(18, 0) AS d18
         FROM range(5000) t(i)) TO '${path}' (FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1)`,
    );
    db.closeSync();
    const reader = await reading.open('decimals.parquet', new Uint8Array(readFileSync(path)));
    for (const { encodings } of reader.footer.storage) {
      expect(encodings).toContain('DELTA_BINARY_PACKED');
    }
    const before = reading.fallbacks;
    const cells = await readCells(reader, ['d9', 'd18']);
    expect(reading.fallbacks).toBe(before);
    const rows = Array.from({ length: 5_000 }, (_, i) => BigInt(i));
    expect(cells.get('d9')).toEqual(rows.map((i) => (i % 2n === 0n ? 999_999_999n : i * -100n)));
    expect(cells.get('d18')).toEqual(rows.map((i) => [null, BigInt(least), i].at(Number(i % 3n))));
  });
});

describe('deltas of int32 wider than 32 bits', () => {
  it('are read as DuckDB wrote them, whatever parquet-wasm says', async () => {
    const path = join(temporaryFolder(), 'wide.parquet');
    const db = await openDuckdb();
    const value = 'CASE i % 3 WHEN 0 THEN 2147483647 WHEN 1 THEN -2147483648 ELSE i END::INTEGER';
    await db.run(
      `COPY (SELECT ${value} AS wide, CASE WHEN i % 7 > 0 THEN ${value} END AS nulls
         FROM range(5000) t(i)) TO '${path}' (FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1)`,
    );
    db.closeSync();
    const bytes = new Uint8Array(readFileSync(path));
    const reader = await reading.open('wide.parquet', bytes);
    expect(reader.footer.storage[0]!.encodings).toContain('DELTA_BINARY_PACKED');
    const before = reading.fallbacks;
    const cells = await readCells(reader, ['wide', 'nulls']);
    const wanted = Array.from({ length: 5_000 }, (_, i) =>
      [2_147_483_647n, -2_147_483_648n, BigInt(i)].at(i % 3),
    );
    expect(cells.get('wide')).toEqual(wanted);
    expect(cells.get('nulls')).toEqual(wanted.map((cell, i) => (i % 7 > 0 ? cell : null)));
    expect(reading.fallbacks).toBe(before);
  });

  it('are read beside columns that only parquet-wasm reads, row by row', async () => {
    const path = join(temporaryFolder(), 'mixed.parquet');
    const db = await openDuckdb();
    await db.run(
      `COPY (SELECT 'text ' || i AS text, CASE i % 2 WHEN 0 THEN 2147483647 ELSE -i END::INTEGER AS wide,
           CASE WHEN i % 5 > 0 THEN (i / 100)::DECIMAL(18, 2) END AS d FROM range(50000) t(i))
         TO '${path}' (FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1, ROW_GROUP_SIZE 20480)`,
    );
    db.closeSync();
    const bytes = new Uint8Array(readFileSync(path));
    const reader = await reading.open('mixed.parquet', bytes);
    const names = ['text', 'wide', 'd'];
    const cells = await readCells(reader, names, 3);
    const wanted = await duckCells(path, ['text', 'wide']);
    expect(firstDifference(cells.get('text')!, wanted.get('text')!)).toBe(-1);
    expect(firstDifference(cells.get('wide')!, wanted.get('wide')!)).toBe(-1);
    const cents = Array.from({ length: 50_000 }, (_, i) => (i % 5 > 0 ? BigInt(i) : null));
    expect(cells.get('d')).toEqual(cents);
    // A column of theirs that is damaged is refused under its own name, as before.
    const { offset } = spanOf(reader.footer, 1, 0);
    bytes.fill(0xff, offset + 40, offset + 80);
    const damaged = readCells(await reading.open('mixed.parquet', bytes), names);
    await expect(damaged).rejects.toMatchObject({ code: 'ERR_PARQUET_CORRUPT' });
  });
});
