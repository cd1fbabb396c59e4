import { PART_ROWS } from '../abi/limits.js';
import type { BookWriter } from './book-writer.js';
import type { KeyframeWriter } from './keyframe-writer.js';

/**
 * Counts the applied rows into the parts of `depth`, as RowGroupCutter cuts them, and takes what is
 * due at the ends of messages: digests at the ends of parts, and keyframes.
 */
export class DepthParts {
  /** Of the book at the ends of full parts. */
  readonly digests: string[] = [];
  readonly #writer: BookWriter;
  readonly #keyframes: KeyframeWriter | null;
  #rowCount = 0;
  #partRows = 0;

  constructor(writer: BookWriter, keyframes: KeyframeWriter | null) {
    this.#writer = writer;
    this.#keyframes = keyframes;
  }

  /** Rows of all parts, synthetic ones too. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** With so many rows more, at least 1, the next message end has to be shown to messageEnded. */
  get rowsToEnd(): number {
    const ofPart = PART_ROWS - this.#partRows;
    const ofKeyframe = this.#keyframes?.rowsToNext(this.#rowCount) ?? ofPart;
    return Math.max(1, Math.min(ofPart, ofKeyframe));
  }

  add(rowCount: number): void {
    this.#rowCount += rowCount;
    this.#partRows += rowCount;
  }

  /** A full snapshot is about to be applied. */
  snapshot(): void {
    this.#keyframes?.snapshot();
  }

  /** The rows up to here are whole messages. */
  messageEnded(): void {
    const endsPart = this.#partRows >= PART_ROWS;
    this.#keyframe(endsPart);
    if (!endsPart) return;
    this.digests.push(this.#writer.digest());
    this.#partRows = 0;
  }

  /** The day has ended, with a whole message: its last part ends here, if it has not already. */
  finish(): void {
    if (this.#partRows > 0) this.#keyframe(true);
  }

  #keyframe(endsPart: boolean): void {
    this.#keyframes?.messageEnded({
      part: this.digests.length,
      row: this.#partRows - 1,
      rowCount: this.#rowCount,
      endsPart,
    });
  }
}
