// Puts the fields of a row into columns (COLUMN_ blocks of src/abi/text-rows.ts). The fields stand
// in a list of bounds, which a reader of lines has filled:
//
//   bounds  | start end | start end | ...     two u32 addresses a field; equal: the field is empty
//
// A quoted field's bounds lie inside its quotes; a quote within is doubled there.
import {
  COLUMN_BYTES,
  COLUMN_FIELD,
  COLUMN_INT64,
  COLUMN_INVALID_COUNT,
  COLUMN_KIND,
  COLUMN_LAST,
  COLUMN_LAST_LENGTH,
  COLUMN_LAST_VALUE,
  COLUMN_NULL_COUNT,
  COLUMN_OFFSETS_PTR,
  COLUMN_STAMP,
  COLUMN_SURVEY,
  COLUMN_TEXT,
  COLUMN_TEXT_BYTES_MAX,
  COLUMN_VALIDITY_PTR,
  COLUMN_VALUES_PTR,
  ROWS_BOUNDS_PTR,
  ROWS_COLUMN_COUNT,
  ROWS_COLUMNS_PTR,
} from "../../src/abi/text-rows";
import { integer, parseInt64 } from "./integer";
import { parseStamp, stampNs } from "./stamp";
import { sameBytes } from "./same-bytes";
import { surveyField } from "./survey";

/** Texts are copied in steps of this, so as much may be overwritten behind them. */
const COPY_BYTES = 16;
const QUOTE = 34;

// @ts-ignore: decorator
@inline
function add(ptr: usize, counter: usize): void {
  store<i32>(ptr + counter, load<i32>(ptr + counter) + 1);
}

function putNull(columnPtr: usize, row: i32, isInvalid: bool): void {
  const ptr = <usize>load<u32>(columnPtr, COLUMN_VALIDITY_PTR) + <usize>(row >>> 3);
  store<u8>(ptr, load<u8>(ptr) & ~((<u8>1) << <u8>(row & 7)));
  add(columnPtr, COLUMN_NULL_COUNT);
  if (isInvalid) add(columnPtr, COLUMN_INVALID_COUNT);
}

/** Copies a text, doubled quotes as one where it was quoted; returns the bytes written. */
function copyText(target: usize, start: usize, end: usize): usize {
  const isQuoted = load<u8>(start - 1) == QUOTE && load<u8>(end) == QUOTE;
  if (!isQuoted) {
    for (let at: usize = 0; at < end - start; at += COPY_BYTES) {
      v128.store(target + at, v128.load(start + at));
    }
    return end - start;
  }
  const first = target;
  for (; start < end; start++) {
    const byte = load<u8>(start);
    store<u8>(target++, byte);
    if (byte == QUOTE) start++;
  }
  return target - first;
}

/**
 * Puts an integer or a time. Rows of one message have the same stamps and ids, so a field that is as
 * the last one has its value.
 */
// @ts-ignore: decorator
@inline
function putNumber(columnPtr: usize, kind: i32, row: i32, start: usize, end: usize): void {
  const valuePtr = <usize>load<u32>(columnPtr, COLUMN_VALUES_PTR) + (<usize>row << 3);
  const length = <u32>(end - start);
  const isAsLast =
    length != 0 &&
    length == load<u32>(columnPtr, COLUMN_LAST_LENGTH) &&
    sameBytes(load<u32>(columnPtr, COLUMN_LAST), start, length);
  if (isAsLast) {
    store<i64>(valuePtr, load<i64>(columnPtr, COLUMN_LAST_VALUE));
    return;
  }
  const isGood = kind == COLUMN_INT64 ? parseInt64(start, end) : parseStamp(start, end);
  const value = kind == COLUMN_INT64 ? integer : stampNs;
  store<i64>(valuePtr, isGood ? value : 0);
  if (!isGood) {
    putNull(columnPtr, row, length != 0);
    return;
  }
  store<u32>(columnPtr, <u32>start, COLUMN_LAST);
  store<u32>(columnPtr, length, COLUMN_LAST_LENGTH);
  store<i64>(columnPtr, value, COLUMN_LAST_VALUE);
}

/** Whether all texts of the row have room; nothing of a row is written when one has not. */
export function hasRoom(statePtr: usize, row: i32): bool {
  const boundsPtr: usize = load<u32>(statePtr, ROWS_BOUNDS_PTR);
  let columnPtr: usize = load<u32>(statePtr, ROWS_COLUMNS_PTR);
  for (let left = load<i32>(statePtr, ROWS_COLUMN_COUNT); left > 0; left--) {
    if (load<i32>(columnPtr, COLUMN_KIND) == COLUMN_TEXT) {
      const boundPtr = boundsPtr + (<usize>load<i32>(columnPtr, COLUMN_FIELD) << 3);
      const length = load<i32>(boundPtr, 4) - load<i32>(boundPtr);
      const used = load<i32>(<usize>load<u32>(columnPtr, COLUMN_OFFSETS_PTR) + (<usize>row << 2));
      if (length > load<i32>(columnPtr, COLUMN_TEXT_BYTES_MAX) - used) return false;
    }
    columnPtr += COLUMN_BYTES;
  }
  return true;
}

/** Puts the fields within the bounds as row `row`. */
export function putRow(statePtr: usize, row: i32): void {
  const boundsPtr: usize = load<u32>(statePtr, ROWS_BOUNDS_PTR);
  let columnPtr: usize = load<u32>(statePtr, ROWS_COLUMNS_PTR);
  for (let left = load<i32>(statePtr, ROWS_COLUMN_COUNT); left > 0; left--) {
    const boundPtr = boundsPtr + (<usize>load<i32>(columnPtr, COLUMN_FIELD) << 3);
    const start: usize = load<u32>(boundPtr);
    const end: usize = load<u32>(boundPtr, 4);
    const kind = load<i32>(columnPtr, COLUMN_KIND);
    const valuesPtr: usize = load<u32>(columnPtr, COLUMN_VALUES_PTR);
    if (kind == COLUMN_INT64 || kind == COLUMN_STAMP) {
      putNumber(columnPtr, kind, row, start, end);
    } else if (kind == COLUMN_TEXT) {
      const offsetPtr = <usize>load<u32>(columnPtr, COLUMN_OFFSETS_PTR) + (<usize>row << 2);
      const used = load<u32>(offsetPtr);
      const length: u32 = start == end ? 0 : <u32>copyText(valuesPtr + used, start, end);
      store<u32>(offsetPtr, used + length, 4);
      if (start == end) putNull(columnPtr, row, false);
    } else if (kind == COLUMN_SURVEY) {
      surveyField(valuesPtr, start, end);
    }
    columnPtr += COLUMN_BYTES;
  }
}

/** Puts row `row` without any value: a line that is no row. */
export function putEmptyRow(statePtr: usize, row: i32): void {
  let columnPtr: usize = load<u32>(statePtr, ROWS_COLUMNS_PTR);
  for (let left = load<i32>(statePtr, ROWS_COLUMN_COUNT); left > 0; left--) {
    const kind = load<i32>(columnPtr, COLUMN_KIND);
    const valuesPtr: usize = load<u32>(columnPtr, COLUMN_VALUES_PTR);
    if (kind == COLUMN_SURVEY) {
      surveyField(valuesPtr, valuesPtr, valuesPtr);
    } else {
      if (kind == COLUMN_TEXT) {
        const offsetPtr = <usize>load<u32>(columnPtr, COLUMN_OFFSETS_PTR) + (<usize>row << 2);
        store<u32>(offsetPtr, load<u32>(offsetPtr), 4);
      } else {
        store<i64>(valuesPtr + (<usize>row << 3), 0);
      }
      putNull(columnPtr, row, false);
    }
    columnPtr += COLUMN_BYTES;
  }
}
