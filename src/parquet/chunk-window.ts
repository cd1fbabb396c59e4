import type { Core } from '../core/core.js';
import type { ByteSource } from '../io/byte-source.js';
import { type DecodeRegion, SLACK_BYTES } from './decode-region.js';
import type { ChunkSpan } from './footer-chunks.js';
import type { PageBytes } from './page-steps.js';

/** A window is as small as this where there are very many columns, and no larger than a read needs. */
const WINDOW_BYTES_MIN = 64 * 1024;
const WINDOW_BYTES_MAX = 512 * 1024;

/** The part of a column chunk that lies in the memory; it moves on as pages are read. */
export class ChunkWindow {
  readonly #source: ByteSource;
  readonly #core: Core;
  readonly #region: DecodeRegion;
  readonly #firstBytes: number;
  #ptr = 0;
  #capacity = 0;
  #endPtr = 0;
  /** The next byte of the file to fetch, and the end of the chunk. */
  #offset = 0;
  #end = 0;

  /** @param bytes about what the window may take at first; it grows where a page needs more */
  constructor(source: ByteSource, core: Core, region: DecodeRegion, bytes: number) {
    this.#source = source;
    this.#core = core;
    this.#region = region;
    this.#firstBytes = Math.min(Math.max(Math.floor(bytes), WINDOW_BYTES_MIN), WINDOW_BYTES_MAX);
  }

  open({ offset, byteLength }: ChunkSpan): PageBytes {
    this.#offset = offset;
    this.#end = offset + byteLength;
    this.#endPtr = this.#ptr;
    return this.#bytes(this.#ptr);
  }

  #bytes(ptr: number): PageBytes {
    const more = (keepPtr: number, wanted: number) => this.#fill(keepPtr, wanted);
    return { ptr, endPtr: this.#endPtr, more: this.#offset < this.#end ? more : null };
  }

  /** Keeps the bytes from keepPtr on and fetches more behind them; null: there are none. */
  async #fill(keepPtr: number, wanted: number): Promise<PageBytes | null> {
    if (this.#offset === this.#end) return null;
    const { kernels } = this.#core;
    const kept = this.#endPtr - keepPtr;
    if (wanted > this.#capacity) {
      const capacity = Math.max(wanted + SLACK_BYTES, 2 * this.#capacity, this.#firstBytes);
      const ptr = this.#region.take(capacity);
      kernels.copyBytes(keepPtr, ptr, kept);
      this.#ptr = ptr;
      this.#capacity = capacity;
    } else {
      kernels.copyBytes(keepPtr, this.#ptr, kept);
    }
    const count = Math.min(this.#capacity - kept, this.#end - this.#offset);
    const ptr = this.#ptr + kept;
    await this.#source.readInto(this.#offset, this.#core.views.bytes(ptr, count));
    this.#offset += count;
    this.#endPtr = ptr + count;
    return this.#bytes(this.#ptr);
  }
}
