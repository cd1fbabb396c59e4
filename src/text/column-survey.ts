import { SCALE_MAX } from '../abi/limits.js';
import { DECIMALS_MAX, DECIMALS_SCALE_LOST, DECIMALS_TOO_MANY } from '../abi/scale.js';
import {
  SURVEY_BYTES,
  SURVEY_COEFFICIENTS,
  SURVEY_DECIMALS,
  SURVEY_DISTINCT,
  SURVEY_DISTINCT_COUNT,
  SURVEY_DISTINCT_MAX,
  SURVEY_EMPTY,
  SURVEY_INTEGERS,
  SURVEY_MAX,
  SURVEY_MIN,
  SURVEY_NUMBERS,
  SURVEY_STAMPS,
  SURVEY_TEXTS,
} from '../abi/text-rows.js';
import type { Core } from '../core/core.js';
import { mergeRanges, type ScaleRange } from '../core/scale.js';
import { INT64_MAX, INT64_MIN, scaleMaxOf } from '../units/decimal.js';

/** What the fields of a column are within one block. */
export interface ColumnCounts {
  readonly empty: number;
  readonly integers: number;
  /** Decimal numbers that are no int64. */
  readonly numbers: number;
  readonly texts: number;
  /** Of numbers and texts: seconds with decimals, and ISO times. */
  readonly stamps: number;
  readonly min: bigint;
  readonly max: bigint;
  readonly range: ScaleRange;
  /** The different texts; null: there are too many. */
  readonly distinct: readonly string[] | null;
}

const DECODER = new TextDecoder();
const QUOTE = 34;

/** Gets a column's SURVEY_ block ready for the next block of text. */
export function clearSurvey(core: Core, ptr: number): void {
  core.views.u8.fill(0, ptr, ptr + SURVEY_BYTES);
  core.views.i64[(ptr + SURVEY_MIN) / 8] = INT64_MAX;
  core.views.i64[(ptr + SURVEY_MAX) / 8] = INT64_MIN;
}

/** What was counted; the block of text is still where it was. */
export function readSurvey(core: Core, ptr: number): ColumnCounts {
  const { i32, i64 } = core.views;
  const count = (counter: number): number => i32[(ptr + counter) / 4]!;
  const integers = count(SURVEY_INTEGERS);
  const min = i64[(ptr + SURVEY_MIN) / 8]!;
  const max = i64[(ptr + SURVEY_MAX) / 8]!;
  return {
    empty: count(SURVEY_EMPTY),
    integers,
    numbers: count(SURVEY_NUMBERS),
    texts: count(SURVEY_TEXTS),
    stamps: count(SURVEY_STAMPS),
    min,
    max,
    range: mergeRanges(numberRange(core, ptr), integers === 0 ? NOTHING : integerRange(min, max)),
    distinct: distinctTexts(core, ptr),
  };
}

const NOTHING: ScaleRange = { decimals: 0, scaleMax: SCALE_MAX };

function integerRange(min: bigint, max: bigint): ScaleRange {
  const largest = -min > max ? -min : max;
  return { decimals: 0, scaleMax: scaleMaxOf({ digits: largest, decimals: 0 }) };
}

/** Of the largest number with each count of decimals, and of those that had no place. */
function numberRange(core: Core, ptr: number): ScaleRange {
  const { i32, i64 } = core.views;
  let range: ScaleRange = {
    decimals: i32[(ptr + SURVEY_DECIMALS + DECIMALS_MAX) / 4]!,
    scaleMax: DECIMALS_TOO_MANY - 1 - i32[(ptr + SURVEY_DECIMALS + DECIMALS_SCALE_LOST) / 4]!,
  };
  for (let decimals = 0; decimals <= SCALE_MAX; decimals++) {
    const digits = BigInt.asUintN(64, i64[(ptr + SURVEY_COEFFICIENTS) / 8 + decimals]!);
    if (digits === 0n) continue;
    range = mergeRanges(range, { decimals, scaleMax: scaleMaxOf({ digits, decimals }) });
  }
  return range;
}

function distinctTexts(core: Core, ptr: number): string[] | null {
  const { i32, u32, u8 } = core.views;
  const count = i32[(ptr + SURVEY_DISTINCT_COUNT) / 4]!;
  if (count > SURVEY_DISTINCT_MAX) return null;
  return Array.from({ length: count }, (_, index) => {
    const at = (ptr + SURVEY_DISTINCT) / 4 + index * 2;
    const start = u32[at]!;
    const end = start + u32[at + 1]!;
    // A copy: hosts may refuse to decode shared memory.
    const text = DECODER.decode(u8.slice(start, end));
    // A quoted field lies between its quotes, and those within are doubled there.
    const isQuoted = u8[start - 1] === QUOTE && u8[end] === QUOTE;
    return isQuoted ? text.replaceAll('""', '"') : text;
  });
}
