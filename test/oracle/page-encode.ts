// Plain twins of the page kernels: one value at a time, in bigints and arrays, straight from
// apache/parquet-format Encodings.md.

export function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  bytes.push(Number(left));
  return bytes;
}

export const zigzag = (value: bigint): bigint => (value >= 0n ? value * 2n : -value * 2n - 1n);

const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** Values of `width` bits one behind the other, least significant bit first. */
function packed(values: readonly bigint[], width: number): number[] {
  let all = 0n;
  for (const [i, value] of values.entries()) all |= value << BigInt(i * width);
  return Array.from({ length: (values.length * width) / 8 }, (_, i) =>
    Number((all >> BigInt(8 * i)) & 255n),
  );
}

/** DELTA_BINARY_PACKED with blocks of 256 and 8 miniblocks; deltas wrap at `bits` (32 or 64). */
export function deltaBinaryPacked(values: readonly bigint[], bits: number): Uint8Array {
  const bytes = [256n, 8n, BigInt(values.length), zigzag(values[0] ?? 0n)].flatMap(varint);
  const deltas = values.slice(1).map((value, i) => BigInt.asIntN(bits, value - values[i]!));
  for (let start = 0; start < deltas.length; start += 256) {
    const block = deltas.slice(start, start + 256);
    const smallest = BigInt64Array.from(block).sort()[0]!;
    bytes.push(...varint(zigzag(smallest)));
    const miniblocks: bigint[][] = [];
    for (let at = 0; at < 256; at += 32) {
      const above = block.slice(at, at + 32).map((delta) => BigInt.asUintN(bits, delta - smallest));
      miniblocks.push(above);
    }
    const widths = miniblocks.map((above) => Math.max(0, ...above.map(bitLength)));
    bytes.push(...widths);
    for (const [i, above] of miniblocks.entries()) {
      if (above.length === 0) continue;
      const padding = Array.from({ length: 32 - above.length }, () => 0n);
      bytes.push(...packed([...above, ...padding], widths[i]!));
    }
  }
  return Uint8Array.from(bytes);
}

/** Reads the hybrid of runs and bit packing: at least `count` values, padding included. */
export function hybridDecoded(bytes: Uint8Array, width: number, count: number): number[] {
  const values: number[] = [];
  let at = 0;
  while (values.length < count) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const amount = header >>> 1;
    if (header & 1) {
      let all = 0n;
      for (let i = 0; i < amount * width; i++) all |= BigInt(bytes[at++]!) << BigInt(8 * i);
      for (let i = 0; i < amount * 8; i++) {
        values.push(Number(BigInt.asUintN(width, all >> BigInt(i * width))));
      }
    } else {
      let value = 0;
      for (let i = 0; i < width; i += 8) value |= bytes[at++]! << i;
      for (let i = 0; i < amount; i++) values.push(value);
    }
  }
  if (at !== bytes.byteLength) throw new Error(`${bytes.byteLength - at} bytes left over`);
  return values;
}

/**
 * Bytes of the mixture of runs and groups of 8 that we write (docs/encodings.md): a run where enough
 * values are equal, else groups up to the one behind which such a run starts.
 */
export function hybridBytes(values: readonly number[], width: number): number {
  const valueBytes = Math.ceil(width / 8);
  const runMin = width === 0 ? 1 : Math.ceil((8 * (3 + valueBytes)) / width);
  const runAt = (start: number): number => {
    let end = start;
    while (end < values.length && values[end] === values[start]) end++;
    return end - start;
  };
  const varintBytes = (value: number): number => varint(BigInt(value)).length;
  let bytes = 0;
  for (let at = 0; at < values.length; ) {
    const run = runAt(at);
    if (run >= runMin || run === values.length) {
      bytes += varintBytes(run * 2) + valueBytes;
      at += run;
      continue;
    }
    let groups = 0;
    do {
      groups++;
      at += 8;
    } while (at < values.length && groups < 8191 && runAt(at) < runMin);
    bytes += varintBytes(groups * 2 + 1) + groups * width;
  }
  return bytes;
}

/** Distinct values in order of their first row, and each row's index; `null` beyond `limit`. */
export function dictionaryOf<T>(
  values: readonly T[],
  limit: number,
): { entries: T[]; indices: number[] } {
  const places = new Map<T, number>();
  const indices: number[] = [];
  for (const value of values) {
    if (!places.has(value)) {
      if (places.size === limit) break;
      places.set(value, places.size);
    }
    indices.push(places.get(value)!);
  }
  return { entries: [...places.keys()], indices };
}
