// Pages from known values, the plain way: what the page kernels must read back. Where a format
// leaves the writer a choice (runs or literals, shapes of blocks), the choice is random.
import type { Prng } from '../prng.js';
import { varint, zigzag } from './page-encode.js';

/** Values as `width` bits each, the least first, padded to whole bytes. */
export function packedBits(values: readonly bigint[], width: number): number[] {
  const bytes = new Array<number>(Math.ceil((values.length * width) / 8)).fill(0);
  values.forEach((value, i) => {
    for (let bit = 0; bit < width; bit++) {
      const at = i * width + bit;
      if ((value >> BigInt(bit)) & 1n) bytes[at >> 3] = bytes[at >> 3]! | (1 << (at & 7));
    }
  });
  return bytes;
}

function littleEndian(value: bigint, byteLength: number): number[] {
  return Array.from({ length: byteLength }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** The hybrid of runs and bit packing: runs of any length, groups of literals, in any order. */
export function hybridBytes(prng: Prng, values: readonly number[], width: number): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < values.length; ) {
    let same = 1;
    while (at + same < values.length && values[at + same] === values[at]) same++;
    if (prng.chance(same > 4 ? 0.8 : 0.2)) {
      const length = prng.int(1, same + 1);
      bytes.push(...varint(BigInt(length) << 1n));
      bytes.push(...littleEndian(BigInt(values[at]!), Math.ceil(width / 8)));
      at += length;
      continue;
    }
    const groups = Math.min(prng.int(1, 6), Math.ceil((values.length - at) / 8));
    const literals = values.slice(at, at + groups * 8).map(BigInt);
    while (literals.length < groups * 8) literals.push(0n);
    bytes.push(...varint((BigInt(groups) << 1n) | 1n), ...packedBits(literals, width));
    at += groups * 8;
  }
  return bytes;
}

export interface DeltaShape {
  readonly blockValues: number;
  readonly miniblocks: number;
  /** Bits at which deltas wrap: 32 or 64. */
  readonly bits: number;
}

/** DELTA_BINARY_PACKED in blocks of any shape. */
export function deltaBytes(
  values: readonly bigint[],
  { blockValues, miniblocks, bits }: DeltaShape,
): number[] {
  const bytes = [blockValues, miniblocks, values.length].map(BigInt).flatMap(varint);
  bytes.push(...varint(zigzag(values[0] ?? 0n)));
  const deltas = values.slice(1).map((value, i) => BigInt.asIntN(bits, value - values[i]!));
  const size = blockValues / miniblocks;
  for (let start = 0; start < deltas.length; start += blockValues) {
    const block = deltas.slice(start, start + blockValues);
    const smallest = BigInt64Array.from(block).sort()[0]!;
    const above = block.map((delta) => BigInt.asUintN(bits, delta - smallest));
    bytes.push(...varint(zigzag(smallest)));
    const parts = Array.from({ length: miniblocks }, (_, i) =>
      above.slice(i * size, (i + 1) * size),
    );
    const widths = parts.map((part) =>
      part.reduce(
        (width, value) => Math.max(width, value.toString(2).length * Number(value > 0n)),
        0,
      ),
    );
    bytes.push(...widths);
    for (const [i, part] of parts.entries()) {
      if (part.length === 0) continue;
      while (part.length < size) part.push(0n);
      bytes.push(...packedBits(part, widths[i]!));
    }
  }
  return bytes;
}

/** Byte b of all values, for every b. */
export function splitBytes(values: readonly bigint[], byteLength: number): number[] {
  const all = values.map((value) => littleEndian(value, byteLength));
  return Array.from({ length: byteLength }, (_, b) => all.map((bytes) => bytes[b]!)).flat();
}

export function plainBytes(values: readonly bigint[], byteLength: number): number[] {
  return values.flatMap((value) => littleEndian(value, byteLength));
}

/** FIXED_LEN_BYTE_ARRAY: the greatest byte first. */
export function bigEndianBytes(values: readonly bigint[], byteLength: number): number[] {
  return values.flatMap((value) => littleEndian(value, byteLength).reverse());
}

/** BYTE_ARRAY: each behind its length. */
export function textBytes(texts: readonly Uint8Array[]): number[] {
  return texts.flatMap((text) => [...littleEndian(BigInt(text.byteLength), 4), ...text]);
}

/** Definition levels of version 1: behind their length; of version 2: without. */
export function levelBytes(prng: Prng, present: readonly boolean[], version: 1 | 2): number[] {
  const levels = hybridBytes(prng, present.map(Number), 1);
  return version === 2 ? levels : [...littleEndian(BigInt(levels.length), 4), ...levels];
}
