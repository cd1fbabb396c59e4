const encoder = new TextEncoder();
const CHUNK_BYTES = 1 << 20;
const SHORT_BYTES = 32;

/** Text as bytes that grow without being copied: full blocks are set aside until they are taken. */
export class TextBytes {
  /** The block in work; its bytes up to `at` are written. */
  bytes = new Uint8Array(CHUNK_BYTES);
  at = 0;
  #full: Uint8Array[] = [];

  /** Makes room for `byteLength` bytes in one piece. */
  reserve(byteLength: number): void {
    if (this.at + byteLength <= this.bytes.byteLength) return;
    if (this.at > 0) this.#full.push(this.bytes.subarray(0, this.at));
    this.bytes = new Uint8Array(Math.max(CHUNK_BYTES, byteLength));
    this.at = 0;
  }

  append(part: Uint8Array): void {
    const { byteLength } = part;
    this.reserve(byteLength);
    const { bytes, at } = this;
    // Commas, quotes and names: a call of set() takes longer than to copy them.
    if (byteLength < SHORT_BYTES) for (let i = 0; i < byteLength; i++) bytes[at + i] = part[i]!;
    else bytes.set(part, at);
    this.at = at + byteLength;
  }

  text(text: string): void {
    this.append(encoder.encode(text));
  }

  /** Everything since the last call; the caller's own. */
  take(): Uint8Array[] {
    const taken = this.#full;
    if (this.at > 0) taken.push(this.bytes.subarray(0, this.at));
    this.#full = [];
    this.bytes = new Uint8Array(CHUNK_BYTES);
    this.at = 0;
    return taken;
  }
}
