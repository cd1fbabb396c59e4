import { chunkIndexOf } from './footer-chunks.js';
import { foreignTo } from './native-column.js';
import type { ParquetFooter } from './reader.js';

/** Which of the readers behind RowGroupReader takes a file, and why: for `depthmill inspect`. */
export interface ReadPath {
  readonly reader: 'page-kernels' | 'parquet-wasm' | 'text-kernels';
  readonly reason: string;
}

const NATIVE: ReadPath = {
  reader: 'page-kernels',
  reason: 'flat columns, and codecs and encodings that the page kernels read',
};

/**
 * The way that columns of a file are read, as its footer tells it. A page may still turn out to be
 * of a kind that the kernels do not read (its header says so first), or to need more memory than a
 * read has; the general reader then goes on from there, with the same result.
 *
 * @param wanted what of the file is read; by default all that can be read at all
 */
export function readPathOf(
  footer: ParquetFooter,
  wanted: {
    readonly rowGroupIndexes: Iterable<number>;
    readonly columnIndexes: readonly number[];
  } = { rowGroupIndexes: footer.rowGroupRows.keys(), columnIndexes: readableColumns(footer) },
): ReadPath {
  const { codecs, encodings } = footer.chunks;
  // Chunks of a column are mostly stored alike: what one was found to be goes for the next.
  const seen = wanted.columnIndexes.map((index) => ({ index, codec: -1, encodings: -1 }));
  for (const rowGroup of wanted.rowGroupIndexes) {
    for (const last of seen) {
      const chunk = chunkIndexOf(footer, rowGroup, last.index);
      if (codecs[chunk] === last.codec && encodings[chunk] === last.encodings) continue;
      last.codec = codecs[chunk]!;
      last.encodings = encodings[chunk]!;
      const reason = foreignTo(footer.columns[last.index]!, last.codec, last.encodings);
      if (reason !== null) return { reader: 'parquet-wasm', reason };
    }
  }
  return NATIVE;
}

function readableColumns(footer: ParquetFooter): number[] {
  return [...footer.columns.keys()].filter((index) => footer.columns[index]!.type !== 'other');
}
