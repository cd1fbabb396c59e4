import {
  VALUE_4,
  VALUE_4_TO_16,
  VALUE_8,
  VALUE_8_TO_16,
  VALUE_BOOL,
  VALUE_FIXED,
  VALUE_TEXT,
  VALUE_UINT32,
} from '../abi/column-cursor.js';
import { codecName, encodingNames } from './footer-chunks.js';
import { ENCODING_NAMES } from './format.js';
import type { SourceColumnInfo } from './reader.js';

/** Codecs of pages: those that the core decompresses itself, and two of the host. */
const CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY', 'LZ4_RAW', 'ZSTD', 'GZIP', 'BROTLI'];

const INDEXED = ['PLAIN', 'PLAIN_DICTIONARY', 'RLE_DICTIONARY'];
/** What footers list for the levels; BIT_PACKED levels of old writers show in the page's header. */
const LEVELS = ['RLE', 'BIT_PACKED'];

const ENCODINGS: Readonly<Record<number, readonly string[]>> = {
  [VALUE_BOOL]: ['PLAIN', ...LEVELS],
  [VALUE_4]: [...INDEXED, ...LEVELS, 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'],
  [VALUE_8]: [...INDEXED, ...LEVELS, 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'],
  [VALUE_UINT32]: [...INDEXED, ...LEVELS, 'DELTA_BINARY_PACKED'],
  [VALUE_4_TO_16]: [...INDEXED, ...LEVELS, 'DELTA_BINARY_PACKED'],
  [VALUE_8_TO_16]: [...INDEXED, ...LEVELS, 'DELTA_BINARY_PACKED'],
  [VALUE_FIXED]: [...INDEXED, ...LEVELS],
  [VALUE_TEXT]: [...INDEXED, ...LEVELS],
};

/** The same, as bits of ChunkTable.encodings. */
const ENCODING_BITS = Object.fromEntries(
  Object.entries(ENCODINGS).map(([kind, names]) => [
    kind,
    names.reduce((bits, name) => bits | (1 << ENCODING_NAMES.indexOf(name)), 0),
  ]),
);

/** Deltas are integers: of floats and doubles their bits would pass for values. */
const DELTA_BIT = 1 << ENCODING_NAMES.indexOf('DELTA_BINARY_PACKED');

/** VALUE_... of a column that the page kernels read, else null. */
export function valueKind(info: SourceColumnInfo): number | null {
  const { type, physical } = info;
  switch (type) {
    case 'bool':
      return VALUE_BOOL;
    case 'int32':
    case 'float':
      return VALUE_4;
    case 'int64':
      return physical === 'INT32' ? VALUE_UINT32 : VALUE_8;
    case 'double':
      return VALUE_8;
    case 'utf8':
      return VALUE_TEXT;
    case 'decimal128':
      if (physical === 'INT32') return VALUE_4_TO_16;
      if (physical === 'INT64') return VALUE_8_TO_16;
      return physical === 'FIXED_LEN_BYTE_ARRAY' ? VALUE_FIXED : null;
    default:
      return null;
  }
}

/** Bytes of a value as the kernels give it: 0 for bits and texts. */
export function valueBytes(kind: number): number {
  if (kind === VALUE_BOOL || kind === VALUE_TEXT) return 0;
  if (kind === VALUE_4) return 4;
  return kind === VALUE_8 || kind === VALUE_UINT32 ? 8 : 16;
}

/**
 * Why a chunk cannot be read by the page kernels, as far as its footer tells; null: it can.
 * @param codec as in ChunkTable.codecs
 * @param encodings as in ChunkTable.encodings
 */
export function foreignTo(info: SourceColumnInfo, codec: number, encodings: number): string | null {
  const kind = valueKind(info);
  if (kind === null) return `${info.name} is ${info.declared}`;
  const name = codecName(codec);
  if (!CODECS.includes(name)) return `${info.name} has codec ${name}`;
  const isReal = info.type === 'float' || info.type === 'double';
  const known = ENCODING_BITS[kind]! & ~(isReal ? DELTA_BIT : 0);
  const foreign = encodings & ~known;
  return foreign === 0 ? null : `${info.name} has encoding ${encodingNames(foreign)[0]}`;
}
