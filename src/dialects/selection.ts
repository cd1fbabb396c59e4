import { HAS_MAX, HAS_MIN } from '../parquet/footer-chunks.js';
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
 * The row groups among `indexes` that can hold rows received in [from, to). Statistics decide
 * where the file has them; a group with missing stamps is kept, because those rows take the other
 * stamp.
 */
export function selectRowGroups(
  selection: Selection,
  file: RecognisedFile,
  indexes: readonly number[],
): readonly number[] {
  const { columns, rowGroupRows, chunks } = file.footer;
  const filled = indexes.filter((index) => rowGroupRows[index]! > 0);
  const { fromNs, toNs } = selection;
  const mapping = file.rows ?? file.levels;
  const field = mapping?.tsRecv ?? mapping?.tsEvent ?? null;
  if (field === null || field.unitNs === null || (fromNs === null && toNs === null)) return filled;
  const at = columns.findIndex((info) => info.name === field.column);
  const type = columns[at]?.type;
  if (type !== 'int32' && type !== 'int64') return filled;
  const unitNs = BigInt(field.unitNs);
  return filled.filter((index) => {
    const chunk = index * columns.length + at;
    const hasBoth = chunks.statistics[chunk] === (HAS_MIN | HAS_MAX);
    if (!hasBoth || chunks.nullCounts[chunk] !== 0) return true;
    const min = chunks.minIntegers[chunk]!;
    if (min <= 0n) return true;
    const isAfter = toNs !== null && min * unitNs >= toNs;
    const isBefore = fromNs !== null && chunks.maxIntegers[chunk]! * unitNs < fromNs;
    return !isAfter && !isBefore;
  });
}
