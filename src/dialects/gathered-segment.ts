import type { Core } from '../core/core.js';
import { invariant } from '../errors/errors.js';
import type { InvalidField, SourceColumn, SourceColumnInfo } from '../parquet/reader.js';

/**
 * A segment: rows of one instrument, put together, as the source's columns have them. Every part
 * begins at a multiple of 8 bytes.
 *
 *     u32 rows, u32 columns, then of each column u32 value bytes, nulls, invalid bytes, 0
 *     u32 of each row: its row in the file
 *     of each column: values, [texts: i32 offsets, one more than rows], [nulls: validity bits],
 *                     [fields that are no values: JSON]
 */
export const SEGMENT_HEADER_BYTES = 8;
export const SEGMENT_COLUMN_BYTES = 16;

/** A column that is put together. */
export interface GatheredColumn {
  readonly info: SourceColumnInfo;
  /** Bytes of a value; 0: bits, or texts. */
  readonly valueBytes: number;
}

/** The name of the column of file rows, beside the source's own; no source's column has a NUL. */
export const FILE_ROW_COLUMN = '\0file_row';

/** What it is: u32, which `int32` says as far as anybody looks. */
const FILE_ROW_INFO: SourceColumnInfo = {
  name: FILE_ROW_COLUMN,
  type: 'int32',
  nullable: false,
  decimals: 0,
  timeUnitNs: null,
  declared: 'UINT32',
  physical: null,
  fixedBytes: 0,
  isUnsigned: true,
};

export const padded8 = (byteLength: number): number => (byteLength + 7) & ~7;

/** @throws an invariant for a type that no plan reads */
export function gatheredColumn(info: SourceColumnInfo): GatheredColumn {
  switch (info.type) {
    case 'bool':
    case 'utf8':
      return { info, valueBytes: 0 };
    case 'int32':
    case 'float':
      return { info, valueBytes: 4 };
    case 'int64':
    case 'double':
      return { info, valueBytes: 8 };
    case 'decimal128':
      return { info, valueBytes: 16 };
    default:
      invariant(false, `column ${info.name} of type ${info.type} was planned`);
  }
}

/** A field that is no value, by its row of the segment. */
export type InvalidEntry = readonly [row: number, text: string, isLine: boolean];

/**
 * The columns of the segment at `ptr` of the memory, all of them; their views hold as long as the
 * memory there does.
 * @param columns as the segment was written
 */
export function segmentColumns(
  core: Core,
  ptr: number,
  columns: readonly GatheredColumn[],
): SourceColumn[] {
  const { views } = core;
  const [rowCount, columnCount] = views.i32At(ptr, 2);
  invariant(columnCount === columns.length, 'a segment is read as it was not written');
  let at = ptr + SEGMENT_HEADER_BYTES + columns.length * SEGMENT_COLUMN_BYTES;
  const take = (byteLength: number): number => {
    const start = at;
    at += padded8(byteLength);
    return start;
  };
  const rows = rowCount!;
  const rowsPtr = take(rows * 4);
  const fileRow: SourceColumn = {
    info: FILE_ROW_INFO,
    rowCount: rows,
    values: views.bytes(rowsPtr, rows * 4),
    valuesPtr: rowsPtr,
    offsets: null,
    validity: null,
    nullCount: 0,
  };
  const own = columns.map(({ info }, place): SourceColumn => {
    const header = ptr + SEGMENT_HEADER_BYTES + place * SEGMENT_COLUMN_BYTES;
    const [valuesBytes, nullCount, invalidBytes] = views.i32At(header, 3);
    const valuesPtr = take(valuesBytes!);
    const offsets = info.type === 'utf8' ? views.i32At(take((rows + 1) * 4), rows + 1) : null;
    const bitBytes = Math.ceil(rows / 8);
    const validity = nullCount === 0 ? null : views.bytes(take(bitBytes), bitBytes);
    const invalid = invalidBytes === 0 ? null : views.bytes(take(invalidBytes!), invalidBytes!);
    return {
      info,
      rowCount: rows,
      values: views.bytes(valuesPtr, valuesBytes!),
      valuesPtr,
      offsets,
      validity,
      nullCount: nullCount!,
      ...(invalid && { invalidAt: invalidFieldsOf(invalid) }),
    };
  });
  return [fileRow, ...own];
}

function invalidFieldsOf(json: Uint8Array): (row: number) => InvalidField | null {
  // Copied, since hosts may refuse to decode shared memory.
  const entries = JSON.parse(new TextDecoder().decode(json.slice())) as InvalidEntry[];
  const fields = new Map(entries.map(([row, text, isLine]) => [row, { text, isLine }]));
  return (row) => fields.get(row) ?? null;
}
