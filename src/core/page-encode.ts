/**
 * Kernels that make Parquet pages (assembly/parquet/). Their files state alignment, over-read and
 * padding of each pointer. All return a count of bytes or values, or -STATUS_...; pass the result
 * through countOf.
 */
export interface PageEncodeKernels {
  /** Copies `count` bits between any bit offsets. */
  gatherBits(
    sourcePtr: number,
    sourceBit: number,
    count: number,
    targetPtr: number,
    targetBit: number,
  ): number;
  /** Copies bytes, several times faster than a TypedArray's copyWithin does on shared memory. */
  copyBytes(fromPtr: number, toPtr: number, byteLength: number): number;
  /** Sets bytes, several times faster than a TypedArray's fill does on shared memory. */
  fillBytes(toPtr: number, byteLength: number, byte: number): number;
  /** How many of the first `count` bits are set. */
  countBits(bitsPtr: number, count: number): number;
  /** Moves the 8-byte values whose bit is set together, in place; returns how many. */
  compactI64(valuesPtr: number, validityPtr: number, count: number): number;
  compactI32(valuesPtr: number, validityPtr: number, count: number): number;
  compactBits(bitsPtr: number, validityPtr: number, count: number): number;

  /**
   * Writes min to `outPtr` and max to `outPtr + 8`; 1, or 0 where there is no value. With `widen` 1
   * what stands there from the call before counts too.
   */
  minMaxI64(valuesPtr: number, count: number, outPtr: number, widen: number): number;
  minMaxI32(valuesPtr: number, count: number, outPtr: number, widen: number): number;
  /** Skips NaN; a smallest zero is -0, a largest +0, as Parquet wants. */
  minMaxF64(valuesPtr: number, count: number, outPtr: number, widen: number): number;

  /** DELTA_BINARY_PACKED of i64 values; `scratchPtr` has DELTA_SCRATCH_BYTES. */
  deltaEncodeI64Into(valuesPtr: number, count: number, outPtr: number, scratchPtr: number): number;
  deltaEncodeI32Into(valuesPtr: number, count: number, outPtr: number, scratchPtr: number): number;
  /** Bytes that deltaEncodeI64Into would write. */
  deltaBytesI64(valuesPtr: number, count: number, scratchPtr: number): number;
  deltaBytesI32(valuesPtr: number, count: number, scratchPtr: number): number;

  /** RLE and bit-packed hybrid of u16 values at `width` bits (0 to 16). */
  hybridEncodeU16Into(valuesPtr: number, count: number, width: number, outPtr: number): number;
  /** The same with nothing but runs: runBytesMax says how many bytes that takes at most. */
  runEncodeU16Into(valuesPtr: number, count: number, width: number, outPtr: number): number;
  /** Bytes that hybridEncodeU16Into would write. */
  hybridBytesU16(valuesPtr: number, count: number, width: number): number;
  /** The same for bits: definition levels out of a validity bitmap. */
  hybridEncodeBitsInto(bitsPtr: number, count: number, outPtr: number): number;

  /** Empties the dictionary block (src/abi/dictionary.ts) at `blockPtr`. */
  dictionaryInit(blockPtr: number): number;
  /**
   * Adds 8-byte values and writes their u16 indices; fewer than `count` when the block is full. Up
   * to 32 bytes behind the indices are written too.
   */
  dictionaryAddI64(blockPtr: number, valuesPtr: number, count: number, indicesPtr: number): number;
  dictionaryAddI32(blockPtr: number, valuesPtr: number, count: number, indicesPtr: number): number;
  /** Surveys pages of a chunk (assembly/parquet/chunk-survey.ts); 0. */
  chunkSurvey(chunkPtr: number, pageStart: number, pageEnd: number): number;
  /** Settles the encoding of a chunk whose pages are all surveyed; ENCODING_... */
  chunkSettle(chunkPtr: number): number;
  /**
   * Writes the dictionary page: the block's entries, or with `bodyPtr` other than 0 these bytes.
   * `resume` 1 goes on after CHUNK_STOP_COMPRESS. Returns CHUNK_DONE or CHUNK_STOP_COMPRESS.
   */
  chunkDictionary(chunkPtr: number, bodyPtr: number, byteLength: number, resume: number): number;
  /** Writes data pages of a chunk that was settled; returns as chunkDictionary. */
  chunkPages(chunkPtr: number, pageStart: number, pageEnd: number, resume: number): number;
  /** Merges the pages' min and max, and writes the ColumnIndex to `outPtr`; its bytes, 0: none. */
  chunkIndex(chunkPtr: number, outPtr: number): number;
  /** Sorts the entries (to DICTIONARY_SORTED) and turns `count` indices into sorted places. */
  dictionarySortI64(blockPtr: number, indicesPtr: number, count: number): number;
  dictionarySortI32(blockPtr: number, indicesPtr: number, count: number): number;
}

/** Scratch of the delta encoder. */
export const DELTA_SCRATCH_BYTES = 2048;

/** The most bytes that the delta encoder touches for `count` values of `valueBytes` (4 or 8). */
export function deltaBytesMax(count: number, valueBytes: number): number {
  return 48 + Math.ceil(count / 256) * (18 + 256 * valueBytes);
}

/** The most bytes that the hybrid encoder touches for `count` values of `width` bits. */
export function hybridBytesMax(count: number, width: number): number {
  return 32 + Math.ceil(count / 8) * (2 + width);
}

/** The most bytes that the run encoder touches for values in `runCount` runs. */
export function runBytesMax(runCount: number): number {
  return 16 + 5 * runCount;
}
