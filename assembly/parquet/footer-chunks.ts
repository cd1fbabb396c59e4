// Reads the row groups of a footer (Thrift's compact protocol) into the table of its chunks. It
// takes flat columns in ascending order whose claims all hold; for anything else it stops, and the
// host, which reads the same without a kernel, says what it is.
//
// footerChunks(ptr, byteLength, groupCount, columnCount, columns, table, groups, dataEnd): bytes read
//   ptr         u8, any alignment: the first RowGroup struct; only byteLength bytes are read
//   columns     columnCount FOOTER_ blocks (src/abi/footer.ts), 8-byte aligned, read and written
//   table       n = groupCount * columnCount chunks, 8-byte aligned, written: ChunkTable's arrays
//               f64[n] offset, bytes, uncompressed bytes, dictionary bytes, null count (-1: none);
//               u64[n] min, max; u32[n] encodings; u8[n] codec; u8[n] FOOTER_HAS_MIN, _MAX
//   groups      f64[groupCount] rows, f64[groupCount] bytes; 8-byte aligned, written
//   dataEnd     where the data of the file ends
// Nothing overlaps. The caller has checked that the outputs are there.
// -STATUS_CORRUPT: it is not so plain, wrong or not; -STATUS_BAD_ARGUMENT.
import {
  FOOTER_CODECS_SEEN,
  FOOTER_CODEC_UNKNOWN,
  FOOTER_COLUMN_BYTES,
  FOOTER_ENCODINGS_SEEN,
  FOOTER_ENCODING_UNKNOWN,
  FOOTER_EXTREMES,
  FOOTER_EXTREMES_F32,
  FOOTER_EXTREMES_F64,
  FOOTER_EXTREMES_I64,
  FOOTER_EXTREMES_NONE,
  FOOTER_EXTREMES_U32,
  FOOTER_HAS_MAX,
  FOOTER_HAS_MIN,
  FOOTER_NAME_BYTES,
  FOOTER_NAME_PTR,
  FOOTER_NOTES,
  FOOTER_NOTE_COUNT,
  FOOTER_PHYSICAL,
  FOOTER_VALUES,
} from "../../src/abi/footer";
import { STATUS_BAD_ARGUMENT, STATUS_CORRUPT } from "../../src/abi/status";

// Types of the compact protocol.
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** As the host's reader. */
const DEPTH_MAX = 32;
const FIELD_ID_MAX = 32767;
const COUNT_MAX: i64 = 9007199254740991;

// The walk's place; per instance, and valid during one call only.
let start: usize = 0;
let at: usize = 0;
let end: usize = 0;
let failed: bool = false;
/** End of the bytes of the chunk before. */
let endBefore: i64 = 0;
// What the chunk in work says; counts are -1 while they are absent.
let physical: i64 = 0;
let codec: i64 = 0;
let values: i64 = 0;
let uncompressed: i64 = 0;
let compressed: i64 = 0;
let dataStart: i64 = 0;
let dictionaryStart: i64 = 0;
let hasPath: bool = false;
let encodings: u32 = 0;
let encodingsAt: usize = 0;
let nullCount: i64 = 0;
let minAt: usize = 0;
let minBytes: i32 = 0;
let maxAt: usize = 0;
let maxBytes: i32 = 0;

export function footerChunks(
  ptr: usize,
  byteLength: i32,
  groupCount: i32,
  columnCount: i32,
  columns: usize,
  table: usize,
  groups: usize,
  dataEnd: f64,
): i32 {
  if (byteLength < 0 || groupCount < 0 || columnCount < 0) return -STATUS_BAD_ARGUMENT;
  if (((columns | table | groups) & 7) != 0) return -STATUS_BAD_ARGUMENT;
  start = at = ptr;
  end = ptr + <usize>byteLength;
  failed = false;
  endBefore = 0;
  const count = <usize>groupCount * columnCount;
  for (let group = 0; group < groupCount; group++) {
    const first = <usize>group * columnCount;
    const rows = rowGroup(first, count, columnCount, columns, table, <i64>dataEnd);
    if (failed) return -STATUS_CORRUPT;
    let bytes: f64 = 0;
    for (let column = 0; column < columnCount; column++) {
      const block = columns + <usize>column * FOOTER_COLUMN_BYTES;
      if (load<i64>(block, FOOTER_VALUES) != rows) return -STATUS_CORRUPT;
      bytes += load<f64>(table + ((count + first + column) << 3));
    }
    store<f64>(groups + (<usize>group << 3), <f64>rows);
    store<f64>(groups + (<usize>(groupCount + group) << 3), bytes);
  }
  return <i32>(at - ptr);
}

/** @returns its rows; `failed` tells whether they mean anything */
function rowGroup(
  first: usize,
  count: usize,
  columnCount: i32,
  columns: usize,
  table: usize,
  dataEnd: i64,
): i64 {
  let rows: i64 = -1;
  let hasChunks = false;
  for (let key = field(0); key != 0; key = field(key >> 4)) {
    if (key == 0x36) {
      rows = int();
    } else if (key == 0x19) {
      if (hasChunks || list(STRUCT) != columnCount) failed = true;
      hasChunks = true;
      for (let column = 0; column < columnCount && !failed; column++) {
        const block = columns + <usize>column * FOOTER_COLUMN_BYTES;
        chunk(block);
        if (!failed) place(block, table, count, first + column, dataEnd);
      }
    } else {
      skip(key & 15, 0);
    }
  }
  if (!hasChunks || !isCount(rows)) failed = true;
  return rows;
}

function chunk(block: usize): void {
  let hasMeta = false;
  for (let key = field(0); key != 0; key = field(key >> 4)) {
    if (key == 0x3c) {
      if (hasMeta) failed = true;
      hasMeta = true;
      metaData(block);
    } else if (key == 0x8c) {
      // Encrypted.
      failed = true;
    } else if (key == 0x18) {
      // In another file, if that has a name.
      if (length() != 0) failed = true;
    } else {
      skip(key & 15, 0);
    }
  }
  if (!hasMeta) failed = true;
}

function metaData(block: usize): void {
  physical = codec = values = uncompressed = compressed = dataStart = dictionaryStart = -1;
  hasPath = false;
  encodings = 0;
  encodingsAt = at;
  nullCount = -1;
  minBytes = maxBytes = 0;
  for (let key = field(0); key != 0; key = field(key >> 4)) {
    const type = key & 15;
    if (type == I64 || type == I32) {
      const value = int();
      const id = key >> 4;
      if (id == 1) physical = value;
      else if (id == 4) codec = value;
      else if (id == 5) values = value;
      else if (id == 6) uncompressed = value;
      else if (id == 7) compressed = value;
      else if (id == 9) dataStart = value;
      else if (id == 11) dictionaryStart = value;
    } else if (key == 0x29) {
      encodingsAt = at;
      encodings = 0;
      for (let left = list(I32); left > 0 && !failed; left--) {
        const encoding = int();
        const isKnown = encoding >= 0 && encoding <= 9;
        encodings |= <u32>1 << <u32>(isKnown ? encoding : FOOTER_ENCODING_UNKNOWN);
      }
    } else if (key == 0x39) {
      hasPath = true;
      path(block);
    } else if (key == 0xcc) {
      statistics();
    } else {
      skip(type, 0);
    }
  }
}

function path(block: usize): void {
  const names = list(BINARY);
  if (names != 1) failed = true;
  const bytes = length();
  if (failed || bytes != load<i32>(block, FOOTER_NAME_BYTES)) {
    failed = true;
    return;
  }
  const name = <usize>load<u32>(block, FOOTER_NAME_PTR);
  if (memory.compare(at, name, bytes) != 0) failed = true;
  at += bytes;
}

function statistics(): void {
  nullCount = -1;
  minBytes = maxBytes = 0;
  let hasMinValue = false;
  let hasMaxValue = false;
  for (let key = field(0); key != 0; key = field(key >> 4)) {
    if (key == 0x68 || (key == 0x28 && !hasMinValue)) {
      hasMinValue = key == 0x68;
      minBytes = length();
      minAt = at;
      at += minBytes;
    } else if (key == 0x58 || (key == 0x18 && !hasMaxValue)) {
      hasMaxValue = key == 0x58;
      maxBytes = length();
      maxAt = at;
      at += maxBytes;
    } else if (key == 0x36) {
      nullCount = int();
    } else {
      skip(key & 15, 0);
    }
  }
}

/** Checks what the chunk says, and stores it at its index. */
function place(block: usize, table: usize, count: usize, index: usize, dataEnd: i64): void {
  if (!hasPath || physical != load<i32>(block, FOOTER_PHYSICAL)) failed = true;
  if (!isCount(values) || !isCount(compressed)) failed = true;
  if (!isCount(dataStart) || !isCount(uncompressed)) failed = true;
  if (failed) return;
  const hasDictionary = dictionaryStart > 0 && dictionaryStart < dataStart;
  const offset = hasDictionary ? dictionaryStart : dataStart;
  const chunkEnd = offset + compressed;
  const isOutside = offset < 4 || chunkEnd > dataEnd || dataStart > chunkEnd;
  const bytes = isOutside ? <i64>0 : compressed;
  if (isOutside && values > 0) failed = true;
  if (bytes > 0) {
    if (offset < endBefore) failed = true;
    endBefore = chunkEnd;
  }
  store<i64>(block, values, FOOTER_VALUES);
  const word = count << 3;
  const entry = table + (index << 3);
  store<f64>(entry, <f64>offset);
  store<f64>(entry + word, <f64>bytes);
  store<f64>(entry + 2 * word, <f64>uncompressed);
  store<f64>(entry + 3 * word, <f64>(dataStart - offset));
  store<f64>(entry + 4 * word, isCount(nullCount) ? <f64>nullCount : -1);
  const kind = load<i32>(block, FOOTER_EXTREMES);
  let has = extreme(entry + 5 * word, kind, minAt, minBytes) ? FOOTER_HAS_MIN : 0;
  if (extreme(entry + 6 * word, kind, maxAt, maxBytes)) has |= FOOTER_HAS_MAX;
  const known = <i32>(codec >= 0 && codec <= 7 ? codec : FOOTER_CODEC_UNKNOWN);
  store<u32>(table + 7 * word + (index << 2), encodings);
  store<u8>(table + 7 * word + 4 * count + index, known);
  store<u8>(table + 7 * word + 5 * count + index, has);
  note(block, index, known);
}

/** Stores a smallest or largest value, 0 where there is none; tells whether it is one. */
function extreme(out: usize, kind: i32, from: usize, bytes: i32): bool {
  store<i64>(out, 0);
  if (kind == FOOTER_EXTREMES_NONE) return false;
  const isLong = kind == FOOTER_EXTREMES_I64 || kind == FOOTER_EXTREMES_F64;
  if (bytes != (isLong ? 8 : 4)) return false;
  if (isLong) {
    store<i64>(out, load<i64>(from));
  } else if (kind == FOOTER_EXTREMES_F32) {
    store<f64>(out, <f64>load<f32>(from));
  } else if (kind == FOOTER_EXTREMES_U32) {
    store<i64>(out, <i64>load<u32>(from));
  } else {
    store<i64>(out, <i64>load<i32>(from));
  }
  if (kind < FOOTER_EXTREMES_F32) return true;
  const value = load<f64>(out);
  return value == value;
}

/** Where codecs and encodings are first met: the host lists them in that order. */
function note(block: usize, index: usize, known: i32): void {
  const codecBit = <u32>1 << <u32>(known & 31);
  const codecsSeen = load<u32>(block, FOOTER_CODECS_SEEN);
  const encodingsSeen = load<u32>(block, FOOTER_ENCODINGS_SEEN);
  if (((codecBit & ~codecsSeen) | (encodings & ~encodingsSeen)) == 0) return;
  store<u32>(block, codecsSeen | codecBit, FOOTER_CODECS_SEEN);
  store<u32>(block, encodingsSeen | encodings, FOOTER_ENCODINGS_SEEN);
  const notes = load<i32>(block, FOOTER_NOTE_COUNT);
  store<i32>(block, notes + 1, FOOTER_NOTE_COUNT);
  const pair = block + <usize>(notes << 3);
  store<u32>(pair, <u32>index, FOOTER_NOTES);
  store<u32>(pair, <u32>(encodingsAt - start), FOOTER_NOTES + 4);
}

function isCount(value: i64): bool {
  return value >= 0 && value <= COUNT_MAX;
}

/** `id * 16 + type` of the next field; 0 at the end of the struct, and after a failure. */
function field(before: i32): i32 {
  const head = byte();
  const type = head & 15;
  if (type == 0 || failed) return 0;
  if (head > 15) return (before << 4) + head;
  const id = int();
  if (id < 1 || id > FIELD_ID_MAX) failed = true;
  return failed ? 0 : (<i32>id << 4) + type;
}

function byte(): i32 {
  if (at < end) return load<u8>(at++);
  failed = true;
  return 0;
}

function varint(): u64 {
  const first = <u64>byte();
  if (first < 0x80) return first;
  let value = first & 0x7f;
  for (let shift: u64 = 7; shift < 63; shift += 7) {
    const next = <u64>byte();
    value |= (next & 0x7f) << shift;
    if (next < 0x80) return value;
  }
  const last = <u64>byte();
  if (last > 1) failed = true;
  return value | (last << 63);
}

function int(): i64 {
  const coded = varint();
  return <i64>(coded >> 1) ^ -<i64>(coded & 1);
}

/** Of bytes that are there, from `at` on; 0 after a failure. */
function length(): i32 {
  const bytes = varint();
  if (bytes > <u64>(end - at)) failed = true;
  return failed ? 0 : <i32>bytes;
}

/** Items of a list of this type; each has a byte at least. */
function list(type: i32): i32 {
  const head = byte();
  const size = head >= 0xf0 ? varint() : <u64>(head >> 4);
  if (size > <u64>(end - at)) failed = true;
  if (size > 0 && (head & 15) != type) failed = true;
  return failed ? 0 : <i32>size;
}

function skip(type: i32, depth: i32): void {
  if (depth > DEPTH_MAX) failed = true;
  if (failed || type == TRUE || type == FALSE) return;
  if (type >= I16 && type <= I64) varint();
  else if (type == BINARY) skipBytes(length());
  else if (type == LIST) skipList(depth + 1);
  else if (type == BYTE) byte();
  else if (type == STRUCT) {
    for (let key = field(0); key != 0; key = field(key >> 4)) skip(key & 15, depth + 1);
  } else if (type == DOUBLE && end - at >= 8) at += 8;
  else failed = true;
}

function skipBytes(bytes: i32): void {
  at += bytes;
}

function skipList(depth: i32): void {
  if (at == end) {
    failed = true;
    return;
  }
  const type = load<u8>(at) & 15;
  for (let left = list(type); left > 0 && !failed; left--) {
    // In a list a boolean takes a byte.
    if (type == TRUE || type == FALSE) byte();
    else skip(type, depth);
  }
}
