import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PipelineError } from '#src/errors/errors.js';
import { openFileSource } from '#src/io/file-source.js';
import { memorySource } from '#src/io/memory-source.js';
import { readFooter } from '#src/parquet/footer.js';
import { chunkOf, statisticsOf } from '#src/parquet/footer-chunks.js';
import type { ParquetFooter } from '#src/parquet/reader.js';
import { type LakeRow, lakeColumns, parquetFixture } from '../support/parquet-fixture.js';
import { hasSharedData, sharedData } from '../support/shared-data.js';
import { craftedThrift, fileAround } from './crafted-footer.js';

/** Parquet's number of the type. */
const INT64 = 2;

const footerOf = (bytes: Uint8Array): Promise<ParquetFooter> =>
  readFooter(memorySource('x.parquet', bytes));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof PipelineError ? error.code : `no PipelineError but ${String(error)}`;
}

const rows: LakeRow[] = Array.from({ length: 10 }, (_, index) => ({
  timestamp: 1_722_988_800_000_000_000n + BigInt(index),
  receipt_timestamp: 1_722_988_800_000_000_123n + BigInt(index),
  sequence_number: index === 3 ? null : 49_000_000_000n + BigInt(index),
  side_is_bid: index % 2 === 0,
  price: index === 4 ? Number.NaN : 60_000 + index,
  size: 0.25 * index,
}));

describe('readFooter', () => {
  it('tells columns, row groups, statistics and where the bytes lie', async () => {
    const bytes = parquetFixture(lakeColumns(rows), { rowGroupRows: 4 });
    const footer = await footerOf(bytes);
    expect(footer.rowCount).toBe(10);
    expect(footer.byteLength).toBe(bytes.byteLength);
    expect([...footer.rowGroupRows]).toEqual([4, 4, 2]);
    expect(footer.rowGroupBytes[0]).toBe(
      [0, 1, 2, 3, 4, 5].reduce((sum, at) => sum + chunkOf(footer, 0, at).byteLength, 0),
    );
    expect(footer.columns.map(({ name, type }) => `${name}:${type}`)).toEqual([
      'timestamp:int64',
      'receipt_timestamp:int64',
      'sequence_number:int64',
      'side_is_bid:bool',
      'price:double',
      'size:double',
    ]);
    const timestamp = chunkOf(footer, 0, 0);
    const sequence = chunkOf(footer, 0, 2);
    expect(timestamp.statistics).toEqual({
      min: 1_722_988_800_000_000_000n,
      max: 1_722_988_800_000_000_003n,
      nullCount: 0,
    });
    expect(sequence.statistics.nullCount).toBe(1);
    expect(timestamp.codec).toBe('SNAPPY');
    expect(timestamp.offset).toBe(4);
    expect(timestamp.dictionaryByteLength).toBeGreaterThan(0);
    expect(footer.footerXxh64).toMatch(/^[0-9a-f]{16}$/);
  });

  it('keeps timestamp statistics as the integers of the file', async () => {
    const values = [1_722_988_800_123_457n, 9_007_199_254_740_993n];
    const footer = await footerOf(parquetFixture([{ name: 't', type: 'timestamp_us', values }]));
    expect(footer.columns[0]).toMatchObject({ type: 'int64', timeUnitNs: 1_000 });
    expect(footer.columns[0]!.declared).toBe('INT64 TIMESTAMP(MICROS)');
    expect(statisticsOf(footer, 0, 0)).toMatchObject({
      min: values[0],
      max: values[1],
    });
  });

  it('reads a footer that is longer than its first read', async () => {
    const keyValue = new Map([['long', 'x'.repeat(200_000)]]);
    const footer = await footerOf(parquetFixture(lakeColumns(rows), { keyValue }));
    expect(footer.keyValue.get('long')).toHaveLength(200_000);
    expect(footer.rowCount).toBe(10);
  });

  it('passes over fields of every type that it does not know', async () => {
    const chunk = { valueCount: 1, offset: 4, byteLength: 10 };
    const columns = [{ name: 'x', type: INT64 }];
    const thrift = craftedThrift(columns, [{ rowCount: 1, chunks: [chunk] }]);
    // Field 100 is a map of texts to sets of int32, field 101 a UUID; then the footer ends.
    const map = [0x0b, 0xc8, 0x01, 1, 0x8a, 1, 65, 0x25, 2, 4];
    const uuid = [0x1d, ...Array.from({ length: 16 }, (_, index) => index)];
    const longer = Uint8Array.from([...thrift.subarray(0, -1), ...map, ...uuid, 0]);
    const footer = await footerOf(fileAround(longer));
    const { columns: found, rowCount } = await footerOf(fileAround(thrift));
    expect(footer).toMatchObject({ columns: found, rowCount });
  });

  it('tells text, emptiness and encryption from Parquet', async () => {
    const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
    await expect(footerOf(ascii('time,price\n1,2\n'))).rejects.toThrow('begins with "time"');
    expect(await codeOf(footerOf(ascii('time,price\n1,2\n')))).toBe('ERR_PARQUET_NOT_PARQUET');
    expect(await codeOf(footerOf(ascii('ti')))).toBe('ERR_PARQUET_NOT_PARQUET');
    expect(await codeOf(footerOf(ascii('')))).toBe('ERR_PARQUET_TRUNCATED');
    expect(await codeOf(footerOf(ascii('PARE....PARE')))).toBe('ERR_PARQUET_UNSUPPORTED');
  });

  it('refuses a file that is cut at any byte', async () => {
    const bytes = parquetFixture(lakeColumns(rows), { rowGroupRows: 4 });
    for (let length = 0; length < bytes.byteLength; length++) {
      const code = await codeOf(footerOf(bytes.subarray(0, length)));
      expect(code, `cut at ${length}`).toBe('ERR_PARQUET_TRUNCATED');
    }
  });

  it('survives a footer with any byte changed: an error with a code, or a footer', async () => {
    const bytes = parquetFixture(lakeColumns(rows), { rowGroupRows: 4 });
    const footerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(
      bytes.byteLength - 8,
      true,
    );
    let refused = 0;
    for (let at = bytes.byteLength - 8 - footerBytes; at < bytes.byteLength; at++) {
      for (const mask of [0x01, 0x10, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at]! ^= mask;
        const result = await footerOf(damaged).catch((error: unknown) => error);
        if (result instanceof PipelineError) refused++;
        else expect(result, `byte ${at} ^ ${mask}`).toHaveProperty('footerXxh64');
      }
    }
    expect(refused).toBeGreaterThan(footerBytes);
  });

  it('refuses lengths that would exhaust memory or time before anything is built of them', async () => {
    const withFooter = (thrift: number[]): Uint8Array => {
      const tail = [thrift.length & 255, thrift.length >> 8, 0, 0, 0x50, 0x41, 0x52, 0x31];
      return Uint8Array.from([0x50, 0x41, 0x52, 0x31, ...thrift, ...tail]);
    };
    // Field 2 is a list of 2^31 - 1 structs.
    const hugeList = [0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07];
    await expect(footerOf(withFooter(hugeList))).rejects.toThrow('a list claims 2147483647 items');
    const endlessNumber = [0x16, ...Array.from({ length: 5_000 }, () => 0xff)];
    await expect(footerOf(withFooter(endlessNumber))).rejects.toThrow('more than 10 bytes');
    const deep = Array.from({ length: 5_000 }, () => 0x1c);
    await expect(footerOf(withFooter(deep))).rejects.toThrow('nest deeper');
  });
});

describe('a footer that lies', () => {
  const good = parquetFixture(lakeColumns(rows), { rowGroupRows: 4, codec: 'none' });

  /** Replaces one run of bytes of the footer, which must occur there exactly `times`. */
  function patched(from: number[], to: number[]): Uint8Array {
    const bytes = good.slice();
    const footerBytes = new DataView(bytes.buffer).getUint32(bytes.byteLength - 8, true);
    const hits: number[] = [];
    for (let at = bytes.byteLength - 8 - footerBytes; at < bytes.byteLength - 8; at++) {
      if (from.every((byte, index) => bytes[at + index] === byte)) hits.push(at);
    }
    expect(hits.length).toBeGreaterThan(0);
    bytes.set(to, hits[0]);
    return bytes;
  }

  it('about the number of rows', async () => {
    // num_rows: field 3, i64, zigzag of 10; then the list of 3 row groups.
    const message = 'it claims 11 rows, its row groups have 10';
    const lying = patched([0x16, 20, 0x19, 0x3c], [0x16, 22, 0x19, 0x3c]);
    await expect(footerOf(lying)).rejects.toThrow(message);
    const negative = patched([0x16, 20, 0x19, 0x3c], [0x16, 19, 0x19, 0x3c]);
    expect(await codeOf(footerOf(negative))).toBe('ERR_PARQUET_FOOTER');
  });

  it('about where its data lies', async () => {
    // data_page_offset is field 9; it follows total_compressed_size, field 7.
    const footer = await footerOf(good);
    const { offset, dictionaryByteLength } = chunkOf(footer, 0, 1);
    const zigzag = (offset + dictionaryByteLength) * 2;
    const beyond = patched([0x26, (zigzag & 0x7f) | 0x80, zigzag >> 7], [0x26, 0xfe, 0x7f]);
    await expect(footerOf(beyond)).rejects.toThrow(
      /row group 0, column receipt_timestamp: its \d+ bytes/,
    );
  });
});

describe('openFileSource', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'depthmill-source-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('names what is missing and what is no file', async () => {
    expect(await codeOf(openFileSource(join(folder, 'nothing')))).toBe('ERR_INPUT_NOT_FOUND');
    expect(await codeOf(openFileSource(folder))).toBe('ERR_INPUT_UNREADABLE');
  });

  it('reads straight into a view of a shared memory', async () => {
    const path = join(folder, 'some');
    await writeFile(path, 'abcdefgh');
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const source = await openFileSource(path);
    await source.readInto(2, new Uint8Array(memory.buffer, 64, 3));
    expect([...new Uint8Array(memory.buffer, 63, 5)]).toEqual([0, 99, 100, 101, 0]);
    await source.close();
    await source.close();
  });

  it('says how far a file went that became shorter', async () => {
    const path = join(folder, 'shrinking');
    await writeFile(path, 'abcdefgh');
    const source = await openFileSource(path);
    await truncate(path, 5);
    await expect(source.read(3, 5)).rejects.toMatchObject({
      code: 'ERR_INPUT_UNREADABLE',
      details: { offset: 3, expected: 5, found: 2 },
    });
    await source.close();
  });
});

describe.skipIf(!hasSharedData)('footers of real files', () => {
  const lake = 'exchange=BINANCE/symbol=BTC-USDT/dt=2024-08-08/1.snappy.parquet';

  it('has the rows of the Lake recordings', async () => {
    const source = await openFileSource(sharedData(`lake/book_delta_v2/${lake}`));
    const footer = await readFooter(source);
    expect(footer.rowCount).toBe(298_111);
    expect(footer.columns.map(({ type }) => type)).toContain('bool');
    await source.close();
  });

  it('knows decimals, strings and times of the variants', async () => {
    const typesOf = async (file: string): Promise<string[]> => {
      const source = await openFileSource(sharedData(`parquet-variants/${file}`));
      const { columns } = await readFooter(source);
      await source.close();
      return columns.map(({ name, type, decimals }) => `${name} ${type} ${decimals}`);
    };
    expect(await typesOf('deltas.decimal.snappy.parquet')).toContain('price decimal128 8');
    expect(await typesOf('deltas50k.decimal38.v2.parquet')).toContain('price decimal128 18');
    expect(await typesOf('deltas.string.gzip.parquet')).toContain('price utf8 0');
    expect(await typesOf('snapshots.nested.zstd.parquet')).toContain('bids other 0');
  });
});
