// Columns that the tests of the Parquet writer write: every type, nullable or not, every encoding,
// values of several shapes.
import type { ColumnEncoding, WriteColumn } from '#src/parquet/write-types.js';
import type { Prng } from '../prng.js';
import type { TestColumn, Value } from './written-columns.js';

/** Texts of the string columns, in no order. */
export const TEXTS = ['buy', 'sell', '', 'größe', '\u{1f4c8}'];
const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

/** Shapes of values: what each encoding likes, and what it hates. */
export const SHAPES: Readonly<Record<string, (prng: Prng) => (row: number) => bigint>> = {
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
export function allColumns(shape: string, rows: number, prng: Prng): TestColumn[] {
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

/** What a reader must give back. */
export function expected(test: TestColumn): (Value | string)[] {
  if (test.type !== 'string') return [...test.values];
  return test.values.map((code) => (code === null ? null : TEXTS[code as number]!));
}

/** toEqual on long columns is slow and floods the report. */
export function firstDifference(
  found: readonly unknown[],
  wanted: readonly unknown[],
): string | null {
  if (found.length !== wanted.length) return `${found.length} rows for ${wanted.length}`;
  const row = wanted.findIndex((value, i) => !Object.is(found[i], value));
  return row === -1 ? null : `row ${row}: ${String(found[row])} for ${String(wanted[row])}`;
}
