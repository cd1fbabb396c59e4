import { invariant } from '../errors/errors.js';
import type { SourceColumn, SourceColumnInfo } from './reader.js';
import type { DecodedArray } from './wasm-decoder.js';

/** Bytes of a value of the fixed-width types, and what Arrow calls them. */
const FIXED_WIDTH = {
  int32: { bytes: 4, format: 'i' },
  int64: { bytes: 8, format: 'l' },
  float: { bytes: 4, format: 'f' },
  double: { bytes: 8, format: 'g' },
} as const;

/**
 * A decoded array as the reader's contract has it: views of `memory`, but for unsigned 32-bit
 * integers, which are widened into a copy.
 */
export function sourceColumn(
  info: SourceColumnInfo,
  array: DecodedArray,
  memory: ArrayBuffer,
): SourceColumn {
  const { length: rowCount, nullCount, bufferPtrs, format } = array;
  const bytes = (buffer: number, byteLength: number): Uint8Array =>
    new Uint8Array(memory, bufferPtrs[buffer], byteLength);
  const expectFormat = (expected: boolean): void =>
    invariant(expected, `the decoder gave Arrow type ${format} for a column of type ${info.type}`);
  const validity = nullCount === 0 ? null : bytes(0, Math.ceil(rowCount / 8));
  const column = { info, rowCount, validity, nullCount, offsets: null, valuesPtr: null };
  switch (info.type) {
    case 'bool':
      expectFormat(format === 'b');
      return { ...column, values: bytes(1, Math.ceil(rowCount / 8)) };
    case 'decimal128':
      expectFormat(/^d:\d+,\d+(,128)?$/.test(format));
      return { ...column, values: bytes(1, rowCount * 16) };
    case 'utf8': {
      expectFormat(format === 'u');
      const offsets = new Int32Array(memory, bufferPtrs[1], rowCount + 1);
      return { ...column, offsets, values: bytes(2, offsets[rowCount]!) };
    }
    case 'other':
      return invariant(false, 'a column of another type was read') as never;
    default: {
      if (format === 'I' && info.type === 'int64') {
        return { ...column, values: widened(new Uint32Array(memory, bufferPtrs[1], rowCount)) };
      }
      const { bytes: width, format: expected } = FIXED_WIDTH[info.type];
      expectFormat(format === expected);
      return { ...column, values: bytes(1, rowCount * width) };
    }
  }
}

/** uint32 as int64: the low words, the high ones stay 0. */
function widened(words: Uint32Array): Uint8Array {
  const wide = new Uint32Array(words.length * 2);
  for (let row = 0; row < words.length; row++) wide[row * 2] = words[row]!;
  return new Uint8Array(wide.buffer);
}
