// The export surface of the core. Each kernel lives in a file of its own; this one only re-exports.
import { ABI_VERSION as VERSION } from "../src/abi/version";

/** Compared by the host when it loads the module. */
export function abiVersion(): i32 {
  return VERSION;
}

export { xxh64, xxh64Finish, xxh64Init, xxh64Update, xxh64Word } from "./digest";
export { chunkIndex } from "./parquet/chunk-index";
export { chunkDictionary, chunkPages } from "./parquet/chunk-pages";
export { chunkSettle, chunkSurvey } from "./parquet/chunk-survey";
export {
  cursorBegin,
  cursorDictionary,
  cursorDictionaryBytes,
  cursorRead,
} from "./parquet/column-cursor";
export { streamPass, streamPrepare, streamRead } from "./parquet/column-stream";
export { cursorReadTexts, cursorTextRows } from "./parquet/text-cursor";
export {
  deltaBytesI32,
  deltaBytesI64,
  deltaEncodeI32Into,
  deltaEncodeI64Into,
} from "./parquet/delta-encode";
export { dictionaryAddI32, dictionaryAddI64, dictionaryInit } from "./parquet/dictionary-encode";
export { dictionarySortI32, dictionarySortI64 } from "./parquet/dictionary-sort";
export {
  compactBits,
  compactI32,
  compactI64,
  copyBytes,
  fillBytes,
  countBits,
  gatherBits,
} from "./parquet/gather";
export {
  hybridBytesU16,
  hybridEncodeBitsInto,
  hybridEncodeU16Into,
  runEncodeU16Into,
} from "./parquet/hybrid-encode";
export { footerChunks } from "./parquet/footer-chunks";
export { pageHeader } from "./parquet/page-header";
export { minMaxF64, minMaxI32, minMaxI64 } from "./parquet/min-max";
export { crc32, crc32Init } from "./compress/crc32";
export { plainRows } from "./plain-rows";
export { f64Decimals, scaleF32, scaleF64 } from "./scale";
export { decimalTextDecimals, decimalTextToPips } from "./decimal-text";
export { decimal128ToPips, int32ToInt64, int64Rescale } from "./rescale";
export { bookBytesMin, bookClear, bookInit, bookMove } from "./book/block";
export { bookApply, bookFill } from "./book/apply";
export { bookBestPrice, bookBestQty, bookLevelCount, bookLevels } from "./book/levels";
export { bookDiff } from "./book/diff";
export { bookDigest } from "./book/digest";
export { bookFollow } from "./book/follow";
export { markMessages, messageEnd } from "./messages";
export { idsBroken } from "./row-ids";
export { valueGrid } from "./value-grid";
export { gapScan, sequenceScan } from "./sequence";
export { lz4DecompressInto } from "./compress/lz4-decompress";
export { snappyCompressInto } from "./compress/snappy-compress";
export { snappyDecompressInto, snappyInit } from "./compress/snappy-decompress";
export { zstdDecompressInto, zstdInit } from "./compress/zstd-decompress";
export { nextStepUp, stampsAdd } from "./stamps";
export {
  compactColumn32,
  compactColumn64,
  compactColumnBits,
  copyBits,
  matchLevel,
  negativeBitmap,
  orInto32,
} from "./rows";
export { matchTexts } from "./text-match";
export { captureRows } from "./text/capture-rows";
export { csvRows } from "./text/csv-rows";
export { timesPlain, timesToNs, timeUnitByDigits } from "./times";
export { tradesOutside } from "./trades-outside";
export { witnessLevel } from "./witness";
export { generateMessage } from "./generate/message";
export { generateEmit, generateSnapshot } from "./generate/emit";
export { generateRun } from "./generate/run";
export { generateLevelCount, generateLevels, generateSeed } from "./generate/levels";
