import type { MinMax } from './page-statistics.js';
import { NO_MIN_MAX } from './page-statistics.js';

const encoder = new TextEncoder();

/** PLAIN page of texts: 4 bytes of length, then UTF-8, each. */
export function textPageBytes(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((text) => encoder.encode(text));
  const page = new Uint8Array(encoded.reduce((sum, bytes) => sum + 4 + bytes.byteLength, 0));
  const view = new DataView(page.buffer);
  let at = 0;
  for (const bytes of encoded) {
    view.setUint32(at, bytes.byteLength, true);
    page.set(bytes, at + 4);
    at += 4 + bytes.byteLength;
  }
  return page;
}

/** Smallest and largest text in the order that Parquet gives UTF-8: unsigned bytes. */
export function textMinMax(texts: readonly string[]): MinMax {
  if (texts.length === 0) return NO_MIN_MAX;
  const encoded = texts.map((text) => encoder.encode(text)).sort(compareBytes);
  return { min: encoded[0]!, max: encoded.at(-1)! };
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.byteLength, b.byteLength);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.byteLength - b.byteLength;
}
