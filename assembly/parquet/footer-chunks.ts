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
import {
  field,
  hasFailed,
  int,
  length,
  list,
  skip,
  take,
  walkAt,
  walkBegin,
  walkFail,
} from "./thrift-walk";

// Types of the compact protocol.
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const STRUCT = 12;

const COUNT_MAX: i64 = 9007199254740991;

// The walk's place; per instance, and valid during one call only.
let start: usize = 0;
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
  start = ptr;
  walkBegin(ptr, ptr + <usize>byteLength);
  endBefore = 0;
  const count = <usize>groupCount * columnCount;
  for (let group = 0; group < groupCount; group++) {
    const first = <usize>group * columnCount;
    const rows = rowGroup(first, count, columnCount, columns, table, <i64>dataEnd);
    if (hasFailed()) return -STATUS_CORRUPT;
    let bytes: f64 = 0;
    for (let column = 0; column < columnCount; column++) {
      const block = columns + <usize>column * FOOTER_COLUMN_BYTES;
      if (load<i64>(block, FOOTER_VALUES) != rows) return -STATUS_CORRUPT;
      bytes += load<f64>(table + ((count + first + column) << 3));
    }
    store<f64>(groups + (<usize>group << 3), <f64>rows);
    store<f64>(groups + (<usize>(groupCount + group) << 3), bytes);
  }
  return <i32>(walkAt() - ptr);
}

/** @returns its rows; `hasFailed` tells whether they mean anything */
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
      if (hasChunks || list(STRUCT) != columnCount) walkFail();
      hasChunks = true;
      for (let column = 0; column < columnCount && !hasFailed(); column++) {
        const block = columns + <usize>column * FOOTER_COLUMN_BYTES;
        chunk(block);
        if (!hasFailed()) place(block, table, count, first + column, dataEnd);
      }
    } else {
      skip(key & 15, 0);
    }
  }
  if (!hasChunks || !isCount(rows)) walkFail();
  return rows;
}

function chunk(block: usize): void {
  let hasMeta = false;
  for (let key = field(0); key != 0; key = field(key >> 4)) {
    if (key == 0x3c) {
      if (hasMeta) walkFail();
      hasMeta = true;
      metaData(block);
    } else if (key == 0x8c) {
      // Encrypted.
      walkFail();
    } else if (key == 0x18) {
      // In another file, if that has a name.
      if (length() != 0) walkFail();
    } else {
      skip(key & 15, 0);
    }
  }
  if (!hasMeta) walkFail();
}

function metaData(block: usize): void {
  physical = codec = values = uncompressed = compressed = dataStart = dictionaryStart = -1;
  hasPath = false;
  encodings = 0;
  encodingsAt = walkAt();
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
      encodingsAt = walkAt();
      encodings = 0;
      for (let left = list(I32); left > 0 && !hasFailed(); left--) {
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
  if (names != 1) walkFail();
  const bytes = length();
  if (hasFailed() || bytes != load<i32>(block, FOOTER_NAME_BYTES)) {
    walkFail();
    return;
  }
  const name = <usize>load<u32>(block, FOOTER_NAME_PTR);
  if (memory.compare(take(bytes), name, bytes) != 0) walkFail();
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
      minAt = take(minBytes);
    } else if (key == 0x58 || (key == 0x18 && !hasMaxValue)) {
      hasMaxValue = key == 0x58;
      maxBytes = length();
      maxAt = take(maxBytes);
    } else if (key == 0x36) {
      nullCount = int();
    } else {
      skip(key & 15, 0);
    }
  }
}

/** Checks what the chunk says, and stores it at its index. */
function place(block: usize, table: usize, count: usize, index: usize, dataEnd: i64): void {
  if (!hasPath || physical != load<i32>(block, FOOTER_PHYSICAL)) walkFail();
  if (!isCount(values) || !isCount(compressed)) walkFail();
  if (!isCount(dataStart) || !isCount(uncompressed)) walkFail();
  if (hasFailed()) return;
  const hasDictionary = dictionaryStart > 0 && dictionaryStart < dataStart;
  const offset = hasDictionary ? dictionaryStart : dataStart;
  const chunkEnd = offset + compressed;
  const isOutside = offset < 4 || chunkEnd > dataEnd || dataStart > chunkEnd;
  const bytes = isOutside ? <i64>0 : compressed;
  if (isOutside && values > 0) walkFail();
  if (bytes > 0) {
    if (offset < endBefore) walkFail();
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
