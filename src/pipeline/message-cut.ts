import { FLAG_LAST, FLAG_SNAPSHOT } from '../abi/flags.js';
import type { RowReject } from '../dialects/decode-target.js';
import type { MessageKey } from '../dialects/types.js';
import type { DepthSlots } from './depth-slots.js';
import { messageKeyPtrs } from './message-scan.js';

/** What tells whether the row behind goes on with a row's message. Values: slots are used again. */
interface RowKey {
  readonly key1: bigint;
  readonly key2: bigint;
  readonly tsRecv: bigint;
  readonly sequence: bigint | null;
  readonly isSnapshot: boolean;
  readonly endsMessage: boolean;
}

/**
 * Finds the end of the message at which `--limit` cuts a depth table: a part of a message would
 * give a book that never was. It may be some chunks behind the row that reached the limit.
 */
export class MessageCut {
  readonly #slots: DepthSlots;
  readonly #messageKey: MessageKey;
  #last: RowKey | null = null;

  constructor(slots: DepthSlots, messageKey: MessageKey) {
    this.#slots = slots;
    this.#messageKey = messageKey;
  }

  /** This row is the last one that was taken. */
  took(slot: number, row: number): void {
    this.#last = this.#keyOf(slot, row);
  }

  /** First row in [row, rowCount) that is of another message than the last one taken, or rowCount. */
  endFrom(slot: number, row: number, rowCount: number): number {
    let end = row;
    while (end < rowCount && this.#goesOn(this.#keyOf(slot, end))) this.took(slot, end++);
    return end;
  }

  /** Whether a refused row behind the last one taken was part of its message. */
  holds({ tsRecv, sequence }: RowReject): boolean {
    const last = this.#last;
    if (last === null || last.tsRecv !== tsRecv) return false;
    return last.sequence === null || last.sequence === sequence;
  }

  #goesOn(row: RowKey): boolean {
    const last = this.#last;
    if (last === null || last.endsMessage) return false;
    if (this.#messageKey === 'flags') return true;
    if (last.isSnapshot !== row.isSnapshot) return false;
    // As DepthSlots.endSnapshots: a snapshot with another stamp is another one.
    if (row.isSnapshot && last.tsRecv !== row.tsRecv) return false;
    return last.key1 === row.key1 && last.key2 === row.key2;
  }

  #keyOf(slot: number, row: number): RowKey {
    const columns = this.#slots.columns(slot);
    const [key1Ptr, key2Ptr] = messageKeyPtrs(this.#messageKey, columns);
    const optional = (ptr: number): bigint | null => (ptr === 0 ? null : this.#slots.i64(ptr, row));
    const flags = this.#slots.flags(columns, row);
    return {
      key1: optional(key1Ptr) ?? 0n,
      key2: optional(key2Ptr) ?? 0n,
      tsRecv: this.#slots.i64(columns.tsRecvPtr, row),
      sequence: optional(columns.sequencePtr),
      isSnapshot: (flags & FLAG_SNAPSHOT) !== 0,
      endsMessage: (flags & FLAG_LAST) !== 0,
    };
  }
}
