import {
  TEXT_MATCH_BYTES_MAX,
  TEXT_MATCH_COUNT_MAX,
  TEXT_MATCH_LENGTH,
  TEXT_MATCH_STRIDE,
  TEXT_MATCH_TEXT,
} from '../abi/text-match.js';
import { invariant } from '../errors/errors.js';
import type { Core } from './core.js';
import type { TextColumn } from './decimal-text.js';
import { countOf } from './kernel-error.js';

/** Raw signature of assembly/text-match.ts. */
export interface TextMatchKernels {
  matchTexts(
    textPtr: number,
    offsetsPtr: number,
    rowCount: number,
    tablePtr: number,
    textCount: number,
    trueMask: number,
    outPtr: number,
    badBitmapPtr: number,
  ): number;
}

/** Bytes of the memory that a table of {@link TextTable} takes. */
export const TEXT_TABLE_BYTES = TEXT_MATCH_COUNT_MAX * TEXT_MATCH_STRIDE;

/** Words in the linear memory that mean 1 (bid, buy) or 0 (ask, sell). */
export class TextTable {
  readonly #core: Core;
  readonly #tablePtr: number;
  readonly #textCount: number;
  readonly #trueMask: number;

  /**
   * @param tablePtr TEXT_TABLE_BYTES, 8-byte aligned, kept while the table is used
   * @param words at most 8 in all, each at most 28 bytes of UTF-8
   */
  constructor(
    core: Core,
    tablePtr: number,
    words: { readonly meaningTrue: readonly string[]; readonly meaningFalse: readonly string[] },
  ) {
    const texts = [...words.meaningTrue, ...words.meaningFalse];
    invariant(texts.length <= TEXT_MATCH_COUNT_MAX, `${texts.length} texts are too many to match`);
    this.#core = core;
    this.#tablePtr = tablePtr;
    this.#textCount = texts.length;
    this.#trueMask = 2 ** words.meaningTrue.length - 1;
    texts.forEach((text, index) => {
      const bytes = new TextEncoder().encode(text);
      invariant(bytes.length <= TEXT_MATCH_BYTES_MAX, `"${text}" is too long to match`);
      const entryPtr = tablePtr + index * TEXT_MATCH_STRIDE;
      core.views.i32[(entryPtr + TEXT_MATCH_LENGTH) / 4] = bytes.length;
      core.views.u8.set(bytes, entryPtr + TEXT_MATCH_TEXT);
    });
  }

  /**
   * Writes one bit a row at `outPtr` (from bit 0; 0 where no word matches), and sets the bit of
   * each row that matches none in the bitmap, which the caller clears. Comparison is exact.
   * @returns how many rows match none
   */
  match(
    { textPtr, offsetsPtr, rowCount }: TextColumn,
    outPtr: number,
    badBitmapPtr: number,
  ): number {
    const bad = this.#core.kernels.matchTexts(
      textPtr,
      offsetsPtr,
      rowCount,
      this.#tablePtr,
      this.#textCount,
      this.#trueMask,
      outPtr,
      badBitmapPtr,
    );
    return countOf('matchTexts', bad);
  }
}
