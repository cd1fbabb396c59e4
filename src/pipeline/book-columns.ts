import { SLOT_BYTES } from '../abi/limits.js';
import {
  type ColumnSpec,
  columnPlace,
  type TableLayout,
  tableLayout,
} from '../memory/column-layout.js';

export interface BookTableOptions {
  readonly hasSequence: boolean;
  /** Interval cadence: the column age_ns is there. */
  readonly hasAge: boolean;
  /** Levels a side. */
  readonly depth: number;
}

/** Columns of the `book` table: MODEL section 6. A level that does not exist is NULL. */
export function bookColumns(options: BookTableOptions): readonly ColumnSpec[] {
  const int64 = (name: string, nullable = false): ColumnSpec => ({ name, type: 'int64', nullable });
  const columns = [int64('ts_recv'), int64('ts_event')];
  if (options.hasSequence) columns.push(int64('sequence'));
  columns.push({ name: 'flags', type: 'int32', nullable: false });
  if (options.hasAge) columns.push(int64('age_ns'));
  for (const side of ['bid', 'ask']) {
    for (let level = 0; level < options.depth; level++) {
      columns.push(int64(`${side}_${level}_price_pips`, true));
      columns.push(int64(`${side}_${level}_qty_pips`, true));
    }
  }
  return columns;
}

export function bookLayout(options: BookTableOptions): TableLayout {
  return tableLayout(bookColumns(options), SLOT_BYTES);
}

/** Offsets in a slot of what bookApply writes; -1 for a column that is not there. */
export interface BookOffsets {
  readonly tsRecv: number;
  readonly tsEvent: number;
  readonly sequence: number;
  readonly flags: number;
  readonly age: number;
  readonly levels: number;
  readonly validity: number;
  /** From one level column to the next; the same for values and bitmaps. */
  readonly stride: number;
}

export function bookOffsets(layout: TableLayout): BookOffsets {
  const names = new Set(layout.columns.map(({ name }) => name));
  const offset = (name: string): number =>
    names.has(name) ? columnPlace(layout, name).valuesOffset : -1;
  const price = columnPlace(layout, 'bid_0_price_pips');
  return {
    tsRecv: offset('ts_recv'),
    tsEvent: offset('ts_event'),
    sequence: offset('sequence'),
    flags: offset('flags'),
    age: offset('age_ns'),
    levels: price.valuesOffset,
    validity: price.validityOffset,
    stride: columnPlace(layout, 'bid_0_qty_pips').valuesOffset - price.valuesOffset,
  };
}
