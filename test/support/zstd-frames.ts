// Frames of zstd for tests: made by the library at all its levels, and what of the format is in them.
import { compress, decompress } from '@foxglove/wasm-zstd';
import type { Prng } from '../prng.js';

/** Await `isLoaded` of the library first. */
export const zstdFrame = (content: Uint8Array, level = 3): Uint8Array =>
  Uint8Array.from(compress(content, level));

/** What the library makes of frames; null: it refuses them, or makes another length. */
export function libraryReading(source: Uint8Array, outBytes: number): Uint8Array | null {
  try {
    const bytes = decompress(source, outBytes);
    return bytes.byteLength === outBytes ? Uint8Array.from(bytes) : null;
  } catch {
    return null;
  }
}

/** Contents that lead a compressor to each form of literals and tables. */
export function zstdContent(prng: Prng, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  const view = new DataView(bytes.buffer);
  const words = (value: (i: number) => bigint): void => {
    for (let i = 0; i + 8 <= byteLength; i += 8) view.setBigInt64(i, value(i), true);
  };
  switch (prng.int(0, 8)) {
    case 0:
      return bytes.map(() => prng.u32());
    case 1:
      return bytes.map(() => prng.unit() * prng.unit() * 60);
    case 2:
      for (let i = 0; i + 8 <= byteLength; i += 8) {
        view.setFloat64(i, prng.int(600_000, 600_500) / 10, true);
      }
      return bytes;
    case 3: {
      let time = 1_700_000_000_000_000_000n;
      words(() => (time += prng.chance(0.1) ? BigInt(prng.int(1, 1_000_000)) : 0n));
      return bytes;
    }
    case 4: {
      const texts = Array.from({ length: 50 }, () =>
        Array.from({ length: prng.int(2, 20) }, () => prng.int(97, 123)),
      );
      for (let i = 0; i < byteLength; )
        for (const letter of prng.pick(texts)) if (i < byteLength) bytes[i++] = letter;
      return bytes;
    }
    case 5:
      for (let i = 0; i < byteLength; ) {
        const end = i + prng.int(1, 3_000);
        bytes.fill(prng.u32(), i, end);
        i = end;
      }
      return bytes;
    case 6:
      return bytes.fill(prng.u32());
    default:
      words((i) => BigInt(i * 1_000 + (prng.chance(0.3) ? 7 : 0)));
      return bytes;
  }
}

const BLOCKS = ['raw', 'one byte', 'compressed'];
const LITERALS = ['raw', 'one byte', 'own tree', 'last tree'];
const TABLES = ['default', 'single', 'own', 'last'];
const KINDS = ['lengths', 'offsets', 'matches'];

/** Names of the forms of the format that a frame without a skippable one before it has. */
export function formsOf(frame: Uint8Array): string[] {
  const forms: string[] = [];
  const descriptor = frame[4]!;
  const isSingle = (descriptor & 32) !== 0;
  const sizeFlag = descriptor >> 6;
  let at = 5 + (isSingle ? 0 : 1) + (sizeFlag === 0 ? Number(isSingle) : 1 << sizeFlag);
  for (let isLast = false; !isLast; ) {
    const header = frame[at]! | (frame[at + 1]! << 8) | (frame[at + 2]! << 16);
    const type = (header >> 1) & 3;
    isLast = (header & 1) === 1;
    forms.push(`block ${BLOCKS[type]}`);
    if (type === 2) forms.push(...formsOfBlock(frame, at + 3));
    at += 3 + (type === 1 ? 1 : header >> 3);
  }
  return forms;
}

function formsOfBlock(frame: Uint8Array, start: number): string[] {
  const literals = frame[start]! & 3;
  const format = (frame[start]! >> 2) & 3;
  const forms = [`literals ${LITERALS[literals]}, format ${literals < 2 ? 0 : format}`];
  let word = 0n;
  for (let i = 4; i >= 0; i--) word = (word << 8n) | BigInt(frame[start + i]!);
  let at = start;
  if (literals < 2) {
    const headBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
    const count = Number(
      (word & ((1n << BigInt(8 * headBytes)) - 1n)) >> (headBytes > 1 ? 4n : 3n),
    );
    at += headBytes + (literals === 0 ? count : 1);
  } else {
    const sizeBits = [10n, 10n, 14n, 18n][format]!;
    at += format < 2 ? 3 : format + 2;
    if (literals === 2) forms.push(frame[at]! < 128 ? 'weights coded' : 'weights direct');
    at += Number((word >> (4n + sizeBits)) & ((1n << sizeBits) - 1n));
  }
  const count = frame[at]!;
  if (count === 0) return [...forms, 'no sequences'];
  at += count < 128 ? 1 : count < 255 ? 2 : 3;
  const modes = frame[at]!;
  return [...forms, ...KINDS.map((kind, i) => `${kind} ${TABLES[(modes >> (6 - 2 * i)) & 3]}`)];
}
