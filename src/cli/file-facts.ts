import { recogniseFile } from '../dialects/registry.js';
import { unitOfDigits } from '../dialects/time-units.js';
import type { RecognisedFile, TimeField } from '../dialects/types.js';
import { PipelineError, UsageError } from '../errors/errors.js';
import { type ColumnStatistics, statisticsOf } from '../parquet/footer-chunks.js';
import { type ReadPath, readPathOf } from '../parquet/read-path.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { textFactsOf } from '../text/text-footer.js';

/** One column over all row groups. */
export interface ColumnFacts {
  readonly name: string;
  readonly declared: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly codecs: readonly string[];
  readonly encodings: readonly string[];
  readonly bytes: number;
  /** null where a row group has no statistics. */
  readonly min: bigint | number | null;
  readonly max: bigint | number | null;
  readonly nulls: number | null;
}

/** What `inspect` says of a file: all of it from the footer, none of it from rows. */
export interface FileFacts {
  readonly schema: 'depthmill-inspect/1';
  readonly path: string;
  readonly bytes: number;
  readonly created_by: string | null;
  readonly rows: number;
  /** null: no dialect takes the file; `unrecognised` says why. */
  readonly recognised: {
    readonly dialect: string;
    readonly table: string;
    readonly exchange: string | null;
    readonly symbol: string | null;
    readonly dt: string | null;
    readonly policy: string;
    readonly message_key: string;
  } | null;
  readonly unrecognised: string | null;
  /** From the statistics of the receive time, else of the event time; null without them. */
  readonly time: { readonly column: string; readonly from: bigint; readonly to: bigint } | null;
  readonly read_path: ReadPath;
  readonly columns: readonly ColumnFacts[];
  /** null for a file without row groups. */
  readonly row_group_rows: {
    readonly min: number;
    readonly median: number;
    readonly max: number;
  } | null;
  readonly row_groups: readonly { readonly rows: number; readonly bytes: number }[];
  readonly key_value: Readonly<Record<string, string>>;
}

/** How the file is to be understood, as far as the command line says. */
type Hints = Parameters<typeof recogniseFile>[1];

/** @throws UsageError ERR_USAGE_MAP */
export function fileFacts(path: string, read: ParquetFooter, hints: Hints): FileFacts {
  // Of a capture's tables the first one that has rows is shown.
  const footer = textFactsOf(read)?.streams?.[0] ?? read;
  const found = recognise(path, read, hints);
  const file = typeof found === 'string' ? null : found;
  return {
    schema: 'depthmill-inspect/1',
    path,
    bytes: footer.byteLength,
    created_by: footer.createdBy,
    rows: footer.rowCount,
    recognised: file && {
      dialect: file.dialect,
      table: file.table,
      exchange: file.exchange,
      symbol: file.symbol,
      dt: file.dt,
      policy: file.policy,
      message_key: file.messageKey,
    },
    unrecognised: typeof found === 'string' ? found : null,
    time: file && timeSpan(file),
    read_path: pathOf(footer),
    columns: footer.columns.map((_column, index) => columnFacts(footer, index)),
    row_group_rows: rowGroupSizes(footer),
    row_groups: Array.from(footer.rowGroupRows, (rows, index) => ({
      rows,
      bytes: footer.rowGroupBytes[index]!,
    })),
    key_value: Object.fromEntries(footer.keyValue),
  };
}

function pathOf(footer: ParquetFooter): ReadPath {
  const facts = textFactsOf(footer);
  if (facts === null) return readPathOf(footer);
  const lines = 'stream' in facts.lines ? 'messages' : 'delimited text';
  const order = facts.isGzip ? 'gzip, read forward' : 'read at any block of lines';
  return { reader: 'text-kernels', reason: `${lines}, ${order}` };
}

/** The file as a dialect knows it, or why none takes it: `inspect` shows such files too. */
function recognise(path: string, footer: ParquetFooter, hints: Hints): RecognisedFile | string {
  try {
    // A file of several tables is shown by its first one.
    const [found] = recogniseFile({ path, mtimeNs: 0n, footer }, hints);
    return found!.kind === 'file' ? found!.file : found!.skipped.reason;
  } catch (error) {
    if (error instanceof PipelineError && !(error instanceof UsageError)) return error.message;
    throw error;
  }
}

function rowGroupSizes(footer: ParquetFooter): FileFacts['row_group_rows'] {
  const sorted = footer.rowGroupRows.slice().sort();
  const [min, median, max] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  if (min === undefined || median === undefined || max === undefined) return null;
  return { min, median, max };
}

function timeSpan(file: RecognisedFile): FileFacts['time'] {
  const mapping = file.rows ?? file.levels;
  for (const field of [mapping?.tsRecv ?? null, mapping?.tsEvent ?? null]) {
    const span = field === null ? null : timeSpanOf(field, file.footer);
    if (span !== null) return span;
  }
  return null;
}

function timeSpanOf(field: TimeField, footer: ParquetFooter): FileFacts['time'] {
  const index = footer.columns.findIndex((column) => column.name === field.column);
  if (index < 0) return null;
  const { min, max } = columnFacts(footer, index);
  if (typeof min !== 'bigint' || typeof max !== 'bigint') return null;
  const unitNs = field.unitNs ?? unitOfDigits(max);
  if (unitNs === null) return null;
  return { column: field.column, from: min * BigInt(unitNs), to: max * BigInt(unitNs) };
}

function columnFacts(footer: ParquetFooter, index: number): ColumnFacts {
  const { name, declared, type, nullable } = footer.columns[index]!;
  const { codecs, encodings } = footer.storage[index]!;
  const statistics: ColumnStatistics[] = [];
  let bytes = 0;
  for (let group = 0; group < footer.rowGroupRows.length; group++) {
    statistics.push(statisticsOf(footer, group, index));
    bytes += footer.chunks.byteLengths[group * footer.columns.length + index]!;
  }
  return {
    name,
    declared,
    type,
    nullable,
    codecs,
    encodings,
    bytes,
    min: extreme(statistics, 'min', (a, b) => a < b),
    max: extreme(statistics, 'max', (a, b) => a > b),
    nulls: statistics.reduce<number | null>(
      (sum, { nullCount }) => (sum === null || nullCount === null ? null : sum + nullCount),
      0,
    ),
  };
}

/** The extreme of all row groups; null as soon as one of them does not say its own. */
function extreme(
  statistics: readonly ColumnStatistics[],
  end: 'min' | 'max',
  isBetter: (a: bigint | number, b: bigint | number) => boolean,
): bigint | number | null {
  let best: bigint | number | null = null;
  for (const { [end]: value } of statistics) {
    if (value === null) return null;
    if (best === null || isBetter(value, best)) best = value;
  }
  return best;
}
