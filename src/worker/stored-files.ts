import { stat } from 'node:fs/promises';
import { parseHivePath } from '../dialects/hive-path.js';
import { type FileMetadata, readMetadata } from '../dialects/metadata.js';
import type { Selection } from '../dialects/options.js';
import { selectsInstrument } from '../dialects/selection.js';
import { InputError, UsageError } from '../errors/errors.js';
import { discoverInputs } from '../io/file-discover.js';
import { openFileSource } from '../io/file-source.js';
import { readFooter } from '../parquet/footer.js';
import type { FooterTools } from '../parquet/footer-kernel.js';
import type { ParquetFooter } from '../parquet/reader.js';
import { noRejects } from './no-rejects.js';

/** A file of a table as it lies on disk, with what its metadata and its path say of it. */
export interface StoredFile {
  readonly path: string;
  readonly footer: ParquetFooter;
  /** null: depthmill did not write it. */
  readonly metadata: FileMetadata | null;
  readonly exchange: string | null;
  readonly symbol: string | null;
  readonly dt: string | null;
}

export interface StoredTableRequest {
  /** An output folder, a folder of one table, a Parquet file, or a pattern. */
  readonly input: string;
  /** null: the only one that there is. */
  readonly table: string | null;
  readonly selection: Pick<Selection, 'exchanges' | 'symbols'>;
}

/**
 * The files of one table in the order of their rows: exchange, symbol, day and part, as the paths
 * of an output folder sort. The table `rejects` of an output that
 * refused no row is one file without rows, which is not there.
 *
 * @throws InputError ERR_INPUT_NOT_FOUND, ERR_INPUT_EMPTY; ERR_INPUT_NO_MATCH when there is no such
 *   table or no such instrument; ERR_INPUT_SCHEMA for metadata that no version wrote; ParquetError
 * @throws UsageError ERR_USAGE when several tables are there and none is named
 */
export async function findStoredFiles(
  request: StoredTableRequest,
  tools: FooterTools | null = null,
): Promise<StoredFile[]> {
  const { input, table, selection } = request;
  const below = table === null ? null : `${input.replace(/\/+$/, '')}/${table}`;
  const chosen = { ...NO_SELECTION, ...selection };
  const none = table === 'rejects' ? await noRejects(input, chosen) : null;
  const isBelow = below !== null && (await isFolder(below));
  if (none !== null && !isBelow) return [none];
  const found = await discoverInputs([isBelow ? below : input]);
  const files: StoredFile[] = [];
  for (const { path } of found) files.push(await openStored(path, tools));
  const wanted = filesOfTable(input, table, files);
  const selected = wanted.filter(({ exchange, symbol }) =>
    selectsInstrument(chosen, exchange ?? '', symbol ?? ''),
  );
  if (selected.length > 0) return selected;
  if (none !== null) return [none];
  const names = new Set(wanted.map(({ exchange, symbol }) => `${exchange} ${symbol}`));
  throw new InputError(
    'ERR_INPUT_NO_MATCH',
    `No instrument of ${input} is selected by --exchange and --symbol; it holds ${listed(names)}.`,
    { details: { input, instruments: [...names].slice(0, NAMES_MAX) } },
  );
}

const NO_SELECTION: Selection = {
  exchanges: [],
  symbols: [],
  fromNs: null,
  toNs: null,
  limit: null,
};
/** Names that a message lists, at most. */
const NAMES_MAX = 12;

/** Reads the footer of a file, and what it says of itself. @param tools kernels, which are faster */
export async function openStored(
  path: string,
  tools: FooterTools | null = null,
): Promise<StoredFile> {
  const source = await openFileSource(path);
  try {
    const footer = await readFooter(source, tools);
    const metadata = readMetadata(path, footer.keyValue);
    const hive = parseHivePath(path);
    return {
      path,
      footer,
      metadata,
      exchange: metadata?.exchange ?? hive.exchange,
      symbol: metadata?.symbol ?? hive.symbol,
      dt: metadata?.dt ?? hive.dt,
    };
  } finally {
    await source.close();
  }
}

function filesOfTable(
  input: string,
  table: string | null,
  files: readonly StoredFile[],
): readonly StoredFile[] {
  const tables = new Set(files.map(({ metadata }) => metadata?.table ?? ''));
  if (table === null) {
    if (tables.size === 1) return files;
    throw new UsageError(
      'ERR_USAGE',
      `${input} holds the tables ${listed(tables)}; name one with --table.`,
      { details: { input, tables: [...tables] } },
    );
  }
  const wanted = files.filter(({ metadata }) => metadata?.table === table);
  if (wanted.length > 0) return wanted;
  throw new InputError(
    'ERR_INPUT_NO_MATCH',
    `${input} holds no table ${table}; found ${listed(tables)}.`,
    { details: { input, table, tables: [...tables] } },
  );
}

function listed(names: ReadonlySet<string>): string {
  const shown = [...names]
    .slice(0, NAMES_MAX)
    .map((name) => name || "files that are not depthmill's");
  const more = names.size - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Whatever is wrong with it, discoverInputs says so of the input itself.
    return false;
  }
}
