import type { Core } from '../core/core.js';
import type { SourceColumn } from '../parquet/reader.js';
import { EXCHANGE_UNKNOWN } from './instrument.js';
import type { Selection } from './options.js';
import { SYMBOL_NULL } from './probe.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun } from './scale-column.js';
import { isPresent } from './source-values.js';
import type { RowFilter } from './types.js';

/**
 * Leaves out the rows of other instruments. Rows that name none belong to the instrument
 * `unknown`, where they are refused.
 */
export function selectRowsOf(
  rowFilter: RowFilter | null,
  names: { readonly exchange: string | null; readonly symbol: string | null },
  columns: ReadonlyMap<string, SourceColumn>,
  run: RowRun,
  problems: RowProblems,
): void {
  if (rowFilter === null) return;
  const wishes = [
    { wanted: rowFilter.exchange, name: names.exchange, ofNull: EXCHANGE_UNKNOWN },
    { wanted: rowFilter.symbol, name: names.symbol, ofNull: SYMBOL_NULL },
  ].flatMap(({ wanted, name, ofNull }) =>
    wanted === null || name === null
      ? []
      : [{ wanted, isOfNull: wanted === ofNull, column: columns.get(name)! }],
  );
  for (const { wanted, isOfNull, column } of wishes) {
    const isWanted = textMatcher(column, wanted);
    for (let row = 0; row < run.count; row++) {
      const at = run.start + row;
      if (!(isPresent(column, at) ? isWanted(at) : isOfNull)) problems.deselect(row);
    }
  }
  for (const { column } of wishes) refuseNulls(column, run, problems);
}

/** Leaves out the rows with a ts_recv outside of [from, to); rows refused before stay refused. */
export function selectRowsWithin(
  core: Core,
  { fromNs, toNs }: Pick<Selection, 'fromNs' | 'toNs'>,
  tsRecvPtr: number,
  rowCount: number,
  problems: RowProblems,
): void {
  if (fromNs === null && toNs === null) return;
  const stamps = core.views.i64;
  const base = tsRecvPtr >>> 3;
  for (let row = 0; row < rowCount; row++) {
    const stamp = stamps[base + row]!;
    const isTaken = (fromNs === null || stamp >= fromNs) && (toNs === null || stamp < toNs);
    if (!isTaken) problems.deselect(row);
  }
}

/** Refuses the rows of a run in which a needed column has no value. */
export function refuseNulls(column: SourceColumn, run: RowRun, problems: RowProblems): void {
  if (column.nullCount === 0) return;
  for (let row = 0; row < run.count; row++) {
    if (!isPresent(column, run.start + row)) refuseNull(column, run.start + row, row, problems);
  }
}

/**
 * Refuses a row that has no value in a column which needs one, for what stands there instead.
 * @param sourceRow the row in the column; `row` is the same in the run
 */
export function refuseNull(
  column: SourceColumn,
  sourceRow: number,
  row: number,
  problems: RowProblems,
): void {
  const invalid = column.invalidAt?.(sourceRow) ?? null;
  const { name } = column.info;
  if (invalid === null) problems.reject(row, 'ERR_ROW_NULL', name);
  else {
    const reason = invalid.isLine ? 'ERR_ROW_FIELDS' : 'ERR_ROW_NOT_NUMBER';
    problems.reject(row, reason, name, invalid.text);
  }
}

/** Compares texts by their bytes. */
function textMatcher(column: SourceColumn, wanted: string): (row: number) => boolean {
  const bytes = new TextEncoder().encode(wanted);
  const { values } = column;
  const offsets = column.offsets!;
  return (row) => {
    const start = offsets[row]!;
    if (offsets[row + 1]! - start !== bytes.length) return false;
    for (let at = 0; at < bytes.length; at++) if (values[start + at] !== bytes[at]) return false;
    return true;
  };
}
