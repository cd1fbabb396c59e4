import { rowCountOf } from '../../parquet/footer-chunks.js';
import type { RowSlice } from '../../parquet/row-slice.js';
import { columnIndexOf } from '../../parquet/wanted-columns.js';
import { findStoredFiles, type StoredFile } from '../../worker/stored-files.js';
import { type RowRun, StoredReader } from '../../worker/stored-reader.js';
import { textOf, textsOf } from '../arguments.js';
import { arrowRows } from '../arrow-rows.js';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { INPUT_OPTIONS, inputOptionsOf, textOption } from '../options.js';
import { fileColumns, type OutputColumn, outputColumns } from '../output-columns.js';
import { parseWord } from '../parse.js';
import type { RowFormat } from '../row-format.js';
import { type RowSpan, TimeFilter } from '../row-spans.js';
import { printBytes } from '../stdout-bytes.js';
import { csvRows, jsonlRows } from '../text-rows.js';

const FORMATS = ['csv', 'jsonl', 'arrow'] as const;
const NUMBERS = ['pips', 'decimal'] as const;

export const catCommand: Command = {
  name: 'cat',
  describe: 'Print the rows of a table of an output folder, or of a Parquet file',
  positional: {
    name: 'out',
    describe: 'An output folder, a Parquet file, or a quoted glob',
    many: false,
  },
  options: {
    table: textOption(
      'Table to print: depth, book, trades and so on (default: the only one there is)',
    ),
    format: textOption(`${FORMATS.join(', ')} (default: csv; jsonl: int64 as decimal strings)`),
    columns: textOption('Columns to print, with commas (default: all)'),
    numbers: textOption(`Prices and quantities as ${NUMBERS.join(' or ')} (default: pips)`),
    exchange: INPUT_OPTIONS.exchange,
    symbol: INPUT_OPTIONS.symbol,
    from: INPUT_OPTIONS.from,
    to: INPUT_OPTIONS.to,
    limit: textOption('At most so many rows in all'),
  },
  examples: [
    ['cat out --table depth --limit 10', 'The first rows, as CSV'],
    ['cat out --table trades --symbol BTC-USDT --numbers decimal', 'Prices as decimals'],
    ['cat out --table gaps --format jsonl', 'A JSON object a line'],
    ["cat 'out/depth/**/*.parquet' --format arrow > depth.arrows", 'An Arrow IPC stream'],
  ],
  async execute(args) {
    const { selection } = inputOptionsOf(args);
    const table = textOf(args, 'table');
    const numbers = textOf(args, 'numbers');
    const names = textsOf(args, 'columns').flatMap((text) => text.split(','));
    const input = textOf(args, 'out') ?? '';
    const format = parseWord(textOf(args, 'format') ?? 'csv', '--format', FORMATS);
    const asDecimals = numbers !== null && parseWord(numbers, '--numbers', NUMBERS) === 'decimal';
    const reader = new StoredReader();
    const files = await findStoredFiles({ input, table, selection }, reader.footerTools);
    const columns = outputColumns(files, asDecimals, names.length === 0 ? null : names);
    refuseUnreadable(files, columns);
    const rows = await openFormat(format, files, columns);
    await printRows(reader, files, columns, rows, new TimeFilter(selection));
    return EXIT.done;
  },
};

/** Says what cannot be read before anything is printed. @throws as columnIndexOf */
function refuseUnreadable(files: readonly StoredFile[], columns: readonly OutputColumn[]): void {
  for (const file of files) {
    for (const name of fileColumns(file, columns).read) columnIndexOf(file.footer, name);
  }
}

async function openFormat(
  format: (typeof FORMATS)[number],
  files: readonly StoredFile[],
  columns: readonly OutputColumn[],
): Promise<RowFormat> {
  if (format === 'csv') return csvRows(columns);
  if (format === 'jsonl') return jsonlRows(columns);
  const arrow = await import('apache-arrow');
  const mapped = files.map((file) => fileColumns(file, columns).columns);
  return arrowRows(arrow, files, columns, mapped);
}

/** Rows that are read and printed at once. */
const SLICE_ROWS = 1_048_576;

/**
 * One row group after the other, and large ones in slices, so that memory stays the same however
 * long the table is.
 */
async function printRows(
  reader: StoredReader,
  files: readonly StoredFile[],
  columns: readonly OutputColumn[],
  format: RowFormat,
  filter: TimeFilter,
): Promise<void> {
  try {
    format.begin();
    await printBytes(format.take());
    for (const file of files) {
      const { columns: mapped, read } = fileColumns(file, columns);
      const time = filter.columnOf(file);
      // Of a file that has none of the columns the rows still count.
      const anyColumn = file.footer.columns.find(({ type }) => type !== 'other')?.name;
      const names = read.length > 0 ? read : anyColumn === undefined ? [] : [anyColumn];
      if (time !== null && !names.includes(time)) names.push(time);
      if (names.length === 0) continue;
      const onRun = (run: RowRun): boolean => {
        const spans: readonly RowSpan[] = filter.spansOf(run, time);
        for (const { start, end } of spans) format.rows(mapped, run.columns, start, end);
        return !filter.isDone;
      };
      for (const { rowGroup, slice } of slicesOf(file, filter.rowGroupsOf(file, time))) {
        const goesOn = await reader.read(file, rowGroup, names, onRun, slice);
        await printBytes(format.take());
        if (!goesOn) break;
      }
      if (filter.isDone) break;
    }
    format.end();
    await printBytes(format.take());
  } finally {
    await reader.close();
  }
}

function* slicesOf(
  { footer }: StoredFile,
  rowGroups: readonly number[],
): Generator<{ rowGroup: number; slice: RowSlice | null }> {
  for (const rowGroup of rowGroups) {
    const rowCount = rowCountOf(footer, rowGroup);
    if (rowCount <= SLICE_ROWS) yield { rowGroup, slice: null };
    else {
      for (let start = 0; start < rowCount; start += SLICE_ROWS) {
        yield { rowGroup, slice: { start, rowCount: Math.min(SLICE_ROWS, rowCount - start) } };
      }
    }
  }
}
