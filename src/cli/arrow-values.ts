import type { Data, DataType } from 'apache-arrow';
import { doubleWords, int64Words, isThere, words } from '../parquet/column-words.js';
import type { SourceColumn } from '../parquet/reader.js';

/** The library, loaded by whoever needs it. */
export type Arrow = typeof import('apache-arrow');

/** Bits [start, end) of a bitmap, the first one at bit 0. */
export function bitsOf(bits: Uint8Array, start: number, end: number): Uint8Array {
  const byteLength = Math.ceil((end - start) / 8);
  if (start % 8 === 0) return bits.subarray(start / 8, start / 8 + byteLength);
  const moved = new Uint8Array(byteLength);
  for (let row = start; row < end; row++) {
    if (isThere(bits, row)) moved[(row - start) >> 3]! |= 1 << ((row - start) & 7);
  }
  return moved;
}

/** The buffers of rows [start, end) of a column, as `makeData` takes them for `type`. */
export function arrowValues(
  arrow: Arrow,
  source: SourceColumn,
  type: DataType,
  start: number,
  end: number,
): Record<string, unknown> {
  switch (source.info.type) {
    case 'bool':
      return { data: bitsOf(source.values, start, end) };
    case 'int32':
      return { data: new Int32Array(words(source)).subarray(start, end) };
    case 'int64':
      return {
        data:
          type instanceof arrow.Decimal
            ? widened(words(source), start, end)
            : int64Words(source).subarray(start, end),
      };
    case 'float':
    case 'double':
      return { data: doubleWords(source).subarray(start, end) };
    case 'decimal128':
      return { data: words(source).subarray(4 * start, 4 * end) };
    default:
      return texts(source, start, end);
  }
}

/** int64 as integers of 16 bytes. */
function widened(values: Uint32Array, start: number, end: number): Uint32Array {
  const wide = new Uint32Array((end - start) * 4);
  for (let row = start; row < end; row++) {
    const at = (row - start) * 4;
    const hi = values[2 * row + 1]!;
    wide[at] = values[2 * row]!;
    wide[at + 1] = hi;
    if (hi >= 0x8000_0000) wide.fill(0xffff_ffff, at + 2, at + 4);
  }
  return wide;
}

function texts({ values, offsets }: SourceColumn, start: number, end: number) {
  const first = offsets![start]!;
  const valueOffsets = offsets!.slice(start, end + 1).map((offset) => offset - first);
  return { data: values.subarray(first, offsets![end]!), valueOffsets };
}

/** The same text in every row. */
export function constantTexts(text: string, length: number) {
  const bytes = new TextEncoder().encode(text);
  const data = new Uint8Array(bytes.byteLength * length);
  for (let row = 0; row < length; row++) data.set(bytes, row * bytes.byteLength);
  const valueOffsets = Int32Array.from({ length: length + 1 }, (_, row) => row * bytes.byteLength);
  return { data, valueOffsets };
}

/** A column that a file does not have: rows without a value. */
export function noValues(arrow: Arrow, type: DataType, length: number): Data {
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  const rest = { type, length, nullCount: length, nullBitmap };
  if (type instanceof arrow.Utf8) {
    return arrow.makeData({
      ...rest,
      type,
      data: new Uint8Array(0),
      valueOffsets: new Int32Array(length + 1),
    });
  }
  const words = new Uint32Array(length * 4);
  return arrow.makeData({ ...rest, data: dataFor(arrow, type, words) } as never);
}

function dataFor(arrow: Arrow, type: DataType, cleared: Uint32Array): ArrayBufferView {
  if (type instanceof arrow.Decimal) return cleared;
  const { ArrayType } = type as { ArrayType: new (buffer: ArrayBufferLike) => ArrayBufferView };
  return new ArrayType(cleared.buffer);
}
