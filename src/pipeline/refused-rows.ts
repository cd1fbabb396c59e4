import { FLAG_SNAPSHOT } from '../abi/flags.js';
import type { MessageIds, RefusedMessages } from '../book/refused-messages.js';
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

/**
 * Finds the messages of which no row is left, and tells of each when the stream comes to its place,
 * not before: what comes later is not known yet.
 */
export class WhollyRefused {
  readonly #slots: DepthSlots;
  readonly #refused: RefusedMessages;
  /** In the order of their rows, of the chunk in work. */
  #ahead: readonly { readonly at: number; readonly ids: MessageIds }[] = [];
  #told = 0;

  constructor(slots: DepthSlots, refused: RefusedMessages) {
    this.#slots = slots;
    this.#refused = refused;
  }

  begin(chunk: Chunk, next: Chunk | null): void {
    const left = this.#ahead.slice(this.#told).map(({ ids }) => ({ at: 0, ids }));
    const own = chunk.rejects.flatMap(({ at, ids }) =>
      ids === null || this.#hasRows(ids.last, at, chunk, next) ? [] : [{ at, ids }],
    );
    this.#ahead = [...left, ...own];
    this.#told = 0;
  }

  /**
   * Rows before `row` of the chunk have been received.
   * @param highest id so far. One that comes late stays untold: the messages that wait for it have
   *   passed without its doubts
   */
  cameTo(row: number, highest: bigint | null): void {
    const ahead = this.#ahead;
    while (this.#told < ahead.length && ahead[this.#told]!.at <= row) {
      const { ids } = ahead[this.#told++]!;
      if (highest === null || ids.last > highest) this.#refused.add(ids);
    }
  }

  #hasRows(id: bigint, at: number, { slot, rowCount }: Chunk, next: Chunk | null): boolean {
    if (at > 0 && this.#isOf(id, slot, at - 1)) return true;
    if (at < rowCount) return this.#isOf(id, slot, at);
    return next !== null && next.rowCount > 0 && this.#isOf(id, next.slot, 0);
  }

  #isOf(id: bigint, slot: number, row: number): boolean {
    const columns = this.#slots.columns(slot);
    // A snapshot has the id of the last message that it holds, and is another one.
    const isSnapshot = this.#slots.nextFlag(columns, row, row + 1, FLAG_SNAPSHOT) === row;
    return !isSnapshot && this.#slots.i64(columns.sequencePtr, row) === id;
  }
}
