import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SourceColumn } from '#src/parquet/reader.js';
import { openDuckdb } from '../support/duckdb.js';
import { PageReading } from '../support/page-reading.js';
import { temporaryFolder } from '../support/product.js';

/** More than parquet-wasm decodes at once. */
const ROWS = 2_100_000;

const int64At = ({ values }: SourceColumn): BigInt64Array =>
  new BigInt64Array(values.buffer, values.byteOffset, values.byteLength / 8);

describe('deltas of DuckDB in a row group of millions of rows', () => {
  it('are read beside texts that only parquet-wasm reads, which cannot pass over them', async () => {
    const path = join(temporaryFolder(), 'large.parquet');
    const db = await openDuckdb();
    await db.run(
      `COPY (SELECT i * 1000 + i % 7 AS id, 't' || i % 10 AS text FROM range(${ROWS}) t(i))
         TO '${path}' (FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1, ROW_GROUP_SIZE ${2 * ROWS})`,
    );
    db.closeSync();
    const reading = await PageReading.create();
    const reader = await reading.open('large.parquet', new Uint8Array(readFileSync(path)));
    expect(reader.footer.rowGroupRows).toEqual(Float64Array.of(ROWS));
    let row = 0;
    let wrong = 0;
    await reader.readRowGroup(0, ['id', 'text'], ([id, text], rowCount) => {
      const ids = int64At(id!);
      const bytes = text!.values;
      for (let i = 0; i < rowCount; i++, row++) {
        const start = text!.offsets![i]!;
        const isText = bytes[start] === 0x74 && bytes[start + 1] === 0x30 + (row % 10);
        if (ids[i] !== BigInt(row * 1000 + (row % 7)) || !isText) wrong++;
      }
    });
    expect({ row, wrong }).toEqual({ row: ROWS, wrong: 0 });
    expect(reading.fallbacks).toBe(1);
  });
});
