import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareCodec } from '#src/parquet/encode-row-group.js';
import type { Codec, ColumnEncoding, WriteColumn } from '#src/parquet/write-types.js';
import { BUILDS } from '../kernels/both-builds.js';
import { createPrng, type Prng } from '../prng.js';
import { type TestColumn, type Value, WriterBench } from './written-columns.js';

const TEXTS = ['buy', 'sell', '', 'größe', '\u{1f4c8}'];
const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

/** Shapes of values: what each encoding likes, and what it hates. */
const SHAPES: Readonly<Record<string, (prng: Prng) => (row: number) => bigint>> = {
  constant: () => () => 1_723_000_000_000_000_000n,
  rising: (prng) => {
    let value = -5_000n;
    return () => {
      if (prng.chance(0.1)) value += BigInt(prng.int(0, 1_000_000));
      return value;
    };
  },
  few: (prng) => () => BigInt(prng.int(0, 40)) * 1_000_000n,
  random: (prng) => () => prng.i64(),
  extremes: (prng) => () => prng.pick([I64_MIN, I64_MAX, 0n, -1n, 1n]),
};

const LENGTHS = [1, 2, 31, 32, 33, 255, 256, 257, 258, 16_383, 16_384, 16_385, 40_000];

function valuesOf(type: WriteColumn['type'], shape: string, rows: number, prng: Prng): Value[] {
  const next = SHAPES[shape]!(prng);
  return Array.from({ length: rows }, (_, row) => typedValue(type, next(row)));
}

function typedValue(type: WriteColumn['type'], value: bigint): Value {
  switch (type) {
    case 'int64':
      return value;
    case 'int32':
      // The upper half keeps the extremes extreme.
      return Number(BigInt.asIntN(32, value % 2n === 0n ? value >> 32n : value));
    case 'double':
      return Number(value) / 8;
    case 'bool':
      return (value & 1n) === 1n;
    case 'string':
      return Number(BigInt.asUintN(32, value) % BigInt(TEXTS.length));
  }
}

function withNulls(values: readonly Value[], prng: Prng): Value[] {
  const density = prng.pick([0, 0.01, 0.5, 1]);
  return values.map((value) => (prng.chance(density) ? null : value));
}

function column(options: {
  name: string;
  type: WriteColumn['type'];
  encoding: ColumnEncoding;
  values: Value[];
  nullable: boolean;
}): TestColumn {
  const text = options.type === 'string' ? { dictionary: TEXTS } : {};
  return { ...options, ...text, statistics: true };
}

/** Every type, nullable or not, with every encoding that it knows, in one table. */
function allColumns(shape: string, rows: number, prng: Prng): TestColumn[] {
  const columns: TestColumn[] = [];
  for (const type of ['int64', 'int32', 'double', 'bool', 'string'] as const) {
    const encodings: ColumnEncoding[] = ['auto', 'plain', 'dictionary'];
    if (type === 'int64' || type === 'int32') encodings.push('delta');
    for (const encoding of encodings) {
      for (const nullable of [false, true]) {
        const all = valuesOf(type, shape, rows, prng);
        const values = nullable ? withNulls(all, prng) : all;
        const name = `${type}_${encoding}_${nullable ? 'optional' : 'required'}`;
        columns.push(column({ name, type, encoding, values, nullable }));
      }
    }
  }
  return columns;
}

async function duckRows(path: string): Promise<Record<string, Value | string>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(`select * from read_parquet('${path}')`);
    return reader.getColumnsObject() as unknown as Record<string, Value | string>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function expected(test: TestColumn): (Value | string)[] {
  if (test.type !== 'string') return [...test.values];
  return test.values.map((code) => (code === null ? null : TEXTS[code as number]!));
}

const CODECS: readonly Codec[] = ['none', 'snappy', 'zstd'];

describe.each(BUILDS)('the Parquet writer ($build)', ({ module, build }) => {
  let bench: WriterBench;
  beforeAll(() => {
    bench = new WriterBench(module, 140_000);
  });
  afterAll(() => bench.close());

  test.each(Object.keys(SHAPES))('DuckDB reads %s values as they were', async (shape) => {
    for (const codec of CODECS) {
      await prepareCodec(codec);
      // A codec adds nothing to learn at every length.
      for (const rows of codec === 'none' ? LENGTHS : [1, 33, 16_385]) {
        const prng = createPrng();
        const columns = allColumns(shape, rows, prng);
        const name = `${build}-${shape}-${codec}-${rows}.parquet`;
        const { path } = await bench.write(name, columns, { codec, prng });
        const read = (await duckRows(path)) as unknown as Record<string, (Value | string)[]>;
        for (const test of columns) {
          const at = `${name} ${test.name} seed ${prng.seed}`;
          expect(firstDifference(read[test.name]!, expected(test)), at).toBeNull();
        }
      }
    }
  });
});

/** toEqual on long columns is slow and floods the report. */
function firstDifference(found: readonly unknown[], wanted: readonly unknown[]): string | null {
  if (found.length !== wanted.length) return `${found.length} rows for ${wanted.length}`;
  const row = wanted.findIndex((value, i) => !Object.is(found[i], value));
  return row === -1 ? null : `row ${row}: ${String(found[row])} for ${String(wanted[row])}`;
}
