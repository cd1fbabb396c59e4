import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type FileMetaData, parquetMetadata, readColumnIndex, readOffsetIndex } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGE_ROWS } from '#src/abi/limits.js';
import { prepareCodec, rowGroupBytesMax } from '#src/parquet/encode-row-group.js';
import type { Codec, EncodedRowGroup } from '#src/parquet/write-types.js';
import { VERSION } from '#src/units/version.js';
import { BUILDS } from '../kernels/both-builds.js';
import { createPrng } from '../prng.js';
import { allColumns, expected } from './writer-cases.js';
import { type TestColumn, type Value, WriterBench } from './written-columns.js';

const CODECS: readonly Codec[] = ['none', 'snappy', 'zstd'];

let bench: WriterBench;
beforeAll(async () => {
  bench = new WriterBench(BUILDS[0].module, 60_000);
  await prepareCodec('zstd');
});
afterAll(() => bench.close());

function metadataOf(path: string): { bytes: Uint8Array; metadata: FileMetaData } {
  // A copy: small files share a pool's buffer.
  const bytes = Uint8Array.from(readFileSync(path));
  return { bytes, metadata: parquetMetadata(bytes.buffer) };
}

function reader(bytes: Uint8Array, offset: bigint, byteLength: number) {
  return { view: new DataView(bytes.buffer, Number(offset), byteLength), offset: 0 };
}

/** Smallest and largest of what is there, as Parquet orders it; NaN has no order. */
function extent(values: readonly (Value | string)[]): { min: unknown; max: unknown } {
  const there = values.filter((value) => value !== null && !Number.isNaN(value));
  const key = (value: Value | string): Exclude<Value, null> | string =>
    typeof value === 'string' ? Buffer.from(value).toString('latin1') : value!;
  const sorted = there.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  const [min, max] = [sorted[0], sorted.at(-1)];
  return { min, max };
}

/** As the format has it for doubles: a smallest zero is -0, a largest +0. */
function signedExtent(column: TestColumn, values: readonly (Value | string)[]) {
  const { min, max } = extent(values);
  if (column.type !== 'double') return { min, max };
  return { min: min === 0 ? -0 : min, max: max === 0 ? 0 : max };
}

describe('statistics and page index', () => {
  test.each(['rising', 'few', 'extremes'])(
    'tell min, max and nulls of %s values',
    async (shape) => {
      const prng = createPrng();
      const columns = allColumns(shape, 50_000, prng);
      const { path } = await bench.write(`stats-${shape}`, columns, { prng, groupRows: 35_000 });
      const { bytes, metadata } = metadataOf(path);
      for (const [groupIndex, group] of metadata.row_groups.entries()) {
        const start = groupIndex * 35_000;
        for (const [i, column] of columns.entries()) {
          const at = `${column.name}, row group ${groupIndex}, seed ${prng.seed}`;
          const { meta_data: chunk, ...places } = group.columns[i]!;
          const rows = expected(column).slice(start, start + Number(group.num_rows));
          const { min_value, max_value, null_count } = chunk!.statistics!;
          expect({ min: min_value, max: max_value }, at).toEqual(signedExtent(column, rows));
          expect(Number(null_count), at).toBe(rows.filter((value) => value === null).length);

          const offsets = readOffsetIndex(
            reader(bytes, places.offset_index_offset!, places.offset_index_length!),
          );
          const firstRows = offsets.page_locations.map((page) => Number(page.first_row_index));
          expect(firstRows, at).toEqual(firstRows.map((_, page) => page * PAGE_ROWS));
          expect(Number(offsets.page_locations[0]!.offset), at).toBe(
            Number(chunk!.data_page_offset),
          );
          if (column.type === 'string') {
            expect(places.column_index_offset, at).toBeUndefined();
            continue;
          }
          const index = readColumnIndex(
            reader(bytes, places.column_index_offset!, places.column_index_length!),
            metadata.schema[i + 1]!,
          );
          firstRows.forEach((firstRow, page) => {
            const pageRows = rows.slice(firstRow, firstRows[page + 1] ?? rows.length);
            const { min, max } = signedExtent(column, pageRows);
            const isNull = min === undefined;
            expect(index.null_pages[page], at).toBe(isNull);
            if (isNull) return;
            expect([index.min_values[page], index.max_values[page]], at).toEqual([min, max]);
            const nulls = pageRows.filter((value) => value === null).length;
            expect(Number(index.null_counts![page]), at).toBe(nulls);
          });
        }
      }
    },
  );

  test('a rising column is said to ascend', async () => {
    const values = Array.from({ length: 50_000 }, (_, row) => BigInt(row));
    const column = int64Column('ts', values);
    const { path } = await bench.write('ascending', [column], { prng: createPrng() });
    const { bytes, metadata } = metadataOf(path);
    const places = metadata.row_groups[0]!.columns[0]!;
    const index = readColumnIndex(
      reader(bytes, places.column_index_offset!, places.column_index_length!),
      metadata.schema[1]!,
    );
    expect(index.boundary_order).toBe('ASCENDING');
  });

  test('zeros and NaN of doubles follow the rules of the format', async () => {
    const column: TestColumn = {
      ...int64Column('x', []),
      type: 'double',
      values: [0, -0, Number.NaN],
    };
    const { encoded } = await bench.write('zeros', [column], { prng: createPrng() });
    const { min, max } = encoded[0]!.chunks[0]!;
    expect([asDouble(min), asDouble(max)]).toEqual([-0, 0]);
    const none = { ...column, values: [Number.NaN, Number.NaN] };
    const { encoded: encodedNone } = await bench.write('nan', [none], { prng: createPrng() });
    expect(encodedNone[0]!.chunks[0]).toMatchObject({ min: null, max: null, nullCount: 0 });
  });

  test('a column that wants none has none', async () => {
    const column = { ...int64Column('x', [1n, 2n]), statistics: false };
    const { path } = await bench.write('no-statistics', [column], { prng: createPrng() });
    const places = metadataOf(path).metadata.row_groups[0]!.columns[0]!;
    expect(places.meta_data!.statistics).toBeUndefined();
    expect(places.column_index_offset).toBeUndefined();
    expect(places.offset_index_offset).toBeDefined();
  });
});

describe('pages', () => {
  test.each(CODECS)('carry the CRC of their bytes (%s)', async (codec) => {
    const prng = createPrng();
    const { path, encoded } = await bench.write(`crc-${codec}`, allColumns('few', 20_000, prng), {
      prng,
      codec,
    });
    const { bytes, metadata } = metadataOf(path);
    let pageCount = 0;
    for (const { meta_data: chunk } of metadata.row_groups[0]!.columns) {
      const start = Number(chunk!.dictionary_page_offset ?? chunk!.data_page_offset);
      const end = start + Number(chunk!.total_compressed_size);
      for (let at = start; at < end; ) {
        const header = pageHeaderAt(bytes, at);
        const body = bytes.subarray(header.end, header.end + header.compressedBytes);
        expect(header.crc >>> 0).toBe(crc32(body));
        at = header.end + header.compressedBytes;
        expect(at).toBeLessThanOrEqual(end);
        pageCount++;
      }
    }
    const dictionaries = encoded[0]!.chunks.filter(
      (chunk) => chunk.dictionaryByteLength > 0,
    ).length;
    expect(pageCount).toBe(2 * encoded[0]!.chunks.length + dictionaries);
  });
});

describe('the bytes of a row group', () => {
  test.each(CODECS)('depend on the values alone (%s)', (codec) => {
    const columns = allColumns('rising', 20_000, createPrng());
    const pagesOf = (seed: number, spanBytes: number): string[] => {
      const prng = createPrng(seed);
      const group = bench.encode(columns, 0, 20_000, { codec, prng, spanBytes });
      return group.chunks.map((chunk) => Buffer.from(bytesOf(chunk)).toString('base64'));
    };
    // Other segments, other spans.
    const once = pagesOf(1, 50_000);
    expect(pagesOf(2, 1_000_000)).toEqual(once);
    expect(pagesOf(3, 777)).toEqual(once);
  });

  test.each(CODECS)('never exceed rowGroupBytesMax (%s)', (codec) => {
    for (const shape of ['random', 'extremes']) {
      for (const rows of [1, 300, 20_000]) {
        const columns = allColumns(shape, rows, createPrng());
        const group = bench.encode(columns, 0, rows, { codec, prng: createPrng() });
        group.chunks.forEach((chunk, i) => {
          const bytesMax = rowGroupBytesMax([columns[i]!], rows, codec);
          expect(chunk.byteLength, columns[i]!.name).toBeLessThanOrEqual(bytesMax);
        });
      }
    }
  });
});

describe('the footer', () => {
  test('names the writer, the keys and the sizes', async () => {
    const prng = createPrng();
    const keyValue = new Map([
      ['depthmill.scale', '8'],
      ['größe', 'ja'],
    ]);
    const columns = allColumns('few', 1_000, prng);
    const { path, rowCount, byteLength } = await bench.write('footer', columns, {
      prng,
      keyValue,
      groupRows: 300,
    });
    const { bytes, metadata } = metadataOf(path);
    expect(bytes.byteLength).toBe(byteLength);
    expect([rowCount, Number(metadata.num_rows)]).toEqual([1_000, 1_000]);
    expect(metadata.created_by).toBe(`depthmill version ${VERSION}`);
    expect(metadata.key_value_metadata).toEqual([
      { key: 'depthmill.scale', value: '8' },
      { key: 'größe', value: 'ja' },
    ]);
    expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual([
      300, 300, 300, 100,
    ]);
  });
});

function int64Column(name: string, values: Value[]): TestColumn {
  return { name, type: 'int64', nullable: false, encoding: 'auto', statistics: true, values };
}

function asDouble(bytes: Uint8Array | null): number {
  return new DataView(bytes!.buffer, bytes!.byteOffset, 8).getFloat64(0, true);
}

function bytesOf(chunk: EncodedRowGroup['chunks'][number]): Uint8Array {
  return Buffer.concat(
    chunk.spans.map((span) => bench.core.views.bytes(span.ptr, span.byteLength)),
  );
}

/** The first four fields of a PageHeader are i32s; what follows is skipped by its nesting. */
function pageHeaderAt(
  bytes: Uint8Array,
  start: number,
): { compressedBytes: number; crc: number; end: number } {
  let at = start;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n));
    }
  };
  const fields: number[] = [];
  for (let depth = 1; depth > 0; ) {
    const type = bytes[at++]! & 15;
    if (type === 0) depth--;
    else if (type === 12) depth++;
    else fields.push(varint());
  }
  return { compressedBytes: fields[2]!, crc: fields[3]!, end: at };
}
