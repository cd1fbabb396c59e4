import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BYTE_DIGEST_BYTES, ByteDigest } from '#src/core/byte-digest.js';
import { instantiateCore } from '#src/core/core.js';
import { FileSink } from '#src/io/file-sink.js';
import { createSharedMemory } from '#src/memory/shared-memory.js';
import { type SmallRow, writeSmallTable } from '#src/parquet/small-table.js';
import { xxh64Hex } from '#src/units/xxh64.js';
import { BUILDS } from '../kernels/both-builds.js';

const COLUMNS = [
  { name: 'kind', type: 'string', nullable: false, statistics: true },
  { name: 'missing', type: 'int64', nullable: true, statistics: true },
  { name: 'row', type: 'int32', nullable: true, statistics: true },
  { name: 'proven', type: 'bool', nullable: true, statistics: true },
  { name: 'share', type: 'double', nullable: true, statistics: true },
  { name: 'note', type: 'string', nullable: true, statistics: false },
] as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'depthmill-small-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function rowsOf(count: number): SmallRow[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: ['gap', 'silence', 'größe'][i % 3]!,
    missing: i % 4 === 0 ? null : BigInt(i) - 2n ** 62n,
    row: i % 5 === 0 ? null : -i,
    proven: i % 7 === 0 ? null : i % 2 === 0,
    share: i % 3 === 0 ? null : i / 8,
    note: i % 2 === 0 ? null : `row ${i}`,
  }));
}

async function readBack(path: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`select * from read_parquet('${path}')`);
  const rows = reader.getRowObjects();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('a small table', () => {
  test.each([0, 1, 9, 40_000, 140_000])('of %i rows is read as it was', async (count) => {
    const core = instantiateCore(BUILDS[0].module, createSharedMemory(2 * BYTE_DIGEST_BYTES));
    const sink = await FileSink.create(join(folder, `small-${count}.parquet`));
    const rows = rowsOf(count);
    const digest = new ByteDigest(core, BYTE_DIGEST_BYTES);
    const keyValue = new Map([['depthmill.table', 'gaps']]);
    const written = await writeSmallTable(sink, COLUMNS, rows, { digest, keyValue });
    await sink.publish();
    const bytes = Uint8Array.from(readFileSync(sink.name));
    expect(written).toEqual({
      rowCount: count,
      byteLength: bytes.byteLength,
      xxh64: xxh64Hex(bytes),
    });
    expect(await readBack(sink.name)).toEqual(rows);
    const metadata = parquetMetadata(bytes.buffer);
    expect(metadata.key_value_metadata).toEqual([{ key: 'depthmill.table', value: 'gaps' }]);
    expect(metadata.row_groups.length).toBe(Math.ceil(count / 131_072));
  });

  test('a column that a row does not name is null', async () => {
    const sink = await FileSink.create(join(folder, 'absent.parquet'));
    await writeSmallTable(sink, COLUMNS, [{ kind: 'gap' }]);
    await sink.publish();
    expect(await readBack(sink.name)).toEqual([
      { kind: 'gap', missing: null, row: null, proven: null, share: null, note: null },
    ]);
  });

  test('a null in a required column is a bug of the caller', async () => {
    const sink = await FileSink.create(join(folder, 'null.parquet'));
    const writing = writeSmallTable(sink, COLUMNS, [{ kind: null }]);
    await expect(writing).rejects.toMatchObject({ code: 'ERR_INVARIANT' });
    await sink.abort();
  });

  test('statistics stand where they are wanted', async () => {
    const sink = await FileSink.create(join(folder, 'statistics.parquet'));
    await writeSmallTable(sink, COLUMNS, rowsOf(30));
    await sink.publish();
    const { buffer } = Uint8Array.from(readFileSync(sink.name));
    const found = parquetMetadata(buffer).row_groups[0]!.columns.map(
      ({ meta_data: chunk }) => chunk!.statistics,
    );
    expect(found).toMatchObject([
      { min_value: 'gap', max_value: 'silence', null_count: 0n },
      { min_value: 1n - 2n ** 62n, max_value: 29n - 2n ** 62n, null_count: 8n },
      { min_value: -29, max_value: -1, null_count: 6n },
      { min_value: false, max_value: true, null_count: 5n },
      { min_value: 1 / 8, max_value: 29 / 8, null_count: 10n },
      undefined,
    ]);
  });
});
