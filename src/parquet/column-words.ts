import type { SourceColumn } from './reader.js';

/** Bit of a bitmap: a value that is there, or a boolean. */
export function isThere(bits: Uint8Array, row: number): boolean {
  return ((bits[row >> 3]! >> (row & 7)) & 1) === 1;
}

/** Bytes at an address that typed arrays of 8 bytes can look at; a copy where they lie askew. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

/** A column's values in words of 32 bits, the lower one first. */
export function words({ values }: SourceColumn): Uint32Array {
  const { buffer, byteOffset, byteLength } = aligned(values);
  return new Uint32Array(buffer, byteOffset, Math.floor(byteLength / 4));
}

export function int64Words({ values }: SourceColumn): BigInt64Array {
  const { buffer, byteOffset, byteLength } = aligned(values);
  return new BigInt64Array(buffer, byteOffset, Math.floor(byteLength / 8));
}

/** A column of floats or doubles. */
export function doubleWords({ values, info }: SourceColumn): Float32Array | Float64Array {
  const { buffer, byteOffset, byteLength } = aligned(values);
  return info.type === 'float'
    ? new Float32Array(buffer, byteOffset, Math.floor(byteLength / 4))
    : new Float64Array(buffer, byteOffset, Math.floor(byteLength / 8));
}
