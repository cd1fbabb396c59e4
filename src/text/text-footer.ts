import type { ScaleRange } from '../core/scale.js';
import type { CaptureStream } from '../core/text-rows.js';
import type { ParquetFooter } from '../parquet/reader.js';

/** What the first pass over a text file has found of one of its columns. */
export interface TextColumnFacts {
  /** How its fields become values. */
  readonly kind: 'int64' | 'text' | 'stamp';
  /** Of each block: fields with a value that is none of this kind. */
  readonly otherCounts: readonly number[];
  /** What its numbers ask of a scale. */
  readonly range: ScaleRange;
  /** Different texts of each block; null: too many, or numbers too, or rows without any. */
  readonly texts: readonly (readonly string[] | null)[];
  /** The same, whatever else its fields hold; null: too many. */
  readonly words: readonly (readonly string[] | null)[];
}

/** Where a text breaks off: everything before this byte of it was used. */
export interface TextTruncation {
  /** Byte of the (unpacked) text. */
  readonly offset: number;
  readonly reason: string;
}

/** What the lines of a text are: fields, or messages, of which one stream makes the rows. */
export type TextLines = { readonly delimiter: number } | { readonly stream: CaptureStream };

/** How a text file is to be read, and what a first pass over it has found. Plain data. */
export interface TextFacts {
  readonly isGzip: boolean;
  readonly lines: TextLines;
  /** Whether the columns have names of their own; else they are `column_0`, `column_1` ... */
  readonly hasHeader: boolean;
  /** Byte of the (unpacked) text at which each block begins, then where the last one ends. */
  readonly blockOffsets: Float64Array;
  /** One for each of the footer's columns. */
  readonly columns: readonly TextColumnFacts[];
  /** Lines that are no rows; they count as rows without values. */
  readonly brokenCount: number;
  readonly truncation: TextTruncation | null;
  /** A capture: the same file once for each stream that has rows, this one as well; else null. */
  readonly streams: readonly TextFooter[] | null;
}

/**
 * A text file as planning and decoding see files: a block of whole lines stands for a row group,
 * and the first pass has found what a footer would say.
 */
export interface TextFooter extends ParquetFooter {
  readonly text: TextFacts;
}

/** How a text file is read; null: the footer is a Parquet file's. */
export function textFactsOf(footer: ParquetFooter): TextFacts | null {
  return (footer as Partial<TextFooter>).text ?? null;
}
