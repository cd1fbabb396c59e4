// The rows of one column of a row group, page by page, whatever segments they come from (chunk-survey.ts,
// chunk-pages.ts). Values are used where they are, one part for each segment, unless some of the page
// are missing or they are wanted in one piece; then they are gathered into scratch.
import {
  CHUNK_BOOL,
  CHUNK_INDICES_PTR,
  CHUNK_INT32,
  CHUNK_NULLABLE,
  CHUNK_PAGES_PTR,
  CHUNK_ROWS,
  CHUNK_SEGMENT_AT,
  CHUNK_SEGMENT_ROW,
  CHUNK_SEGMENTS,
  CHUNK_TYPE,
  CHUNK_VALIDITY_OFFSET,
  CHUNK_VALIDITY_PTR,
  CHUNK_VALUES_OFFSET,
  CHUNK_VALUES_PTR,
  SEGMENT_BYTES,
  SEGMENT_ROW,
  SEGMENT_ROWS,
  SEGMENT_SLOT,
  WRITTEN_PAGE_BYTES,
} from "../../src/abi/chunk-encode";
import { PAGE_ROWS } from "../../src/abi/limits";
import { compactBits, compactI32, compactI64, countBits, gatherBits } from "./gather";

/** The part that nextPart() found: its values, and how many. Per instance and call. */
export let partPtr: usize = 0;
export let partCount: i32 = 0;
let nextSegment: usize = 0;
let nextRow: i32 = 0;
let rowsLeft: i32 = 0;
/** Values in one piece that stand for all parts; 0 where the segments do. */
let wholePtr: usize = 0;

/** Rows of a page: PAGE_ROWS but for the last. */
// @ts-ignore: decorator
@inline
export function pageRows(chunk: usize, page: i32): i32 {
  return min(PAGE_ROWS, load<i32>(chunk, CHUNK_ROWS) - page * PAGE_ROWS);
}

// @ts-ignore: decorator
@inline
export function pageCountOf(chunk: usize): i32 {
  return (load<i32>(chunk, CHUNK_ROWS) + PAGE_ROWS - 1) / PAGE_ROWS;
}

// @ts-ignore: decorator
@inline
export function valueBytesOf(chunk: usize): i32 {
  return load<i32>(chunk, CHUNK_TYPE) == CHUNK_INT32 ? 4 : 8;
}

/** Whether the chunk has these pages. */
export function hasPages(chunk: usize, pageStart: i32, pageEnd: i32): bool {
  const isBlock = (chunk & 7) == 0 && pageStart >= 0;
  return isBlock && pageStart <= pageEnd && pageEnd <= pageCountOf(chunk);
}

// @ts-ignore: decorator
@inline
export function writtenPage(chunk: usize, page: i32): usize {
  return load<usize>(chunk, CHUNK_PAGES_PTR) + <usize>(page * WRITTEN_PAGE_BYTES);
}

/** Where the indices of a page stand: present ones together, page by page. */
// @ts-ignore: decorator
@inline
export function pageIndices(chunk: usize, page: i32): usize {
  return load<usize>(chunk, CHUNK_INDICES_PTR) + <usize>(page * PAGE_ROWS * 2);
}

/** The next page is that of the first segment. */
export function sourceBegin(chunk: usize): void {
  store<usize>(chunk, load<usize>(chunk, CHUNK_SEGMENTS), CHUNK_SEGMENT_AT);
  store<i32>(chunk, 0, CHUNK_SEGMENT_ROW);
}

/** Leaves a page of so many rows behind. */
export function sourceAdvance(chunk: usize, rows: i32): void {
  let segment = load<usize>(chunk, CHUNK_SEGMENT_AT);
  let row = load<i32>(chunk, CHUNK_SEGMENT_ROW) + rows;
  while (row > 0) {
    const here = load<i32>(segment, SEGMENT_ROWS);
    if (row < here) break;
    row -= here;
    segment += SEGMENT_BYTES;
  }
  store<usize>(chunk, segment, CHUNK_SEGMENT_AT);
  store<i32>(chunk, row, CHUNK_SEGMENT_ROW);
}

/** Gathers the page's validity into scratch; how many values are there. */
export function loadValidity(chunk: usize, rows: i32): i32 {
  const offset = load<i32>(chunk, CHUNK_VALIDITY_OFFSET);
  if (load<i32>(chunk, CHUNK_NULLABLE) == 0 || offset < 0) return rows;
  const validity = load<usize>(chunk, CHUNK_VALIDITY_PTR);
  gatherPageBits(chunk, rows, <usize>offset, validity);
  return countBits(validity, rows);
}

/**
 * Begins a walk over the page's `present` values, not of CHUNK_BOOL; loadValidity came before. What
 * stands in scratch may be overwritten by the next.
 */
export function beginParts(chunk: usize, rows: i32, present: i32): void {
  wholePtr = present < rows ? loadValues(chunk, rows, present) : 0;
  rewindParts(chunk, present);
}

/** The same walk from its beginning, with nothing in scratch overwritten since. */
export function rewindParts(chunk: usize, present: i32): void {
  rowsLeft = present;
  nextSegment = load<usize>(chunk, CHUNK_SEGMENT_AT);
  nextRow = load<i32>(chunk, CHUNK_SEGMENT_ROW);
}

/** Goes on to the next part; false behind the last one. */
export function nextPart(chunk: usize): bool {
  if (rowsLeft == 0) return false;
  if (wholePtr != 0) {
    partPtr = wholePtr;
    partCount = rowsLeft;
    rowsLeft = 0;
    return true;
  }
  partPtr = valuesAt(chunk, nextSegment, nextRow);
  partCount = min(load<i32>(nextSegment, SEGMENT_ROWS) - nextRow, rowsLeft);
  rowsLeft -= partCount;
  nextSegment += SEGMENT_BYTES;
  nextRow = 0;
  return true;
}

/** The page's values in one piece, without the missing ones; of CHUNK_BOOL as bits. Their address. */
export function loadValues(chunk: usize, rows: i32, present: i32): usize {
  const to = load<usize>(chunk, CHUNK_VALUES_PTR);
  const validity = load<usize>(chunk, CHUNK_VALIDITY_PTR);
  const type = load<i32>(chunk, CHUNK_TYPE);
  if (type == CHUNK_BOOL) {
    gatherPageBits(chunk, rows, load<usize>(chunk, CHUNK_VALUES_OFFSET), to);
    if (present < rows) compactBits(to, validity, rows);
    return to;
  }
  const ptr = gatherValues(chunk, rows, to, present < rows);
  if (present == rows) return ptr;
  if (type == CHUNK_INT32) compactI32(to, validity, rows);
  else compactI64(to, validity, rows);
  return to;
}

/** The first `rows` values of the page in one piece: where they are (unless `copied`), or at `to`. */
export function gatherValues(chunk: usize, rows: i32, to: usize, copied: bool): usize {
  let segment = load<usize>(chunk, CHUNK_SEGMENT_AT);
  let skip = load<i32>(chunk, CHUNK_SEGMENT_ROW);
  let at = to;
  for (let left = rows; left > 0; segment += SEGMENT_BYTES, skip = 0) {
    const from = valuesAt(chunk, segment, skip);
    const count = min(load<i32>(segment, SEGMENT_ROWS) - skip, left);
    if (count == rows && !copied) return from;
    const bytes = <usize>count * <usize>valueBytesOf(chunk);
    memory.copy(at, from, bytes);
    at += bytes;
    left -= count;
  }
  return to;
}

/** Address of a row's value; a row of the segment. */
// @ts-ignore: decorator
@inline
function valuesAt(chunk: usize, segment: usize, row: i32): usize {
  const at = <usize>(load<i32>(segment, SEGMENT_ROW) + row) * <usize>valueBytesOf(chunk);
  return load<usize>(segment, SEGMENT_SLOT) + load<usize>(chunk, CHUNK_VALUES_OFFSET) + at;
}

/**
 * The page's bits, `offset` bytes into each slot, from bit 0 at `to` on; up to 8 bytes behind them are
 * written too.
 */
export function gatherPageBits(chunk: usize, rows: i32, offset: usize, to: usize): void {
  let segment = load<usize>(chunk, CHUNK_SEGMENT_AT);
  let skip = load<i32>(chunk, CHUNK_SEGMENT_ROW);
  for (let done = 0; done < rows; segment += SEGMENT_BYTES, skip = 0) {
    const count = min(load<i32>(segment, SEGMENT_ROWS) - skip, rows - done);
    const row = load<i32>(segment, SEGMENT_ROW) + skip;
    gatherBits(load<usize>(segment, SEGMENT_SLOT) + offset, row, count, to, done);
    done += count;
  }
}
