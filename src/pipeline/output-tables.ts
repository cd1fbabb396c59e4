import type { Scales } from '../dialects/types.js';
import type { TableLayout } from '../memory/column-layout.js';
import type { WriteColumn } from '../parquet/write-types.js';

/** Output tables whose rows come out of slots. */
export type RowTable = 'depth' | 'book' | 'trades' | 'keyframes';

/** How the rows of an output table lie in their slots, and how they are written. */
export interface OutputTable {
  readonly layout: TableLayout;
  readonly columns: readonly WriteColumn[];
  /** Of the pips among them, which a format may want to be plain. */
  readonly scales: Scales;
}

/** Columns that carry statistics and a page index: seeking by time, id or place is fast then. */
const SEEKABLE = new Set(['ts_recv', 'ts_event', 'sequence', 'keyframe', 'part', 'row']);

/** How the columns of a slot are written: types as they are, the encoding chosen from the data. */
export function writeColumns(layout: TableLayout): WriteColumn[] {
  return layout.columns.map(({ name, type, nullable }) => ({
    name,
    type,
    nullable,
    encoding: 'auto',
    statistics: SEEKABLE.has(name),
  }));
}
