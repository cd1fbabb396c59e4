import type { MessageIds } from './refused-messages.js';

/** Ids that the stream has gone past without their messages. */
export class LostIds {
  #ranges: { readonly from: bigint; readonly to: bigint; readonly isKnown: boolean }[] = [];

  /** Lost between two messages, or part of a snapshot. @param to the last of them, inclusive */
  add(from: bigint, to: bigint): void {
    this.#ranges.push({ from, to, isKnown: true });
  }

  /** All before the stream began: those of a message that comes late, or of a new start. */
  addBefore(to: bigint): void {
    this.#ranges.push({ from: 0n, to, isKnown: false });
  }

  /** The stream begins with this id, or begins anew: what lies below it never came. */
  beginAt(first: bigint): void {
    this.#ranges = [];
    this.addBefore(first - 1n);
  }

  has({ first, last }: MessageIds): boolean {
    return this.#ranges.some(({ from, to }) => last >= from && first <= to);
  }

  /** Whether they were missed where a message stood before them. */
  hasMissed({ first, last }: MessageIds): boolean {
    return this.#ranges.some(({ from, to, isKnown }) => isKnown && last >= from && first <= to);
  }
}
