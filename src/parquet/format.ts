// Numbers of the Parquet format: parquet.thrift of apache/parquet-format.
import type { Codec, WriteColumn } from './write-types.js';

export const MAGIC = new Uint8Array([0x50, 0x41, 0x52, 0x31]);

export const PHYSICAL_TYPES: Readonly<Record<WriteColumn['type'], number>> = {
  bool: 0,
  int32: 1,
  int64: 2,
  double: 5,
  string: 6,
};

export const CODECS: Readonly<Record<Codec, number>> = { none: 0, snappy: 1, zstd: 6 };

export const ENCODING_PLAIN = 0;
export const ENCODING_RLE = 3;
export const ENCODING_DELTA_BINARY_PACKED = 5;
export const ENCODING_RLE_DICTIONARY = 8;

export const PAGE_TYPE_DATA = 0;
export const PAGE_TYPE_DICTIONARY = 2;

export const REPETITION_REQUIRED = 0;
export const REPETITION_OPTIONAL = 1;

/** ConvertedType UTF8, for readers older than LogicalType. */
export const CONVERTED_UTF8 = 0;
export const CONVERTED_DECIMAL = 5;

export const BOUNDARY_UNORDERED = 0;
export const BOUNDARY_ASCENDING = 1;
export const BOUNDARY_DESCENDING = 2;

// What the numbers of footers are called, by number.

export const PHYSICAL_TYPE_NAMES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;

export const CODEC_NAMES: readonly string[] = [
  'UNCOMPRESSED',
  'SNAPPY',
  'GZIP',
  'LZO',
  'BROTLI',
  'LZ4',
  'ZSTD',
  'LZ4_RAW',
];

export const ENCODING_NAMES: readonly string[] = [
  'PLAIN',
  'GROUP_VAR_INT',
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
];
