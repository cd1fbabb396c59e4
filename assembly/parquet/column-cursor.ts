// Reads a column chunk page by page, in pieces of any length. The host finds the pages, checks and
// decompresses them; the cursor turns their bytes into values. It is a CURSOR_ block
// (src/abi/column-cursor.ts), 8-byte aligned, cleared by the host, which then sets its `in` fields.
//
// Pages come from strangers: no value, length, code or run is believed before it was held against
// the end of its page, the dictionary's entries, or the rows that are left. Behind the end of each
// page 16 bytes of this memory are read and not used.
//
// Results: a count, or -STATUS_TRUNCATED (the page ends before its values do), -STATUS_CORRUPT (it
// contradicts itself), -STATUS_BAD_ARGUMENT (the caller's mistake; also a kind that has no such
// encoding, which the caller rules out with the page's header).
import {
  CURSOR_CODES_MAX,
  CURSOR_CODES_PTR,
  CURSOR_DELTA,
  CURSOR_DICTIONARY_COUNT,
  CURSOR_DICTIONARY_PTR,
  CURSOR_ENCODING,
  CURSOR_END,
  CURSOR_FIXED_BYTES,
  CURSOR_INDICES,
  CURSOR_KIND,
  CURSOR_LEVELS,
  CURSOR_NULLABLE,
  CURSOR_PTR,
  CURSOR_ROWS_LEFT,
  CURSOR_TEXT_MAX,
  CURSOR_VALUE_COUNT,
  CURSOR_VALUE_INDEX,
  DELTA_LEFT,
  HYBRID_WIDTH,
  VALUE_4,
  VALUE_4_TO_16,
  VALUE_8,
  VALUE_8_TO_16,
  VALUE_BOOL,
  VALUE_TEXT,
  VALUE_UINT32,
} from "../../src/abi/column-cursor";
import {
  ENCODING_BYTE_STREAM_SPLIT,
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_PLAIN,
  ENCODING_PLAIN_DICTIONARY,
  ENCODING_RLE,
  ENCODING_RLE_DICTIONARY,
} from "../../src/abi/encodings";
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";
import { deltaBegin, deltaReadI32, deltaReadI64 } from "./delta-decode";
import { textDictionary } from "./text-cursor";
import { hybridPick64 } from "./hybrid-pick";
import { hybridBegin, hybridReadBits, hybridReadU16, hybridReadU32, nextRun } from "./hybrid-decode";
import {
  outShift,
  pickOne,
  pickU16,
  plainBits,
  plainValues,
  splitValues,
  spreadBits,
  spreadValues,
  storeWide,
  storedBytes,
} from "./plain-decode";

const INDEX_BITS_MAX = 32;
const CODE_BITS_MAX = 16;

/**
 * Takes over a dictionary page: `count` PLAIN entries at [ptr, end), written to
 * CURSOR_DICTIONARY_PTR as they come out (8, 4 or 16 bytes each; texts: count + 1 i32 offsets, then
 * the bytes). The caller has made room for them (cursorDictionaryBytes). They may stand there
 * already, where they come out as they are stored (VALUE_8, VALUE_4). Returns count.
 */
export function cursorDictionary(cursor: usize, ptr: usize, end: usize, count: i32): i32 {
  if (count < 0 || end < ptr) return -STATUS_BAD_ARGUMENT;
  const kind = load<i32>(cursor, CURSOR_KIND);
  const dictionary = load<usize>(cursor, CURSOR_DICTIONARY_PTR);
  if (kind == VALUE_BOOL) return -STATUS_CORRUPT;
  if (kind == VALUE_TEXT) {
    const longest = textDictionary(dictionary, ptr, end, count);
    if (longest < 0) return longest;
    store<i32>(cursor, longest, CURSOR_TEXT_MAX);
  } else {
    const fixedBytes = load<i32>(cursor, CURSOR_FIXED_BYTES);
    const byteLength = <u64>count * <u64>storedBytes(kind, fixedBytes);
    if (byteLength > <u64>(end - ptr)) return -STATUS_TRUNCATED;
    if (ptr != dictionary) plainValues(kind, fixedBytes, ptr, count, dictionary);
  }
  store<i32>(cursor, count, CURSOR_DICTIONARY_COUNT);
  return count;
}

/** The most bytes that cursorDictionary writes for `count` entries stored in `byteLength` bytes. */
export function cursorDictionaryBytes(cursor: usize, count: i32, byteLength: i32): f64 {
  const kind = load<i32>(cursor, CURSOR_KIND);
  if (kind == VALUE_TEXT) return <f64>byteLength + 4;
  return kind == VALUE_BOOL ? 0 : <f64>count * <f64>(1 << outShift(kind));
}

/**
 * Begins a data page of `rowCount` rows: when the column is nullable its definition levels at
 * [levelsPtr, levelsEnd) (a page of version 2), or, with levelsPtr 0, behind 4 bytes of length at
 * valuesPtr (version 1); its values up to `end`. The bytes stay where they are until the page is
 * read. Returns rowCount.
 */
export function cursorBegin(
  cursor: usize, encoding: i32, rowCount: i32,
  levelsPtr: usize, levelsEnd: usize, valuesPtr: usize, end: usize,
): i32 {
  if (rowCount < 0 || end < valuesPtr || levelsEnd < levelsPtr) return -STATUS_BAD_ARGUMENT;
  if (load<i32>(cursor, CURSOR_NULLABLE) != 0) {
    if (levelsPtr == 0) {
      if (end - valuesPtr < 4) return -STATUS_TRUNCATED;
      levelsPtr = valuesPtr + 4;
      const byteLength = <usize>load<u32>(valuesPtr);
      if (byteLength > end - levelsPtr) return -STATUS_TRUNCATED;
      levelsEnd = levelsPtr + byteLength;
      valuesPtr = levelsEnd;
    }
    hybridBegin(cursor + CURSOR_LEVELS, levelsPtr, levelsEnd, 1);
  }
  store<i32>(cursor, encoding, CURSOR_ENCODING);
  store<i32>(cursor, rowCount, CURSOR_ROWS_LEFT);
  store<usize>(cursor, valuesPtr, CURSOR_PTR);
  store<usize>(cursor, end, CURSOR_END);
  store<i32>(cursor, 0, CURSOR_VALUE_INDEX);
  const status = beginValues(cursor, encoding, valuesPtr, end);
  return status != 0 ? status : rowCount;
}

function beginValues(cursor: usize, encoding: i32, ptr: usize, end: usize): i32 {
  const kind = load<i32>(cursor, CURSOR_KIND);
  switch (encoding) {
    case ENCODING_PLAIN:
      return 0;
    case ENCODING_PLAIN_DICTIONARY:
    case ENCODING_RLE_DICTIONARY: {
      if (kind == VALUE_BOOL) return -STATUS_CORRUPT;
      // A page without values may have no bytes at all.
      const width = ptr < end ? <i32>load<u8>(ptr) : 0;
      if (width > INDEX_BITS_MAX) return -STATUS_CORRUPT;
      const indices = cursor + CURSOR_INDICES;
      ptr = min(ptr + 1, end);
      hybridBegin(indices, ptr, end, width);
      // What stands there must be a run even where all rows are null. 0 is padding.
      return ptr < end && load<u8>(ptr) != 0 ? nextRun(indices) : 0;
    }
    case ENCODING_RLE: {
      if (kind != VALUE_BOOL) return -STATUS_BAD_ARGUMENT;
      if (end - ptr < 4) {
        hybridBegin(cursor + CURSOR_INDICES, end, end, 1);
        return 0;
      }
      const byteLength = <usize>load<u32>(ptr);
      if (byteLength > end - ptr - 4) return -STATUS_TRUNCATED;
      hybridBegin(cursor + CURSOR_INDICES, ptr + 4, ptr + 4 + byteLength, 1);
      return 0;
    }
    case ENCODING_DELTA_BINARY_PACKED: {
      const isInt32 = kind == VALUE_4 || kind == VALUE_4_TO_16;
      const isInt64 = kind == VALUE_8 || kind == VALUE_8_TO_16;
      if (!isInt32 && !isInt64 && kind != VALUE_UINT32) return -STATUS_BAD_ARGUMENT;
      // DuckDB has deltas of uint32 that are wider than 32 bits; their low ones are the value.
      if (ptr < end) return deltaBegin(cursor + CURSOR_DELTA, ptr, end, isInt32 ? 32 : 64);
      store<i32>(cursor, 0, CURSOR_DELTA + DELTA_LEFT);
      return 0;
    }
    case ENCODING_BYTE_STREAM_SPLIT: {
      if (kind != VALUE_4 && kind != VALUE_8) return -STATUS_BAD_ARGUMENT;
      const width: usize = kind == VALUE_8 ? 8 : 4;
      const count = (end - ptr) / width;
      if (count * width != end - ptr) return -STATUS_CORRUPT;
      store<i32>(cursor, <i32>count, CURSOR_VALUE_COUNT);
      return 0;
    }
    default:
      return -STATUS_BAD_ARGUMENT;
  }
}

/**
 * Reads the next `count` rows, at most CURSOR_CODES_MAX and not more than CURSOR_ROWS_LEFT, of a
 * column that is no text: to out + outRow * width, booleans to bits from bit outRow of `out` on. In
 * a nullable column bits outRow ... of `validity` say which rows have a value; the others become 0.
 * A bitmap's bits around them stay. `out` has room for 64 bytes more. Returns how many rows have a
 * value.
 */
export function cursorRead(
  cursor: usize, count: i32, out: usize, outRow: i32, validity: usize,
): i32 {
  const rowsLeft = load<i32>(cursor, CURSOR_ROWS_LEFT) - count;
  if (count < 0 || count > CURSOR_CODES_MAX || rowsLeft < 0) return -STATUS_BAD_ARGUMENT;
  const kind = load<i32>(cursor, CURSOR_KIND);
  let present = count;
  if (load<i32>(cursor, CURSOR_NULLABLE) != 0) {
    present = hybridReadBits(cursor + CURSOR_LEVELS, count, validity, outRow);
    if (present < 0) return present;
  }
  if (kind == VALUE_BOOL) {
    const status = readBits(cursor, present, out, outRow);
    if (status != 0) return status;
    if (present < count) spreadBits(out, outRow, validity, count, present);
  } else {
    if (kind == VALUE_TEXT) return -STATUS_BAD_ARGUMENT;
    const shift = outShift(kind);
    const to = out + (<usize>outRow << shift);
    const status = readValues(cursor, kind, present, to);
    if (status != 0) return status;
    if (present < count) spreadValues(to, shift, validity, outRow, count, present);
  }
  store<i32>(cursor, rowsLeft, CURSOR_ROWS_LEFT);
  store<i32>(cursor, load<i32>(cursor, CURSOR_VALUE_INDEX) + present, CURSOR_VALUE_INDEX);
  return present;
}

function readBits(cursor: usize, count: i32, out: usize, outBit: i32): i32 {
  const encoding = load<i32>(cursor, CURSOR_ENCODING);
  if (encoding == ENCODING_RLE) {
    const set = hybridReadBits(cursor + CURSOR_INDICES, count, out, outBit);
    return set < 0 ? set : 0;
  }
  const first = load<i32>(cursor, CURSOR_VALUE_INDEX);
  const ptr = load<usize>(cursor, CURSOR_PTR);
  const bits = <u64>(load<usize>(cursor, CURSOR_END) - ptr) << 3;
  if (<u64>first + <u64>count > bits) return -STATUS_TRUNCATED;
  plainBits(ptr, first, count, out, outBit);
  return 0;
}

/** `count` values to `out`. Returns 0 or -STATUS_. */
function readValues(cursor: usize, kind: i32, count: i32, out: usize): i32 {
  if (count == 0) return 0;
  switch (load<i32>(cursor, CURSOR_ENCODING)) {
    case ENCODING_PLAIN: {
      const fixedBytes = load<i32>(cursor, CURSOR_FIXED_BYTES);
      const byteLength = <usize>count * <usize>storedBytes(kind, fixedBytes);
      const ptr = load<usize>(cursor, CURSOR_PTR);
      if (byteLength > load<usize>(cursor, CURSOR_END) - ptr) return -STATUS_TRUNCATED;
      plainValues(kind, fixedBytes, ptr, count, out);
      store<usize>(cursor, ptr + byteLength, CURSOR_PTR);
      return 0;
    }
    case ENCODING_DELTA_BINARY_PACKED:
      return readDeltas(cursor + CURSOR_DELTA, kind, count, out);
    case ENCODING_BYTE_STREAM_SPLIT: {
      const first = load<i32>(cursor, CURSOR_VALUE_INDEX);
      const valueCount = load<i32>(cursor, CURSOR_VALUE_COUNT);
      if (count > valueCount - first) return -STATUS_TRUNCATED;
      splitValues(kind, load<usize>(cursor, CURSOR_PTR), valueCount, first, count, out);
      return 0;
    }
    default:
      return readCodes(cursor, kind, count, out);
  }
}

/** Sums of deltas as they are stored, then widened in place, the last one first. */
function readDeltas(state: usize, kind: i32, count: i32, out: usize): i32 {
  const isInt64 = kind == VALUE_8 || kind == VALUE_8_TO_16;
  const status = isInt64 ? deltaReadI64(state, count, out) : deltaReadI32(state, count, out);
  if (status != 0 || kind == VALUE_8 || kind == VALUE_4) return status;
  for (let i = count - 1; i >= 0; i--) {
    const at = <usize>i;
    if (kind == VALUE_UINT32) store<u64>(out + (at << 3), load<u32>(out + (at << 2)));
    else if (isInt64) storeWide(out + (at << 4), load<i64>(out + (at << 3)));
    else storeWide(out + (at << 4), load<i32>(out + (at << 2)));
  }
  return 0;
}

function readCodes(cursor: usize, kind: i32, count: i32, out: usize): i32 {
  const indices = cursor + CURSOR_INDICES;
  const dictionary = load<usize>(cursor, CURSOR_DICTIONARY_PTR);
  const entryCount = load<i32>(cursor, CURSOR_DICTIONARY_COUNT);
  const codes = load<usize>(cursor, CURSOR_CODES_PTR);
  const shift = outShift(kind);
  if (load<i32>(indices, HYBRID_WIDTH) <= CODE_BITS_MAX) {
    if (shift == 3) return hybridPick64(indices, count, dictionary, entryCount, out);
    const largest = hybridReadU16(indices, count, codes);
    if (largest < 0) return largest;
    if (largest >= entryCount) return -STATUS_CORRUPT;
    pickU16(dictionary, codes, count, shift, out);
    return 0;
  }
  // Codes of more bits: half as many at once fit the same room.
  const half = CURSOR_CODES_MAX / 2;
  for (let done = 0; done < count; done += half) {
    const n = min(half, count - done);
    const status = hybridReadU32(indices, n, codes);
    if (status != 0) return status;
    for (let i = 0; i < n; i++) {
      const code = load<u32>(codes + (<usize>i << 2));
      if (code >= <u32>entryCount) return -STATUS_CORRUPT;
      pickOne(dictionary, code, shift, out + (<usize>(done + i) << shift));
    }
  }
  return 0;
}
