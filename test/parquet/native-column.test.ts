import { describe, expect, it } from 'vitest';
import { ENCODING_NAMES } from '#src/parquet/format.js';
import { foreignTo } from '#src/parquet/native-column.js';
import type { SourceColumnInfo, SourceType } from '#src/parquet/reader.js';

const column = (type: SourceType, physical: SourceColumnInfo['physical']): SourceColumnInfo => ({
  name: 'x',
  type,
  nullable: false,
  decimals: 0,
  timeUnitNs: null,
  declared: String(physical),
  physical,
  fixedBytes: 0,
  isUnsigned: false,
});

const bits = (...names: string[]): number =>
  names.reduce((sum, name) => sum | (1 << ENCODING_NAMES.indexOf(name)), 0);

describe('what is foreign to the page kernels', () => {
  it('are deltas of decimals in bytes, not of those in integers', () => {
    const encodings = bits('PLAIN', 'RLE', 'DELTA_BINARY_PACKED');
    expect(foreignTo(column('decimal128', 'INT32'), 0, encodings)).toBeNull();
    expect(foreignTo(column('decimal128', 'INT64'), 0, encodings)).toBeNull();
    const reason = 'x has encoding DELTA_BINARY_PACKED';
    expect(foreignTo(column('decimal128', 'FIXED_LEN_BYTE_ARRAY'), 0, encodings)).toBe(reason);
  });

  it('are deltas of floats and doubles, whose bits would pass for values', () => {
    const encodings = bits('PLAIN', 'RLE', 'DELTA_BINARY_PACKED');
    expect(foreignTo(column('int64', 'INT64'), 0, encodings)).toBeNull();
    expect(foreignTo(column('int32', 'INT32'), 0, encodings)).toBeNull();
    for (const [type, physical] of [
      ['float', 'FLOAT'],
      ['double', 'DOUBLE'],
    ] as const) {
      const reason = 'x has encoding DELTA_BINARY_PACKED';
      expect(foreignTo(column(type, physical), 0, encodings)).toBe(reason);
      expect(foreignTo(column(type, physical), 0, bits('PLAIN', 'BYTE_STREAM_SPLIT'))).toBeNull();
    }
  });
});
