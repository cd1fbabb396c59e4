/** Raw signature of assembly/parquet/footer-chunks.ts, which states layouts and alignment. */
export interface FooterKernels {
  /**
   * Reads `groupCount` row groups of a footer into the table of its chunks.
   * @returns bytes read; -STATUS_CORRUPT where they are wrong or not plain enough
   */
  footerChunks(
    ptr: number,
    byteLength: number,
    groupCount: number,
    columnCount: number,
    columnsPtr: number,
    tablePtr: number,
    groupsPtr: number,
    dataEnd: number,
  ): number;
}
