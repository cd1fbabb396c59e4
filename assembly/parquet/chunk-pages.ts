// Writes the pages of a chunk that was surveyed (chunk-survey.ts) into the output spans: all of them in
// one call, unless the host has to compress each.
//
// chunkDictionary(chunk, body, byteLength, resume): bytes of the dictionary page with its header are
//   added to CHUNK_BYTES
//   body     0: the entries of the dictionary block, sorted where a codec comes behind them; else the
//            page's byteLength bytes (texts), which are not sorted
// chunkPages(chunk, pageStart, pageEnd, resume): WRITTEN_BYTES of these pages; as chunkSurvey takes them
//
//   resume   0, or 1: goes on after CHUNK_STOP_COMPRESS, with CHUNK_STOP_COMPRESSED bytes at
//            CHUNK_COMPRESSED_PTR; all other arguments are the same then
//   chunk    as chunkSurvey's; CHUNK_SPANS is written
// Result: CHUNK_DONE, CHUNK_STOP_COMPRESS, or -STATUS_OUTPUT_FULL (the spans are used up),
// -STATUS_BAD_ARGUMENT.
import {
  CHUNK_BODY_PTR,
  CHUNK_BOOL,
  CHUNK_CODEC,
  CHUNK_COMPRESSED_PTR,
  CHUNK_DELTA_PTR,
  CHUNK_DICTIONARY_PTR,
  CHUNK_DONE,
  CHUNK_ENCODING,
  CHUNK_ENTRIES,
  CHUNK_INDICES_PTR,
  CHUNK_INT32,
  CHUNK_NONE,
  CHUNK_NULLABLE,
  CHUNK_ROWS,
  CHUNK_SNAPPY,
  CHUNK_SNAPPY_TABLE_PTR,
  CHUNK_STOP_BYTES,
  CHUNK_STOP_COMPRESS,
  CHUNK_STOP_COMPRESSED,
  CHUNK_STOP_PAGE,
  CHUNK_STOP_PTR,
  CHUNK_TYPE,
  CHUNK_VALIDITY_PTR,
  CHUNK_VALUES_OFFSET,
  WRITTEN_BYTES,
  WRITTEN_IN_RUNS,
  WRITTEN_PRESENT,
  WRITTEN_ROWS,
  WRITTEN_RUNS,
  WRITTEN_WIDTH,
} from "../../src/abi/chunk-encode";
import { DICTIONARY_ENTRIES, DICTIONARY_SORTED } from "../../src/abi/dictionary";
import {
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_PLAIN,
  ENCODING_RLE_DICTIONARY,
} from "../../src/abi/encodings";
import { PAGE_TYPE_DATA, PAGE_TYPE_DICTIONARY } from "../../src/abi/page-header";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { snappyCompressInto } from "../compress/snappy-compress";
import { bodyPlace, putPlaced, putStored } from "./chunk-output";
import {
  beginParts,
  gatherPageBits,
  hasPages,
  loadValidity,
  loadValues,
  nextPart,
  pageIndices,
  partCount,
  partPtr,
  sourceAdvance,
  sourceBegin,
  valueBytesOf,
  writtenPage,
} from "./chunk-source";
import { deltaEncodeI32Into, deltaEncodeI64Into } from "./delta-encode";
import { dictionarySortI32, dictionarySortI64 } from "./dictionary-sort";
import { hybridEncodeBitsInto, hybridEncodeU16Into, runEncodeU16Into } from "./hybrid-encode";
import { storeVarint } from "./varint";

export function chunkDictionary(chunk: usize, body: usize, byteLength: i32, resume: i32): i32 {
  if ((chunk & 7) != 0 || byteLength < 0) return -STATUS_BAD_ARGUMENT;
  if (body == 0) {
    byteLength = load<i32>(chunk, CHUNK_ENTRIES) * valueBytesOf(chunk);
    body = entriesPtr(chunk, resume != 0);
  }
  const entryCount = load<i32>(chunk, CHUNK_ENTRIES);
  const type = PAGE_TYPE_DICTIONARY;
  const bytes = putPage(chunk, body, byteLength, resume, type, entryCount, ENCODING_PLAIN);
  if (bytes < 0) return bytes;
  return bytes == 0 ? CHUNK_STOP_COMPRESS : CHUNK_DONE;
}

export function chunkPages(chunk: usize, pageStart: i32, pageEnd: i32, resume: i32): i32 {
  if (!hasPages(chunk, pageStart, pageEnd)) return -STATUS_BAD_ARGUMENT;
  const encoding = load<i32>(chunk, CHUNK_ENCODING);
  const isStored = load<i32>(chunk, CHUNK_CODEC) != CHUNK_NONE;
  let page = resume != 0 ? load<i32>(chunk, CHUNK_STOP_PAGE) : pageStart;
  if (resume == 0) sourceBegin(chunk);
  for (; page < pageEnd; page++, resume = 0) {
    const written = writtenPage(chunk, page);
    const rows = load<i32>(written, WRITTEN_ROWS);
    let body = load<usize>(chunk, CHUNK_BODY_PTR);
    let byteLength = load<i32>(chunk, CHUNK_STOP_BYTES);
    let placed: usize = 0;
    if (resume == 0) {
      if (!isStored) placed = bodyPlace(chunk, bodyBytesMax(chunk, written, encoding));
      if (placed != 0) body = placed;
      byteLength = makeBody(chunk, page, encoding, body);
      if (byteLength < 0) return byteLength;
      sourceAdvance(chunk, rows);
    }
    store<i32>(chunk, page, CHUNK_STOP_PAGE);
    const bytes = placed != 0
      ? putPlaced(chunk, body, byteLength, PAGE_TYPE_DATA, rows, encoding)
      : putPage(chunk, body, byteLength, resume, PAGE_TYPE_DATA, rows, encoding);
    if (bytes <= 0) return bytes < 0 ? bytes : CHUNK_STOP_COMPRESS;
    store<i32>(written, bytes, WRITTEN_BYTES);
  }
  return CHUNK_DONE;
}

/** Where the entries stand, in the order in which they are written. */
function entriesPtr(chunk: usize, isSorted: bool): usize {
  const block = load<usize>(chunk, CHUNK_DICTIONARY_PTR);
  // Without a codec the order of the entries changes no size.
  if (load<i32>(chunk, CHUNK_CODEC) == CHUNK_NONE) return block + DICTIONARY_ENTRIES;
  if (!isSorted) {
    const indices = load<usize>(chunk, CHUNK_INDICES_PTR);
    const rows = load<i32>(chunk, CHUNK_ROWS);
    if (valueBytesOf(chunk) == 4) dictionarySortI32(block, indices, rows);
    else dictionarySortI64(block, indices, rows);
  }
  return block + DICTIONARY_SORTED;
}

/**
 * Compresses a page that stands at `body`, where there is a codec, and writes it. Bytes of the page
 * with its header; 0: the host has to compress it first.
 */
function putPage(
  chunk: usize, body: usize, byteLength: i32, resume: i32, type: i32, count: i32, encoding: i32,
): i32 {
  const codec = load<i32>(chunk, CHUNK_CODEC);
  if (codec == CHUNK_NONE) {
    return putStored(chunk, body, byteLength, byteLength, type, count, encoding);
  }
  const compressed = load<usize>(chunk, CHUNK_COMPRESSED_PTR);
  let storedBytes = load<i32>(chunk, CHUNK_STOP_COMPRESSED);
  if (codec == CHUNK_SNAPPY) {
    const table = load<usize>(chunk, CHUNK_SNAPPY_TABLE_PTR);
    storedBytes = snappyCompressInto(body, byteLength, compressed, table);
    if (storedBytes < 0) return storedBytes;
  } else if (resume == 0) {
    store<usize>(chunk, body, CHUNK_STOP_PTR);
    store<i32>(chunk, byteLength, CHUNK_STOP_BYTES);
    return 0;
  }
  return putStored(chunk, compressed, storedBytes, byteLength, type, count, encoding);
}

/** The most bytes that the kernels touch for a page's body (src/core/page-encode.ts has the same). */
function bodyBytesMax(chunk: usize, written: usize, encoding: i32): i32 {
  const rows = load<i32>(written, WRITTEN_ROWS);
  const present = load<i32>(written, WRITTEN_PRESENT);
  const valueBytes = valueBytesOf(chunk);
  const levels = load<i32>(chunk, CHUNK_NULLABLE) != 0 ? 4 + hybridBytesMax(rows, 1) : 0;
  if (encoding == ENCODING_DELTA_BINARY_PACKED) {
    return levels + 48 + ((present + 255) >>> 8) * (18 + 256 * valueBytes);
  }
  if (encoding == ENCODING_PLAIN) return levels + present * valueBytes;
  return levels + 1 + (load<i32>(written, WRITTEN_IN_RUNS) != 0
    ? 16 + 5 * load<i32>(written, WRITTEN_RUNS)
    : hybridBytesMax(present, load<i32>(written, WRITTEN_WIDTH)));
}

// @ts-ignore: decorator
@inline
function hybridBytesMax(count: i32, width: i32): i32 {
  return 32 + ((count + 7) >>> 3) * (2 + width);
}

/** Makes a page's body: levels, then values. Its bytes, or -STATUS_. */
function makeBody(chunk: usize, page: i32, encoding: i32, to: usize): i32 {
  const written = writtenPage(chunk, page);
  const rows = load<i32>(written, WRITTEN_ROWS);
  const present = load<i32>(written, WRITTEN_PRESENT);
  // Scratch holds the validity of another page; where no value is missing none is needed.
  if (present < rows) loadValidity(chunk, rows);
  const levels = load<i32>(chunk, CHUNK_NULLABLE) != 0 ? makeLevels(chunk, rows, present, to) : 0;
  if (levels < 0) return levels;
  const at = to + <usize>levels;
  const bytes = encoding == ENCODING_RLE_DICTIONARY
    ? makeIndices(chunk, page, at)
    : makeValues(chunk, rows, present, encoding, at);
  return bytes < 0 ? bytes : levels + bytes;
}

/** Definition levels: their length in 4 bytes, then a hybrid of 0 (missing) and 1. */
function makeLevels(chunk: usize, rows: i32, present: i32, to: usize): i32 {
  let bytes: i32;
  if (present == rows) {
    // As hybridEncodeBitsInto has it: one run of ones.
    const end = storeVarint(to + 4, (<u64>rows) << 1);
    store<u8>(end, 1);
    bytes = <i32>(end + 1 - to) - 4;
  } else {
    bytes = hybridEncodeBitsInto(load<usize>(chunk, CHUNK_VALIDITY_PTR), rows, to + 4);
    if (bytes < 0) return bytes;
  }
  store<i32>(to, bytes);
  return 4 + bytes;
}

function makeIndices(chunk: usize, page: i32, to: usize): i32 {
  const written = writtenPage(chunk, page);
  const indices = pageIndices(chunk, page);
  const present = load<i32>(written, WRITTEN_PRESENT);
  const width = load<i32>(written, WRITTEN_WIDTH);
  store<u8>(to, <u8>width);
  const bytes = load<i32>(written, WRITTEN_IN_RUNS) != 0
    ? runEncodeU16Into(indices, present, width, to + 1)
    : hybridEncodeU16Into(indices, present, width, to + 1);
  return bytes < 0 ? bytes : 1 + bytes;
}

function makeValues(chunk: usize, rows: i32, present: i32, encoding: i32, to: usize): i32 {
  const type = load<i32>(chunk, CHUNK_TYPE);
  if (encoding == ENCODING_DELTA_BINARY_PACKED) {
    const scratch = load<usize>(chunk, CHUNK_DELTA_PTR);
    const values = loadValues(chunk, rows, present);
    return type == CHUNK_INT32
      ? deltaEncodeI32Into(values, present, to, scratch)
      : deltaEncodeI64Into(values, present, to, scratch);
  }
  if (type == CHUNK_BOOL) {
    const bytes = (present + 7) >>> 3;
    if (present == rows) gatherPageBits(chunk, rows, load<usize>(chunk, CHUNK_VALUES_OFFSET), to);
    else memory.copy(to, loadValues(chunk, rows, present), <usize>bytes);
    return bytes;
  }
  let at = to;
  for (beginParts(chunk, rows, present); nextPart(chunk); ) {
    const bytes = <usize>partCount * <usize>valueBytesOf(chunk);
    memory.copy(at, partPtr, bytes);
    at += bytes;
  }
  return <i32>(at - to);
}
