/** Snappy's block format, the compressor (assembly/compress/snappy-compress.ts). */
export interface SnappyCompressKernels {
  /**
   * Compresses `byteLength` bytes; `outPtr` has snappyBytesMax(byteLength), `tablePtr` has
   * SNAPPY_TABLE_BYTES at a multiple of 16. Returns the compressed bytes.
   */
  snappyCompressInto(
    sourcePtr: number,
    byteLength: number,
    outPtr: number,
    tablePtr: number,
  ): number;
}

export const SNAPPY_TABLE_BYTES = 32_768;

/** The most bytes that the compressor touches in its output. */
export function snappyBytesMax(byteLength: number): number {
  return 64 + byteLength + Math.ceil(byteLength / 6);
}
