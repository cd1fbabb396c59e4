import { doubleWords, isThere, words } from '../parquet/column-words.js';
import type { SourceColumn } from '../parquet/reader.js';
import { textOfDecimal } from '../units/decimal.js';
import {
  PIPS_TEXT_BYTES,
  writeInt32Into,
  writeInt64Into,
  writePipsInto,
} from '../units/integer-text.js';
import type { FileColumn } from './output-columns.js';
import type { TextBytes } from './text-bytes.js';

/** Writes the cell of a row; the values are those of one run and gone after it. */
export type CellWriter = (row: number) => void;

/** How a format writes what is no plain number. */
export interface CellStyle {
  /** No value. */
  readonly empty: Uint8Array;
  /** Around integers of 64 bits and decimals. */
  readonly quote: Uint8Array;
  /** A text as it stands in the output. */
  text(text: string): Uint8Array;
  /** What a double prints as when it is no finite number. */
  notFinite(value: number): string;
}

const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');
/** A byte order mark is a character of the text like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The writer of a column's cells in one run. */
export function cellWriter(
  out: TextBytes,
  style: CellStyle,
  column: FileColumn,
  columns: readonly SourceColumn[],
): CellWriter {
  if (column.kind === 'constant') {
    const bytes = column.text === null ? style.empty : style.text(column.text);
    return () => out.append(bytes);
  }
  const source = columns[column.index]!;
  const write = valueWriter(out, style, source, column.scale);
  if (source.validity === null || source.nullCount === 0) return write;
  const { validity } = source;
  return (row) => (isThere(validity, row) ? write(row) : out.append(style.empty));
}

function valueWriter(
  out: TextBytes,
  style: CellStyle,
  source: SourceColumn,
  scale: number | null,
): CellWriter {
  switch (source.info.type) {
    case 'bool':
      return (row) => out.append(isThere(source.values, row) ? TRUE : FALSE);
    case 'int32': {
      const values = words(source);
      return (row) => {
        out.reserve(PIPS_TEXT_BYTES);
        out.at = writeInt32Into(out.bytes, out.at, values[row]! | 0);
      };
    }
    case 'int64':
      return int64Writer(out, style.quote, words(source), scale ?? 0);
    case 'float':
    case 'double': {
      const values = doubleWords(source);
      return (row) => {
        out.text(doubleText(values[row]!, style));
      };
    }
    case 'decimal128':
      return decimalWriter(out, style.quote, source);
    default: {
      const { values, offsets } = source;
      return (row) => {
        const bytes = values.subarray(offsets![row]!, offsets![row + 1]!);
        out.append(style.text(decoder.decode(copyOf(bytes))));
      };
    }
  }
}

function doubleText(value: number, style: CellStyle): string {
  if (!Number.isFinite(value)) return style.notFinite(value);
  // String() has no sign for it.
  return Object.is(value, -0) ? '-0' : String(value);
}

function int64Writer(
  out: TextBytes,
  quote: Uint8Array,
  values: Uint32Array,
  scale: number,
): CellWriter {
  return (row) => {
    out.append(quote);
    out.reserve(PIPS_TEXT_BYTES);
    const lo = values[2 * row]!;
    const hi = values[2 * row + 1]!;
    out.at =
      scale === 0
        ? writeInt64Into(out.bytes, out.at, lo, hi)
        : writePipsInto(out.bytes, out.at, lo, hi, scale);
    out.append(quote);
  };
}

/** 16-byte integers: those that int64 holds, as nearly all are, without a bigint. */
function decimalWriter(out: TextBytes, quote: Uint8Array, source: SourceColumn): CellWriter {
  const values = words(source);
  const { decimals } = source.info;
  return (row) => {
    const [lo, hi, third, fourth] = values.subarray(4 * row, 4 * row + 4) as unknown as number[];
    const sign = hi! >= 0x8000_0000 ? 0xffff_ffff : 0;
    out.append(quote);
    out.reserve(PIPS_TEXT_BYTES);
    if (third === sign && fourth === sign) {
      out.at = writePipsInto(out.bytes, out.at, lo!, hi!, decimals);
    } else {
      const high = (BigInt(fourth! | 0) << 32n) | BigInt(third!);
      const digits = (high << 64n) | (BigInt(hi!) << 32n) | BigInt(lo!);
      out.text(textOfDecimal({ digits, decimals }));
    }
    out.append(quote);
  };
}

/** A TextDecoder takes no view of a shared memory. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
