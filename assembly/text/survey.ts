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
  SURVEY_LAST,
  SURVEY_LAST_COUNTER,
  SURVEY_LAST_LENGTH,
  SURVEY_LAST_STAMPS,
  SURVEY_LENGTH_MAX,
  SURVEY_MAX,
  SURVEY_MIN,
  SURVEY_NUMBERS,
  SURVEY_STAMPS,
  SURVEY_TEXTS,
} from "../../src/abi/text-rows";
import { coefficient, exponent, parseDecimal, scaleLost, tooLong } from "../decimal-text";
import { integer, parseInt64 } from "./integer";
import { sameBytes } from "./same-bytes";
import { parseStamp } from "./stamp";

/** `A`: what begins with a letter is no number, and no time. */
const LETTERS: u32 = 65;

// @ts-ignore: decorator
@inline
function count(surveyPtr: usize, counter: usize): void {
  const ptr = surveyPtr + counter;
  store<i32>(ptr, load<i32>(ptr) + 1);
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

/**
 * What a field is: the counter that it belongs to. Notes what it asks of a scale, of the range and of
 * the list of texts.
 */
function judge(surveyPtr: usize, start: usize, end: usize): usize {
  if (parseInt64(start, end)) {
    if (integer < load<i64>(surveyPtr, SURVEY_MIN)) store<i64>(surveyPtr, integer, SURVEY_MIN);
    if (integer > load<i64>(surveyPtr, SURVEY_MAX)) store<i64>(surveyPtr, integer, SURVEY_MAX);
    return SURVEY_INTEGERS;
  }
  // Letters first: most texts are words, and no number begins with one.
  if (load<u8>(start) < LETTERS && parseDecimal(start, end)) {
    noteNumber(surveyPtr);
    return SURVEY_NUMBERS;
  }
  noteText(surveyPtr, start, <u32>(end - start));
  return SURVEY_TEXTS;
}

/** Counts a field that is not as the last of its column. */
function surveyNew(surveyPtr: usize, start: usize, end: usize): void {
  const length = <u32>(end - start);
  if (length > load<u32>(surveyPtr, SURVEY_LENGTH_MAX)) {
    store<u32>(surveyPtr, length, SURVEY_LENGTH_MAX);
  }
  const counter = judge(surveyPtr, start, end);
  const isStamp =
    counter != SURVEY_INTEGERS &&
    length > 10 &&
    load<u8>(start) < LETTERS &&
    parseStamp(start, end);
  store<u32>(surveyPtr, <u32>start, SURVEY_LAST);
  store<u32>(surveyPtr, length, SURVEY_LAST_LENGTH);
  store<i32>(surveyPtr, <i32>counter, SURVEY_LAST_COUNTER);
  store<i32>(surveyPtr, i32(isStamp), SURVEY_LAST_STAMPS);
  countAsLast(surveyPtr);
}

// @ts-ignore: decorator
@inline
function countAsLast(surveyPtr: usize): void {
  count(surveyPtr, load<i32>(surveyPtr, SURVEY_LAST_COUNTER));
  const stampsPtr = surveyPtr + SURVEY_STAMPS;
  store<i32>(stampsPtr, load<i32>(stampsPtr) + load<i32>(surveyPtr, SURVEY_LAST_STAMPS));
}

/**
 * Counts one field. One that is as the last of its column, as most names and stamps are, is counted
 * as that one was. Reads up to 7 bytes behind it, and behind the texts that it was given before.
 */
// @ts-ignore: decorator
@inline
export function surveyField(surveyPtr: usize, start: usize, end: usize): void {
  const length = <u32>(end - start);
  if (length == 0) {
    count(surveyPtr, SURVEY_EMPTY);
  } else if (
    length == load<u32>(surveyPtr, SURVEY_LAST_LENGTH) &&
    sameBytes(load<u32>(surveyPtr, SURVEY_LAST), start, length)
  ) {
    countAsLast(surveyPtr);
  } else {
    surveyNew(surveyPtr, start, end);
  }
}
