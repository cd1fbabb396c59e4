import type { SourceColumn } from '../parquet/reader.js';
import { type CellStyle, cellWriter } from './cell-text.js';
import type { FileColumn, OutputColumn } from './output-columns.js';
import type { RowFormat } from './row-format.js';
import { TextBytes } from './text-bytes.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** RFC 4180, with a line feed alone: no value is an empty cell, an empty text is "". */
const CSV: CellStyle = {
  empty: bytesOf(''),
  quote: bytesOf(''),
  text: (text) => bytesOf(csvText(text)),
  notFinite: String,
};

/** int64 and decimals are texts, as in all JSON of depthmill: most readers would round numbers. */
const JSONL: CellStyle = {
  empty: bytesOf('null'),
  quote: bytesOf('"'),
  text: (text) => bytesOf(JSON.stringify(text)),
  notFinite: (value) => `"${value}"`,
};

function csvText(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What stands around the cells of a row. */
interface Frame {
  readonly style: CellStyle;
  readonly header: string;
  /** In front of each cell. */
  readonly before: readonly Uint8Array[];
  readonly after: Uint8Array;
}

export function csvRows(columns: readonly OutputColumn[]): RowFormat {
  return new TextRows({
    style: CSV,
    header: `${columns.map(({ name }) => csvText(name)).join(',')}\n`,
    before: columns.map((_column, index) => bytesOf(index === 0 ? '' : ',')),
    after: bytesOf('\n'),
  });
}

export function jsonlRows(columns: readonly OutputColumn[]): RowFormat {
  return new TextRows({
    style: JSONL,
    header: '',
    before: columns.map(({ name }, index) =>
      bytesOf(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    ),
    after: bytesOf('}\n'),
  });
}

class TextRows implements RowFormat {
  readonly #frame: Frame;
  readonly #out = new TextBytes();

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  begin(): void {
    this.#out.text(this.#frame.header);
  }

  rows(
    fileColumns: readonly FileColumn[],
    columns: readonly SourceColumn[],
    rowStart: number,
    rowEnd: number,
  ): void {
    const out = this.#out;
    const { style, before, after } = this.#frame;
    const cells = fileColumns.map((column) => cellWriter(out, style, column, columns));
    for (let row = rowStart; row < rowEnd; row++) {
      for (let k = 0; k < cells.length; k++) {
        out.append(before[k]!);
        cells[k]!(row);
      }
      out.append(after);
    }
  }

  end(): void {
    // Neither format has anything there.
  }

  take(): Uint8Array[] {
    return this.#out.take();
  }
}
