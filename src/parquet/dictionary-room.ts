import { CURSOR_DICTIONARY_PTR } from '../abi/column-cursor.js';
import { STREAM_DICTIONARY_BYTES } from '../abi/column-stream.js';
import { STATUS_TRUNCATED } from '../abi/status.js';
import type { Core } from '../core/core.js';
import type { DecodeRegion } from './decode-region.js';
import { corruptStatus } from './page-defect.js';
import type { Page, PageSteps } from './page-steps.js';

/** Room for dictionaries grows in steps of this, so that those of about one size share one. */
const DICTIONARY_STEP = 16 * 1024;

/** Where a column's dictionaries lie, one after the other: room in the region, known to its stream. */
export class DictionaryRoom {
  readonly #core: Core;
  readonly #region: DecodeRegion;
  readonly #streamPtr: number;
  readonly #pages: PageSteps;
  readonly #kind: number;

  /** @param kind VALUE_ of the column (src/abi/column-cursor.ts) */
  constructor(core: Core, region: DecodeRegion, streamPtr: number, pages: PageSteps, kind: number) {
    this.#core = core;
    this.#region = region;
    this.#streamPtr = streamPtr;
    this.#pages = pages;
    this.#kind = kind;
  }

  reserve(byteLength: number): void {
    const { u32 } = this.#core.views;
    const roomAt = (this.#streamPtr + STREAM_DICTIONARY_BYTES) >>> 2;
    if (byteLength <= u32[roomAt]!) return;
    const room = Math.ceil(byteLength / DICTIONARY_STEP) * DICTIONARY_STEP;
    u32[(this.#streamPtr + CURSOR_DICTIONARY_PTR) >>> 2] = this.#region.take(room);
    u32[roomAt] = room;
  }

  /** Takes over a dictionary page that the kernel has left to the host. */
  take(page: Page): void {
    const { valuesPtr, endPtr } = this.#pages.body(page, this.#kind);
    const { kernels } = this.#core;
    const byteLength = endPtr - valuesPtr;
    const needed = kernels.cursorDictionaryBytes(this.#streamPtr, page.rowCount, byteLength);
    // An entry of no bytes at all cannot be; so a lying count asks for no memory.
    if (page.rowCount > byteLength) {
      throw corruptStatus(this.#pages.place, 'its entries', -STATUS_TRUNCATED);
    }
    this.reserve(needed);
    const taken = kernels.cursorDictionary(this.#streamPtr, valuesPtr, endPtr, page.rowCount);
    if (taken < 0) throw corruptStatus(this.#pages.place, 'its entries', taken);
  }
}
