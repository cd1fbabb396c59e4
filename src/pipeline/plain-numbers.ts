import type { Scales } from '../dialects/types.js';
import { InputError } from '../errors/errors.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { SmallColumn, SmallRow } from '../parquet/small-table.js';
import type { EncodedRowGroup, WriteColumn } from '../parquet/write-types.js';
import { textOfPips } from '../units/decimal.js';

/**
 * How prices and quantities are written: integers under names that end in `_pips`, or plain values
 * under plain names: DECIMAL(18, scale), or doubles.
 */
export type NumberFormat = 'pips' | 'decimal' | 'double';

/** Digits of a DECIMAL that is stored as int64 and read as one everywhere. */
export const DECIMAL_DIGITS = 18;
const DECIMAL_LIMIT = 10n ** BigInt(DECIMAL_DIGITS);
/** Integers below this are doubles exactly, and so their quotient by a power of ten is rounded once. */
const DOUBLE_EXACT = 2 ** 53;

/** Decimals of a column of pips; null for a column of anything else. */
export function scaleOfColumn(name: string, scales: Scales): number | null {
  if (!name.endsWith('_pips')) return null;
  return /(?:^|_)(?:qty|lot)_pips$/.test(name) ? scales.qty : scales.price;
}

/** The columns of a table as they are written in a format. */
export function plainColumns<Column extends SmallColumn>(
  columns: readonly Column[],
  format: NumberFormat,
  scales: Scales,
): Column[] {
  return columns.map((column) => {
    const scale = format === 'pips' ? null : scaleOfColumn(column.name, scales);
    if (scale === null) return column;
    const name = column.name.replace(/_pips$/, '');
    if (format === 'double') return { ...column, name, type: 'double' };
    // Their extremes show that all values have at most so many digits.
    const decimal = { digits: DECIMAL_DIGITS, scale };
    return { ...column, name, decimal, statistics: true };
  });
}

/**
 * Refuses a row group with a value that DECIMAL(18, scale) does not hold.
 * @throws InputError ERR_SCALE
 */
export function checkDecimals(columns: readonly WriteColumn[], group: EncodedRowGroup): void {
  for (const [index, { name, decimal }] of columns.entries()) {
    if (decimal === undefined) continue;
    const { min, max } = group.chunks[index]!;
    for (const bytes of [min, max]) {
      if (bytes === null) continue;
      const { buffer, byteOffset } = bytes;
      checkDecimal(name, new DataView(buffer, byteOffset).getBigInt64(0, true), decimal.scale);
    }
  }
}

function checkDecimal(column: string, pips: bigint, scale: number): void {
  if (pips < DECIMAL_LIMIT && pips > -DECIMAL_LIMIT) return;
  throw new InputError(
    'ERR_SCALE',
    `The column ${column} holds ${textOfPips(pips, scale)}, which has more than the ` +
      `${DECIMAL_DIGITS} digits of DECIMAL(${DECIMAL_DIGITS}, ${scale}); write --numbers pips, or ` +
      'give a smaller scale with --price-scale or --qty-scale.',
    { details: { column, pips, scale } },
  );
}

/**
 * Turns int64 pips into doubles where they lie: each becomes the double nearest to the decimal.
 * @param valuesPtr address of the column's row 0
 */
export function pipsToDoubles(
  views: MemoryViews,
  valuesPtr: number,
  rows: { readonly rowStart: number; readonly rowCount: number },
  scale: number,
): void {
  const { i32, u32, i64, f64 } = views;
  const power = 10 ** scale;
  const end = rows.rowStart + rows.rowCount;
  for (let row = rows.rowStart; row < end; row++) {
    const word = valuesPtr / 4 + 2 * row;
    const pips = i32[word + 1]! * 0x1_0000_0000 + u32[word]!;
    const isExact = Math.abs(pips) < DOUBLE_EXACT;
    const at = valuesPtr / 8 + row;
    f64[at] = isExact ? pips / power : Number(textOfPips(i64[at]!, scale));
  }
}

/** A row of a small table as it is written in a format. @throws InputError ERR_SCALE */
export function plainRow(row: SmallRow, format: NumberFormat, scales: Scales): SmallRow {
  if (format === 'pips') return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const scale = scaleOfColumn(name, scales);
      if (scale === null) return [name, value];
      const plainName = name.replace(/_pips$/, '');
      if (typeof value !== 'bigint') return [plainName, value];
      if (format === 'double') return [plainName, Number(textOfPips(value, scale))];
      checkDecimal(plainName, value, scale);
      return [plainName, value];
    }),
  );
}
