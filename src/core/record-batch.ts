import {
  Bool,
  type Data,
  type DataType,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import type { ColumnPlace, TableLayout } from '../memory/column-layout.js';
import type { MemoryViews } from '../memory/shared-memory.js';

function typeOf(column: ColumnPlace): DataType {
  if (column.type === 'int64') return new Int64();
  if (column.type === 'int32') return new Int32();
  return column.type === 'double' ? new Float64() : new Bool();
}

/** A column of texts, which are not in the slots. */
export interface TextColumn {
  readonly name: string;
  /** A text a row, or more; null: none. */
  readonly texts: readonly (string | null)[];
}

/** Arrow's schema of a table's slots; the column `textName`, if there is one, is of texts. */
export function arrowSchema(
  layout: TableLayout,
  metadata: ReadonlyMap<string, string>,
  textName: string | null = null,
): Schema {
  const fields = layout.columns.map((column) => {
    const type = column.name === textName ? new Utf8() : typeOf(column);
    return new Field(column.name, type, column.nullable);
  });
  return new Schema(fields, new Map(metadata));
}

/**
 * Shows the first `rowCount` rows of a slot as a RecordBatch. No byte is copied: the batch is as
 * good as the slot is, and what is written to the slot later shows in it; but not in its texts.
 */
export function slotBatch(
  views: MemoryViews,
  schema: Schema,
  layout: TableLayout,
  slotPtr: number,
  rowCount: number,
  texts: TextColumn | null = null,
): RecordBatch {
  const children = layout.columns.map((column) =>
    column.name === texts?.name
      ? vectorFromArray(texts.texts.slice(0, rowCount), new Utf8()).data[0]!
      : columnData(views, column, slotPtr, rowCount),
  );
  const struct = new Struct(schema.fields);
  return new RecordBatch(
    schema,
    makeData({ type: struct, length: rowCount, nullCount: 0, children }),
  );
}

function columnData(
  views: MemoryViews,
  column: ColumnPlace,
  slotPtr: number,
  length: number,
): Data {
  const ptr = slotPtr + column.valuesOffset;
  const nullBitmap =
    column.validityOffset === -1
      ? undefined
      : views.bytes(slotPtr + column.validityOffset, Math.ceil(length / 8));
  const nullCount = nullBitmap === undefined ? 0 : -1;
  const rest = { length, nullCount, ...(nullBitmap && { nullBitmap }) };
  if (column.type === 'int64') {
    return makeData({ type: new Int64(), data: views.i64At(ptr, length), ...rest });
  }
  if (column.type === 'int32') {
    return makeData({ type: new Int32(), data: views.i32At(ptr, length), ...rest });
  }
  if (column.type === 'double') {
    return makeData({ type: new Float64(), data: views.f64At(ptr, length), ...rest });
  }
  return makeData({ type: new Bool(), data: views.bytes(ptr, Math.ceil(length / 8)), ...rest });
}

/** A copy of a batch that stays as it is: for batches that are kept beyond their time. */
export function copyBatch(batch: RecordBatch): RecordBatch {
  const copy = (data: Data): Data => {
    const children = data.children.map(copy);
    const { type, length, nullCount, values, valueOffsets, nullBitmap } = data;
    const buffers = {
      ...(values !== undefined && { data: values.slice() }),
      ...(valueOffsets !== undefined && { valueOffsets: valueOffsets.slice() }),
      ...(nullBitmap?.length > 0 && { nullBitmap: nullBitmap.slice() }),
    };
    return makeData({ type, length, nullCount, children, ...buffers } as never);
  };
  return new RecordBatch(batch.schema, copy(batch.data) as never);
}
