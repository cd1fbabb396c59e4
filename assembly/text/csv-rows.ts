// Finds lines and fields of delimited text (RFC 4180) and puts them into columns.
//
// csvRows(statePtr, rowsMax): rows that were put, 0 to rowsMax
//   statePtr   ROWS_ block, 8-byte aligned, read and written; what it points at:
//     text     [ROWS_AT, ROWS_END): u8, any alignment. One byte before it is read, the byte behind
//              it is overwritten with a newline, and 16 more may be read.
//     bounds   ROWS_FIELD_COUNT times two u32, written
//     columns  COLUMN_ blocks (columns.ts); values of rowsMax rows; texts: COLUMN_TEXT_BYTES_MAX
//              bytes, and 16 behind them that may be overwritten
//     broken   a bit a row, cleared by the host
//     lines    u32 a row, written, unless 0
//   No two of them may overlap. -STATUS_BAD_ARGUMENT.
// It stops at rowsMax, where the texts of a row have no room, and at a line that does not end within
// the text: ROWS_AT is then the start of that line. A line ends with LF or CR LF; empty lines are
// passed over. A line with another number of fields, or with something behind a closing quote, is
// put as a row without values, and its bit in `broken` is set.
//
//   bytes     1 7 2 3 , b i d , 6 1 8 3 7 . 6 3 \n ...      sixteen at a time
//   mask      0 0 0 0 1 0 0 0 1 0 0 0 0 0 0 0 0 1           ends of fields, taken bit by bit
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import {
  ROWS_AT,
  ROWS_BOUNDS_PTR,
  ROWS_BROKEN_COUNT,
  ROWS_BROKEN_PTR,
  ROWS_DELIMITER,
  ROWS_END,
  ROWS_FIELD_COUNT,
  ROWS_LINES_PTR,
  ROWS_PASSED_COUNT,
} from "../../src/abi/text-rows";
import { setBit } from "../lib/decimal";
import { hasRoom, putEmptyRow, putRow } from "./columns";

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** The sixteen bytes in work, and which of those from the place on end a field; per instance. */
let windowPtr: usize = 0;
let mask: u32 = 0;
let delimiter: u32 = 0;

/** What splitLine has found: fields of the line, and the address behind its newline. */
let fieldCount: i32 = 0;
let nextLine: usize = 0;

// @ts-ignore: decorator
@inline
function separators(ptr: usize): u32 {
  const bytes = v128.load(ptr);
  const ends = v128.or(
    i8x16.eq(bytes, i8x16.splat(<i8>delimiter)),
    i8x16.eq(bytes, i8x16.splat(<i8>LF)),
  );
  return i8x16.bitmask(ends);
}

/** The next end of a field from the place on; there is one: the byte behind the text. */
// @ts-ignore: decorator
@inline
function nextSeparator(): usize {
  while (mask == 0) {
    windowPtr += 16;
    mask = separators(windowPtr);
  }
  const at = windowPtr + <usize>ctz<u32>(mask);
  mask &= mask - 1;
  return at;
}

/** Sets the place. */
function seek(ptr: usize): void {
  windowPtr = ptr;
  mask = separators(ptr);
}

/** The address of the quote that closes the field which begins at `start`; 0: none before `end`. */
function closingQuote(start: usize, end: usize): usize {
  for (let at = start; at < end; at++) {
    if (load<u8>(at) != QUOTE) continue;
    if (load<u8>(at + 1) != QUOTE || at + 1 == end) return at;
    at++;
  }
  return 0;
}

/**
 * Finds the fields of the line at `start`, whose place is set. Bounds are written for as many as
 * there should be; fieldCount: -1 where something stands behind a closing quote. False where the
 * line does not end before `end`.
 */
function splitLine(start: usize, end: usize, boundsPtr: usize, fieldsMax: i32): bool {
  let count = 0;
  let isBroken = false;
  for (let fieldStart = start; ; ) {
    let fieldEnd: usize;
    let separator: usize;
    if (load<u8>(fieldStart) == QUOTE) {
      fieldStart++;
      fieldEnd = closingQuote(fieldStart, end);
      if (fieldEnd == 0) return false;
      seek(fieldEnd + 1);
      separator = nextSeparator();
      const hasReturn = load<u8>(separator) == LF && load<u8>(fieldEnd + 1) == CR;
      isBroken = isBroken || separator - fieldEnd != 1 + <usize>hasReturn;
    } else {
      separator = nextSeparator();
      fieldEnd = separator;
    }
    if (separator >= end) return false;
    const isLast = load<u8>(separator) == LF;
    if (isLast && fieldEnd == separator && fieldEnd > fieldStart) {
      fieldEnd -= usize(load<u8>(fieldEnd - 1) == CR);
    }
    if (count < fieldsMax) {
      store<u32>(boundsPtr + (<usize>count << 3), <u32>fieldStart);
      store<u32>(boundsPtr + (<usize>count << 3), <u32>fieldEnd, 4);
    }
    count++;
    fieldStart = separator + 1;
    if (!isLast) continue;
    fieldCount = isBroken ? -1 : count;
    nextLine = fieldStart;
    return true;
  }
}

/** Whether nothing but its end stands on the line. */
// @ts-ignore: decorator
@inline
function isEmptyLine(start: usize): bool {
  const first = load<u8>(start);
  return first == LF || (first == CR && load<u8>(start + 1) == LF);
}

export function csvRows(statePtr: usize, rowsMax: i32): i32 {
  const fieldsMax = load<i32>(statePtr, ROWS_FIELD_COUNT);
  if (statePtr & 7 || rowsMax < 0 || fieldsMax < 1) return -STATUS_BAD_ARGUMENT;
  const end: usize = load<u32>(statePtr, ROWS_END);
  const boundsPtr: usize = load<u32>(statePtr, ROWS_BOUNDS_PTR);
  const brokenPtr: usize = load<u32>(statePtr, ROWS_BROKEN_PTR);
  const linesPtr: usize = load<u32>(statePtr, ROWS_LINES_PTR);
  let start: usize = load<u32>(statePtr, ROWS_AT);
  delimiter = load<u32>(statePtr, ROWS_DELIMITER);
  store<u8>(end, LF);
  let brokenCount = 0;
  let passedCount = 0;
  let row = 0;
  seek(start);
  while (row < rowsMax && start < end) {
    if (!splitLine(start, end, boundsPtr, fieldsMax)) break;
    if (isEmptyLine(start)) {
      passedCount++;
      start = nextLine;
      continue;
    }
    if (fieldCount == fieldsMax) {
      if (!hasRoom(statePtr, row)) break;
      putRow(statePtr, row);
    } else {
      putEmptyRow(statePtr, row);
      setBit(brokenPtr, row);
      brokenCount++;
    }
    if (linesPtr != 0) store<u32>(linesPtr + (<usize>row << 2), <u32>start);
    start = nextLine;
    row++;
  }
  store<u32>(statePtr, <u32>start, ROWS_AT);
  store<i32>(statePtr, brokenCount, ROWS_BROKEN_COUNT);
  store<i32>(statePtr, passedCount, ROWS_PASSED_COUNT);
  return row;
}
