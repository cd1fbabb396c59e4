import type { RowGroupReader, SourceColumn } from '#src/parquet/reader.js';

export type Cell = bigint | number | boolean | string | null;

/** A column's values as JS values, in the plainest way: integers and decimals as bigint. */
export function cellsOf(column: SourceColumn): Cell[] {
  return Array.from({ length: column.rowCount }, (_, row) => {
    if (column.validity !== null && !bitAt(column.validity, row)) return null;
    return cellAt(column, row);
  });
}

const bitAt = (bits: Uint8Array, index: number): boolean =>
  ((bits[index >> 3]! >> (index & 7)) & 1) === 1;

function cellAt({ info, values, offsets }: SourceColumn, row: number): Cell {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  switch (info.type) {
    case 'bool':
      return bitAt(values, row);
    case 'int32':
      return BigInt(view.getInt32(row * 4, true));
    case 'int64':
      return view.getBigInt64(row * 8, true);
    case 'float':
      return view.getFloat32(row * 4, true);
    case 'double':
      return view.getFloat64(row * 8, true);
    case 'decimal128':
      return (view.getBigInt64(row * 16 + 8, true) << 64n) | view.getBigUint64(row * 16, true);
    case 'utf8':
      return new TextDecoder().decode(values.slice(offsets![row]!, offsets![row + 1]!));
    case 'other':
      throw new Error('cannot be read');
  }
}

/** Whole columns of a file, by name, read `groupsAtOnce` row groups at a time. */
export async function readCells(
  reader: RowGroupReader,
  columnNames: readonly string[],
  groupsAtOnce = 1,
): Promise<Map<string, Cell[]>> {
  const cells = new Map(columnNames.map((name): [string, Cell[]] => [name, []]));
  const groups = [...reader.footer.rowGroupRows.keys()];
  for (let start = 0; start < groups.length; start += groupsAtOnce) {
    const indexes = groups.slice(start, start + groupsAtOnce);
    await reader.readRowGroups(indexes, columnNames, (columns) => {
      for (const column of columns) {
        const target = cells.get(column.info.name)!;
        for (const cell of cellsOf(column)) target.push(cell);
      }
    });
  }
  return cells;
}

/** Names of the columns that can be read. */
export const readableColumns = (reader: RowGroupReader): string[] =>
  reader.footer.columns.filter(({ type }) => type !== 'other').map(({ name }) => name);
