import { UsageError } from '../errors/errors.js';
import type { SourceColumnInfo } from '../parquet/reader.js';
import type { StoredFile } from '../worker/stored-files.js';

/** Parts of a path that stand in front of a row, as every reader of Hive partitions shows them. */
const PARTITIONS = ['exchange', 'symbol', 'dt'] as const;
type Partition = (typeof PARTITIONS)[number];

/** A column of what is printed, over all files. */
export interface OutputColumn {
  readonly name: string;
  /** null: the column of the files; else the part of the path. */
  readonly partition: Partition | null;
  /** Name in the files; where it differs, integers are shown as decimals. */
  readonly source: string;
}

/** Where a file has the values of an output column. */
export type FileColumn =
  /** The same text in each row; null: no file says it. */
  | { readonly kind: 'constant'; readonly text: string | null }
  | {
      readonly kind: 'values';
      /** Index among the columns that are read. */
      readonly index: number;
      readonly info: SourceColumnInfo;
      /** Decimals of pips that are to be shown as decimals, else null. */
      readonly scale: number | null;
    };

/**
 * What is printed of these files: exchange, symbol and day, then their columns in the order in
 * which they first occur.
 *
 * @param names those that are asked for, in this order; null: all
 * @throws UsageError ERR_USAGE for a name that no file has
 */
export function outputColumns(
  files: readonly StoredFile[],
  asDecimals: boolean,
  names: readonly string[] | null,
): OutputColumn[] {
  const all = new Map<string, OutputColumn>();
  const ofFiles = new Set(files.flatMap(({ footer }) => footer.columns.map(({ name }) => name)));
  for (const partition of PARTITIONS) {
    if (ofFiles.has(partition) || files.every((file) => file[partition] === null)) continue;
    all.set(partition, { name: partition, partition, source: partition });
  }
  for (const source of ofFiles) {
    const name = asDecimals ? source.replace(/_pips$/, '') : source;
    all.set(name, { name, partition: null, source });
  }
  if (names === null) return [...all.values()];
  return names.map((name) => {
    const column = all.get(name);
    if (column !== undefined) return column;
    throw new UsageError(
      'ERR_USAGE',
      `--columns got '${name}'; expected names out of ${[...all.keys()].join(', ')}.`,
      { details: { option: '--columns', given: name } },
    );
  });
}

/** How a file fills the output columns, and the names of the columns to read for it. */
export function fileColumns(
  file: StoredFile,
  columns: readonly OutputColumn[],
): { readonly columns: readonly FileColumn[]; readonly read: string[] } {
  const read: string[] = [];
  const mapped = columns.map(({ name, partition, source }): FileColumn => {
    if (partition !== null) return { kind: 'constant', text: file[partition] };
    const info = file.footer.columns.find((candidate) => candidate.name === source);
    if (info === undefined) return { kind: 'constant', text: null };
    if (!read.includes(source)) read.push(source);
    const scale = name === source ? null : scaleOf(file, source);
    return { kind: 'values', index: read.indexOf(source), info, scale };
  });
  return { columns: mapped, read };
}

/** Decimals of a column of pips, as the file's metadata says. */
function scaleOf(file: StoredFile, source: string): number {
  const { metadata, path } = file;
  if (metadata === null) {
    const message = `${path} says no scale of ${source}; --numbers decimal takes depthmill's files.`;
    throw new UsageError('ERR_USAGE', message, { details: { path, column: source } });
  }
  return /(?:^|_)(?:qty|lot)_pips$/.test(source) ? metadata.qtyScale : metadata.priceScale;
}
