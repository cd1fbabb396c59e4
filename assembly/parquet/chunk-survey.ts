// Looks at a chunk's values once, page by page, and settles its encoding (the rule: docs/encodings.md).
// While a dictionary is possible it is built on the way, so its pages need no second look at the values.
//
// chunkSurvey(chunk, pageStart, pageEnd): 0
//   Surveys these pages; all of a chunk in order, in one call or several. CHUNK_SEGMENTS has their rows
//   and begins with those of pageStart.
// chunkSettle(chunk): ENCODING_PLAIN, ENCODING_DELTA_BINARY_PACKED or ENCODING_RLE_DICTIONARY; all pages
//   are surveyed.
//
//   chunk    a CHUNK_ block (src/abi/chunk-encode.ts), 8-byte aligned; whoever fills it answers for
//            what its addresses point to: values and bitmaps as their kernels want them (gather.ts,
//            dictionary-encode.ts, delta-encode.ts, min-max.ts), scratch as encode-scratch.ts sizes it
// Result: as said, or -STATUS_BAD_ARGUMENT for a misaligned block or pages that the chunk has not.
import {
  CHUNK_AUTO,
  CHUNK_BOOL,
  CHUNK_BYTES,
  CHUNK_CODEC,
  CHUNK_DELTA_BYTES,
  CHUNK_DELTA_PTR,
  CHUNK_DICTIONARY_PTR,
  CHUNK_DOUBLE,
  CHUNK_ENCODING,
  CHUNK_ENTRIES,
  CHUNK_HEADER_BYTES,
  CHUNK_INDEX_BYTES,
  CHUNK_INT32,
  CHUNK_INT64,
  CHUNK_LIVES,
  CHUNK_PLAIN_BYTES,
  CHUNK_PRESENT,
  CHUNK_RUNS,
  CHUNK_STATISTICS,
  CHUNK_TYPE,
  CHUNK_VALUES_PTR,
  CHUNK_WANTED,
  CHUNK_WANTS_DELTA,
  CHUNK_WANTS_DICTIONARY,
  WRITTEN_ENTRIES,
  WRITTEN_HAS_MIN_MAX,
  WRITTEN_MAX,
  WRITTEN_MIN,
  WRITTEN_PRESENT,
  WRITTEN_ROWS,
  WRITTEN_RUNS,
} from "../../src/abi/chunk-encode";
import { DICTIONARY_COUNT, DICTIONARY_RUNS, DICTIONARY_HAS_SLOTS } from "../../src/abi/dictionary";
import {
  ENCODING_DELTA_BINARY_PACKED,
  ENCODING_PLAIN,
  ENCODING_RLE_DICTIONARY,
} from "../../src/abi/encodings";
import { STATUS_BAD_ARGUMENT } from "../../src/abi/status";
import { dictionaryBytes, indexBytes, settleWidths } from "./chunk-sizes";
import {
  beginParts,
  gatherValues,
  hasPages,
  loadValidity,
  loadValues,
  nextPart,
  pageIndices,
  pageRows,
  partCount,
  partPtr,
  rewindParts,
  sourceAdvance,
  sourceBegin,
  valueBytesOf,
  writtenPage,
} from "./chunk-source";
import { deltaBytesI32, deltaBytesI64 } from "./delta-encode";
import { dictionaryAddI32, dictionaryAddI64, dictionaryInit } from "./dictionary-encode";
import { countBits } from "./gather";
import { ascendsI64, minMaxF64, minMaxI32, minMaxI64 } from "./min-max";

/** Deltas of a page that are looked at to guess what the whole page takes: eight blocks. */
const SAMPLE_DELTAS: i32 = 2048;
/** Bytes of a header of a page of usual size; a guess that costs a copy where it is wrong. */
const HEADER_BYTES: i32 = 29;

export function chunkSurvey(chunk: usize, pageStart: i32, pageEnd: i32): i32 {
  if (!hasPages(chunk, pageStart, pageEnd)) return -STATUS_BAD_ARGUMENT;
  if (pageStart == 0) beginChunk(chunk);
  sourceBegin(chunk);
  for (let page = pageStart; page < pageEnd; page++) {
    const rows = pageRows(chunk, page);
    const present = loadValidity(chunk, rows);
    const written = writtenPage(chunk, page);
    store<i32>(written, rows, WRITTEN_ROWS);
    store<i32>(written, present, WRITTEN_PRESENT);
    store<i32>(chunk, load<i32>(chunk, CHUNK_PRESENT) + present, CHUNK_PRESENT);
    if (isContest(chunk)) surveyPage(chunk, page, rows, present);
    const has = load<i32>(chunk, CHUNK_STATISTICS) != 0 && pageMinMax(chunk, written, rows, present);
    store<i32>(written, i32(has), WRITTEN_HAS_MIN_MAX);
    sourceAdvance(chunk, rows);
  }
  return 0;
}

export function chunkSettle(chunk: usize): i32 {
  if ((chunk & 7) != 0) return -STATUS_BAD_ARGUMENT;
  const encoding = smallest(chunk);
  store<i32>(chunk, encoding, CHUNK_ENCODING);
  if (encoding == ENCODING_RLE_DICTIONARY) settleWidths(chunk);
  return encoding;
}

function beginChunk(chunk: usize): void {
  store<i32>(chunk, 0, CHUNK_BYTES);
  store<i32>(chunk, 0, CHUNK_PLAIN_BYTES);
  store<i32>(chunk, HEADER_BYTES, CHUNK_HEADER_BYTES);
  store<i32>(chunk, 0, CHUNK_ENTRIES);
  store<i32>(chunk, 0, CHUNK_RUNS);
  store<i32>(chunk, 0, CHUNK_PRESENT);
  store<f64>(chunk, 0, CHUNK_DELTA_BYTES);
  store<f64>(chunk, 0, CHUNK_INDEX_BYTES);
  store<i32>(chunk, i32(isContest(chunk)), CHUNK_LIVES);
  if (isContest(chunk)) dictionaryInit(load<usize>(chunk, CHUNK_DICTIONARY_PTR));
}

/** Whether a dictionary is possible at all. */
function isContest(chunk: usize): bool {
  if (load<i32>(chunk, CHUNK_TYPE) == CHUNK_BOOL) return false;
  const wanted = load<i32>(chunk, CHUNK_WANTED);
  return wanted == CHUNK_AUTO || wanted == CHUNK_WANTS_DICTIONARY;
}

/** Adds what each encoding of the page would take. */
function surveyPage(chunk: usize, page: i32, rows: i32, present: i32): void {
  const isForced = load<i32>(chunk, CHUNK_WANTED) == CHUNK_WANTS_DICTIONARY;
  if (!isForced) {
    const bytes = load<f64>(chunk, CHUNK_DELTA_BYTES) + deltaPageBytes(chunk, rows, present);
    store<f64>(chunk, bytes, CHUNK_DELTA_BYTES);
  }
  if (load<i32>(chunk, CHUNK_LIVES) == 0) return;
  const lives = addToDictionary(chunk, page, rows, present) && (isForced || mayWin(chunk));
  store<i32>(chunk, i32(lives), CHUNK_LIVES);
}

/** What the page would take, judged by its first deltas. */
function deltaPageBytes(chunk: usize, rows: i32, present: i32): f64 {
  const type = load<i32>(chunk, CHUNK_TYPE);
  // No delta encoding of doubles: never smaller than plain.
  if (type == CHUNK_DOUBLE) return <f64>present * 8;
  const count = min(present, SAMPLE_DELTAS + 1);
  const values = present == rows
    ? gatherValues(chunk, count, load<usize>(chunk, CHUNK_VALUES_PTR), false)
    : loadValues(chunk, rows, present);
  const scratch = load<usize>(chunk, CHUNK_DELTA_PTR);
  const bytes = type == CHUNK_INT64
    ? deltaBytesI64(values, count, scratch)
    : deltaBytesI32(values, count, scratch);
  return count == present ? <f64>bytes : ceil<f64>((<f64>bytes * <f64>present) / <f64>count);
}

/** False where the dictionary is full. */
function addToDictionary(chunk: usize, page: i32, rows: i32, present: i32): bool {
  const block = load<usize>(chunk, CHUNK_DICTIONARY_PTR);
  let indices = pageIndices(chunk, page);
  for (beginParts(chunk, rows, present); nextPart(chunk); ) {
    const taken = valueBytesOf(chunk) == 4
      ? dictionaryAddI32(block, partPtr, partCount, indices)
      : dictionaryAddI64(block, partPtr, partCount, indices);
    if (taken < partCount) return false;
    indices += <usize>partCount << 1;
  }
  const written = writtenPage(chunk, page);
  const entryCount = load<i32>(block, DICTIONARY_COUNT);
  const runs = load<i32>(block, DICTIONARY_RUNS) - load<i32>(chunk, CHUNK_RUNS);
  store<i32>(written, entryCount, WRITTEN_ENTRIES);
  store<i32>(written, runs, WRITTEN_RUNS);
  store<i32>(chunk, entryCount, CHUNK_ENTRIES);
  store<i32>(chunk, load<i32>(block, DICTIONARY_RUNS), CHUNK_RUNS);
  const bytes = indexBytes(present, entryCount, runs, load<i32>(chunk, CHUNK_CODEC));
  store<f64>(chunk, load<f64>(chunk, CHUNK_INDEX_BYTES) + bytes, CHUNK_INDEX_BYTES);
  return true;
}

/**
 * A dictionary pays late, its entries come early: where values have come back, it is given up only
 * if it costs more than twice its rival so far. Where none has, it stays as dear as it is.
 */
function mayWin(chunk: usize): bool {
  const entryCount = load<i32>(chunk, CHUNK_ENTRIES);
  const entryBytes = <f64>entryCount * <f64>valueBytesOf(chunk);
  const bytes = entryBytes + load<f64>(chunk, CHUNK_INDEX_BYTES);
  const rival = rivalBytes(chunk);
  return bytes <= (entryCount == load<i32>(chunk, CHUNK_RUNS) ? rival : 2 * rival);
}

function plainBytes(chunk: usize): f64 {
  return <f64>load<i32>(chunk, CHUNK_PRESENT) * <f64>valueBytesOf(chunk);
}

function rivalBytes(chunk: usize): f64 {
  return min<f64>(plainBytes(chunk), load<f64>(chunk, CHUNK_DELTA_BYTES));
}

function smallest(chunk: usize): i32 {
  const wanted = load<i32>(chunk, CHUNK_WANTED);
  if (!isContest(chunk)) {
    return wanted == CHUNK_WANTS_DELTA ? ENCODING_DELTA_BINARY_PACKED : ENCODING_PLAIN;
  }
  const lives = load<i32>(chunk, CHUNK_LIVES) != 0;
  if (wanted == CHUNK_WANTS_DICTIONARY) return lives ? ENCODING_RLE_DICTIONARY : ENCODING_PLAIN;
  const rival = rivalBytes(chunk);
  const plain = plainBytes(chunk);
  if (lives && dictionaryBytes(chunk, plain) < rival) return ENCODING_RLE_DICTIONARY;
  return rival == plain ? ENCODING_PLAIN : ENCODING_DELTA_BINARY_PACKED;
}

/** Writes the page's min and max; false where it has none. */
function pageMinMax(chunk: usize, written: usize, rows: i32, present: i32): bool {
  if (present == 0) return false;
  const type = load<i32>(chunk, CHUNK_TYPE);
  const out = written + WRITTEN_MIN;
  if (type == CHUNK_BOOL) {
    const set = countBits(loadValues(chunk, rows, present), present);
    store<u8>(out, u8(set == present));
    store<u8>(out, u8(set > 0), WRITTEN_MAX - WRITTEN_MIN);
    return true;
  }
  beginParts(chunk, rows, present);
  if (type != CHUNK_DOUBLE && isAscending(chunk)) return firstAndLast(chunk, out);
  if (type == CHUNK_INT64) {
    const isRising = ascends(chunk);
    rewindParts(chunk, present);
    if (isRising) return firstAndLast(chunk, out);
  }
  let has = 0;
  for (let widen = 0; nextPart(chunk); widen = 1) {
    if (type == CHUNK_INT64) has = minMaxI64(partPtr, partCount, out, widen);
    else if (type == CHUNK_INT32) has = minMaxI32(partPtr, partCount, out, widen);
    else has = minMaxF64(partPtr, partCount, out, widen);
  }
  return has != 0;
}

/** No value so far was below the one before it: the dictionary has needed no table. */
function isAscending(chunk: usize): bool {
  const block = load<usize>(chunk, CHUNK_DICTIONARY_PTR);
  return load<i32>(chunk, CHUNK_LIVES) != 0 && load<i32>(block, DICTIONARY_HAS_SLOTS) == 0;
}

/** Whether none of the parts' values is below the one before it. */
function ascends(chunk: usize): bool {
  let last = i64.MIN_VALUE;
  while (nextPart(chunk)) {
    if (load<i64>(partPtr) < last || !ascendsI64(partPtr, partCount)) return false;
    last = load<i64>(partPtr + (<usize>(partCount - 1) << 3));
  }
  return true;
}

function firstAndLast(chunk: usize, out: usize): bool {
  const bytes = <usize>valueBytesOf(chunk);
  nextPart(chunk);
  memory.copy(out, partPtr, bytes);
  while (nextPart(chunk)) continue;
  memory.copy(out + (WRITTEN_MAX - WRITTEN_MIN), partPtr + <usize>(partCount - 1) * bytes, bytes);
  return true;
}
