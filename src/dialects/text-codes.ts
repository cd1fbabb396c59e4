import type { SourceColumn } from '../parquet/reader.js';
import { isPresent } from './source-values.js';

/** Number of a text that has none, and of a missing one. */
export const NO_TEXT = -1;

/** Slots of the hash table at first; a power of two. */
const SLOTS_MIN = 256;

/**
 * Numbers for texts, by their bytes: 0, 1, 2 ... in the order in which they are first added. Rows name
 * the same few hundred instruments over and over, and no string is made to tell which.
 */
export class TextCodes {
  readonly texts: string[] = [];
  readonly #bytes: Uint8Array[] = [];
  readonly #hashes: number[] = [];
  /** Codes by hash, NO_TEXT: free; at most half full. */
  #slots = new Int32Array(SLOTS_MIN).fill(NO_TEXT);

  /** The number of the text in bytes [start, end), or NO_TEXT. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#slotOf(bytes, start, end, hashOf(bytes, start, end))]!;
  }

  /** The same; a text that has no number yet gets the next one. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(bytes, start, end, hash);
    const known = this.#slots[slot]!;
    if (known !== NO_TEXT) return known;
    const code = this.#bytes.length;
    // Copied, since hosts may refuse to decode shared memory.
    const own = bytes.slice(start, end);
    this.#bytes.push(own);
    this.#hashes.push(hash);
    this.texts.push(TEXT.decode(own));
    this.#slots[slot] = code;
    if (this.#bytes.length * 2 > this.#slots.length) this.#grow();
    return code;
  }

  /** Where a text stands in the table, or would. */
  #slotOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const code = this.#slots[slot]!;
      if (code === NO_TEXT) return slot;
      if (this.#hashes[code] === hash && isEqual(this.#bytes[code]!, bytes, start, end))
        return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(NO_TEXT);
    const mask = this.#slots.length - 1;
    for (const [code, hash] of this.#hashes.entries()) {
      let slot = hash & mask;
      while (this.#slots[slot] !== NO_TEXT) slot = (slot + 1) & mask;
      this.#slots[slot] = code;
    }
  }
}

const TEXT = new TextDecoder('utf-8', { ignoreBOM: true });

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function isEqual(own: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (own.length !== end - start) return false;
  for (let at = 0; at < own.length; at++) if (own[at] !== bytes[start + at]) return false;
  return true;
}

/**
 * The number of each row's text, asked for in the order of the rows; NO_TEXT where it has none.
 * @param column null: no row has one
 * @param adds whether a text without a number gets one
 */
export function textNumbers(
  column: SourceColumn | null,
  codes: TextCodes,
  adds: boolean,
): (row: number) => number {
  if (column === null || column.offsets === null) return () => NO_TEXT;
  // Views are fetched once: a run of a reader makes them when they are asked for.
  const { values, validity, offsets } = column;
  let last = NO_TEXT;
  let lastStart = 0;
  let lastLength = -1;
  return (row) => {
    if (validity !== null && !isPresent(column, row)) return NO_TEXT;
    const start = offsets[row]!;
    const length = offsets[row + 1]! - start;
    // Neighbours mostly name the same instrument.
    let at = 0;
    if (length === lastLength) {
      while (at < length && values[start + at] === values[lastStart + at]) at++;
    }
    if (length !== lastLength || at < length) {
      const end = start + length;
      last = adds ? codes.add(values, start, end) : codes.find(values, start, end);
    }
    lastStart = start;
    lastLength = length;
    return last;
  };
}
