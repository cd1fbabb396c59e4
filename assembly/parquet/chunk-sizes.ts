// What a dictionary's indices take, page by page (chunk-survey.ts): the rule is in docs/encodings.md.
import {
  CHUNK_CODEC,
  CHUNK_ENTRIES,
  CHUNK_INDEX_BYTES,
  CHUNK_NONE,
  CHUNK_WANTED,
  CHUNK_WANTS_DICTIONARY,
  CHUNK_ZSTD,
  WRITTEN_ENTRIES,
  WRITTEN_IN_RUNS,
  WRITTEN_PRESENT,
  WRITTEN_RUNS,
  WRITTEN_WIDTH,
} from "../../src/abi/chunk-encode";
import { pageCountOf, pageIndices, valueBytesOf, writtenPage } from "./chunk-source";
import { hybridBytesU16 } from "./hybrid-encode";

/**
 * Bits that an index below `entryCount` gets: as few as will do. Under zstd they fill bytes evenly:
 * its entropy coder sees whole symbols then, and more than makes up for the zero bits.
 */
export function indexWidthOf(entryCount: i32, codec: i32): i32 {
  const width = entryCount <= 1 ? 0 : 32 - clz<i32>(entryCount - 1);
  if (codec != CHUNK_ZSTD || width <= 2) return width;
  if (width <= 4) return 4;
  return width <= 8 ? 8 : 16;
}

/** Bytes of runs, nearly all of them below 64 values. */
// @ts-ignore: decorator
@inline
function runBytes(runCount: i32, width: i32): f64 {
  return <f64>runCount * <f64>(1 + ((width + 7) >>> 3));
}

/** The smaller of packed and runs. */
export function indexBytes(present: i32, entryCount: i32, runCount: i32, codec: i32): f64 {
  const width = indexWidthOf(entryCount, codec);
  return min<f64>((<f64>present * <f64>width) / 8, runBytes(runCount, width));
}

/**
 * Settles how each page's indices are written. Entries come in the order of their first rows, so
 * early pages need fewer bits; under a codec the entries are sorted, and any page may have any index.
 */
export function settleWidths(chunk: usize): void {
  const codec = load<i32>(chunk, CHUNK_CODEC);
  const isForced = load<i32>(chunk, CHUNK_WANTED) == CHUNK_WANTS_DICTIONARY;
  const pageCount = pageCountOf(chunk);
  for (let page = 0; page < pageCount; page++) {
    const written = writtenPage(chunk, page);
    const width = widthOf(chunk, written, codec);
    const runs = runBytes(load<i32>(written, WRITTEN_RUNS), width);
    const packed = (<f64>load<i32>(written, WRITTEN_PRESENT) * <f64>width) / 8;
    store<i32>(written, width, WRITTEN_WIDTH);
    store<i32>(written, i32(!isForced && 2 * runs <= packed), WRITTEN_IN_RUNS);
  }
}

/**
 * As the entries and the smaller of packed and runs of each page. Only where packed indices could
 * take more than plain values, which the room for the output relies on, it is counted exactly.
 */
export function dictionaryBytes(chunk: usize, plainBytes: f64): f64 {
  const codec = load<i32>(chunk, CHUNK_CODEC);
  const entryBytes = <f64>load<i32>(chunk, CHUNK_ENTRIES) * <f64>valueBytesOf(chunk);
  const pageCount = pageCountOf(chunk);
  let packed = entryBytes;
  for (let page = 0; page < pageCount; page++) {
    const written = writtenPage(chunk, page);
    const groups = (load<i32>(written, WRITTEN_PRESENT) + 7) >>> 3;
    packed += 6 + <f64>groups * (<f64>widthOf(chunk, written, codec) + 0.25);
  }
  if (packed <= plainBytes) return entryBytes + load<f64>(chunk, CHUNK_INDEX_BYTES);
  let exact = entryBytes;
  for (let page = 0; page < pageCount; page++) {
    const written = writtenPage(chunk, page);
    const present = load<i32>(written, WRITTEN_PRESENT);
    const width = widthOf(chunk, written, codec);
    exact += <f64>(1 + hybridBytesU16(pageIndices(chunk, page), present, width));
  }
  return exact;
}

// @ts-ignore: decorator
@inline
function widthOf(chunk: usize, written: usize, codec: i32): i32 {
  const entryCount = codec == CHUNK_NONE
    ? load<i32>(written, WRITTEN_ENTRIES)
    : load<i32>(chunk, CHUNK_ENTRIES);
  return indexWidthOf(entryCount, codec);
}
