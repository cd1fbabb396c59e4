export interface DecompressKernels {
  snappyDecompressInto(
    sourcePtr: number,
    sourceBytes: number,
    outPtr: number,
    outBytes: number,
  ): number;
  lz4DecompressInto(
    sourcePtr: number,
    sourceBytes: number,
    outPtr: number,
    outBytes: number,
  ): number;
}
