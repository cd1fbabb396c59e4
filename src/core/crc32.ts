import type { Core } from './core.js';

/** CRC-32 of zlib and of Parquet's page headers (assembly/compress/crc32.ts). */
export interface CrcKernels {
  /** Fills the CRC_TABLE_BYTES at `tablesPtr`, 4-byte aligned, once. */
  crc32Init(tablesPtr: number): number;
  /** Checksum (as a signed 32-bit number) of what gave `crc`, 0 at first, followed by these bytes. */
  crc32(tablesPtr: number, ptr: number, byteLength: number, crc: number): number;
}

export const CRC_TABLE_BYTES = 16_384;

/** Below this the call costs more than the kernel takes. */
const HOST_BYTES_MIN = 512;

let hostCrc32: ((bytes: Uint8Array) => number) | null = null;

/**
 * Lets {@link pageCrc32} use the host's own CRC-32 in this thread: Node's zlib has instructions
 * that WebAssembly lacks, and is more than twice as fast as the kernel. The checksum is the same.
 */
export function useHostCrc32(crc32: (bytes: Uint8Array) => number): void {
  hostCrc32 = crc32;
}

/** Checksum of a page, as a signed 32-bit number; `tablesPtr` is filled by crc32Init. */
export function pageCrc32(core: Core, tablesPtr: number, ptr: number, byteLength: number): number {
  if (hostCrc32 === null || byteLength < HOST_BYTES_MIN) {
    return core.kernels.crc32(tablesPtr, ptr, byteLength, 0);
  }
  return hostCrc32(core.views.bytes(ptr, byteLength)) | 0;
}
