import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import { InputError } from '../errors/errors.js';
import type { SourceColumn } from '../parquet/reader.js';
import { refuseNull } from './decode-selection.js';
import { readBit } from './row-columns.js';
import type { RowProblems } from './row-problems.js';
import { classifyNumber, type RowRun, type ScaleScratch, scaleColumn } from './scale-column.js';
import { decimalText, isPresent } from './source-values.js';

/** A price or quantity column of a run, and how its numbers become pips. */
export interface NumberInput {
  readonly column: SourceColumn;
  readonly what: 'price' | 'qty';
  readonly scale: number;
  /** Decimals that the source's integers have already. */
  readonly integerScale: number;
}

/** Where a row of the run stands in its file, for the message about a scale. */
export interface RowPlace {
  readonly path: string;
  readonly symbol: string;
  readonly rowGroupIndex: number;
  /** Row of the file. */
  readonly row: number;
}

/**
 * Writes a run of prices or quantities as pips at `outPtr`, and refuses rows that are null, not
 * finite, no number, or negative.
 *
 * @throws InputError ERR_SCALE for the first number that the scale cannot hold exactly, among the
 *   rows that are not dropped already: the instrument fails, its rows are not refused one by one
 */
export function decodeNumbers(
  core: Core,
  input: NumberInput,
  run: RowRun,
  target: {
    readonly outPtr: number;
    /** Room for one bit a row. */
    readonly badBitmapPtr: number;
    readonly scratch: ScaleScratch;
  },
  problems: RowProblems,
  placeOf: (row: number) => RowPlace,
): void {
  const { column, what, scale, integerScale } = input;
  const { start, count } = run;
  const { outPtr, badBitmapPtr, scratch } = target;
  const { name } = column.info;
  const bytes = core.views.u8;
  const clear = (): number => core.kernels.fillBytes(badBitmapPtr, Math.ceil(count / 8), 0);
  clear();
  const badCount = scaleColumn(core, column, run, { ...target, scale, integerScale, scratch });
  if (column.nullCount > 0) {
    for (let row = 0; row < count; row++) {
      if (isPresent(column, start + row)) continue;
      refuseNull(column, start + row, row, problems);
      if (what === 'price') problems.hidePrice(row);
    }
  }
  if (badCount > 0) {
    for (let row = 0; row < count; row++) {
      if (!readBit(bytes, badBitmapPtr, row) || !isPresent(column, start + row)) continue;
      if (what === 'price') problems.hidePrice(row);
      const found = classifyNumber(column, start + row, scale, integerScale);
      if (found.kind === 'not_finite') problems.reject(row, 'ERR_ROW_NOT_FINITE', name);
      else if (found.kind === 'not_number') problems.reject(row, 'ERR_ROW_NOT_NUMBER', name);
      else if (found.kind === 'negative') problems.reject(row, negative(what), name);
      else if (found.kind === 'scale' && problems.isKept(row)) {
        throw scaleError(input, found, placeOf(row));
      }
    }
  }
  if (badCount > 0) clear();
  const negatives = core.kernels.negativeBitmap(outPtr, count, badBitmapPtr);
  if (countOf('negativeBitmap', negatives) === 0) return;
  for (let row = 0; row < count; row++) {
    // A bad value keeps its bits, which may look negative: it was dropped above.
    if (!readBit(bytes, badBitmapPtr, row) || !isPresent(column, start + row)) continue;
    if (what === 'price') problems.hidePrice(row);
    problems.reject(row, negative(what), name, negativeText(core, input, run, row, outPtr));
  }
}

/** What a double was that is pips now: where it was decoded in place, they are all there is. */
function negativeText(
  core: Core,
  { column, scale }: NumberInput,
  run: RowRun,
  row: number,
  outPtr: number,
): string | null {
  if (column.info.type !== 'double' || column.valuesPtr === null) return null;
  if (column.valuesPtr + run.start * 8 !== outPtr) return null;
  const pips = core.views.i64[outPtr / 8 + row]!;
  return String(Number(decimalText(pips, scale)));
}

function negative(what: 'price' | 'qty'): 'ERR_ROW_PRICE_NEGATIVE' | 'ERR_ROW_QTY_NEGATIVE' {
  return what === 'price' ? 'ERR_ROW_PRICE_NEGATIVE' : 'ERR_ROW_QTY_NEGATIVE';
}

export function scaleError(
  input: NumberInput,
  found: { readonly text: string; readonly scaleNeeded: number | null },
  place: RowPlace,
): InputError {
  const { column, what, scale } = input;
  const { path, symbol, rowGroupIndex, row } = place;
  const { text, scaleNeeded } = found;
  const advice =
    scaleNeeded === null
      ? 'No scale from 0 to 18 holds it.'
      : scaleNeeded < scale
        ? `Scale ${scaleNeeded} would, where no other has more decimals than that (else none holds all` +
          ` of them): --${what}-scale '${symbol}=${scaleNeeded}'.`
        : `Scale ${scaleNeeded} would: --${what}-scale '${symbol}=${scaleNeeded}'.`;
  return new InputError(
    'ERR_SCALE',
    `The ${what} ${text} of ${symbol} cannot be held exactly at scale ${scale} (${path}, column` +
      ` ${column.info.name}, row group ${rowGroupIndex}, row ${row}). ${advice}`,
    {
      details: {
        path,
        symbol,
        column: column.info.name,
        row_group: rowGroupIndex,
        row,
        value: text,
        scale,
        scale_needed: scaleNeeded,
      },
    },
  );
}
