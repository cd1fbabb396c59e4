// The ColumnIndex of a chunk whose pages are surveyed (chunk-survey.ts): min, max and null count of each
// page, for readers that look for some rows only.
//
// chunkIndex(chunk, out): bytes of the index in thrift's compact protocol, written to out; 0: there is
//   none, because no statistics are wanted or a page of nothing but NaN has no min: the format knows no
//   such page. CHUNK_MIN and CHUNK_MAX are those of all pages.
//   chunk    a CHUNK_ block, 8-byte aligned
//   out      u8, written; room for 32 + 32 * pages bytes
// Result: bytes, or -STATUS_BAD_ARGUMENT for a misaligned block.
import {
  CHUNK_BOOL,
  CHUNK_DOUBLE,
  CHUNK_HAS_MIN_MAX,
  CHUNK_INT32,
  CHUNK_INT64,
  CHUNK_MAX,
  CHUNK_MIN,
  CHUNK_STATISTICS,
  CHUNK_TYPE,
  WRITTEN_HAS_MIN_MAX,
  WRITTEN_MAX,
  WRITTEN_MIN,
  WRITTEN_PRESENT,
  WRITTEN_ROWS,
} from "../../src/abi/chunk-encode";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { pageCountOf, writtenPage } from "./chunk-source";
import { storeVarint, zigzag } from "./varint";

// parquet.thrift: BoundaryOrder.
const UNORDERED: i64 = 0;
const ASCENDING: i64 = 1;
const DESCENDING: i64 = 2;
// Types of thrift's compact protocol.
const THRIFT_TRUE: u8 = 1;
const THRIFT_FALSE: u8 = 2;
const THRIFT_I32: u8 = 5;
const THRIFT_I64: u8 = 6;
const THRIFT_BINARY: u8 = 8;
const THRIFT_LIST: u8 = 9;

export function chunkIndex(chunk: usize, out: usize): i32 {
  if ((chunk & 7) != 0) return -STATUS_BAD_ARGUMENT;
  store<i32>(chunk, 0, CHUNK_HAS_MIN_MAX);
  if (load<i32>(chunk, CHUNK_STATISTICS) == 0) return 0;
  const pageCount = pageCountOf(chunk);
  let isWhole = true;
  for (let page = 0; page < pageCount; page++) {
    const written = writtenPage(chunk, page);
    if (load<i32>(written, WRITTEN_HAS_MIN_MAX) != 0) merge(chunk, written);
    else if (load<i32>(written, WRITTEN_PRESENT) != 0) isWhole = false;
  }
  if (!isWhole) return 0;
  let at = list(out, THRIFT_TRUE, pageCount);
  for (let page = 0; page < pageCount; page++) {
    const isNull = load<i32>(writtenPage(chunk, page), WRITTEN_PRESENT) == 0;
    store<u8>(at++, isNull ? THRIFT_TRUE : THRIFT_FALSE);
  }
  at = values(chunk, list(at, THRIFT_BINARY, pageCount), WRITTEN_MIN);
  at = values(chunk, list(at, THRIFT_BINARY, pageCount), WRITTEN_MAX);
  store<u8>(at, (1 << 4) | THRIFT_I32);
  at = storeVarint(at + 1, zigzag(boundaryOrder(chunk)));
  at = list(at, THRIFT_I64, pageCount);
  for (let page = 0; page < pageCount; page++) {
    const written = writtenPage(chunk, page);
    const nulls = load<i32>(written, WRITTEN_ROWS) - load<i32>(written, WRITTEN_PRESENT);
    at = storeVarint(at, zigzag(<i64>nulls));
  }
  store<u8>(at, 0);
  return <i32>(at + 1 - out);
}

/** The next field, a list; the address of its elements. */
function list(at: usize, elementType: u8, count: i32): usize {
  store<u8>(at, (1 << 4) | THRIFT_LIST);
  if (count < 15) {
    store<u8>(at, <u8>(count << 4) | elementType, 1);
    return at + 2;
  }
  store<u8>(at, 0xf0 | elementType, 1);
  return storeVarint(at + 2, <u64>count);
}

/** The pages' min or max, plain-encoded; nothing where all of a page is null. */
function values(chunk: usize, at: usize, offset: usize): usize {
  const pageCount = pageCountOf(chunk);
  const type = load<i32>(chunk, CHUNK_TYPE);
  const bytes: usize = type == CHUNK_BOOL ? 1 : type == CHUNK_INT32 ? 4 : 8;
  for (let page = 0; page < pageCount; page++) {
    const written = writtenPage(chunk, page);
    const length: usize = load<i32>(written, WRITTEN_PRESENT) == 0 ? 0 : bytes;
    store<u8>(at, <u8>length);
    memory.copy(at + 1, written + offset, length);
    at += 1 + length;
  }
  return at;
}

/** Widens the chunk's min and max by a page's. */
function merge(chunk: usize, written: usize): void {
  const type = load<i32>(chunk, CHUNK_TYPE);
  const isFirst = load<i32>(chunk, CHUNK_HAS_MIN_MAX) == 0;
  if (isFirst || order(type, written + WRITTEN_MIN, chunk + CHUNK_MIN) < 0) {
    store<u64>(chunk, load<u64>(written, WRITTEN_MIN), CHUNK_MIN);
  }
  if (isFirst || order(type, written + WRITTEN_MAX, chunk + CHUNK_MAX) > 0) {
    store<u64>(chunk, load<u64>(written, WRITTEN_MAX), CHUNK_MAX);
  }
  store<i32>(chunk, 1, CHUNK_HAS_MIN_MAX);
}

/** Order of two plain-encoded values: negative, zero or positive. */
function order(type: i32, a: usize, b: usize): i32 {
  if (type == CHUNK_INT64) return compare<i64>(load<i64>(a), load<i64>(b));
  if (type == CHUNK_INT32) return compare<i32>(load<i32>(a), load<i32>(b));
  if (type == CHUNK_DOUBLE) return compare<f64>(load<f64>(a), load<f64>(b));
  return compare<i32>(<i32>load<u8>(a), <i32>load<u8>(b));
}

// @ts-ignore: decorator
@inline
function compare<T>(a: T, b: T): i32 {
  return i32(a > b) - i32(a < b);
}

/** Whether the pages' mins and maxes both ascend, or both descend; pages of nulls do not count. */
function boundaryOrder(chunk: usize): i64 {
  const pageCount = pageCountOf(chunk);
  const type = load<i32>(chunk, CHUNK_TYPE);
  let ascending = true;
  let descending = true;
  let before: usize = 0;
  for (let page = 0; page < pageCount; page++) {
    const written = writtenPage(chunk, page);
    if (load<i32>(written, WRITTEN_HAS_MIN_MAX) == 0) continue;
    if (before != 0) {
      const low = order(type, before + WRITTEN_MIN, written + WRITTEN_MIN);
      const high = order(type, before + WRITTEN_MAX, written + WRITTEN_MAX);
      if (low > 0 || high > 0) ascending = false;
      if (low < 0 || high < 0) descending = false;
    }
    before = written;
  }
  if (ascending) return ASCENDING;
  return descending ? DESCENDING : UNORDERED;
}
