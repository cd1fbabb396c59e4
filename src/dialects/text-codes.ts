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
  /** Codes by hash, -1: free; at most half full. */
  #slots = new Int32Array(SLOTS_MIN).fill(-1);

  /** The number of the text in bytes [start, end), or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#slotOf(bytes, start, end, hashOf(bytes, start, end))]!;
  }

  /** The same; a text that has no number yet gets the next one. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const slot = this.#slotOf(bytes, start, end, hash);
    const known = this.#slots[slot]!;
    if (known !== -1) return known;
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
      if (code === -1) return slot;
      if (this.#hashes[code] === hash && isEqual(this.#bytes[code]!, bytes, start, end))
        return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (const [code, hash] of this.#hashes.entries()) {
      let slot = hash & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
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
