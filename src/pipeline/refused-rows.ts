import type { RowReject } from '../dialects/decode-target.js';
import type { DepthSlots } from './depth-slots.js';
import type { Chunk } from './protocol.js';

/**
 * Rejects in front of the next chunk that were part of this one's last message belong here: they
 * must be known before that message ends.
 */
export function handRejectsBack(
  slots: DepthSlots,
  chunk: Chunk,
  next: Chunk | null,
): [Chunk, Chunk | null] {
  if (next === null || next.rejects[0]?.at !== 0) return [chunk, next];
  const isOwn = (reject: RowReject): boolean =>
    reject.at === 0 && isOfMessageAt(slots, chunk.slot, chunk.rowCount - 1, reject);
  const own = next.rejects.filter(isOwn).map((reject) => ({ ...reject, at: chunk.rowCount }));
  const rejects = next.rejects.filter((reject) => !isOwn(reject));
  return [
    { ...chunk, rejects: [...chunk.rejects, ...own] },
    { ...next, rejects },
  ];
}

/** Whether a refused row was part of the same message as a row of a slot. */
function isOfMessageAt(slots: DepthSlots, slot: number, row: number, reject: RowReject): boolean {
  const { tsRecvPtr, sequencePtr } = slots.columns(slot);
  if (slots.i64(tsRecvPtr, row) !== reject.tsRecv) return false;
  return sequencePtr === 0 || slots.i64(sequencePtr, row) === reject.sequence;
}

/** Hands out the refused rows of the slots in work, each once, where it must be known. */
export class RefusedRows {
  readonly #slots: DepthSlots;
  readonly #chunkOf: (slot: number) => Chunk | undefined;
  readonly #taken = new Map<number, number>();

  constructor(slots: DepthSlots, chunkOf: (slot: number) => Chunk | undefined) {
    this.#slots = slots;
    this.#chunkOf = chunkOf;
  }

  /**
   * The refused rows that must be known at `row` and have not been taken yet.
   * @param behind only those of messages that this witness stands behind
   */
  takeUpTo(
    slot: number,
    row: number,
    behind: { readonly tsRecv: bigint; readonly sequence: bigint } | null = null,
  ): readonly RowReject[] {
    const rejects = this.#chunkOf(slot)?.rejects ?? [];
    const start = this.#taken.get(slot) ?? 0;
    let end = start;
    const isDue = (reject: RowReject): boolean => {
      if (this.#standsAt(slot, reject) > row) return false;
      if (behind === null) return true;
      const { sequence, tsRecv } = reject;
      return sequence === null ? tsRecv <= behind.tsRecv : sequence <= behind.sequence;
    };
    while (end < rejects.length && isDue(rejects[end]!)) end++;
    if (end > start) this.#taken.set(slot, end);
    return end > start ? rejects.slice(start, end) : [];
  }

  /** All that are left of a slot that is through. */
  takeLast(slot: number): readonly RowReject[] {
    const left = this.takeUpTo(slot, Number.MAX_SAFE_INTEGER);
    this.#taken.delete(slot);
    return left;
  }

  /** Whether a refused row was part of the message that the row of the slot is in. */
  isOfMessage(slot: number, row: number, reject: RowReject): boolean {
    return isOfMessageAt(this.#slots, slot, row, reject);
  }

  /** Row of the slot at which the next one must be known; Infinity: there is none. */
  nextRow(slot: number): number {
    const reject = this.#chunkOf(slot)?.rejects[this.#taken.get(slot) ?? 0];
    return reject === undefined ? Number.POSITIVE_INFINITY : this.#standsAt(slot, reject);
  }

  /** A reject that followed the last row of its message must be known before that row ends it. */
  #standsAt(slot: number, reject: RowReject): number {
    const { at } = reject;
    return at > 0 && isOfMessageAt(this.#slots, slot, at - 1, reject) ? at - 1 : at;
  }
}
