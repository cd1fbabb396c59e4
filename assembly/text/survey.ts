// What the fields of a column are, counted into its SURVEY_ block.
import { DECIMALS_MAX, DECIMALS_SCALE_LOST, DECIMALS_TOO_MANY } from "../../src/abi/scale";
import {
  SURVEY_COEFFICIENTS,
  SURVEY_DECIMALS,
  SURVEY_DISTINCT,
  SURVEY_DISTINCT_COUNT,
  SURVEY_DISTINCT_MAX,
  SURVEY_EMPTY,
  SURVEY_INTEGERS,
  SURVEY_LENGTH_MAX,
  SURVEY_MAX,
  SURVEY_MIN,
  SURVEY_NUMBERS,
  SURVEY_STAMPS,
  SURVEY_TEXTS,
} from "../../src/abi/text-rows";
import { coefficient, exponent, parseDecimal, scaleLost, tooLong } from "../decimal-text";
import { integer, parseInt64 } from "./integer";
import { parseStamp } from "./stamp";

// @ts-ignore: decorator
@inline
function count(surveyPtr: usize, counter: usize): void {
  const ptr = surveyPtr + counter;
  store<i32>(ptr, load<i32>(ptr) + 1);
}

/** Eight bytes at a time; reads up to 7 bytes behind both. */
function sameBytes(a: usize, b: usize, length: u32): bool {
  let left = <i32>length;
  for (; left >= 8; left -= 8, a += 8, b += 8) {
    if (load<u64>(a) != load<u64>(b)) return false;
  }
  if (left == 0) return true;
  return (load<u64>(a) ^ load<u64>(b)) << <u64>(64 - (left << 3)) == 0;
}

/** Notes a text that no earlier one of the block of text equals. */
function noteText(surveyPtr: usize, start: usize, length: u32): void {
  const known = load<i32>(surveyPtr, SURVEY_DISTINCT_COUNT);
  if (known > SURVEY_DISTINCT_MAX) return;
  for (let index = 0; index < known; index++) {
    const entryPtr = surveyPtr + SURVEY_DISTINCT + (<usize>index << 3);
    if (load<u32>(entryPtr, 4) != length) continue;
    if (sameBytes(load<u32>(entryPtr), start, length)) return;
  }
  if (known < SURVEY_DISTINCT_MAX) {
    const entryPtr = surveyPtr + SURVEY_DISTINCT + (<usize>known << 3);
    store<u32>(entryPtr, <u32>start);
    store<u32>(entryPtr, length, 4);
  }
  store<i32>(surveyPtr, known + 1, SURVEY_DISTINCT_COUNT);
}

/** Notes how large a number with so many decimals is; what the table does not hold at once. */
function noteNumber(surveyPtr: usize): void {
  if (!tooLong && exponent <= 0 && exponent >= -18) {
    const ptr = surveyPtr + SURVEY_COEFFICIENTS + (<usize>-exponent << 3);
    if (coefficient > load<u64>(ptr)) store<u64>(ptr, coefficient);
    return;
  }
  if (coefficient == 0 && !tooLong) return;
  const decimalsPtr = surveyPtr + SURVEY_DECIMALS;
  const decimals = min(max(-exponent, 0), DECIMALS_TOO_MANY);
  store<i32>(decimalsPtr, max(load<i32>(decimalsPtr, DECIMALS_MAX), decimals), DECIMALS_MAX);
  const lost = max(load<i32>(decimalsPtr, DECIMALS_SCALE_LOST), scaleLost());
  store<i32>(decimalsPtr, lost, DECIMALS_SCALE_LOST);
}

/** Counts one field. Reads up to 7 bytes behind it, and behind the texts that it was given before. */
export function surveyField(surveyPtr: usize, start: usize, end: usize): void {
  const length = <u32>(end - start);
  if (length == 0) {
    count(surveyPtr, SURVEY_EMPTY);
    return;
  }
  if (length > load<u32>(surveyPtr, SURVEY_LENGTH_MAX)) {
    store<u32>(surveyPtr, length, SURVEY_LENGTH_MAX);
  }
  if (parseInt64(start, end)) {
    count(surveyPtr, SURVEY_INTEGERS);
    if (integer < load<i64>(surveyPtr, SURVEY_MIN)) store<i64>(surveyPtr, integer, SURVEY_MIN);
    if (integer > load<i64>(surveyPtr, SURVEY_MAX)) store<i64>(surveyPtr, integer, SURVEY_MAX);
    return;
  }
  // Letters first: most texts are words, and no number or time begins with one.
  const first = <u32>load<u8>(start);
  if (first < 65 && parseDecimal(start, end)) {
    count(surveyPtr, SURVEY_NUMBERS);
    noteNumber(surveyPtr);
  } else {
    count(surveyPtr, SURVEY_TEXTS);
    noteText(surveyPtr, start, length);
  }
  if (length > 10 && first < 65 && parseStamp(start, end)) count(surveyPtr, SURVEY_STAMPS);
}
