// Reads rows of a column through its pages and chunks without the host, as long as they are of the
// usual kind: whole in memory, with a codec that the core knows, in room that is there. Vendors ship
// thousands of row groups of 10,000 rows, and what a page costs outside the kernels would be most of
// its price. Whatever is not usual, or wrong, is left untouched for the host, which looks at the
// same page again and can say what is the matter.
//
// A stream is a STREAM_ block (src/abi/column-stream.ts), 8-byte aligned; it begins with the block of
// a column cursor (column-cursor.ts), whose rules about hostile input and over-read hold here too.
import {
  CURSOR_DICTIONARY_COUNT,
  CURSOR_DICTIONARY_PTR,
  CURSOR_KIND,
  CURSOR_NULLABLE,
  CURSOR_ROWS_LEFT,
  VALUE_4,
  VALUE_8,
} from "../../src/abi/column-cursor";
import {
  CHUNK_BYTES,
  CHUNK_CODEC,
  CHUNK_ENCODINGS,
  CHUNK_END,
  CHUNK_PTR,
  CHUNK_ROWS,
  STREAM_AT,
  STREAM_BUFFER_BYTES,
  STREAM_BUFFER_PTR,
  STREAM_CHUNKS_LEFT,
  STREAM_CHUNKS_OPENED,
  STREAM_CHUNKS_PTR,
  STREAM_CODEC,
  STREAM_CRC_TABLES_PTR,
  STREAM_DATA_PAGES,
  STREAM_DICTIONARY_BYTES,
  STREAM_DONE,
  STREAM_DONE_ALL,
  STREAM_ENCODINGS,
  STREAM_END,
  STREAM_HEADER_PTR,
  STREAM_NULLS_LEFT,
  STREAM_PAGES,
  STREAM_PRESENT,
  STREAM_ROWS_LEFT,
  STREAM_SNAPPY_TAGS_PTR,
  STREAM_STOP_CHUNK,
  STREAM_STOP_NULLS,
  STREAM_STOP_PAGE,
  STREAM_ZSTD_PTR,
} from "../../src/abi/column-stream";
import {
  ENCODING_PLAIN,
  ENCODING_PLAIN_DICTIONARY,
  ENCODING_RLE,
} from "../../src/abi/encodings";
import {
  PAGE_BYTES,
  PAGE_COMPRESSED_BYTES,
  PAGE_CRC,
  PAGE_DEFINITION_BYTES,
  PAGE_ENCODING,
  PAGE_HAS_CRC,
  PAGE_IS_COMPRESSED,
  PAGE_LEVEL_ENCODING,
  PAGE_NULLS,
  PAGE_REPETITION_BYTES,
  PAGE_TYPE,
  PAGE_TYPE_DATA,
  PAGE_TYPE_DATA_V2,
  PAGE_TYPE_DICTIONARY,
  PAGE_VALUES,
} from "../../src/abi/page-header";
import { crc32 } from "../compress/crc32";
import { lz4DecompressInto } from "../compress/lz4-decompress";
import { snappyDecompressInto } from "../compress/snappy-decompress";
import { zstdDecompressInto } from "../compress/zstd-decompress";
import { cursorBegin, cursorDictionary, cursorDictionaryBytes, cursorRead } from "./column-cursor";
import { pageHeader } from "./page-header";

// Numbers of parquet.thrift.
const CODEC_NONE = 0;
const CODEC_SNAPPY = 1;
const CODEC_ZSTD = 6;
const CODEC_LZ4_RAW = 7;

/** Where a page's bytes are once they are as they were before compression; per instance and call. */
let levelsPtr: usize = 0;
let levelsEnd: usize = 0;
let valuesPtr: usize = 0;
let valuesEnd: usize = 0;

/**
 * Reads the next `count` rows, as cursorRead with outRow 0, across pages and the chunks of the
 * stream's list; `count` is at most CURSOR_CODES_MAX. With `resume` 1 it goes on with a read that
 * stopped, once the host has done what it stopped for; all other arguments are the same then.
 *
 * Returns STREAM_DONE_ALL, with STREAM_PRESENT; STREAM_STOP_..., or -STATUS_ of cursorRead.
 */
export function streamRead(
  stream: usize, count: i32, out: usize, validity: usize, resume: i32,
): i32 {
  if (resume == 0) {
    store<i32>(stream, 0, STREAM_DONE);
    store<i32>(stream, 0, STREAM_PRESENT);
  }
  let done = load<i32>(stream, STREAM_DONE);
  while (done < count) {
    const prepared = streamPrepare(stream);
    if (prepared != 0) return prepared;
    const stop = readOnPage(stream, count - done, out, done, validity);
    if (stop != 0) return stop;
    done = load<i32>(stream, STREAM_DONE);
  }
  return STREAM_DONE_ALL;
}

/**
 * Passes over the next `count` rows of a column that is no text: pages that lie among them whole are
 * not looked at behind their header, the others are read in steps of at most runRows to `out`, as
 * streamRead would. Results as of streamRead; STREAM_DONE counts the rows.
 */
export function streamPass(
  stream: usize, count: i32, runRows: i32, out: usize, validity: usize, resume: i32,
): i32 {
  if (resume == 0) {
    store<i32>(stream, 0, STREAM_DONE);
    store<i32>(stream, 0, STREAM_PRESENT);
  }
  while (true) {
    const left = count - load<i32>(stream, STREAM_DONE);
    if (left <= 0) return STREAM_DONE_ALL;
    let stop = 0;
    if (load<i32>(stream, CURSOR_ROWS_LEFT) != 0) {
      stop = readOnPage(stream, min(left, runRows), out, 0, validity);
    } else if (load<i32>(stream, STREAM_ROWS_LEFT) == 0) {
      stop = nextChunk(stream);
    } else if (!passPage(stream, left)) {
      stop = nextPage(stream);
    }
    if (stop != 0) return stop;
  }
}

/** Leaves the data page at STREAM_AT behind if it is whole and has at most so many rows. */
function passPage(stream: usize, rowsMax: i32): bool {
  const header = load<usize>(stream, STREAM_HEADER_PTR);
  const at = load<usize>(stream, STREAM_AT);
  const left = <i32>(load<usize>(stream, STREAM_END) - at);
  const headerBytes = pageHeader(at, left, header);
  if (headerBytes < 0) return false;
  const storedBytes = load<i32>(header, PAGE_COMPRESSED_BYTES);
  const type = load<i32>(header, PAGE_TYPE);
  const rows = load<i32>(header, PAGE_VALUES);
  if (storedBytes > left - headerBytes) return false;
  if (type != PAGE_TYPE_DATA && type != PAGE_TYPE_DATA_V2) return false;
  if (rows > rowsMax || rows > load<i32>(stream, STREAM_ROWS_LEFT)) return false;
  store<i32>(stream, load<i32>(stream, STREAM_DONE) + rows, STREAM_DONE);
  leavePage(stream, at + <usize>(headerBytes + storedBytes), rows);
  return true;
}

/** Reads up to `rowsMax` rows of the present page, which has some. Returns 0, a stop, or -STATUS_. */
// @ts-ignore: decorator
@inline
function readOnPage(stream: usize, rowsMax: i32, out: usize, outRow: i32, validity: usize): i32 {
  const onPage = load<i32>(stream, CURSOR_ROWS_LEFT);
  const rows = min(onPage, rowsMax);
  const present = cursorRead(stream, rows, out, outRow, validity);
  if (present < 0) return present;
  store<i32>(stream, load<i32>(stream, STREAM_PRESENT) + present, STREAM_PRESENT);
  store<i32>(stream, load<i32>(stream, STREAM_DONE) + rows, STREAM_DONE);
  const nullsLeft = load<i32>(stream, STREAM_NULLS_LEFT);
  if (nullsLeft < 0) return 0;
  const left = nullsLeft - (rows - present);
  store<i32>(stream, left, STREAM_NULLS_LEFT);
  return left < 0 || (rows == onPage && left > 0) ? STREAM_STOP_NULLS : 0;
}

/**
 * Goes on to a page with rows, where the present one has none left: of this chunk or of the next.
 * Returns 0, or STREAM_STOP_PAGE, STREAM_STOP_CHUNK: called again once the host has seen to it.
 */
export function streamPrepare(stream: usize): i32 {
  while (load<i32>(stream, CURSOR_ROWS_LEFT) == 0) {
    const stop = load<i32>(stream, STREAM_ROWS_LEFT) == 0 ? nextChunk(stream) : nextPage(stream);
    if (stop != 0) return stop;
  }
  return 0;
}

/** Opens the next chunk of the list; the one before must be used up. Returns 0 or STREAM_STOP_CHUNK. */
function nextChunk(stream: usize): i32 {
  const left = load<i32>(stream, STREAM_CHUNKS_LEFT);
  if (left == 0 || load<usize>(stream, STREAM_AT) != load<usize>(stream, STREAM_END)) {
    return STREAM_STOP_CHUNK;
  }
  const chunk = load<usize>(stream, STREAM_CHUNKS_PTR);
  store<usize>(stream, load<usize>(chunk, CHUNK_PTR), STREAM_AT);
  store<usize>(stream, load<usize>(chunk, CHUNK_END), STREAM_END);
  store<i32>(stream, load<i32>(chunk, CHUNK_ROWS), STREAM_ROWS_LEFT);
  store<i32>(stream, load<i32>(chunk, CHUNK_CODEC), STREAM_CODEC);
  store<i32>(stream, load<i32>(chunk, CHUNK_ENCODINGS), STREAM_ENCODINGS);
  store<i32>(stream, 0, STREAM_PAGES);
  store<i32>(stream, 0, STREAM_DATA_PAGES);
  store<i32>(stream, 0, CURSOR_DICTIONARY_COUNT);
  store<usize>(stream, chunk + CHUNK_BYTES, STREAM_CHUNKS_PTR);
  store<i32>(stream, left - 1, STREAM_CHUNKS_LEFT);
  store<i32>(stream, load<i32>(stream, STREAM_CHUNKS_OPENED) + 1, STREAM_CHUNKS_OPENED);
  return 0;
}

/** Takes the page at STREAM_AT. Returns 0, or STREAM_STOP_PAGE with nothing of the stream changed. */
function nextPage(stream: usize): i32 {
  const header = load<usize>(stream, STREAM_HEADER_PTR);
  const at = load<usize>(stream, STREAM_AT);
  const left = <i32>(load<usize>(stream, STREAM_END) - at);
  const headerBytes = pageHeader(at, left, header);
  if (headerBytes < 0) return STREAM_STOP_PAGE;
  const storedBytes = load<i32>(header, PAGE_COMPRESSED_BYTES);
  if (storedBytes > left - headerBytes) return STREAM_STOP_PAGE;
  const ptr = at + <usize>headerBytes;
  const type = load<i32>(header, PAGE_TYPE);
  const pages = load<i32>(stream, STREAM_PAGES);
  if (load<i32>(header, PAGE_HAS_CRC) != 0) {
    const tables = load<usize>(stream, STREAM_CRC_TABLES_PTR);
    if (<i32>crc32(tables, ptr, storedBytes, 0) != load<i32>(header, PAGE_CRC)) {
      return STREAM_STOP_PAGE;
    }
  }
  const end = ptr + <usize>storedBytes;
  if (type == PAGE_TYPE_DICTIONARY) {
    if (pages > 0 || !takeDictionary(stream, header, ptr, storedBytes)) return STREAM_STOP_PAGE;
    store<i32>(stream, 1, STREAM_PAGES);
    store<usize>(stream, end, STREAM_AT);
    return 0;
  }
  if (type != PAGE_TYPE_DATA && type != PAGE_TYPE_DATA_V2) return STREAM_STOP_PAGE;
  if (!takeData(stream, header, ptr, storedBytes)) return STREAM_STOP_PAGE;
  leavePage(stream, end, load<i32>(header, PAGE_VALUES));
  return 0;
}

/** The next page is the one behind this data page of so many rows. */
function leavePage(stream: usize, end: usize, rows: i32): void {
  store<i32>(stream, load<i32>(stream, STREAM_PAGES) + 1, STREAM_PAGES);
  store<i32>(stream, load<i32>(stream, STREAM_DATA_PAGES) + 1, STREAM_DATA_PAGES);
  store<i32>(stream, load<i32>(stream, STREAM_ROWS_LEFT) - rows, STREAM_ROWS_LEFT);
  store<usize>(stream, end, STREAM_AT);
}

function takeDictionary(stream: usize, header: usize, ptr: usize, storedBytes: i32): bool {
  const encoding = load<i32>(header, PAGE_ENCODING);
  const count = load<i32>(header, PAGE_VALUES);
  if (encoding != ENCODING_PLAIN && encoding != ENCODING_PLAIN_DICTIONARY) return false;
  // Entries that come out as they are stored are decompressed to where they stay.
  const kind = load<i32>(stream, CURSOR_KIND);
  const isAsStored = kind == VALUE_8 || kind == VALUE_4;
  const to = isAsStored ? CURSOR_DICTIONARY_PTR : STREAM_BUFFER_PTR;
  const room = isAsStored ? STREAM_DICTIONARY_BYTES : STREAM_BUFFER_BYTES;
  if (!unpack(stream, header, ptr, storedBytes, false, to, room)) return false;
  const byteLength = <i32>(valuesEnd - valuesPtr);
  if (count > byteLength) return false;
  const needed = cursorDictionaryBytes(stream, count, byteLength);
  if (needed > <f64>load<i32>(stream, STREAM_DICTIONARY_BYTES)) return false;
  return cursorDictionary(stream, valuesPtr, valuesEnd, count) >= 0;
}

function takeData(stream: usize, header: usize, ptr: usize, storedBytes: i32): bool {
  const isVersion2 = load<i32>(header, PAGE_TYPE) == PAGE_TYPE_DATA_V2;
  const encoding = load<i32>(header, PAGE_ENCODING);
  const rows = load<i32>(header, PAGE_VALUES);
  if (rows > load<i32>(stream, STREAM_ROWS_LEFT)) return false;
  if (((load<i32>(stream, STREAM_ENCODINGS) >>> encoding) & 1) == 0) return false;
  if (load<i32>(header, PAGE_REPETITION_BYTES) != 0) return false;
  const isNullable = load<i32>(stream, CURSOR_NULLABLE) != 0;
  if (isNullable && !isVersion2 && load<i32>(header, PAGE_LEVEL_ENCODING) != ENCODING_RLE) return false;
  const to = STREAM_BUFFER_PTR;
  const room = STREAM_BUFFER_BYTES;
  if (!unpack(stream, header, ptr, storedBytes, isVersion2, to, room)) return false;
  if (cursorBegin(stream, encoding, rows, levelsPtr, levelsEnd, valuesPtr, valuesEnd) < 0) {
    // Nothing is begun: the host finds the same.
    store<i32>(stream, 0, CURSOR_ROWS_LEFT);
    return false;
  }
  store<i32>(stream, isVersion2 ? load<i32>(header, PAGE_NULLS) : -1, STREAM_NULLS_LEFT);
  return true;
}

/**
 * Finds the page's levels and values, decompressed where they are compressed: to the address and
 * within the bytes that these fields of the stream hold.
 */
// @ts-ignore: decorator
@inline
function unpack(
  stream: usize,
  header: usize,
  ptr: usize,
  storedBytes: i32,
  isVersion2: bool,
  toField: usize,
  roomField: usize,
): bool {
  const byteLength = load<i32>(header, PAGE_BYTES);
  const levelBytes = isVersion2 ? load<i32>(header, PAGE_DEFINITION_BYTES) : 0;
  levelsPtr = isVersion2 ? ptr : 0;
  levelsEnd = isVersion2 ? ptr + <usize>levelBytes : 0;
  const from = ptr + <usize>levelBytes;
  const codec = load<i32>(stream, STREAM_CODEC);
  if (codec == CODEC_NONE || (isVersion2 && load<i32>(header, PAGE_IS_COMPRESSED) == 0)) {
    if (storedBytes != byteLength) return false;
    valuesPtr = from;
    valuesEnd = ptr + <usize>storedBytes;
    return true;
  }
  const toBytes = byteLength - levelBytes;
  const fromBytes = storedBytes - levelBytes;
  if (toBytes < 0 || toBytes > load<i32>(stream + roomField)) return false;
  const to = load<usize>(stream + toField);
  valuesPtr = to;
  valuesEnd = to + <usize>toBytes;
  if (codec == CODEC_SNAPPY) {
    const tags = load<usize>(stream, STREAM_SNAPPY_TAGS_PTR);
    return snappyDecompressInto(from, fromBytes, to, toBytes, tags) == toBytes;
  }
  if (codec == CODEC_ZSTD) {
    const workspace = load<usize>(stream, STREAM_ZSTD_PTR);
    return zstdDecompressInto(from, fromBytes, to, toBytes, workspace) == toBytes;
  }
  return codec == CODEC_LZ4_RAW && lz4DecompressInto(from, fromBytes, to, toBytes) == toBytes;
}
