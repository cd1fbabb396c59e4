import type { RowGroupInfo } from '../parquet/reader.js';
import type { Selection } from './options.js';
import type { RecognisedFile } from './types.js';

/** Matches the whole of `text`; `*` stands for any run of characters, all else for itself. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 'su').test(text);
}

/** Whether `--exchange` and `--symbol` take this instrument. */
export function selectsInstrument(selection: Selection, exchange: string, symbol: string): boolean {
  const any = (patterns: readonly string[], text: string): boolean =>
    patterns.length === 0 || patterns.some((pattern) => matchesPattern(pattern, text));
  return any(selection.exchanges, exchange) && any(selection.symbols, symbol);
}

/**
 * Whether a row group can hold rows received in [from, to). Statistics decide where the file has
 * them; a group with missing stamps is kept, because those rows take the other stamp.
 */
export function selectsRowGroup(
  selection: Selection,
  file: RecognisedFile,
  group: RowGroupInfo,
): boolean {
  if (group.rowCount === 0) return false;
  const { fromNs, toNs } = selection;
  const mapping = file.rows ?? file.levels;
  const field = mapping?.tsRecv ?? mapping?.tsEvent ?? null;
  if (field === null || field.unitNs === null || (fromNs === null && toNs === null)) return true;
  const at = file.footer.columns.findIndex((info) => info.name === field.column);
  const statistics = group.chunks[at]?.statistics;
  if (statistics === undefined || statistics.nullCount !== 0) return true;
  const { min, max } = statistics;
  if (typeof min !== 'bigint' || typeof max !== 'bigint' || min <= 0n) return true;
  const unitNs = BigInt(field.unitNs);
  const isAfter = toNs !== null && min * unitNs >= toNs;
  const isBefore = fromNs !== null && max * unitNs < fromNs;
  return !isAfter && !isBefore;
}
