import { describe, expect, it } from 'vitest';
import { chunkOf, statisticsOf } from '#src/parquet/footer-chunks.js';
import { craftedFooter, DATA_BYTES } from './crafted-footer.js';

const INT32 = 1;
const INT64 = 2;
const FLOAT = 4;
const DOUBLE = 5;
const UINT_32 = 13;
const DECIMAL = 5;
const DATA_END = DATA_BYTES + 4;

const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const int64 = (value: bigint): Uint8Array => bytesOf(BigInt64Array.of(value));
const int32 = (value: number): Uint8Array => bytesOf(Int32Array.of(value));
const double = (value: number): Uint8Array => bytesOf(Float64Array.of(value));
const float = (value: number): Uint8Array => bytesOf(Float32Array.of(value));

const A = { name: 'a', type: INT64 };
const B = { name: 'b', type: INT64 };

/** Statistics of a column of one chunk. */
async function statistics(
  column: { name: string; type: number; converted?: number; precision?: number },
  given: NonNullable<Parameters<typeof craftedFooter>[1][0]['chunks'][0]['statistics']>,
) {
  const chunks = [{ offset: 4, byteLength: 10, statistics: given }];
  return statisticsOf(await craftedFooter([column], [{ rowCount: 5, chunks }]), 0, 0);
}

describe('statistics of a chunk', () => {
  it('are exact for every integer of 64 bits', async () => {
    for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 0x7ff0_0000_0000_0001n]) {
      const given = { minValue: int64(value), maxValue: int64(~value), nullCount: 3 };
      expect(await statistics(A, given)).toEqual({ min: value, max: ~value, nullCount: 3 });
    }
  });

  it('widen 32 bits as the column is read: signed, or unsigned as int64', async () => {
    const given = { minValue: int32(1), maxValue: int32(-2) };
    const signed = { name: 'a', type: INT32 };
    const unsigned = { ...signed, converted: UINT_32 };
    expect(await statistics(signed, given)).toEqual({ min: 1n, max: -2n, nullCount: null });
    expect(await statistics(unsigned, given)).toEqual({
      min: 1n,
      max: 4_294_967_294n,
      nullCount: null,
    });
  });

  it('of floats are numbers; NaN is none', async () => {
    const doubles = { name: 'a', type: DOUBLE };
    const floats = { name: 'a', type: FLOAT };
    const given = { minValue: double(-0.5), maxValue: double(Number.NaN) };
    expect(await statistics(doubles, given)).toEqual({ min: -0.5, max: null, nullCount: null });
    const nan = { minValue: float(Number.NaN), maxValue: float(0.1) };
    expect(await statistics(floats, nan)).toEqual({
      min: null,
      max: Math.fround(0.1),
      nullCount: null,
    });
  });

  it('prefer min_value and max_value, whatever they hold, to the older fields', async () => {
    const both = { min: int64(1n), max: int64(9n), minValue: int64(2n), maxValue: int64(8n) };
    expect(await statistics(A, both)).toMatchObject({ min: 2n, max: 8n });
    expect(await statistics(A, { min: int64(1n), max: int64(9n) })).toMatchObject({
      min: 1n,
      max: 9n,
    });
  });

  it('are none where the length is wrong, for decimals, and for nested columns', async () => {
    const none = { min: null, max: null, nullCount: null };
    const short = { minValue: int32(1), maxValue: new Uint8Array(0) };
    expect(await statistics(A, short)).toEqual(none);
    const decimal = { ...A, converted: DECIMAL, precision: 18 };
    expect(await statistics(decimal, { minValue: int64(1n), nullCount: 2 })).toEqual({
      ...none,
      nullCount: 2,
    });
    const nested = { name: 'g', type: null, children: [A] };
    const chunks = [{ offset: 4, byteLength: 10, statistics: { minValue: int64(1n) } }];
    const footer = await craftedFooter([nested], [{ rowCount: 5, chunks }]);
    expect(statisticsOf(footer, 0, 0)).toEqual(none);
  });
});

describe('a table of chunks', () => {
  it('tells where each one lies, and how its column is stored', async () => {
    const footer = await craftedFooter(
      [A, B],
      [
        {
          rowCount: 5,
          chunks: [
            { offset: 24, byteLength: 50, dictionaryOffset: 4, codec: 1, encodings: [8, 0] },
            { offset: 54, byteLength: 10, dictionaryOffset: 0, encodings: [5, 99] },
          ],
        },
        {
          rowCount: 2,
          chunks: [
            { offset: 70, byteLength: 10, codec: 6, encodings: [3, 8] },
            { offset: 80, byteLength: 10, dictionaryOffset: 80, codec: 77 },
          ],
        },
      ],
    );
    expect([...footer.rowGroupRows, ...footer.rowGroupBytes]).toEqual([5, 2, 60, 20]);
    expect(chunkOf(footer, 0, 0)).toEqual({
      codec: 'SNAPPY',
      encodings: ['PLAIN', 'RLE_DICTIONARY'],
      offset: 4,
      byteLength: 50,
      uncompressedByteLength: 100,
      dictionaryByteLength: 20,
      statistics: { min: null, max: null, nullCount: null },
    });
    expect(chunkOf(footer, 0, 1)).toMatchObject({
      encodings: ['DELTA_BINARY_PACKED', 'UNKNOWN'],
      offset: 54,
      dictionaryByteLength: 0,
    });
    expect(chunkOf(footer, 1, 1)).toMatchObject({ codec: 'UNKNOWN', dictionaryByteLength: 0 });
    expect(footer.storage).toEqual([
      { codecs: ['SNAPPY', 'ZSTD'], encodings: ['RLE_DICTIONARY', 'PLAIN', 'RLE'] },
      {
        codecs: ['UNCOMPRESSED', 'UNKNOWN'],
        encodings: ['DELTA_BINARY_PACKED', 'UNKNOWN', 'PLAIN'],
      },
    ]);
    expect(() => chunkOf(footer, 2, 0)).toThrow('no column 0 in a row group 2');
    expect(() => chunkOf(footer, 0, 2)).toThrow('no column 2 in a row group 0');
  });

  it('makes one chunk of the leaves of a nested column', async () => {
    const inner = { name: 'h', type: null, children: [{ name: 'c', type: DOUBLE }] };
    const nested = { name: 'g', type: null, children: [A, inner] };
    const footer = await craftedFooter(
      [nested, B],
      [
        {
          rowCount: 5,
          chunks: [
            { offset: 40, byteLength: 10, valueCount: 7, codec: 1, encodings: [3] },
            { offset: 20, byteLength: 10, valueCount: 9, codec: 6, encodings: [0] },
            { offset: 60, byteLength: 1 },
          ],
        },
      ],
    );
    expect(footer.columns.map(({ type }) => type)).toEqual(['other', 'int64']);
    expect(chunkOf(footer, 0, 0)).toMatchObject({
      codec: 'MIXED',
      encodings: ['PLAIN', 'RLE'],
      offset: 20,
      byteLength: 20,
      uncompressedByteLength: 40,
    });
    expect(footer.storage[0]).toEqual({ codecs: ['SNAPPY', 'ZSTD'], encodings: ['RLE', 'PLAIN'] });
  });

  it('is one buffer, which a copy for another thread copies once', async () => {
    const chunks = [{ offset: 4, byteLength: 10 }];
    const footer = await craftedFooter([A], [{ rowCount: 5, chunks }]);
    const copy = structuredClone(footer);
    expect(copy).toEqual(footer);
    expect(new Set(Object.values(copy.chunks).map(({ buffer }) => buffer)).size).toBe(1);
  });
});

describe('chunks that cannot be where they are said to be', () => {
  const refusal = (...chunks: Parameters<typeof craftedFooter>[1][0]['chunks'][0][]) =>
    craftedFooter([A, B], [{ rowCount: 5, chunks }]).then(
      () => 'nothing',
      (error: { message: string; details: object }) => error.message,
    );

  it('lie in the bytes of another, in whatever order they come', async () => {
    const a = { offset: 4, byteLength: 20 };
    expect(await refusal(a, { offset: 24, byteLength: 10 })).toBe('nothing');
    expect(await refusal({ offset: 24, byteLength: 10 }, a)).toBe('nothing');
    expect(await refusal(a, { offset: 23, byteLength: 10 })).toContain(
      'row group 0, column b: its bytes begin at 23, inside those of column a of row group 0, ' +
        'which end at 24',
    );
    expect(await refusal({ offset: 23, byteLength: 10 }, a)).toContain(
      'row group 0, column a: its bytes begin at 23, inside those of column b',
    );
  });

  it('lie outside the data', async () => {
    const a = { offset: 4, byteLength: 20 };
    const outside = /row group 0, column b: its \d+ bytes at offset \d+ .* do not lie within/;
    expect(await refusal(a, { offset: DATA_END - 10, byteLength: 10 })).toBe('nothing');
    expect(await refusal(a, { offset: DATA_END - 10, byteLength: 11 })).toMatch(outside);
    expect(await refusal(a, { offset: 2 ** 53 - 1, byteLength: 1 })).toMatch(outside);
    expect(await refusal(a, { offset: 3, byteLength: 1 })).toMatch(outside);
  });

  it('have counts that are none', async () => {
    const a = { offset: 4, byteLength: 20 };
    const b = { offset: 30, byteLength: 10 };
    expect(await refusal(a, { ...b, byteLength: -1 })).toContain('claims -1 compressed bytes');
    expect(await refusal(a, { ...b, valueCount: -7 })).toContain('claims -7 values');
    expect(await refusal(a, { ...b, offset: -2 })).toContain('claims -2 as the offset of its data');
    expect(await refusal(a, { ...b, valueCount: 4 })).toContain(
      'row group 0, column b: it has 4 values, the row group has 5 rows',
    );
  });

  it('are of another column, too few, encrypted, or in another file', async () => {
    const a = { offset: 4, byteLength: 20 };
    const b = { offset: 30, byteLength: 10 };
    expect(await refusal(b, { ...a, path: ['a'] })).toContain('found column a in its place');
    expect(await refusal(b, { ...a, path: ['b', 'b'] })).toContain('found column b.b in its place');
    expect(await refusal({ ...a, statistics: { min: new Uint8Array(50) } })).toContain(
      'it has 1 column chunks, the schema has 2 columns',
    );
    expect(await refusal(a, { ...b, isEncrypted: true })).toContain('is encrypted');
    expect(await refusal(a, { ...b, filePath: 'part-7' })).toContain(
      'only describes data in other files (row group 0: part-7)',
    );
    expect(await refusal(a, { ...b, filePath: '' })).toBe('nothing');
  });
});
