// Texts of a column that is read page by page: the part of the column cursor (column-cursor.ts)
// whose values have lengths of their own. Everything that its head says holds here too.
import {
  CURSOR_CODES_MAX,
  CURSOR_CODES_PTR,
  CURSOR_DICTIONARY_COUNT,
  CURSOR_DICTIONARY_PTR,
  CURSOR_ENCODING,
  CURSOR_END,
  CURSOR_INDICES,
  CURSOR_KIND,
  CURSOR_LEVELS,
  CURSOR_NULLABLE,
  CURSOR_PTR,
  CURSOR_ROWS_LEFT,
  CURSOR_TEXT_MAX,
  CURSOR_VALUE_INDEX,
  HYBRID_END,
  HYBRID_PTR,
  VALUE_TEXT,
} from "../../src/abi/column-cursor";
import { ENCODING_PLAIN } from "../../src/abi/encodings";
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import { hybridReadBits, hybridReadU32, nextRun } from "./hybrid-decode";
import { isUtf8 } from "./utf8";

/**
 * `count` PLAIN texts at [ptr, end) as a dictionary: count + 1 i32 offsets, then the bytes. Returns
 * the length of the longest text, or -STATUS_TRUNCATED, -STATUS_CORRUPT (not UTF-8).
 */
export function textDictionary(dictionary: usize, ptr: usize, end: usize, count: i32): i32 {
  let to = dictionary + (<usize>(count + 1) << 2);
  const first = to;
  let longest: usize = 0;
  store<i32>(dictionary, 0);
  for (let i = 0; i < count; i++) {
    // The lengths of the entries to come must have room behind this one too: there is as much room
    // for the dictionary as for its page, and a count that lies must not write beyond it.
    const lengthBytes = <u64>(count - i) << 2;
    if (<u64>(end - ptr) < lengthBytes) return -STATUS_TRUNCATED;
    const byteLength = <usize>load<u32>(ptr);
    if (<u64>byteLength > <u64>(end - ptr) - lengthBytes) return -STATUS_TRUNCATED;
    ptr += 4;
    if (!isUtf8(ptr, byteLength)) return -STATUS_CORRUPT;
    memory.copy(to, ptr, byteLength);
    ptr += byteLength;
    to += byteLength;
    longest = max(longest, byteLength);
    store<i32>(dictionary + (<usize>(i + 1) << 2), <i32>(to - first));
  }
  return <i32>longest;
}

/**
 * How many of the next `count` rows of a text column surely fit `capacity` bytes of text (their
 * texts; not counting nulls): 0 when a single text does not.
 */
export function cursorTextRows(cursor: usize, count: i32, capacity: i32): i32 {
  const encoding = load<i32>(cursor, CURSOR_ENCODING);
  if (encoding != ENCODING_PLAIN) {
    const longest = load<i32>(cursor, CURSOR_TEXT_MAX);
    return longest == 0 ? count : min(count, capacity / longest);
  }
  let ptr = load<usize>(cursor, CURSOR_PTR);
  const end = load<usize>(cursor, CURSOR_END);
  let left = <usize>capacity;
  for (let row = 0; row < count; row++) {
    if (end - ptr < 4) return count;
    const byteLength = <usize>load<u32>(ptr);
    // What does not lie within the page is for cursorReadTexts to refuse.
    if (byteLength > end - ptr - 4) return count;
    if (byteLength > left) return row;
    left -= byteLength;
    ptr += 4 + byteLength;
  }
  return count;
}

/**
 * As cursorRead for texts: their bytes to `text` from offset textOffset on, offsets[outRow + 1] ...
 * say where each ends (i32; offsets[outRow] is textOffset); a null's text is empty. `text` has room
 * for what cursorTextRows allowed. PLAIN and dictionary pages.
 */
export function cursorReadTexts(
  cursor: usize, count: i32, offsets: usize, text: usize, textOffset: i32, outRow: i32,
  validity: usize,
): i32 {
  const rowsLeft = load<i32>(cursor, CURSOR_ROWS_LEFT) - count;
  if (count < 0 || count > CURSOR_CODES_MAX || rowsLeft < 0) return -STATUS_BAD_ARGUMENT;
  if (load<i32>(cursor, CURSOR_KIND) != VALUE_TEXT) return -STATUS_BAD_ARGUMENT;
  const isNullable = load<i32>(cursor, CURSOR_NULLABLE) != 0;
  let present = count;
  if (isNullable) {
    present = hybridReadBits(cursor + CURSOR_LEVELS, count, validity, outRow);
    if (present < 0) return present;
  }
  let end = offsets + (<usize>outRow << 2);
  let last = textOffset;
  store<i32>(end, last);
  for (let row = 0; row < count; row++) {
    const bit = outRow + row;
    const isThere = !isNullable || ((load<u8>(validity + (bit >>> 3)) >> <u8>(bit & 7)) & 1) != 0;
    if (isThere) {
      last = nextText(cursor, text, last);
      if (last < 0) return last;
    }
    end += 4;
    store<i32>(end, last);
  }
  store<i32>(cursor, rowsLeft, CURSOR_ROWS_LEFT);
  store<i32>(cursor, load<i32>(cursor, CURSOR_VALUE_INDEX) + present, CURSOR_VALUE_INDEX);
  if (rowsLeft == 0 && load<i32>(cursor, CURSOR_ENCODING) != ENCODING_PLAIN) {
    const status = restOfRuns(cursor + CURSOR_INDICES);
    if (status != 0) return status;
  }
  return present;
}

/** What stands behind a page's last code must be runs all the same, or padding: 0, or -STATUS_. */
function restOfRuns(indices: usize): i32 {
  const end = load<usize>(indices, HYBRID_END);
  let status = 0;
  while (status == 0) {
    const ptr = load<usize>(indices, HYBRID_PTR);
    if (ptr >= end || load<u8>(ptr) == 0) break;
    status = nextRun(indices);
  }
  return status;
}

/** Copies the next text behind offset `at`; returns the offset behind it, or -STATUS_. */
function nextText(cursor: usize, text: usize, at: i32): i32 {
  if (load<i32>(cursor, CURSOR_ENCODING) == ENCODING_PLAIN) {
    const ptr = load<usize>(cursor, CURSOR_PTR);
    const end = load<usize>(cursor, CURSOR_END);
    if (end - ptr < 4) return -STATUS_TRUNCATED;
    const byteLength = <usize>load<u32>(ptr);
    if (byteLength > end - ptr - 4) return -STATUS_TRUNCATED;
    if (!isUtf8(ptr + 4, byteLength)) return -STATUS_CORRUPT;
    memory.copy(text + <usize>at, ptr + 4, byteLength);
    store<usize>(cursor, ptr + 4 + byteLength, CURSOR_PTR);
    return at + <i32>byteLength;
  }
  const codes = load<usize>(cursor, CURSOR_CODES_PTR);
  const status = hybridReadU32(cursor + CURSOR_INDICES, 1, codes);
  if (status != 0) return status;
  const code = load<u32>(codes);
  const entryCount = load<i32>(cursor, CURSOR_DICTIONARY_COUNT);
  if (code >= <u32>entryCount) return -STATUS_CORRUPT;
  const dictionary = load<usize>(cursor, CURSOR_DICTIONARY_PTR);
  const entry = dictionary + (<usize>code << 2);
  const from = load<i32>(entry);
  const byteLength = <usize>(load<i32>(entry, 4) - from);
  const texts = dictionary + (<usize>(entryCount + 1) << 2);
  memory.copy(text + <usize>at, texts + <usize>from, byteLength);
  return at + <i32>byteLength;
}
