import type { KernelExports } from '#src/core/kernel-exports.js';
import { lz4Decompressed, snappyDecompressed } from '../oracle/decompress.js';
import type { Prng } from '../prng.js';

/** A literal, or a copy of what lies `offset` bytes before. */
export type Part = { readonly literal: Uint8Array } | { readonly offset: number; length: number };

/** Offsets of columns: those of values near by, of any distance, and shorter than a copy. */
function offsetOf(prng: Prng, madeBytes: number): number {
  const near = prng.pick([1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 32, 63, 64, 65]);
  const offset = prng.chance(0.6) ? near : prng.int(1, 80_000);
  return Math.min(offset, madeBytes);
}

/** Parts of about `byteLength` bytes; `longChance` is that of parts over 16 bytes. */
export function partsOf(prng: Prng, byteLength: number, longChance: number): Part[] {
  const parts: Part[] = [];
  const order = prng.int(0, 4);
  if (order === 3) return valuesOf(prng, byteLength, longChance);
  let made = 0;
  while (made < byteLength) {
    const length = prng.chance(longChance) ? prng.int(17, 400) : prng.int(1, 17);
    // In turns, mostly copies, or in no order: the ways through a page.
    const wasLiteral = made > 0 && 'literal' in parts.at(-1)!;
    const isLiteral = order === 0 ? !wasLiteral : prng.chance(order === 1 ? 0.25 : 0.5);
    if (made === 0 || isLiteral) {
      parts.push({ literal: Uint8Array.from({ length }, () => prng.u32()) });
    } else {
      parts.push({ offset: offsetOf(prng, made), length });
    }
    made += length;
  }
  return parts;
}

/** Values of 8 bytes whose upper ones are those of a value before, as in dictionaries of stamps. */
function valuesOf(prng: Prng, byteLength: number, oddChance: number): Part[] {
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => prng.u32());
  const parts: Part[] = [{ literal: bytes(8 * prng.int(1, 4)) }];
  let made = lengthOf(parts);
  while (made < byteLength) {
    const lower = prng.chance(oddChance) ? prng.int(1, 9) : prng.int(1, 5);
    const offset = prng.chance(oddChance / 2)
      ? offsetOf(prng, made)
      : 8 * prng.pick([1, 1, 1, 2, 3]);
    parts.push(
      { literal: bytes(lower) },
      { offset: Math.min(offset, made), length: 8 - lower || 3 },
    );
    made += lower + (8 - lower || 3);
  }
  return parts;
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, p) => sum + ('literal' in p ? p.literal.length : p.length), 0);
}

const little = (value: number, byteLength: number): number[] =>
  Array.from({ length: byteLength }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** Every form of an element that may state a part, also longer ones than it needs. */
function snappyElements(part: Part, prng: Prng): number[] {
  if ('literal' in part) {
    const n = part.literal.length - 1;
    const lengthBytes = prng.chance(0.05) ? prng.int(2, 5) : n < 60 ? 0 : n < 256 ? 1 : 2;
    const head =
      lengthBytes === 0 ? [n << 2] : [(59 + lengthBytes) << 2, ...little(n, lengthBytes)];
    return [...head, ...part.literal];
  }
  const bytes: number[] = [];
  for (let left = part.length; left > 0; ) {
    const length = Math.min(left, prng.chance(0.2) ? prng.int(1, 65) : 64);
    const { offset } = part;
    const isShort = length >= 4 && length < 12 && offset < 2048;
    if (isShort && prng.chance(0.9)) {
      bytes.push(((offset >> 8) << 5) | ((length - 4) << 2) | 1, offset & 255);
    } else if (offset < 65_536 && prng.chance(0.95)) {
      bytes.push(((length - 1) << 2) | 2, ...little(offset, 2));
    } else {
      bytes.push(((length - 1) << 2) | 3, ...little(offset, 4));
    }
    left -= length;
  }
  return bytes;
}

export interface Block {
  readonly source: Uint8Array;
  readonly outBytes: number;
}

export function snappyBlock(parts: readonly Part[], prng: Prng): Block {
  const outBytes = lengthOf(parts);
  const preamble: number[] = [];
  for (let left = outBytes; ; left >>>= 7) {
    preamble.push((left & 127) | (left > 127 ? 128 : 0));
    if (left < 128) break;
  }
  const elements = parts.flatMap((part) => snappyElements(part, prng));
  return { source: Uint8Array.from([...preamble, ...elements]), outBytes };
}

const added = (length: number): number[] =>
  length < 15
    ? []
    : [...Array<number>(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255];

/** Copies of LZ4 have at least 4 bytes and an offset of two. */
export function lz4Block(parts: readonly Part[]): Block {
  const bytes: number[] = [];
  let outBytes = 0;
  let literals: number[] = [];
  const sequence = (match: { offset: number; length: number } | null): void => {
    const n = literals.length;
    const m = match === null ? 0 : match.length - 4;
    bytes.push((Math.min(15, n) << 4) | Math.min(15, m), ...added(n), ...literals);
    if (match !== null) bytes.push(...little(match.offset, 2), ...added(m));
    literals = [];
  };
  for (const part of parts) {
    if ('literal' in part) {
      literals.push(...part.literal);
      outBytes += part.literal.length;
    } else {
      const match = { offset: Math.min(part.offset, 65_535), length: Math.max(4, part.length) };
      sequence(match);
      outBytes += match.length;
    }
  }
  sequence(null);
  return { source: Uint8Array.from(bytes), outBytes };
}

/** Either kernel; what snappyInit has filled is at `tagsPtr`. */
type Decompress = (
  kernels: KernelExports,
  tagsPtr: number,
) => (sourcePtr: number, sourceBytes: number, outPtr: number, outBytes: number) => number;

const snappy: Decompress =
  (kernels, tagsPtr) =>
  (...args) =>
    kernels.snappyDecompressInto(...args, tagsPtr);
const lz4: Decompress = (kernels) => kernels.lz4DecompressInto;

export const BLOCK_CODECS = [
  {
    codec: 'snappy',
    kernel: snappy,
    oracle: snappyDecompressed,
    blockOf: snappyBlock,
  },
  { codec: 'lz4', kernel: lz4, oracle: lz4Decompressed, blockOf: lz4Block },
] as const;
