/**
 * Decompression of Parquet's pages (assembly/compress/snappy-decompress.ts, lz4-decompress.ts,
 * zstd-decompress.ts).
 *
 * Each takes any alignment, reads up to DECOMPRESS_SLACK_BYTES past the source (in the linear
 * memory, of any value) and overwrites up to as many past `outPtr + outBytes`, which therefore
 * belong to the caller; nothing before `outPtr`. `outBytes` is what the page's header announces: the
 * stream has to be used up by making exactly as many. Returns outBytes, or negated
 * STATUS_TRUNCATED, STATUS_CORRUPT or STATUS_BAD_ARGUMENT; the output is then undefined.
 */
export interface DecompressKernels {
  /** Fills the SNAPPY_TAGS_BYTES at `tagsPtr`, 8-byte aligned, once. */
  snappyInit(tagsPtr: number): number;

  /** A block of Snappy's raw format, with its length before it; `tagsPtr`: see snappyInit. */
  snappyDecompressInto(
    sourcePtr: number,
    sourceBytes: number,
    outPtr: number,
    outBytes: number,
    tagsPtr: number,
  ): number;

  /** A block of LZ4's raw format (LZ4_RAW): neither frame nor Hadoop's lengths round it. */
  lz4DecompressInto(
    sourcePtr: number,
    sourceBytes: number,
    outPtr: number,
    outBytes: number,
  ): number;

  /** Fills the ZSTD_WORKSPACE_BYTES at `workspacePtr`, 8-byte aligned, once. */
  zstdInit(workspacePtr: number): number;

  /**
   * Frames of zstd, one or more, without a dictionary; checksums are compared. Reads up to 8 bytes
   * before the source too. `workspacePtr`: see zstdInit; the call works in it.
   */
  zstdDecompressInto(
    sourcePtr: number,
    sourceBytes: number,
    outPtr: number,
    outBytes: number,
    workspacePtr: number,
  ): number;
}

export const SNAPPY_TAGS_BYTES = 2_048;

/** Room behind source and output that the decompressors read, and overwrite. */
export const DECOMPRESS_SLACK_BYTES = 64;
