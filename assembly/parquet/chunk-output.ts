// Puts the pages of a chunk into the output (chunk-pages.ts): header, checksum, spans. The spans of a row
// group are filled from the first to the last; what does not fit one goes on in the next.
import {
  CHUNK_BYTES,
  CHUNK_CRC_TABLES_PTR,
  CHUNK_HEADER,
  CHUNK_HEADER_BYTES,
  CHUNK_PLAIN_BYTES,
  CHUNK_SPAN_COUNT,
  CHUNK_SPAN_INDEX,
  CHUNK_SPAN_USED,
  CHUNK_SPANS,
} from "../../src/abi/chunk-encode";
import { ENCODING_RLE } from "../../src/abi/encodings";
import { PAGE_HEADER_BYTES_MAX, PAGE_TYPE_DATA } from "../../src/abi/page-header";
import { STATUS_OUTPUT_FULL } from "../../src/abi/status";
import { crc32 } from "../compress/crc32";
import { storeVarint, zigzag } from "./varint";

/** Kernels store whole words behind the last byte of a page. */
const PAD_BYTES: i32 = 16;
// Types of thrift's compact protocol.
const THRIFT_I32: u8 = 5;
const THRIFT_STRUCT: u8 = 12;

/**
 * Where a page's body may be made so that it stands where it will stay: behind room for a header as
 * long as the last one, if the span has room for `bytesMax` bytes; 0 where it has not.
 */
export function bodyPlace(chunk: usize, bytesMax: i32): usize {
  const index = load<i32>(chunk, CHUNK_SPAN_INDEX);
  if (index >= load<i32>(chunk, CHUNK_SPAN_COUNT)) return 0;
  const span = load<usize>(chunk, CHUNK_SPANS) + (<usize>index << 3);
  const used = load<i32>(chunk, CHUNK_SPAN_USED);
  if (load<i32>(span, 4) - used < PAGE_HEADER_BYTES_MAX + bytesMax + PAD_BYTES) return 0;
  return load<usize>(span) + <usize>(used + load<i32>(chunk, CHUNK_HEADER_BYTES));
}

/** Ends a page that was made at bodyPlace; bytes of the page with its header. */
export function putPlaced(
  chunk: usize, body: usize, byteLength: i32, type: i32, valueCount: i32, encoding: i32,
): i32 {
  const start = body - <usize>load<i32>(chunk, CHUNK_HEADER_BYTES);
  const headerBytes = makeHeader(chunk, body, byteLength, byteLength, type, valueCount, encoding);
  if (start + <usize>headerBytes != body) {
    memory.copy(start + <usize>headerBytes, body, <usize>byteLength);
  }
  memory.copy(start, chunk + CHUNK_HEADER, <usize>headerBytes);
  advance(chunk, headerBytes + byteLength);
  return count(chunk, headerBytes, byteLength, byteLength);
}

/**
 * Writes a page that stands at `stored`, compressed or not; bytes of the page with its header, or
 * -STATUS_OUTPUT_FULL.
 */
export function putStored(
  chunk: usize,
  stored: usize,
  storedBytes: i32,
  byteLength: i32,
  type: i32,
  valueCount: i32,
  encoding: i32,
): i32 {
  const headerBytes = makeHeader(chunk, stored, storedBytes, byteLength, type, valueCount, encoding);
  if (!put(chunk, chunk + CHUNK_HEADER, headerBytes)) return -STATUS_OUTPUT_FULL;
  if (!put(chunk, stored, storedBytes)) return -STATUS_OUTPUT_FULL;
  return count(chunk, headerBytes, storedBytes, byteLength);
}

/** Copies bytes into the spans; false where they end. */
function put(chunk: usize, from: usize, byteLength: i32): bool {
  while (byteLength > 0) {
    const index = load<i32>(chunk, CHUNK_SPAN_INDEX);
    if (index >= load<i32>(chunk, CHUNK_SPAN_COUNT)) return false;
    const span = load<usize>(chunk, CHUNK_SPANS) + (<usize>index << 3);
    const used = load<i32>(chunk, CHUNK_SPAN_USED);
    const here = min(byteLength, load<i32>(span, 4) - used);
    memory.copy(load<usize>(span) + <usize>used, from, <usize>here);
    advance(chunk, here);
    from += <usize>here;
    byteLength -= here;
  }
  return true;
}

function advance(chunk: usize, byteLength: i32): void {
  const index = load<i32>(chunk, CHUNK_SPAN_INDEX);
  const span = load<usize>(chunk, CHUNK_SPANS) + (<usize>index << 3);
  const used = load<i32>(chunk, CHUNK_SPAN_USED) + byteLength;
  const isFull = used == load<i32>(span, 4);
  store<i32>(chunk, isFull ? 0 : used, CHUNK_SPAN_USED);
  if (isFull) store<i32>(chunk, index + 1, CHUNK_SPAN_INDEX);
}

function count(chunk: usize, headerBytes: i32, storedBytes: i32, byteLength: i32): i32 {
  const bytes = headerBytes + storedBytes;
  store<i32>(chunk, load<i32>(chunk, CHUNK_BYTES) + bytes, CHUNK_BYTES);
  const plain = load<i32>(chunk, CHUNK_PLAIN_BYTES) + headerBytes + byteLength;
  store<i32>(chunk, plain, CHUNK_PLAIN_BYTES);
  return bytes;
}

/**
 * Makes the header of a page; its bytes. Data pages are of version 1: every reader that knows
 * DELTA_BINARY_PACKED takes it there too (tried: DuckDB, pyarrow, parquet-wasm, hyparquet), a codec
 * then covers the levels as well, and the version 2 header's counts stand in the page index already.
 */
function makeHeader(
  chunk: usize,
  stored: usize,
  storedBytes: i32,
  byteLength: i32,
  type: i32,
  valueCount: i32,
  encoding: i32,
): i32 {
  const crc = crc32(load<usize>(chunk, CHUNK_CRC_TABLES_PTR), stored, storedBytes, 0);
  const isData = type == PAGE_TYPE_DATA;
  let at = field(chunk + CHUNK_HEADER, type);
  at = field(at, byteLength);
  at = field(at, storedBytes);
  at = field(at, <i32>crc);
  // From field 4 to field 5 (data_page_header) or 7 (dictionary_page_header).
  store<u8>(at, (isData ? 1 << 4 : 3 << 4) | THRIFT_STRUCT);
  at = field(at + 1, valueCount);
  at = field(at, encoding);
  if (isData) at = field(field(at, ENCODING_RLE), ENCODING_RLE);
  // The ends of both structs.
  store<u16>(at, 0);
  const headerBytes = <i32>(at + 2 - chunk) - CHUNK_HEADER;
  store<i32>(chunk, headerBytes, CHUNK_HEADER_BYTES);
  return headerBytes;
}

/** The next field of a struct, an i32; the address behind it. */
function field(at: usize, value: i32): usize {
  store<u8>(at, (1 << 4) | THRIFT_I32);
  return storeVarint(at + 1, zigzag(<i64>value));
}
