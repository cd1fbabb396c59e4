/** CRC-32 of zlib and of Parquet's page headers (assembly/compress/crc32.ts). */
export interface CrcKernels {
  /** Fills the CRC_TABLE_BYTES at `tablesPtr`, 4-byte aligned, once. */
  crc32Init(tablesPtr: number): number;
  /** Checksum (as a signed 32-bit number) of what gave `crc`, 0 at first, followed by these bytes. */
  crc32(tablesPtr: number, ptr: number, byteLength: number, crc: number): number;
}

export const CRC_TABLE_BYTES = 16_384;
