import type { Core } from '../core/core.js';
import { countOf } from '../core/kernel-error.js';
import type { SourceColumn } from '../parquet/reader.js';
import { refuseNull } from './decode-selection.js';
import { matchWords } from './match-words.js';
import { copyBits, readBit, setBits, writeBit } from './row-columns.js';
import type { RowProblems } from './row-problems.js';
import type { RowRun, ScaleScratch } from './scale-column.js';
import { type SideWord, sideOfInteger, sideOfWord } from './side-words.js';
import { integerAt, isPresent, textAt } from './source-values.js';
import type { SideField } from './types.js';

/**
 * Writes the sides of a run as bits: 1 for bid (buy).
 *
 * @param target.validityPtr bitmap that says whether a trade's side is known; null (depth): a
 *   side that is missing or unknown refuses the row
 * @param target.row the run's first row in the slot: the bit to begin with
 * @param scratch used during the call
 */
export function decodeSides(
  core: Core,
  side: { readonly field: SideField; readonly column: SourceColumn },
  run: RowRun,
  target: { readonly ptr: number; readonly validityPtr: number | null; readonly row: number },
  problems: RowProblems,
  scratch: ScaleScratch,
): void {
  const { field, column } = side;
  const { ptr, validityPtr, row: bit } = target;
  const { start, count } = run;
  const bytes = core.views.u8;
  if (validityPtr !== null) setBits(bytes, validityPtr, bit, count);
  const refuse = (row: number, isNull: boolean): void => {
    if (validityPtr !== null && isNull) writeBit(bytes, validityPtr, bit + row, false);
    else if (isNull) refuseNull(column, start + row, row, problems);
    else problems.reject(row, 'ERR_ROW_SIDE', field.column);
    problems.hideSide(row);
  };
  if (column.info.type === 'bool') {
    copySideBits(core, column, !field.trueMeansBid, run, ptr, bit);
    if (column.nullCount === 0) return;
    for (let row = 0; row < count; row++) if (!isPresent(column, start + row)) refuse(row, true);
    return;
  }
  const sideAt = column.info.type === 'utf8' ? textSides(column) : integerSides(column);
  const words = field.trueMeansBid ? USUAL_WORDS : swapped(USUAL_WORDS);
  const matched = matchWords(core, column, run, words, scratch);
  if (matched !== null) {
    countOf('copyBits', core.kernels.copyBits(ptr, bit, matched.bitsPtr, 0, count));
    if (matched.otherCount === 0) return;
  }
  for (let row = 0; row < count; row++) {
    if (matched !== null && !readBit(bytes, matched.otherPtr, row)) continue;
    const found = isPresent(column, start + row) ? sideAt(start + row) : 'null';
    writeBit(bytes, ptr, bit + row, (found === 'bid') === field.trueMeansBid);
    if (found === 'null') refuse(row, true);
    else if (found === 'unknown') refuse(row, validityPtr !== null);
    else if (found === null) refuse(row, false);
  }
}

/** The words of nearly all sources; what is none of them is read one by one. */
const USUAL_WORDS = {
  meaningTrue: ['bid', 'buy', 'true', 'True'],
  meaningFalse: ['ask', 'sell', 'false', 'False'],
};

function swapped(words: typeof USUAL_WORDS): typeof USUAL_WORDS {
  return { meaningTrue: words.meaningFalse, meaningFalse: words.meaningTrue };
}

/** Copies a run of booleans to bits from bit `bit` of the bitmap at `ptr` on. */
export function copySideBits(
  core: Core,
  column: SourceColumn,
  invert: boolean,
  { start, count }: RowRun,
  ptr: number,
  bit: number,
): void {
  const { valuesPtr } = column;
  if (valuesPtr !== null && !invert) {
    countOf('copyBits', core.kernels.copyBits(ptr, bit, valuesPtr, start, count));
  } else {
    copyBits(core.views.u8, column.values, start, { ptr, bit, count, invert });
  }
}

function integerSides(column: SourceColumn): (row: number) => SideWord | null {
  return (row) => sideOfInteger(integerAt(column, row));
}

/** Texts of this many bytes have a key of their own below 2^53. */
const KEY_BYTES_MAX = 6;

/** A column has a handful of words: each is read once, and found again by its bytes. */
function textSides(column: SourceColumn): (row: number) => SideWord | null {
  const known = new Map<number, SideWord | null>();
  const { values } = column;
  const offsets = column.offsets!;
  return (row) => {
    const start = offsets[row]!;
    const byteLength = offsets[row + 1]! - start;
    if (byteLength > KEY_BYTES_MAX) return sideOfWord(textAt(column, row));
    let key = byteLength;
    for (let at = 0; at < byteLength; at++) key = key * 256 + values[start + at]!;
    const word = known.get(key);
    if (word !== undefined) return word;
    const found = sideOfWord(textAt(column, row));
    known.set(key, found);
    return found;
  };
}
