import { BOOK_LIVE, BOOK_SUSPECT, BOOK_UNSEEDED } from '../abi/book.js';
import { SLOT_BYTES } from '../abi/limits.js';
import type { Core } from '../core/core.js';
import {
  type ColumnSpec,
  columnPlace,
  type TableLayout,
  tableLayout,
} from '../memory/column-layout.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { WriteColumn } from '../parquet/write-types.js';
import { writeColumns } from './output-tables.js';
import type { EncodeTask, MemoryMap, Segment } from './protocol.js';

const STATES: readonly string[] = (() => {
  const states: string[] = [];
  states[BOOK_UNSEEDED] = 'unseeded';
  states[BOOK_LIVE] = 'live';
  states[BOOK_SUSPECT] = 'suspect';
  return states;
})();

/**
 * Columns of the `keyframes` table: MODEL section 6. A keyframe is a row for each of its levels, bids
 * from the best, then asks from the best; what describes the whole book is the same in all of them.
 * A bound that is NULL does not exist: that side is known whole.
 */
function keyframeColumns(hasSequence: boolean): readonly ColumnSpec[] {
  const int64 = (name: string, nullable = false): ColumnSpec => ({ name, type: 'int64', nullable });
  const int32 = (name: string): ColumnSpec => ({ name, type: 'int32', nullable: false });
  return [
    int32('keyframe'),
    int64('ts_recv'),
    int64('ts_event'),
    ...(hasSequence ? [int64('sequence')] : []),
    int32('state'),
    int64('known_bid_pips', true),
    int64('known_ask_pips', true),
    int32('part'),
    int64('row'),
    { name: 'is_bid', type: 'bool', nullable: false },
    int64('price_pips'),
    int64('qty_pips'),
    int32('digest'),
  ];
}

/** How keyframes lie in slots: `state` is a BOOK_…, `digest` the place in the day's list of them. */
export function keyframeLayout(hasSequence: boolean): TableLayout {
  return tableLayout(keyframeColumns(hasSequence), SLOT_BYTES);
}

/** How they are written; the texts of `digest` come with each row group (keyframeDigests). */
export function keyframeWriteColumns(layout: TableLayout): WriteColumn[] {
  return writeColumns(layout).map((column) => {
    if (column.name === 'state') return { ...column, type: 'string', dictionary: STATES };
    return column.name === 'digest' ? { ...column, type: 'string', dictionary: [] } : column;
  });
}

/** A task with the digests that its rows name, out of those of the day. */
export function withDigests<Task extends Pick<EncodeTask, 'segments'>>(
  task: Task,
  views: MemoryViews,
  layout: TableLayout,
  rows: Pick<MemoryMap['rows'], 'ptr' | 'slotBytes'>,
  ofDay: readonly string[],
): Task & Pick<EncodeTask, 'texts'> {
  const { segments } = task;
  const { valuesOffset } = columnPlace(layout, 'digest');
  const codeAt = ({ slot }: Segment, row: number): number =>
    views.i32[(rows.ptr + slot * rows.slotBytes + valuesOffset) / 4 + row]!;
  const first = codeAt(segments[0]!, segments[0]!.rowStart);
  const last = segments.at(-1)!;
  const texts = ofDay.slice(first, codeAt(last, last.rowEnd - 1) + 1);
  return { ...task, texts: { column: 'digest', first, texts } };
}

/**
 * Finds the first row in [rowStart, rowEnd) of a slot that ends a keyframe, or -1: there row groups
 * are cut. Slots are handed over by whole keyframes, so where rows end before the slot does, one
 * ends too; of the last row of a full slot that is not known, and the cut comes later.
 */
export function keyframeEnds(
  {
    core,
    rows,
  }: { readonly core: Core; readonly rows: Pick<MemoryMap['rows'], 'ptr' | 'slotBytes'> },
  layout: TableLayout,
): (slot: number, rowStart: number, rowEnd: number) => number {
  const { valuesOffset } = columnPlace(layout, 'keyframe');
  return (slot, rowStart, rowEnd) => {
    const base = (rows.ptr + slot * rows.slotBytes + valuesOffset) / 4;
    const numbers = core.views.i32;
    for (let row = rowStart; row < rowEnd - 1; row++) {
      if (numbers[base + row] !== numbers[base + row + 1]) return row;
    }
    return rowEnd < layout.rowCapacity ? rowEnd - 1 : -1;
  };
}
