// Plain twins of assembly/rows.ts and assembly/latency.ts.

export function keptRows<T>(rows: readonly T[], drop: readonly boolean[]): T[] {
  return rows.filter((_, row) => !drop[row]);
}

export function packBits(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => {
    if (bit) bytes[i >> 3]! |= 1 << (i & 7);
  });
  return bytes;
}

export function unpackBits(bytes: Uint8Array, count: number, firstBit = 0): boolean[] {
  return Array.from({ length: count }, (_, i) => {
    const at = firstBit + i;
    return ((bytes[at >> 3]! >> (at & 7)) & 1) === 1;
  });
}

/** The value at or below which `fraction` of the values lie. */
export function percentile(values: readonly bigint[], fraction: number): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.max(1, Math.ceil(values.length * fraction)) - 1]!;
}
