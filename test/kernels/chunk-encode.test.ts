import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CHUNK_BLOCK_BYTES, CHUNK_ROWS } from '#src/abi/chunk-encode.js';
import { PAGE_ROWS } from '#src/abi/limits.js';
import { STATUS_BAD_ARGUMENT } from '#src/abi/status.js';
import { SEGMENTS_MAX } from '#src/parquet/encode-scratch.js';
import { columnIndexBytes } from '#src/parquet/page-index.js';
import type { WriteColumn } from '#src/parquet/write-types.js';
import {
  type ChunkChoice,
  type ChunkShape,
  type ChunkValue,
  chunkChoice,
  pagesOf,
} from '../oracle/chunk-encode.js';
import { snappyDecompressed } from '../oracle/decompress.js';
import { deltaBinaryPacked, hybridDecoded, varint } from '../oracle/page-encode.js';
import { i32, struct, thrift } from '../oracle/page-header.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS, Sandbox } from './both-builds.js';
import { type Encoded, encoded } from './chunk-sandbox.js';

const ENCODINGS = { plain: 0, delta: 5, dictionary: 8 } as const;

/** Values that each encoding likes or hates, as bigints of 64 bits. */
const SHAPES: Readonly<Record<string, (prng: Prng) => () => bigint>> = {
  stamps: (prng) => {
    let value = 1_723_000_000_000_000_000n;
    return () => {
      if (prng.chance(0.1)) value += BigInt(prng.int(1, 1_000_000));
      return value;
    };
  },
  ids: () => {
    let value = 5n;
    return () => value++;
  },
  // Up to the last rows of a page, or from one segment to the next.
  'ids that fall once': (prng) => {
    let value = 5n;
    const fallAt = prng.pick([1, 63, 64, 65, 400, PAGE_ROWS - 1, PAGE_ROWS]);
    let row = 0;
    return () => (row++ === fallAt ? -7n : value++);
  },
  prices: (prng) => () => BigInt(600_000 + prng.int(0, 700)) * 1_000n,
  flags: (prng) => () => BigInt(prng.pick([0, 0, 0, 0, 0, 0, 128, 4224])),
  noise: (prng) => () => prng.i64(),
};

const littleEndian = (value: bigint, byteLength: number): number[] =>
  Array.from({ length: byteLength }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));

/** The body of the page that fills `bytes`: its header must be what the format wants. */
function bodyOf(
  bytes: Uint8Array,
  page: { count: number; encoding: number | null; codec: 'none' | 'snappy' },
): Uint8Array {
  for (let headerBytes = 10; headerBytes <= Math.min(64, bytes.byteLength); headerBytes++) {
    const stored = bytes.subarray(headerBytes);
    if (bytes[headerBytes - 1] !== 0 || bytes[headerBytes - 2] !== 0) continue;
    const crc = i32(4, crc32(stored) | 0);
    const inner = [i32(1, page.count), i32(2, page.encoding ?? 0)];
    const rest =
      page.encoding === null ? struct(7, inner) : struct(5, [...inner, i32(3, 3), i32(4, 3)]);
    const body = page.codec === 'none' ? stored : plainOf(stored);
    if (body === null) continue;
    const sizes = [i32(2, body.byteLength), i32(3, stored.byteLength)];
    const header = thrift([i32(1, page.encoding === null ? 2 : 0), ...sizes, crc, rest]);
    if (Buffer.from(header).equals(bytes.subarray(0, headerBytes))) return body;
  }
  throw new Error('no page header');
}

/** Null where these are no compressed bytes. */
function plainOf(stored: Uint8Array): Uint8Array | null {
  let byteLength = 0;
  for (let i = 0; i < 3; i++) {
    byteLength += (stored[i]! & 127) * 128 ** i;
    if (stored[i]! < 128) break;
  }
  const plain = snappyDecompressed(stored, byteLength);
  return typeof plain === 'number' ? null : plain;
}

/** Nothing but runs. */
function runBytes(indices: readonly number[], width: number): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < indices.length; ) {
    let end = at;
    while (end < indices.length && indices[end] === indices[at]) end++;
    const value = littleEndian(BigInt(indices[at]!), Math.ceil(width / 8));
    bytes.push(...varint(BigInt(end - at) * 2n), ...value);
    at = end;
  }
  return bytes;
}

/** Checks a page's values, all of them there, against what the choice says of them. */
function expectValues(
  body: Uint8Array,
  values: readonly bigint[],
  choice: ChunkChoice,
  how: { shape: ChunkShape; page: number; entries: readonly bigint[]; at: string },
): void {
  const { shape, page, entries, at } = how;
  const bytes = Buffer.from(body);
  if (choice.encoding === 'delta') {
    const wanted = deltaBinaryPacked(values, shape.type === 'int32' ? 32 : 64);
    expect(bytes.equals(wanted), at).toBe(true);
    return;
  }
  if (choice.encoding === 'plain') {
    const bits = new Uint8Array(Math.ceil(values.length / 8));
    values.forEach((value, i) => {
      bits[i >> 3] = bits[i >> 3]! | (Number(value & 1n) << (i & 7));
    });
    const size = shape.type === 'int32' ? 4 : 8;
    const wanted = shape.type === 'bool' ? bits : plainBytes(values, size);
    expect(bytes.equals(wanted), at).toBe(true);
    return;
  }
  const { width, inRuns } = choice.indexPages[page]!;
  expect(bytes[0], at).toBe(width);
  const decoded = hybridDecoded(bytes.subarray(1), width, values.length).slice(0, values.length);
  const found = BigInt64Array.from(decoded, (index) => entries[index]!);
  expect(Buffer.from(found.buffer).equals(plainBytes(values, 8)), at).toBe(true);
  if (inRuns)
    expect(bytes.subarray(1).equals(Buffer.from(runBytes(decoded, width))), at).toBe(true);
}

/** Plain-encoded: BigInt64Array does it for 8 bytes, Int32Array for 4. */
function plainBytes(values: readonly bigint[], size: number): Uint8Array {
  const typed = size === 8 ? BigInt64Array.from(values) : Int32Array.from(values, Number);
  return new Uint8Array(typed.buffer);
}

const isNaNBits = (bits: bigint): boolean => Number.isNaN(doubleOf(bits));
const doubleOf = (bits: bigint): number => new Float64Array(BigInt64Array.of(bits).buffer)[0]!;

/** What the page index must say of a page. */
function minMaxOf(type: ChunkShape['type'], values: readonly bigint[]) {
  const key = (value: bigint): bigint | number => (type === 'double' ? doubleOf(value) : value);
  const counted = type === 'double' ? values.filter((value) => !isNaNBits(value)) : values;
  if (counted.length === 0) return { min: null, max: null };
  const low = counted.reduce((least, value) => (key(value) < key(least) ? value : least));
  const high = counted.reduce((most, value) => (key(value) > key(most) ? value : most));
  const size = { bool: 1, int32: 4, int64: 8, double: 8 }[type];
  // A smallest zero of doubles stands as -0, a largest as +0.
  const isZero = (value: bigint): boolean => type === 'double' && doubleOf(value) === 0;
  const min = littleEndian(isZero(low) ? 1n << 63n : low, size);
  const max = littleEndian(isZero(high) ? 0n : high, size);
  return { min: Uint8Array.from(min), max: Uint8Array.from(max) };
}

function expectChunk(
  { chunk, bytes, trespasses }: Encoded,
  column: WriteColumn,
  rows: readonly ChunkValue[],
  codec: 'none' | 'snappy',
  at: string,
): void {
  expect(trespasses, at).toEqual([]);
  const type = column.type as ChunkShape['type'];
  const shape = { type, wanted: column.encoding, codec } as const;
  const choice = chunkChoice(rows, shape);
  expect(chunk.encodings[1], at).toBe(ENCODINGS[choice.encoding]);
  expect(chunk.byteLength, at).toBe(bytes.byteLength);
  let from = chunk.dictionaryByteLength;
  let entries: readonly bigint[] = [];
  if (choice.encoding === 'dictionary') {
    // Sorted under a codec.
    const sorted = [...choice.entries].sort((a, b) => (a < b ? -1 : 1));
    entries = codec === 'none' ? choice.entries : sorted;
    const page = { count: entries.length, encoding: null, codec };
    const body = Buffer.from(bodyOf(bytes.subarray(0, from), page));
    expect(body.equals(plainBytes(entries, type === 'int32' ? 4 : 8)), at).toBe(true);
  } else {
    expect(from, at).toBe(0);
  }
  const pages = pagesOf(rows).map((pageRows, page) => {
    const byteLength = chunk.pageByteLengths[page]!;
    const stored = bytes.subarray(from, from + byteLength);
    from += byteLength;
    const encoding = ENCODINGS[choice.encoding];
    const body = bodyOf(stored, { count: pageRows.length, encoding, codec });
    const values = pageRows.filter((value) => value !== null);
    const levels = column.nullable ? 4 + Buffer.from(body).readUInt32LE(0) : 0;
    if (column.nullable) {
      const found = hybridDecoded(body.subarray(4, levels), 1, pageRows.length);
      const wanted = pageRows.map((value) => Number(value !== null));
      expect(found.slice(0, pageRows.length).join(''), at).toBe(wanted.join(''));
    }
    expectValues(body.subarray(levels), values, choice, { shape, page, entries, at });
    const nullCount = pageRows.length - values.length;
    return { byteLength, rowCount: pageRows.length, nullCount, ...minMaxOf(type, values) };
  });
  expect(from, at).toBe(bytes.byteLength);
  expect(chunk.columnIndex, at).toEqual(columnIndexBytes(column, pages));
  const all = rows.filter((value) => value !== null);
  expect({ min: chunk.min, max: chunk.max }, at).toEqual(minMaxOf(type, all));
  expect(chunk.nullCount, at).toBe(rows.length - all.length);
}

function fitted(type: ChunkShape['type'], value: bigint): bigint {
  if (type === 'bool') return value & 1n;
  return type === 'int32' ? BigInt.asIntN(32, value) : value;
}

describe.each(BUILDS)('a chunk ($build)', ({ module }) => {
  test.each(Object.keys(SHAPES))(
    'is what the oracle says, in any segments and spans: %s',
    (name) => {
      const prng = createPrng();
      for (const type of ['int64', 'int32', 'double', 'bool'] as const) {
        for (const encoding of ['auto', 'plain', 'delta', 'dictionary'] as const) {
          if (encoding === 'delta' && (type === 'double' || type === 'bool')) continue;
          const nullable = prng.chance(0.5);
          const rowCount = prng.pick([1, 9, 500, PAGE_ROWS, PAGE_ROWS + 1, 40_000]);
          const density = nullable ? prng.pick([0, 0.01, 0.5, 1]) : 0;
          const next = SHAPES[name]!(prng);
          const rows = Array.from({ length: rowCount }, () => {
            const value = fitted(type, next());
            return prng.chance(density) ? null : value;
          });
          const column = { name: 'x', type, nullable, encoding, statistics: true };
          const codec = prng.pick(['none', 'none', 'snappy'] as const);
          const segmentRows = (): number =>
            prng.chance(0.2) ? prng.int(1, 70) : prng.int(1, 20_000);
          const spanBytes = prng.pick([1 << 20, 30_000, 1_000]);
          const result = encoded(module, column, rows, { codec, segmentRows, spanBytes });
          const at = `${rowCount} rows of ${type} as ${encoding}, ${codec}, seed ${prng.seed}`;
          expectChunk(result, column, rows, codec, at);
        }
      }
    },
  );

  test('is the same from more segments than the list of them takes', () => {
    const prng = createPrng();
    const rowCount = SEGMENTS_MAX + 2_000;
    const next = SHAPES.prices!(prng);
    const rows = Array.from({ length: rowCount }, () => (prng.chance(0.1) ? null : next()));
    const column = {
      name: 'x',
      type: 'int32',
      nullable: true,
      encoding: 'auto',
      statistics: true,
    } as const;
    const few = encoded(module, column, rows, {
      codec: 'none',
      segmentRows: () => rowCount,
      spanBytes: 1 << 20,
    });
    expectChunk(few, column, rows, 'none', `seed ${prng.seed}`);
    // One slot for all, a segment for each row: what counts is the list.
    const many = encoded(module, column, rows, {
      codec: 'none',
      segmentRows: () => rowCount,
      segmentCut: 1,
      spanBytes: 1 << 20,
    });
    expect(many.chunk.columnIndex).toEqual(few.chunk.columnIndex);
    expect(Buffer.from(many.bytes).equals(few.bytes)).toBe(true);
  });

  test('refuses a block that is not aligned, pages that it has not, and spans that are too small', () => {
    const sandbox = new Sandbox(module);
    const { kernels, views } = sandbox.core;
    const block = sandbox.buffer(CHUNK_BLOCK_BYTES);
    views.i32[(block + CHUNK_ROWS) / 4] = PAGE_ROWS + 1;
    const bad = -STATUS_BAD_ARGUMENT;
    expect(kernels.chunkSurvey(block + 4, 0, 1)).toBe(bad);
    expect(kernels.chunkSurvey(block, 0, 3)).toBe(bad);
    expect(kernels.chunkSurvey(block, 2, 1)).toBe(bad);
    expect(kernels.chunkSurvey(block, -1, 1)).toBe(bad);
    expect(kernels.chunkPages(block, 0, 3, 0)).toBe(bad);
    expect(kernels.chunkSettle(block + 4)).toBe(bad);
    expect(kernels.chunkDictionary(block + 4, 0, 0, 0)).toBe(bad);
    expect(kernels.chunkDictionary(block, 8, -1, 0)).toBe(bad);
    expect(kernels.chunkIndex(block + 4, 8)).toBe(bad);
    expect(sandbox.trespasses()).toEqual([]);
    const rows = Array.from({ length: 600 }, (_, row) => BigInt(row * row));
    const column = {
      name: 'x',
      type: 'int64',
      nullable: false,
      encoding: 'plain',
      statistics: false,
    } as const;
    const how = { codec: 'none', segmentRows: () => 600, spanBytes: 1 << 20 } as const;
    expect(() => encoded(module, column, rows, { ...how, outBytes: 4_000 })).toThrow(
      /spans are smaller/,
    );
  });
});
