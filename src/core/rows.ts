/**
 * Raw signatures of assembly/rows.ts. Bitmaps have bit 0 of byte 0 for row 0. All return a count
 * >= 0 or -STATUS_..., to be passed through countOf, but for matchLevel (-1: no such row).
 */
export interface RowKernels {
  /**
   * Removes the rows whose bit is set from a column of 8-byte values in place; returns how many
   * are kept. compactColumn32 and compactColumnBits do so for 4-byte values and bits.
   */
  compactColumn64(ptr: number, rowCount: number, dropBitmapPtr: number): number;
  compactColumn32(ptr: number, rowCount: number, dropBitmapPtr: number): number;
  compactColumnBits(ptr: number, rowCount: number, dropBitmapPtr: number): number;
  /**
   * Copies `count` bits between any bit offsets and touches no byte outside the two ranges; they
   * may overlap where the target begins before the source.
   */
  copyBits(
    targetPtr: number,
    targetBit: number,
    sourcePtr: number,
    sourceBit: number,
    count: number,
  ): number;
  /** ORs `mask` into rows [rowStart, rowEnd) of an int32 column. */
  orInto32(ptr: number, rowStart: number, rowEnd: number, mask: number): number;
  /** The first row of [rowStart, rowEnd) with this price and side (1: bid), or -1. */
  matchLevel(
    pricePtr: number,
    isBidPtr: number,
    price: bigint,
    isBid: number,
    rowStart: number,
    rowEnd: number,
  ): number;
  /** Sets the bit of each int64 below 0 (the caller clears); returns how many there are. */
  negativeBitmap(valuesPtr: number, rowCount: number, bitmapPtr: number): number;
}
