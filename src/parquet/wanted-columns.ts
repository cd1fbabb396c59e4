import { ParquetError } from '../errors/errors.js';
import type { ParquetFooter } from './reader.js';

/**
 * The index of a column that is asked for by name.
 * @throws ParquetError ERR_PARQUET_UNSUPPORTED: there is none, or several, or its type is not read
 */
export function columnIndexOf(footer: ParquetFooter, name: string): number {
  const { name: path, columns } = footer;
  const index = columns.findIndex((column) => column.name === name);
  const column = columns[index];
  const isUnique = columns.findLastIndex((candidate) => candidate.name === name) === index;
  if (column !== undefined && column.type !== 'other' && isUnique) return index;
  let reason =
    `type ${column?.declared} is not read: only numbers, booleans, timestamps and texts are. ` +
    'Leave the column out (cat: --columns), or write it as one of these';
  if (column === undefined) {
    reason = `there is no such column; found ${columns.map((info) => info.name).join(', ')}`;
  } else if (!isUnique) {
    reason = 'there are several columns of this name';
  }
  throw new ParquetError('ERR_PARQUET_UNSUPPORTED', `${path}, column ${name}: ${reason}.`, {
    details: { path, column: name, declared: column?.declared ?? null },
  });
}
