import { describe, expect, test } from 'vitest';
import {
  VALUE_4,
  VALUE_4_TO_16,
  VALUE_8,
  VALUE_8_TO_16,
  VALUE_BOOL,
  VALUE_FIXED,
  VALUE_UINT32,
} from '#src/abi/column-cursor.js';
import {
  ENCODING_BYTE_STREAM_SPLIT,
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_PLAIN,
  ENCODING_PLAIN_DICTIONARY,
  ENCODING_RLE,
  ENCODING_RLE_DICTIONARY,
} from '#src/abi/encodings.js';
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from '#src/abi/status.js';
import {
  bigEndianBytes,
  deltaBytes,
  hybridBytes,
  levelBytes,
  packedBits,
  plainBytes,
  splitBytes,
} from '../oracle/page-decode.js';
import { createPrng, type Prng } from '../prng.js';
import { BUILDS } from './both-builds.js';
import { type CursorKind, CursorSandbox, outBytes, type PageBytes } from './page-cursor.js';

const COUNTS = [0, 1, 7, 8, 9, 63, 64, 65, 300, 2_000];
const SHAPES = [
  { blockValues: 128, miniblocks: 4 },
  { blockValues: 256, miniblocks: 8 },
  { blockValues: 1_024, miniblocks: 32 },
  { blockValues: 128, miniblocks: 1 },
];

interface Case extends CursorKind {
  readonly name: string;
  readonly encoding: number;
  /** Bits of a stored value. */
  readonly bits: number;
  /** Bits that a value comes out with, when it is signed and widened. */
  readonly wide?: boolean;
}

const fixed = (byteLength: number): Case => ({
  name: `fixed ${byteLength} plain`,
  kind: VALUE_FIXED,
  fixedBytes: byteLength,
  encoding: ENCODING_PLAIN,
  bits: byteLength * 8,
  wide: true,
});

const CASES: readonly Case[] = [
  ...[ENCODING_PLAIN, ENCODING_RLE].map((encoding) => ({
    name: `bool ${encoding}`,
    kind: VALUE_BOOL,
    encoding,
    bits: 1,
  })),
  ...[
    ENCODING_PLAIN,
    ENCODING_RLE_DICTIONARY,
    ENCODING_DELTA_BINARY_PACKED,
    ENCODING_BYTE_STREAM_SPLIT,
  ].flatMap((encoding) => [
    { name: `4 bytes, encoding ${encoding}`, kind: VALUE_4, encoding, bits: 32 },
    { name: `8 bytes, encoding ${encoding}`, kind: VALUE_8, encoding, bits: 64 },
  ]),
  ...[ENCODING_PLAIN, ENCODING_PLAIN_DICTIONARY].flatMap((encoding) => [
    { name: `4 to 16, encoding ${encoding}`, kind: VALUE_4_TO_16, encoding, bits: 32, wide: true },
    { name: `8 to 16, encoding ${encoding}`, kind: VALUE_8_TO_16, encoding, bits: 64, wide: true },
    { name: `uint32, encoding ${encoding}`, kind: VALUE_UINT32, encoding, bits: 32 },
  ]),
  ...[
    { name: 'uint32 delta', kind: VALUE_UINT32, bits: 32 },
    { name: '4 to 16 delta', kind: VALUE_4_TO_16, bits: 32, wide: true },
    { name: '8 to 16 delta', kind: VALUE_8_TO_16, bits: 64, wide: true },
  ].map((shape) => ({ ...shape, encoding: ENCODING_DELTA_BINARY_PACKED })),
  ...Array.from({ length: 16 }, (_, i) => fixed(i + 1)),
  { ...fixed(13), name: 'fixed 13 dictionary', encoding: ENCODING_RLE_DICTIONARY },
];

/** Stored values: noise of some width, steps, runs. */
function storedValues(prng: Prng, count: number, bits: number): bigint[] {
  const width = prng.int(0, bits + 1);
  const runChance = prng.pick([0, 0.5, 0.95]);
  let value = 0n;
  return Array.from({ length: count }, () => {
    if (prng.chance(runChance)) return value;
    const noise = BigInt.asIntN(128, (prng.i64() << 64n) ^ prng.i64());
    value = BigInt.asUintN(bits, value + BigInt.asUintN(width, noise));
    return value;
  });
}

const isIndexed = ({ encoding }: Case): boolean =>
  encoding === ENCODING_RLE_DICTIONARY || encoding === ENCODING_PLAIN_DICTIONARY;

function plainOf({ kind, bits, fixedBytes = 0 }: Case, values: readonly bigint[]): number[] {
  if (kind === VALUE_FIXED) return bigEndianBytes(values, fixedBytes);
  return plainBytes(values, bits / 8);
}

/** The values' bytes as the page has them; of a dictionary the page of entries too. */
function encoded(prng: Prng, test: Case, values: readonly bigint[]) {
  const { encoding, bits, kind } = test;
  if (isIndexed(test)) {
    const entries = [...new Set(values)];
    const least = Math.ceil(Math.log2(Math.max(2, entries.length)));
    const width = entries.length <= 1 ? prng.int(0, 3) : prng.pick([least, least + 1, 17, 24, 32]);
    const codes = values.map((value) => entries.indexOf(value));
    return { bytes: [width, ...hybridBytes(prng, codes, width)], entries };
  }
  const signed = values.map((value) => BigInt.asIntN(bits, value));
  if (encoding === ENCODING_DELTA_BINARY_PACKED) {
    const shape = { ...prng.pick(SHAPES), bits };
    return { bytes: values.length === 0 ? [] : deltaBytes(signed, shape), entries: null };
  }
  if (encoding === ENCODING_BYTE_STREAM_SPLIT) {
    return { bytes: splitBytes(values, bits / 8), entries: null };
  }
  if (kind !== VALUE_BOOL) return { bytes: plainOf(test, values), entries: null };
  if (encoding === ENCODING_PLAIN) return { bytes: packedBits(values, 1), entries: null };
  const runs = hybridBytes(prng, values.map(Number), 1);
  return { bytes: [...plainBytes([BigInt(runs.length)], 4), ...runs], entries: null };
}

/** A page, and what must be read from it. */
function pageOf(prng: Prng, test: Case, rowCount: number, version: 1 | 2) {
  const density = test.nullable ? prng.pick([0, 0.02, 0.5, 1]) : 0;
  const present = Array.from({ length: rowCount }, () => !prng.chance(density));
  const values = storedValues(prng, present.filter(Boolean).length, test.bits);
  const { bytes, entries } = encoded(prng, test, values);
  const levels = test.nullable ? levelBytes(prng, present, version) : [];
  const page: PageBytes = {
    encoding: test.encoding,
    rowCount,
    levels: version === 2 ? levels : null,
    values: version === 2 ? bytes : [...levels, ...bytes],
  };
  const wideBits = test.kind === VALUE_BOOL ? 1 : outBytes(test.kind) * 8;
  let next = 0;
  const wanted = present.map((isThere) => {
    if (!isThere) return 0n;
    const value = values[next++]!;
    return BigInt.asUintN(wideBits, test.wide ? BigInt.asIntN(test.bits, value) : value);
  });
  return { page, present, wanted, entries };
}

function readPage(module: WebAssembly.Module, test: Case, rowCount: number, prng: Prng): void {
  const version = prng.pick([1, 2] as const);
  const { page, present, wanted, entries } = pageOf(prng, test, rowCount, version);
  const at = `${test.name}, ${rowCount} rows, version ${version}, seed ${prng.seed}`;
  for (const pieces of [null, prng]) {
    const cursor = new CursorSandbox(module, test);
    if (entries !== null) {
      expect(cursor.dictionary(plainOf(test, entries), entries.length), at).toBe(entries.length);
    }
    expect(cursor.begin(page), at).toBe(rowCount);
    const read = cursor.read(rowCount, pieces);
    expect(read.status, at).toBe(present.filter(Boolean).length);
    expect(read.present, at).toEqual(present);
    expect(read.values, at).toEqual(wanted);
    expect(cursor.sandbox.trespasses(), at).toEqual([]);
  }
}

describe.each(BUILDS)('the column cursor ($build)', ({ module }) => {
  test.each(CASES)('reads $name, in pieces as at once', (shape) => {
    const prng = createPrng();
    for (const nullable of [false, true]) {
      for (const rowCount of COUNTS) readPage(module, { ...shape, nullable }, rowCount, prng);
    }
  });

  test.each(CASES)('refuses $name that is cut anywhere, or reads what it was', (shape) => {
    const prng = createPrng();
    for (const nullable of [false, true]) {
      const { page, wanted, entries } = pageOf(prng, { ...shape, nullable }, 70, 1);
      for (let length = 0; length < page.values.length; length++) {
        const cursor = new CursorSandbox(module, { ...shape, nullable });
        if (entries !== null) cursor.dictionary(plainOf(shape, entries), entries.length);
        const begun = cursor.begin({ ...page, values: page.values.slice(0, length) });
        const read = begun < 0 ? null : cursor.read(70, prng.chance(0.5) ? prng : null);
        const at = `${shape.name}, ${length} bytes, seed ${prng.seed}`;
        const status = read?.status ?? begun;
        if (status < 0) expect([STATUS_TRUNCATED, STATUS_CORRUPT], at).toContain(-status);
        else expect(read!.values, at).toEqual(wanted);
        expect(cursor.sandbox.trespasses(), at).toEqual([]);
      }
    }
  });

  test.each(CASES)('takes damaged $name without a trap or a write outside', (shape) => {
    const prng = createPrng();
    for (let round = 0; round < 60; round++) {
      const test = { ...shape, nullable: prng.chance(0.5) };
      const { page, entries } = pageOf(prng, test, 200, 1);
      const values = [...page.values];
      for (let i = prng.int(1, 4); i > 0; i--) {
        if (values.length > 0) values[prng.int(0, Math.min(values.length, 40))] = prng.int(0, 256);
      }
      const cursor = new CursorSandbox(module, test);
      if (entries !== null) cursor.dictionary(plainOf(test, entries), entries.length);
      const begun = cursor.begin({ ...page, values });
      const status = begun < 0 ? begun : cursor.read(200, prng).status;
      const at = `${shape.name}, round ${round}, seed ${prng.seed}`;
      if (status < 0) expect([STATUS_TRUNCATED, STATUS_CORRUPT], at).toContain(-status);
      expect(cursor.sandbox.trespasses(), at).toEqual([]);
    }
  });

  test('reads dictionary codes of every width, and refuses those beyond the dictionary', () => {
    const prng = createPrng();
    for (const kind of [VALUE_4, VALUE_8, VALUE_8_TO_16]) {
      const entries = Array.from({ length: 300 }, (_, i) => BigInt(i) * 1_000_003n);
      for (let width = 0; width <= 32; width++) {
        const limit = Math.min(300, 2 ** width);
        const codes = Array.from({ length: 500 }, () => prng.int(0, limit));
        const at = `kind ${kind}, width ${width}, seed ${prng.seed}`;
        const bytes = plainBytes(entries, kind === VALUE_4 ? 4 : 8);
        for (const bad of [false, true]) {
          if (bad && 2 ** width <= 300) continue;
          const used = bad ? codes.with(prng.int(0, 500), 300) : codes;
          const cursor = new CursorSandbox(module, { kind });
          expect(cursor.dictionary(bytes, 300)).toBe(300);
          const values = [width, ...hybridBytes(prng, used, width)];
          const page = { encoding: ENCODING_RLE_DICTIONARY, rowCount: 500, levels: null, values };
          expect(cursor.begin(page), at).toBe(500);
          const read = cursor.read(500, prng);
          expect(read.status, at).toBe(bad ? -STATUS_CORRUPT : 500);
          if (!bad) expect(read.values, at).toEqual(codes.map((code) => entries[code]!));
          expect(cursor.sandbox.trespasses(), at).toEqual([]);
        }
      }
      const cursor = new CursorSandbox(module, { kind });
      cursor.dictionary(plainBytes(entries, kind === VALUE_4 ? 4 : 8), 300);
      const values = [33, 2, 0, 0, 0, 0, 0];
      const page = { encoding: ENCODING_RLE_DICTIONARY, rowCount: 1, levels: null, values };
      expect(cursor.begin(page)).toBe(-STATUS_CORRUPT);
    }
  });

  test('reads deltas of every width', () => {
    const prng = createPrng();
    for (const [kind, bits] of [
      [VALUE_4, 32],
      [VALUE_8, 64],
    ] as const) {
      for (let width = 0; width <= bits; width++) {
        let value = 0n;
        const values = Array.from({ length: 700 }, () => {
          value = BigInt.asIntN(bits, value + BigInt.asIntN(width, prng.i64()));
          return value;
        });
        const bytes = deltaBytes(values, { ...prng.pick(SHAPES), bits });
        const cursor = new CursorSandbox(module, { kind });
        const encoding = ENCODING_DELTA_BINARY_PACKED;
        expect(cursor.begin({ encoding, rowCount: 700, levels: null, values: bytes })).toBe(700);
        const at = `width ${width} of ${bits}, seed ${prng.seed}`;
        const unsigned = values.map((signed) => BigInt.asUintN(bits, signed));
        expect(cursor.read(700, prng).values, at).toEqual(unsigned);
        expect(cursor.sandbox.trespasses(), at).toEqual([]);
      }
    }
  });

  test('reads deltas of int32 of 33 bits, as DuckDB has them, and no sums beyond 32', () => {
    const prng = createPrng();
    for (const shape of SHAPES) {
      const values = Array.from({ length: 700 }, () =>
        prng.chance(0.3)
          ? prng.pick([2n ** 31n - 1n, -(2n ** 31n)])
          : BigInt.asIntN(32, prng.i64()),
      );
      for (const bad of [null, prng.int(1, 700)]) {
        const used = bad === null ? values : values.with(bad, 2n ** 31n);
        const cursor = new CursorSandbox(module, { kind: VALUE_4 });
        const bytes = deltaBytes(used, { ...shape, bits: 64 });
        const encoding = ENCODING_DELTA_BINARY_PACKED;
        expect(cursor.begin({ encoding, rowCount: 700, levels: null, values: bytes })).toBe(700);
        const read = cursor.read(700, prng);
        const at = `${shape.blockValues} values a block, seed ${prng.seed}`;
        expect(read.status, at).toBe(bad === null ? 700 : -STATUS_CORRUPT);
        const wanted = values.map((value) => BigInt.asUintN(32, value));
        if (bad === null) expect(read.values, at).toEqual(wanted);
        expect(cursor.sandbox.trespasses(), at).toEqual([]);
      }
    }
  });

  test('refuses a dictionary that is shorter than its entries', () => {
    for (const kind of [VALUE_4, VALUE_8, VALUE_UINT32, VALUE_4_TO_16, VALUE_8_TO_16]) {
      const cursor = new CursorSandbox(module, { kind });
      expect(cursor.dictionary([1, 2, 3, 4, 5, 6, 7], 2)).toBe(-STATUS_TRUNCATED);
      expect(cursor.sandbox.trespasses()).toEqual([]);
    }
    const bools = new CursorSandbox(module, { kind: VALUE_BOOL });
    expect(bools.dictionary([1], 1)).toBe(-STATUS_CORRUPT);
  });

  test('refuses more rows than the page has, and encodings that a kind does not have', () => {
    const cursor = new CursorSandbox(module, { kind: VALUE_8 });
    const values = plainBytes([1n, 2n], 8);
    expect(cursor.begin({ encoding: ENCODING_PLAIN, rowCount: 2, levels: null, values })).toBe(2);
    expect(cursor.read(3, null).status).toBe(-STATUS_BAD_ARGUMENT);
    const rle = { encoding: ENCODING_RLE, rowCount: 2, levels: null, values };
    expect(cursor.begin(rle)).toBe(-STATUS_BAD_ARGUMENT);
  });
});
