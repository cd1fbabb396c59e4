import type { SourceColumn } from '../parquet/reader.js';

/** Plain reads of single values of decoded columns, for planning and for messages; no hot path. */

export function isPresent(column: SourceColumn, row: number): boolean {
  if (column.validity === null) return true;
  return ((column.validity[row >> 3]! >> (row & 7)) & 1) === 1;
}

/** Value of an int32 or int64 column. */
export function integerAt(column: SourceColumn, row: number): bigint {
  const { buffer, byteOffset, byteLength } = column.values;
  const view = new DataView(buffer, byteOffset, byteLength);
  if (column.info.type === 'int32') return BigInt(view.getInt32(row * 4, true));
  return view.getBigInt64(row * 8, true);
}

/** Text of a utf8 column. The bytes are copied: hosts may refuse to decode shared memory. */
export function textAt(column: SourceColumn, row: number): string {
  const offsets = column.offsets!;
  return TEXT.decode(column.values.slice(offsets[row]!, offsets[row + 1]!));
}

const TEXT = new TextDecoder('utf-8', { ignoreBOM: true });

/** The value as a reader would write it, for messages and rejects; `null` for none. */
export function valueText(column: SourceColumn, row: number): string {
  if (!isPresent(column, row)) return column.invalidAt?.(row)?.text ?? 'null';
  const { buffer, byteOffset, byteLength } = column.values;
  const view = new DataView(buffer, byteOffset, byteLength);
  const { type, decimals } = column.info;
  if (type === 'bool')
    return ((column.values[row >> 3]! >> (row & 7)) & 1) === 1 ? 'true' : 'false';
  if (type === 'double') return String(view.getFloat64(row * 8, true));
  if (type === 'float') return String(float32Decimal(view.getFloat32(row * 4, true)));
  if (type === 'utf8') return textAt(column, row);
  if (type === 'decimal128') {
    const low = view.getBigUint64(row * 16, true);
    return decimalText((view.getBigInt64(row * 16 + 8, true) << 64n) | low, decimals);
  }
  return String(integerAt(column, row));
}

/** `units` divided by 10^decimals, exactly, without trailing zeros: 1250, 3 gives 1.25. */
export function decimalText(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * The double nearest to the shortest decimal that reads back as this float: what the writer of a
 * FLOAT column meant by 0.1 is 0.1, not 0.10000000149011612.
 */
export function float32Decimal(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}
