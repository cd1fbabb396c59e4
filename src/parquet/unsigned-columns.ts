import { ParquetError } from '../errors/errors.js';
import { isThere, words } from './column-words.js';
import type { OnRows, SourceColumn } from './reader.js';

/**
 * Hands rows on whose unsigned 64-bit values, if there are such columns among `infos`, all fit an
 * int64, as nearly every id and stamp does; a value from 2^63 on would pass for a negative one.
 *
 * @throws ParquetError ERR_PARQUET_UNSUPPORTED, from within the read
 */
export function unsignedChecked(
  path: string,
  infos: readonly SourceColumn['info'][],
  onRows: OnRows,
): OnRows {
  if (!infos.some(({ isUnsigned }) => isUnsigned)) return onRows;
  return (columns, rowCount) => {
    for (const column of columns) if (column.info.isUnsigned) check(path, column);
    onRows(columns, rowCount);
  };
}

function check(path: string, column: SourceColumn): void {
  const { info, rowCount, validity } = column;
  const halves = words(column);
  for (let row = 0; row < rowCount; row++) {
    const high = halves[2 * row + 1]!;
    if (high < 0x8000_0000 || (validity !== null && !isThere(validity, row))) continue;
    const value = (BigInt(high) << 32n) | BigInt(halves[2 * row]!);
    const message =
      `Column ${info.name} of ${path} holds ${value}, which no int64 holds (${info.declared}).` +
      ' depthmill reads unsigned 64-bit columns whose values are all below 2^63; leave the column' +
      ' out, or write it as text.';
    throw new ParquetError('ERR_PARQUET_UNSUPPORTED', message, {
      details: { path, column: info.name, value: String(value) },
    });
  }
}
