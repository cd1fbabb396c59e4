import { crc32 } from 'node:zlib';
import { isLoaded } from '@foxglove/wasm-zstd';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  STREAM_AT,
  STREAM_BUFFER_BYTES,
  STREAM_CHUNKS_OPENED,
  STREAM_CHUNKS_PTR,
  STREAM_DICTIONARY_BYTES,
  STREAM_DONE,
  STREAM_DONE_ALL,
  STREAM_PRESENT,
  STREAM_STOP_CHUNK,
  STREAM_STOP_NULLS,
  STREAM_STOP_PAGE,
} from '#src/abi/column-stream.js';
import { ENCODING_PLAIN, ENCODING_RLE_DICTIONARY } from '#src/abi/encodings.js';
import { STATUS_CORRUPT } from '#src/abi/status.js';
import { hybridBytes, levelBytes, plainBytes } from '../oracle/page-decode.js';
import { FALSE, i32, struct, TRUE, thrift } from '../oracle/page-header.js';
import { createPrng, type Prng } from '../prng.js';
import { zstdFrame } from '../support/zstd-frames.js';
import { snappyBlock } from './block-streams.js';
import { BUILDS } from './both-builds.js';
import {
  BUFFER_BYTES,
  type Chunk,
  DICTIONARY_ENTRIES,
  type Made,
  StreamSandbox,
} from './stream-sandbox.js';

const CODEC_NONE = 0;
const CODEC_SNAPPY = 1;
const CODEC_ZSTD = 6;

beforeAll(() => isLoaded);

/** What of a page is not as it should be; everything else is. */
interface Flaw {
  readonly crc?: number;
  readonly type?: number;
  readonly encoding?: number;
  readonly rows?: number;
  readonly nulls?: number;
  readonly byteLength?: number;
  readonly cut?: number;
  /** Replaces the page's first index. */
  readonly index?: number;
}

function packedBytes(prng: Prng, codec: number, bytes: readonly number[]): readonly number[] {
  const content = Uint8Array.from(bytes);
  if (codec === CODEC_ZSTD) return [...zstdFrame(content)];
  const parts = bytes.length === 0 ? [] : [{ literal: content }];
  return [...snappyBlock(parts, prng).source];
}

/** A page's bytes with its header. */
function pageBytes(
  prng: Prng,
  codec: number,
  content: { type: number; levels: readonly number[]; values: readonly number[] },
  meta: { rows: number; nulls: number; encoding: number },
  flaw: Flaw,
): number[] {
  const { levels, values } = content;
  const type = flaw.type ?? content.type;
  const isSecond = content.type === 3;
  const inner = isSecond ? values : [...levels, ...values];
  const isPacked = codec !== CODEC_NONE && !(isSecond && prng.chance(0.3));
  const packed = isPacked ? packedBytes(prng, codec, inner) : inner;
  const stored = [...(isSecond ? levels : []), ...packed];
  const sum = crc32(Uint8Array.from(stored)) | 0;
  const crc = prng.chance(0.5) || flaw.crc !== undefined ? [i32(4, sum ^ (flaw.crc ?? 0))] : [];
  const rows = flaw.rows ?? meta.rows;
  const encoding = flaw.encoding ?? meta.encoding;
  const nulls = flaw.nulls ?? meta.nulls;
  const own = {
    0: struct(5, [i32(1, rows), i32(2, encoding), i32(3, 3), i32(4, 3)]),
    2: struct(7, [i32(1, rows), i32(2, encoding)]),
    3: struct(8, [
      i32(1, rows),
      i32(2, nulls),
      i32(3, rows),
      i32(4, encoding),
      i32(5, levels.length),
      i32(6, 0),
      [7, isPacked ? TRUE : FALSE, []],
    ]),
  }[content.type]!;
  const byteLength = flaw.byteLength ?? levels.length + values.length;
  const header = thrift([i32(1, type), i32(2, byteLength), i32(3, stored.length), ...crc, own]);
  return [...header, ...stored].slice(0, flaw.cut === undefined ? undefined : -flaw.cut);
}

function dictionaryPage(prng: Prng, codec: number, entries: readonly bigint[], flaw: Flaw = {}) {
  const content = { type: 2, levels: [], values: plainBytes(entries, 8) };
  const meta = { rows: entries.length, nulls: 0, encoding: ENCODING_PLAIN };
  return { bytes: pageBytes(prng, codec, content, meta, flaw), rows: [] };
}

/** A data page of either version; with `entries` its values are indices. */
function dataPage(
  prng: Prng,
  codec: number,
  rows: readonly (bigint | null)[],
  shape: { nullable: boolean; entries: readonly bigint[] | null; flaw?: Flaw },
): Made {
  const { nullable, entries, flaw = {} } = shape;
  const version = flaw.nulls !== undefined ? 2 : prng.pick([1, 2] as const);
  const present = rows.map((row) => row !== null);
  const values = rows.filter((row) => row !== null);
  const levels = nullable ? levelBytes(prng, present, version) : [];
  const codes = entries === null ? [] : values.map((value) => entries.indexOf(value));
  if (flaw.index !== undefined) codes[0] = flaw.index;
  const bytes = entries === null ? plainBytes(values, 8) : [5, ...hybridBytes(prng, codes, 5)];
  const content = { type: version === 1 ? 0 : 3, levels, values: bytes };
  const encoding = entries === null ? ENCODING_PLAIN : ENCODING_RLE_DICTIONARY;
  const meta = { rows: rows.length, nulls: rows.length - values.length, encoding };
  return { bytes: pageBytes(prng, codec, content, meta, flaw), rows };
}

const entriesOf = (prng: Prng): bigint[] => [
  ...new Set(Array.from({ length: DICTIONARY_ENTRIES }, () => prng.i64())),
];

function rowsOf(prng: Prng, count: number, nullable: boolean, entries: readonly bigint[] | null) {
  const density = nullable ? prng.pick([0, 0.1, 0.6, 1]) : 0;
  return Array.from({ length: count }, () => {
    if (prng.chance(density)) return null;
    return entries === null ? prng.i64() : prng.pick(entries);
  });
}

function chunkOf(prng: Prng, nullable: boolean): Chunk {
  const codec = prng.pick([CODEC_NONE, CODEC_SNAPPY, CODEC_ZSTD]);
  const entries = prng.chance(0.5) ? entriesOf(prng) : null;
  // The last has rows: behind the last row a chunk has no bytes, or the host looks at them.
  const counts = [...Array.from({ length: prng.int(0, 5) }, () => prng.int(0, 300)), 1];
  const pages = counts.map((count) => {
    const rows = rowsOf(prng, count, nullable, entries);
    return dataPage(prng, codec, rows, { nullable, entries });
  });
  const first = entries === null ? [] : [dictionaryPage(prng, codec, entries)];
  return { codec, pages: [...first, ...pages] };
}

/** Some chunks of pages of every kind, and the rows that they hold. */
function streamOfAnyKind(module: WebAssembly.Module, prng: Prng) {
  const nullable = prng.chance(0.5);
  const chunks = Array.from({ length: prng.int(1, 6) }, () => chunkOf(prng, nullable));
  const wanted = chunks.flatMap(({ pages }) => pages.flatMap(({ rows }) => rows));
  return { nullable, wanted, stream: new StreamSandbox(module, nullable, chunks) };
}

describe.each(BUILDS)('a column stream ($build)', ({ module }) => {
  test('reads through pages and chunks of every kind in reads of any size', () => {
    const prng = createPrng();
    for (let round = 0; round < 60; round++) {
      const { nullable, wanted, stream } = streamOfAnyKind(module, prng);
      const at = `round ${round}, seed ${prng.seed}`;
      for (let row = 0; row < wanted.length; ) {
        const count = Math.min(wanted.length - row, prng.int(0, 400));
        const rows = wanted.slice(row, row + count);
        expect(stream.read(count), at).toBe(STREAM_DONE_ALL);
        expect(stream.get(STREAM_PRESENT), at).toBe(rows.filter((value) => value !== null).length);
        const read = stream.rows(count);
        if (nullable) {
          expect(read, at).toEqual(rows);
        } else {
          expect(read.join(), at).toBe(rows.join());
        }
        row += count;
      }
      expect(stream.sandbox.trespasses(), at).toEqual([]);
    }
  });

  test('passes over any number of rows, in front of any read', () => {
    const prng = createPrng();
    for (let round = 0; round < 60; round++) {
      const { wanted, stream } = streamOfAnyKind(module, prng);
      const at = `round ${round}, seed ${prng.seed}`;
      for (let row = 0; row < wanted.length; ) {
        const passed = Math.min(wanted.length - row, prng.int(0, 1_000));
        expect(stream.pass(passed, prng.int(1, 400)), at).toBe(STREAM_DONE_ALL);
        expect(stream.get(STREAM_DONE), at).toBe(passed);
        row += passed;
        const count = Math.min(wanted.length - row, prng.int(0, 400));
        expect(stream.read(count), at).toBe(STREAM_DONE_ALL);
        expect(stream.rows(count).join(), at).toBe(wanted.slice(row, row + count).join());
        row += count;
      }
      expect(stream.sandbox.trespasses(), at).toEqual([]);
    }
  });

  test('passes over no page that it cannot read in part, nor over more rows than there are', () => {
    const prng = createPrng();
    const rows = rowsOf(prng, 200, false, null);
    const shape = { nullable: false, entries: null };
    const good = dataPage(prng, CODEC_SNAPPY, rows, shape);
    const bad = dataPage(prng, CODEC_SNAPPY, rows, { ...shape, flaw: { crc: 1 } });
    const many = dataPage(prng, CODEC_SNAPPY, rows, { ...shape, flaw: { rows: 4_000 } });
    const streamOf = (...pages: Made[]): StreamSandbox =>
      new StreamSandbox(module, false, [{ codec: CODEC_SNAPPY, pages, rowCount: 400 }]);
    const partly = streamOf(good, bad);
    for (const resume of [0, 1]) expect(partly.pass(399, 64, resume)).toBe(STREAM_STOP_PAGE);
    expect(partly.get(STREAM_DONE)).toBe(200);
    expect(streamOf(good, bad).pass(400, 64)).toBe(STREAM_DONE_ALL);
    expect(streamOf(good, many).pass(400, 64)).toBe(STREAM_STOP_PAGE);
    expect(streamOf(good, good).pass(401, 64)).toBe(STREAM_STOP_CHUNK);
  });

  const FLAWS: readonly (readonly [string, Flaw])[] = [
    ['whose checksum is wrong', { crc: 1 }],
    ['of an index', { type: 1 }],
    ['of a kind that no version has', { type: 9 }],
    ['whose encoding the footer does not announce', { encoding: 12 }],
    ['whose encoding is not one of int64', { encoding: 3 }],
    ['with more rows than the chunk has left', { rows: 4_000 }],
    ['with more bytes than the buffer', { byteLength: BUFFER_BYTES + 1 }],
    ['with fewer bytes than its header says', { byteLength: 2_000 }],
    ['that ends behind the chunk', { cut: 1 }],
    ['without a byte', { cut: 10_000 }],
  ];

  test.each(FLAWS)('leaves a page %s to the host, untouched', (_what, flaw) => {
    const prng = createPrng();
    for (const codec of [CODEC_NONE, CODEC_SNAPPY, CODEC_ZSTD]) {
      const shape = { nullable: false, entries: null };
      const rows = rowsOf(prng, 200, false, null);
      const pages = [
        dataPage(prng, codec, rows, shape),
        dataPage(prng, codec, rows, { ...shape, flaw }),
      ];
      const stream = new StreamSandbox(module, false, [{ codec, pages, rowCount: 400 }]);
      const start = stream.sandbox.core.views.i32[stream.get(STREAM_CHUNKS_PTR) / 4]!;
      const at = `codec ${codec}, seed ${prng.seed}`;
      for (const resume of [0, 1, 1]) {
        expect(stream.read(400, resume), at).toBe(STREAM_STOP_PAGE);
        expect(stream.get(STREAM_AT), at).toBe(start + pages[0]!.bytes.length);
        expect(stream.get(STREAM_DONE), at).toBe(200);
      }
      expect(stream.rows(200).join(), at).toBe(rows.join());
      expect(stream.sandbox.trespasses(), at).toEqual([]);
    }
  });

  test('leaves a dictionary to the host that stands second, is too large, or has fewer bytes', () => {
    const prng = createPrng();
    const entries = entriesOf(prng);
    const first = dictionaryPage(prng, CODEC_NONE, entries);
    const many = Array.from({ length: 40 }, () => prng.i64());
    const wrong = [
      [first, first],
      [dictionaryPage(prng, CODEC_NONE, many)],
      [dictionaryPage(prng, CODEC_NONE, entries, { rows: 21 })],
      [dictionaryPage(prng, CODEC_NONE, entries, { rows: 2 ** 31 - 1 })],
      [dictionaryPage(prng, CODEC_NONE, entries, { encoding: ENCODING_RLE_DICTIONARY })],
    ];
    for (const pages of wrong) {
      const stream = new StreamSandbox(module, false, [{ codec: CODEC_NONE, pages, rowCount: 9 }]);
      expect(stream.read(9)).toBe(STREAM_STOP_PAGE);
      expect(stream.get(STREAM_DONE)).toBe(0);
      expect(stream.sandbox.trespasses()).toEqual([]);
    }
  });

  test('goes on where it stopped, once the host has made room', () => {
    const prng = createPrng();
    const entries = entriesOf(prng);
    const shape = { nullable: true, entries };
    const rows = rowsOf(prng, 500, true, entries);
    const pages = [
      dictionaryPage(prng, CODEC_SNAPPY, entries),
      dataPage(prng, CODEC_SNAPPY, rows, shape),
    ];
    const chunk = { codec: CODEC_SNAPPY, pages };
    const stream = new StreamSandbox(module, true, [chunk, chunk]);
    stream.set(STREAM_DICTIONARY_BYTES, 8);
    expect(stream.read(700)).toBe(STREAM_STOP_PAGE);
    stream.set(STREAM_DICTIONARY_BYTES, DICTIONARY_ENTRIES * 8 + 64);
    stream.set(STREAM_BUFFER_BYTES, 0);
    expect(stream.read(700, 1)).toBe(STREAM_STOP_PAGE);
    stream.set(STREAM_BUFFER_BYTES, BUFFER_BYTES);
    expect(stream.read(700, 1)).toBe(STREAM_DONE_ALL);
    expect(stream.get(STREAM_CHUNKS_OPENED)).toBe(2);
    expect(stream.rows(700), `seed ${prng.seed}`).toEqual([...rows, ...rows].slice(0, 700));
  });

  test('stops at the end of a chunk that has bytes left, and behind the last', () => {
    const prng = createPrng();
    const rows = rowsOf(prng, 50, false, null);
    const page = dataPage(prng, CODEC_NONE, rows, { nullable: false, entries: null });
    const more = { codec: CODEC_NONE, pages: [page, page], rowCount: 50 };
    const stream = new StreamSandbox(module, false, [more, more]);
    expect(stream.read(50)).toBe(STREAM_DONE_ALL);
    expect(stream.read(1)).toBe(STREAM_STOP_CHUNK);
    const last = new StreamSandbox(module, false, [{ codec: CODEC_NONE, pages: [page] }]);
    expect(last.read(51)).toBe(STREAM_STOP_CHUNK);
    expect(last.get(STREAM_DONE)).toBe(50);
    const fewer = { codec: CODEC_NONE, pages: [page], rowCount: 60 };
    expect(new StreamSandbox(module, false, [fewer]).read(60)).toBe(STREAM_STOP_PAGE);
  });

  test('says when a page has other nulls than its header, and when an index has no entry', () => {
    const prng = createPrng();
    const rows = [...rowsOf(prng, 60, false, null), null, null];
    for (const nulls of [0, 1, 3, 60]) {
      const shape = { nullable: true, entries: null, flaw: { nulls } };
      const page = dataPage(prng, CODEC_NONE, rows, shape);
      const stream = new StreamSandbox(module, true, [{ codec: CODEC_NONE, pages: [page] }]);
      expect(stream.read(62), `${nulls} nulls`).toBe(STREAM_STOP_NULLS);
    }
    const entries = entriesOf(prng);
    const indexed = Array.from({ length: 9 }, () => entries[0]!);
    const shape = { nullable: false, entries, flaw: { index: DICTIONARY_ENTRIES } };
    const pages = [
      dictionaryPage(prng, CODEC_NONE, entries),
      dataPage(prng, CODEC_NONE, indexed, shape),
    ];
    const stream = new StreamSandbox(module, false, [{ codec: CODEC_NONE, pages }]);
    expect(stream.read(9)).toBe(-STATUS_CORRUPT);
  });
});
