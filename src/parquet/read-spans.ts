import { chunkIndexOf } from './footer-chunks.js';
import type { ParquetFooter } from './reader.js';

/** Chunks that lie this close are fetched by one read, with what lies between them. */
const READ_GAP_BYTES = 65_536;

/** A run of a file's bytes. */
export interface Span {
  readonly offset: number;
  end: number;
}

/** Where in the file the wanted chunks lie. */
export interface ReadSpans {
  /** In the file's order. */
  readonly spans: readonly Span[];
  /** Of all spans. */
  readonly byteLength: number;
}

export function readSpans(
  footer: ParquetFooter,
  rowGroupIndexes: readonly number[],
  columnIndexes: readonly number[],
): ReadSpans {
  const { offsets, byteLengths } = footer.chunks;
  const chunks: number[] = [];
  const columns = inFileOrder(footer, rowGroupIndexes[0]!, columnIndexes);
  let [offset, isSorted] = [-1, true];
  for (const rowGroup of rowGroupIndexes) {
    for (const column of columns) {
      const index = chunkIndexOf(footer, rowGroup, column);
      chunks.push(index);
      isSorted &&= offset <= offsets[index]!;
      offset = offsets[index]!;
    }
  }
  if (!isSorted) chunks.sort((a, b) => offsets[a]! - offsets[b]!);
  const spans: Span[] = [];
  let last: Span = { offset: 0, end: Number.NEGATIVE_INFINITY };
  for (const index of chunks) {
    const offset = offsets[index]!;
    const end = offset + byteLengths[index]!;
    if (offset > last.end + READ_GAP_BYTES) {
      last = { offset, end };
      spans.push(last);
    } else if (end > last.end) {
      last.end = end;
    }
  }
  const byteLength = spans.reduce((sum, span) => sum + span.end - span.offset, 0);
  return { spans, byteLength };
}

/** Columns as their chunks lie in a row group: mostly so in all of them. */
function inFileOrder(
  footer: ParquetFooter,
  rowGroup: number,
  columnIndexes: readonly number[],
): number[] {
  const offsetOf = (column: number): number =>
    footer.chunks.offsets[chunkIndexOf(footer, rowGroup, column)]!;
  return [...columnIndexes].sort((a, b) => offsetOf(a) - offsetOf(b));
}
