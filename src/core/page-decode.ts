/**
 * Kernels that read Parquet pages (assembly/parquet/). Their files state alignment, over-read and
 * padding of each pointer. Results below 0 are -STATUS_...: TRUNCATED and CORRUPT say what is wrong
 * with the page, and the caller says where.
 */
export interface PageDecodeKernels {
  /** Parses a page header into the PAGE_ block; returns its bytes. */
  pageHeader(ptr: number, byteLength: number, outPtr: number): number;
  /** Takes a dictionary page over to CURSOR_DICTIONARY_PTR; returns its entries. */
  cursorDictionary(cursorPtr: number, ptr: number, endPtr: number, entryCount: number): number;
  /** The most bytes that cursorDictionary writes. */
  cursorDictionaryBytes(cursorPtr: number, entryCount: number, byteLength: number): number;
  /** Begins a data page; `levelsPtr` 0: version 1. */
  cursorBegin(
    cursorPtr: number,
    encoding: number,
    rowCount: number,
    levelsPtr: number,
    levelsEndPtr: number,
    valuesPtr: number,
    endPtr: number,
  ): number;
  /** Reads rows of the page to `outPtr`, from row `outRow` on; returns how many have a value. */
  cursorRead(
    cursorPtr: number,
    rowCount: number,
    outPtr: number,
    outRow: number,
    validityPtr: number,
  ): number;
  /**
   * Reads rows across pages and chunks (src/abi/column-stream.ts); `resume` 1: goes on with a read
   * that stopped. Returns STREAM_DONE_ALL, STREAM_STOP_... or -STATUS_.
   */
  streamRead(
    streamPtr: number,
    rowCount: number,
    outPtr: number,
    validityPtr: number,
    resume: number,
  ): number;
  /** Passes over rows, reading them to `outPtr` only where it must; results as of streamRead. */
  streamPass(
    streamPtr: number,
    rowCount: number,
    runRows: number,
    outPtr: number,
    validityPtr: number,
    resume: number,
  ): number;
  /** Goes on to a page with rows; 0, STREAM_STOP_PAGE or STREAM_STOP_CHUNK. */
  streamPrepare(streamPtr: number): number;
  /** How many of the next rows' texts surely fit `capacity` bytes. */
  cursorTextRows(cursorPtr: number, rowCount: number, capacity: number): number;
  /** As cursorRead, for texts: offsets and bytes. */
  cursorReadTexts(
    cursorPtr: number,
    rowCount: number,
    offsetsPtr: number,
    textPtr: number,
    textOffset: number,
    outRow: number,
    validityPtr: number,
  ): number;
}
