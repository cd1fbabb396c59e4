// Reads the header of a page: a PageHeader of parquet.thrift in Thrift's compact protocol.
//
// pageHeader(ptr, byteLength, out): bytes of the header
//   ptr         u8, any alignment; only its byteLength bytes are read
//   out         the PAGE_ block (src/abi/page-header.ts), 4-byte aligned, written; no overlap
// -STATUS_TRUNCATED: the bytes end inside the header (more of them may help); -STATUS_CORRUPT: it is
// no header, or one that lacks what it must have; -STATUS_BAD_ARGUMENT.
// Fields that are not known are passed over, as the protocol wants.
import {
  PAGE_BYTES,
  PAGE_COMPRESSED_BYTES,
  PAGE_CRC,
  PAGE_DEFINITION_BYTES,
  PAGE_ENCODING,
  PAGE_HAS_CRC,
  PAGE_HEADER_BYTES,
  PAGE_IS_COMPRESSED,
  PAGE_LEVEL_ENCODING,
  PAGE_NULLS,
  PAGE_REPETITION_BYTES,
  PAGE_ROWS,
  PAGE_TYPE,
  PAGE_TYPE_DATA,
  PAGE_TYPE_DATA_V2,
  PAGE_TYPE_DICTIONARY,
  PAGE_VALUES,
} from "../../src/abi/page-header";
import { ENCODING_BYTE_STREAM_SPLIT, ENCODING_PLAIN } from "../../src/abi/encodings";
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT, STATUS_TRUNCATED } from "../../src/abi/status";

/** Fields that a header of each kind must have, by their bits: all but those marked optional. */
const NEEDED_DATA: u32 = 0b11110;
const NEEDED_DICTIONARY: u32 = 0b110;
const NEEDED_DATA_V2: u32 = 0b1111110;

// Types of the compact protocol.
const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

/** Statistics nest one deep in a page header; deeper than this nobody means it. */
const DEPTH_MAX = 8;
const VARINT_BYTES_MAX = 10;

// The walk's place; per instance, and valid during one call only.
let at: usize = 0;
let end: usize = 0;
/** 0, or what is wrong: the first STATUS_ that was met. */
let failure: i32 = 0;
/** Bit n: field n of the header of the page's kind was there. */
let seen: u32 = 0;

export function pageHeader(ptr: usize, byteLength: i32, out: usize): i32 {
  if (byteLength < 0 || (out & 3) != 0) return -STATUS_BAD_ARGUMENT;
  at = ptr;
  end = ptr + <usize>byteLength;
  failure = 0;
  memory.fill(out, 0, PAGE_HEADER_BYTES);
  store<i32>(out, -1, PAGE_TYPE);
  store<i32>(out, -1, PAGE_BYTES);
  store<i32>(out, -1, PAGE_COMPRESSED_BYTES);
  store<i32>(out, -1, PAGE_VALUES);
  store<i32>(out, 1, PAGE_IS_COMPRESSED);
  let nested = -1;
  for (let id = 0; failure == 0; ) {
    const head = byte();
    const type = head & 15;
    if (type == STOP) break;
    id = fieldId(head, id);
    if (id < 1 || id > 8) {
      skip(type, 0);
    } else if (type != (id <= 4 ? I32 : STRUCT)) {
      corrupt();
    } else if (id <= 4) {
      const value = int32();
      if (id == 1) store<i32>(out, value, PAGE_TYPE);
      else if (id == 2) store<i32>(out, value, PAGE_BYTES);
      else if (id == 3) store<i32>(out, value, PAGE_COMPRESSED_BYTES);
      else {
        store<i32>(out, 1, PAGE_HAS_CRC);
        store<i32>(out, value, PAGE_CRC);
      }
    } else if (id == 6) {
      skip(STRUCT, 0);
    } else {
      if (nested != -1) corrupt();
      nested = id;
      seen = 0;
      if (id == 5) dataPage(out);
      else if (id == 7) dictionaryPage(out);
      else dataPageV2(out);
    }
  }
  if (failure == 0 && !isWhole(out, nested)) corrupt();
  return failure != 0 ? -failure : <i32>(at - ptr);
}

/** What every page must say, and no lengths below 0. */
function isWhole(out: usize, nested: i32): bool {
  const type = load<i32>(out, PAGE_TYPE);
  const bytes = load<i32>(out, PAGE_BYTES);
  const compressed = load<i32>(out, PAGE_COMPRESSED_BYTES);
  if (type < 0 || type > PAGE_TYPE_DATA_V2 || bytes < 0 || compressed < 0) return false;
  const wanted =
    type == PAGE_TYPE_DATA ? 5 : type == PAGE_TYPE_DICTIONARY ? 7 : type == PAGE_TYPE_DATA_V2 ? 8 : -1;
  if (wanted == -1) return true;
  const needed = wanted == 5 ? NEEDED_DATA : wanted == 7 ? NEEDED_DICTIONARY : NEEDED_DATA_V2;
  if (nested != wanted || (seen & needed) != needed) return false;
  if (load<i32>(out, PAGE_VALUES) < 0) return false;
  const repetition = load<i32>(out, PAGE_REPETITION_BYTES);
  const definition = load<i32>(out, PAGE_DEFINITION_BYTES);
  const nulls = load<i32>(out, PAGE_NULLS);
  if (repetition < 0 || definition < 0 || nulls < 0) return false;
  if (wanted == 8 && !isRowCount(out, repetition)) return false;
  return nulls <= load<i32>(out, PAGE_VALUES) && <i64>repetition + definition <= <i64>compressed;
}

/** Version 2: without repetition levels every value is a row. */
function isRowCount(out: usize, repetition: i32): bool {
  const rows = load<i32>(out, PAGE_ROWS);
  const values = load<i32>(out, PAGE_VALUES);
  return repetition == 0 ? rows == values : rows >= 0 && rows <= values;
}

/** Values, encoding, encodings of the definition and of the repetition levels, statistics. */
function dataPage(out: usize): void {
  for (let id = 0; failure == 0; ) {
    const head = byte();
    const type = head & 15;
    if (type == STOP) return;
    id = fieldId(head, id);
    if (id < 1 || id > 5) {
      skip(type, 0);
    } else if (type != (id <= 4 ? I32 : STRUCT)) {
      corrupt();
    } else if (id == 5) {
      statistics();
    } else {
      seen |= 1 << id;
      const value = id == 1 ? int32() : encoding();
      if (id == 1) store<i32>(out, value, PAGE_VALUES);
      else if (id == 2) store<i32>(out, value, PAGE_ENCODING);
      else if (id == 3) store<i32>(out, value, PAGE_LEVEL_ENCODING);
    }
  }
}

/** Entries, encoding, whether they are sorted. */
function dictionaryPage(out: usize): void {
  for (let id = 0; failure == 0; ) {
    const head = byte();
    const type = head & 15;
    if (type == STOP) return;
    id = fieldId(head, id);
    if (id < 1 || id > 2) {
      if (id == 3 && type != TRUE && type != FALSE) corrupt();
      skip(type, 0);
    } else if (type != I32) {
      corrupt();
    } else {
      seen |= 1 << id;
      const value = id == 1 ? int32() : encoding();
      store<i32>(out + (id == 1 ? PAGE_VALUES : PAGE_ENCODING), value);
    }
  }
}

function dataPageV2(out: usize): void {
  for (let id = 0; failure == 0; ) {
    const head = byte();
    const type = head & 15;
    if (type == STOP) return;
    id = fieldId(head, id);
    if (id < 1 || id > 8) {
      skip(type, 0);
    } else if (id == 7) {
      if (type != TRUE && type != FALSE) corrupt();
      store<i32>(out, i32(type == TRUE), PAGE_IS_COMPRESSED);
    } else if (type != (id <= 6 ? I32 : STRUCT)) {
      corrupt();
    } else if (id == 8) {
      statistics();
    } else {
      seen |= 1 << id;
      const value = id == 4 ? encoding() : int32();
      if (id == 1) store<i32>(out, value, PAGE_VALUES);
      else if (id == 2) store<i32>(out, value, PAGE_NULLS);
      else if (id == 3) store<i32>(out, value, PAGE_ROWS);
      else if (id == 4) store<i32>(out, value, PAGE_ENCODING);
      else if (id == 5) store<i32>(out, value, PAGE_DEFINITION_BYTES);
      else store<i32>(out, value, PAGE_REPETITION_BYTES);
    }
  }
}

/** Nothing of them is used; but where they are none, the rest of the header is not to be believed. */
function statistics(): void {
  for (let id = 0; failure == 0; ) {
    const head = byte();
    const type = head & 15;
    if (type == STOP) return;
    id = fieldId(head, id);
    // Smallest and largest value (twice), counts of nulls and distinct values, two flags.
    if (id == 1 || id == 2 || id == 5 || id == 6) {
      if (type != BINARY) corrupt();
    } else if (id == 3 || id == 4) {
      if (type != I64) corrupt();
    } else if (id == 7 || id == 8) {
      if (type != TRUE && type != FALSE) corrupt();
    }
    skip(type, 0);
  }
}

/** An encoding of parquet.thrift; 1 (GROUP_VAR_INT) was never used. */
function encoding(): i32 {
  const value = int32();
  if (value < ENCODING_PLAIN || value > ENCODING_BYTE_STREAM_SPLIT || value == 1) {
    corrupt();
  }
  return value;
}

/** What failed first stays: behind the end of the bytes all else looks wrong too. */
function corrupt(): void {
  if (failure == 0) failure = STATUS_CORRUPT;
}

function byte(): i32 {
  if (at < end) return load<u8>(at++);
  if (failure == 0) failure = STATUS_TRUNCATED;
  return STOP;
}

function varint(): u64 {
  let value: u64 = 0;
  for (let i = 0; i < VARINT_BYTES_MAX; i++) {
    const next = <u64>byte();
    value |= (next & 0x7f) << <u64>(7 * i);
    if (next < 0x80) return value;
  }
  corrupt();
  return 0;
}

function int32(): i32 {
  const coded = varint();
  const value = <i64>(coded >> 1) ^ -<i64>(coded & 1);
  if (value != <i64>(<i32>value)) corrupt();
  return <i32>value;
}

/** The id of a field: a step from the one before, or the number itself behind a step of 0. */
function fieldId(head: i32, before: i32): i32 {
  const step = head >>> 4;
  return step != 0 ? before + step : int32();
}

function skip(type: i32, depth: i32): void {
  if (depth > DEPTH_MAX) corrupt();
  if (failure != 0) return;
  switch (type) {
    case TRUE:
    case FALSE:
      return;
    case BYTE:
      byte();
      return;
    case I16:
    case I32:
    case I64:
      varint();
      return;
    case DOUBLE:
      skipBytes(8);
      return;
    case BINARY:
      skipBytes(varint());
      return;
    case LIST:
    case SET:
      skipList(depth + 1);
      return;
    case STRUCT:
      while (failure == 0) {
        const head = byte();
        if ((head & 15) == STOP) return;
        fieldId(head, 0);
        skip(head & 15, depth + 1);
      }
      return;
    default:
      corrupt();
  }
}

function skipBytes(count: u64): void {
  if (count <= <u64>(end - at)) at += <usize>count;
  else failure = STATUS_TRUNCATED;
}

function skipList(depth: i32): void {
  const head = byte();
  const type = head & 15;
  // Of booleans readers disagree whether they take a byte here; no header has a list of them.
  if (type <= FALSE || type > STRUCT) corrupt();
  const size = head >>> 4 == 15 ? varint() : <u64>(head >>> 4);
  for (let i: u64 = 0; i < size && failure == 0; i++) skip(type, depth);
}
