import { PAGE_ROWS, ROW_GROUP_ROWS, SLOT_BYTES } from '../abi/limits.js';
import { witnessLevelCount } from '../dialects/decode-witness.js';
import { depthLayout, tradesLayout, witnessLayout } from '../dialects/tables.js';
import {
  type InputTable,
  type InstrumentDay,
  type PlannedFile,
  rowGroupsOf,
} from '../dialects/types.js';
import { rowGroupBytesMax } from '../parquet/encode-row-group.js';
import { bookRowsLayout, bookRowsOf } from './book-rows.js';
import { planUnits, slotsOfUnit, type UnitSizes, witnessSizes } from './chunk-feeder.js';
import { AHEAD_UNITS } from './instrument-job.js';
import { keyframeLayout, keyframeWriteColumns } from './keyframe-columns.js';
import type { BookCadence } from './options.js';
import { type RowTable, writeColumns } from './output-tables.js';
import { slotsOfOpenGroup } from './slot-gather.js';
import { WITNESS_TABLES, type WitnessTable } from './witness-specs.js';

/**
 * Rows of a unit of decoding unless --batch-rows says otherwise: some milliseconds of work, so that
 * what a unit costs between the threads does not count. The small one is for little memory.
 */
export const UNIT_ROWS = 131_072;
export const UNIT_ROWS_SMALL = 65_536;
/**
 * Row groups that the memory does not hold whole are decoded in slices, the largest that fit: for
 * each one the pages in front of it are gone over again.
 */
export const SLICE_ROWS_MAX = 1_048_576;
export const SLICE_ROWS_MIN = UNIT_ROWS_SMALL;

/** Units that a book holds: the one in work, the one behind it, and one that is on its way. */
const BOOKED_UNITS = 3;

/** More units than this that fill less than half a slot make a table's rows sparse. */
const SHORT_UNITS_MAX = 4;

export interface SlotNeeds {
  /** Slots for rows that one job must be able to hold at once. */
  readonly rowSlots: number;
  /** Slots for the encoded pages of its largest ordinary row group. */
  readonly encodedSlots: number;
}

export interface NeedsOptions extends UnitSizes {
  readonly tables: ReadonlySet<RowTable>;
  readonly bookDepth: number;
  readonly bookEvery: BookCadence;
}

/** What a day needs of the slot pools to go on whatever the other days hold. */
export function slotNeeds(day: InstrumentDay, options: NeedsOptions): SlotNeeds {
  const largestUnit = (table: InputTable, rowCapacity: number, sizes: UnitSizes): number =>
    planUnits(day.files[table], sizes).reduce(
      (most, unit) => Math.max(most, slotsOfUnit(unit, rowCapacity)),
      0,
    );
  const witness = (table: WitnessTable): number => {
    const levelCount = witnessLevelCount(day.files[table]);
    if (levelCount === 0) return 0;
    const { rowCapacity } = witnessLayout(levelCount);
    return 2 * largestUnit(table, rowCapacity, witnessSizes(rowCapacity, options));
  };
  const openGroup = (table: 'depth' | 'trades'): number =>
    slotsOfOpenGroup(PAGE_ROWS, isSparse(day.files[table], options));
  const { tables } = options;
  const written = [depthLayout(day.ids), tradesLayout()].map(writeColumns);
  let rowSlots =
    (AHEAD_UNITS + BOOKED_UNITS) * largestUnit('depth', PAGE_ROWS, options) +
    2 * largestUnit('snapshots', PAGE_ROWS, options) +
    2 * largestUnit('trades', PAGE_ROWS, options) +
    WITNESS_TABLES.reduce((sum, table) => sum + witness(table), 0) +
    2;
  if (tables.has('depth')) rowSlots += openGroup('depth');
  if (tables.has('trades')) rowSlots += openGroup('trades');
  const bookRows = bookRowsOf(day, options);
  if (bookRows.depth > 0) {
    const layout = bookRowsLayout(day, bookRows);
    if (tables.has('book')) written.push(writeColumns(layout));
    rowSlots += slotsOfOpenGroup(layout.rowCapacity, false);
  }
  if (tables.has('keyframes')) {
    const layout = keyframeLayout(day.ids.sequence);
    written.push(keyframeWriteColumns(layout));
    rowSlots += slotsOfOpenGroup(layout.rowCapacity, false);
  }
  const encodedSlots = written.reduce((most, columns) => {
    const bytes = rowGroupBytesMax(columns, ROW_GROUP_ROWS + PAGE_ROWS, 'zstd');
    return Math.max(most, Math.ceil(bytes / SLOT_BYTES) + 1);
  }, 1);
  return { rowSlots, encodedSlots };
}

/** Whether rows of a table may lie far apart: of many short files, or among others' rows. */
function isSparse(files: readonly PlannedFile[], sizes: UnitSizes): boolean {
  const shortUnits = planUnits(files, sizes).filter(({ rowCount }) => rowCount < PAGE_ROWS / 2);
  return shortUnits.length > SHORT_UNITS_MAX || files.some(({ rowFilter }) => rowFilter !== null);
}

/** Rows that are read of a day's files, for progress. */
export function rowsOfDay(day: InstrumentDay): { rows: number; bytes: number } {
  const files: readonly PlannedFile[] = Object.values(day.files).flat();
  let rows = 0;
  let bytes = 0;
  for (const file of files) {
    const { rowGroupRows, rowGroupBytes } = rowGroupsOf(file);
    for (const index of file.rowGroupIndexes) {
      rows += rowGroupRows[index]!;
      bytes += rowGroupBytes[index]!;
    }
  }
  return { rows, bytes };
}
