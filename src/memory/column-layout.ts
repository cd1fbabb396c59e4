import { COLUMN_ALIGN, PAGE_ROWS, SLOT_BYTES } from '../abi/limits.js';
import { invariant } from '../errors/errors.js';

/** Fixed-width column types. `bool` is one bit a row, least significant first, as in Arrow. */
export type ColumnType = 'int64' | 'int32' | 'double' | 'bool';

export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  /** A nullable column has a validity bitmap (bit set: the value is there). */
  readonly nullable: boolean;
}

export interface ColumnPlace extends ColumnSpec {
  /** Byte offset of the values from the start of the slot; a multiple of COLUMN_ALIGN. */
  readonly valuesOffset: number;
  /** Byte offset of the validity bitmap, or -1 for a column that is not nullable. */
  readonly validityOffset: number;
}

/** How the columns of one table lie in a slot. The same in every slot of that table. */
export interface TableLayout {
  readonly columns: readonly ColumnPlace[];
  /** Rows that a slot holds: a multiple of 64, at most PAGE_ROWS. */
  readonly rowCapacity: number;
  readonly byteLength: number;
}

/**
 * Between columns: without it the columns of a full page would lie a power of two apart, and the
 * same row of each in the same set of the L1 cache (twice as slow where many columns are written).
 */
export const COLUMN_SKEW_BYTES = COLUMN_ALIGN;

const padded = (bytes: number): number => Math.ceil(bytes / COLUMN_ALIGN) * COLUMN_ALIGN;

/** Bytes of `rowCount` values of a type, without padding. */
export function valuesBytes(type: ColumnType, rowCount: number): number {
  if (type === 'bool') return Math.ceil(rowCount / 8);
  return rowCount * (type === 'int32' ? 4 : 8);
}

function place(specs: readonly ColumnSpec[], rowCapacity: number): TableLayout {
  let offset = 0;
  const take = (bytes: number): number => {
    const at = offset;
    offset += padded(bytes) + COLUMN_SKEW_BYTES;
    return at;
  };
  const columns = specs.map((spec) => ({
    ...spec,
    valuesOffset: take(valuesBytes(spec.type, rowCapacity)),
    validityOffset: spec.nullable ? take(valuesBytes('bool', rowCapacity)) : -1,
  }));
  return { columns, rowCapacity, byteLength: offset };
}

/** Lays `specs` out for the most rows (a multiple of 64, at most PAGE_ROWS) that fit `slotBytes`. */
export function tableLayout(specs: readonly ColumnSpec[], slotBytes = SLOT_BYTES): TableLayout {
  for (let rowCapacity = PAGE_ROWS; rowCapacity >= 64; ) {
    const layout = place(specs, rowCapacity);
    if (layout.byteLength <= slotBytes) return layout;
    const scaled = Math.floor((rowCapacity * slotBytes) / layout.byteLength / 64) * 64;
    rowCapacity = Math.min(rowCapacity - 64, scaled);
  }
  throw new Error(`A row of ${specs.length} columns does not fit a slot of ${slotBytes} bytes.`);
}

/** The place of a column by its name; a name that is not there is a bug of the caller. */
export function columnPlace(layout: TableLayout, name: string): ColumnPlace {
  const column = layout.columns.find((candidate) => candidate.name === name);
  invariant(column !== undefined, `no column ${name} in this layout`);
  return column;
}
