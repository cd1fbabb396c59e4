import {
  FLAG_CLEAR,
  FLAG_LAST,
  FLAG_MAYBE_BAD_BOOK,
  FLAG_SNAPSHOT,
  FLAG_SYNTHETIC,
  FLAG_UNSEEDED,
} from '../abi/flags.js';
import { KNOWN_ALL_ASKS, KNOWN_ALL_BIDS } from '../core/book.js';
import type { BookApplier } from './book-applier.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { BookSpec, Segment } from './protocol.js';

/** Rows of depthmill's own tables that stand outside the sequence of received messages. */
const OWN_ROWS = FLAG_SYNTHETIC | FLAG_SNAPSHOT | FLAG_CLEAR;

/**
 * Snapshots and synthetic messages in an input that depthmill itself wrote. They are applied as
 * they stand: their ids repeat those of received messages and prove nothing.
 */
export class OwnMessages {
  readonly #slots: DepthSlots;
  readonly #applier: BookApplier;
  readonly #enabled: boolean;
  readonly #isSettled: boolean;
  #isOpen = false;
  #isLeftOut = false;
  #snapshot: { bid: bigint | null; ask: bigint | null } | null = null;

  /** @param spec of one of depthmill's tables; in others these flags mean nothing */
  constructor(
    slots: DepthSlots,
    applier: BookApplier,
    { messageKey, isSettled }: Pick<BookSpec, 'messageKey' | 'isSettled'>,
  ) {
    this.#slots = slots;
    this.#applier = applier;
    this.#enabled = messageKey === 'flags';
    this.#isSettled = isSettled;
  }

  /** Such a message is under way: the next rows are its. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The first row of such a message in [rowStart, rowEnd), or rowEnd. */
  next(columns: DepthColumns, rowStart: number, rowEnd: number): number {
    if (!this.#enabled) return rowEnd;
    const found = this.#slots.nextFlag(columns, rowStart, rowEnd, OWN_ROWS);
    return found === -1 ? rowEnd : found;
  }

  /**
   * Received rows come, up to the next message of ours.
   * @returns up to which row what was known of their book is the same: those are to be taken now
   */
  receive(segment: Segment, columns: DepthColumns): number {
    const { slot, rowStart } = segment;
    const rowEnd = this.#endOfTrust(segment, columns);
    this.#tell(columns, rowStart);
    this.#goOnWithBook({ slot, rowStart, rowEnd }, columns);
    return rowEnd;
  }

  /** What the run that wrote the row knew of its book; null: there was none, or others wrote it. */
  #wasSuspect(columns: DepthColumns, row: number): boolean | null {
    if (!this.#isSettled) return null;
    const flags = this.#slots.flags(columns, row);
    return (flags & FLAG_UNSEEDED) !== 0 ? null : (flags & FLAG_MAYBE_BAD_BOOK) !== 0;
  }

  #endOfTrust({ rowStart, rowEnd }: Segment, columns: DepthColumns): number {
    if (!this.#isSettled) return rowEnd;
    const was = this.#wasSuspect(columns, rowStart);
    for (let row = rowStart + 1; row < rowEnd; row++) {
      if (this.#wasSuspect(columns, row) === was) continue;
      if (this.#slots.endsMessage(columns, row - 1)) return row;
    }
    return rowEnd;
  }

  /** A doubt that only the earlier run could have is one here too, as long as it was there. */
  #tell(columns: DepthColumns, row: number): void {
    const { trust, here } = this.#applier;
    const was = this.#wasSuspect(columns, row);
    if (was === null) return;
    if (!was) trust.earlierRunEnds();
    else if (!trust.has('earlier_run')) trust.doubt('earlier_run', here, here);
    this.#applier.syncState();
  }

  /**
   * Received rows that had no book where they were written, and have one here: an output that goes
   * on from another one. What the flags say of the book is said anew.
   */
  #goOnWithBook(segment: Segment, columns: DepthColumns): void {
    if (!this.#enabled || !this.#applier.trust.seeded) return;
    if ((this.#slots.flags(columns, segment.rowStart) & FLAG_UNSEEDED) === 0) return;
    for (let row = segment.rowStart; row < segment.rowEnd; row++) {
      this.#slots.unmark(columns, row, FLAG_UNSEEDED | FLAG_MAYBE_BAD_BOOK);
    }
  }

  /**
   * Takes the rows of a snapshot that was not joined where it was written: it built no book there,
   * and must not replace the one that there is here.
   * @returns those of the message that `rowStart` is in, or null: they are to be applied
   */
  takeLeftOut({ slot, rowStart, rowEnd }: Segment, columns: DepthColumns): Segment | null {
    if (!this.#isOpen) {
      const isUnseeded = (this.#slots.flags(columns, rowStart) & FLAG_UNSEEDED) !== 0;
      this.#isLeftOut = isUnseeded && this.#applier.trust.seeded;
    }
    if (!this.#isLeftOut) return null;
    const last = this.#slots.nextFlag(columns, rowStart, rowEnd, FLAG_LAST);
    this.#isOpen = last === -1;
    return { slot, rowStart, rowEnd: last === -1 ? rowEnd : last + 1 };
  }

  /**
   * Applies the rows of the message that `rowStart` is in.
   * @returns the row behind them; after a snapshot the id that the stream goes on from, and whether
   *   messages above the snapshot's own id are part of it
   */
  async apply(
    slot: number,
    columns: DepthColumns,
    rowStart: number,
    rowEnd: number,
  ): Promise<{ row: number; lastId: bigint | null; isJoined: boolean }> {
    const last = this.#slots.nextFlag(columns, rowStart, rowEnd, FLAG_LAST);
    const row = last === -1 ? rowEnd : last + 1;
    const flags = this.#slots.flags(columns, rowStart);
    // One that could not be joined built no book.
    if ((flags & FLAG_CLEAR) !== 0 && (flags & FLAG_UNSEEDED) === 0) {
      this.#snapshot = { bid: null, ask: null };
    }
    let lastId: bigint | null = null;
    if (this.#snapshot !== null) {
      this.#widen(columns, rowStart, row);
      this.#proves(columns, rowStart);
      if (columns.sequencePtr !== 0) lastId = this.#slots.i64(columns.sequencePtr, row - 1);
    }
    const isJoined = (this.#slots.flags(columns, row - 1) & FLAG_SNAPSHOT) === 0;
    this.#isOpen = last === -1;
    this.#tell(columns, rowStart);
    await this.#applier.apply({ slot, rowStart, rowEnd: row });
    if (!this.#isOpen) this.#snapshot = null;
    return { row, lastId, isJoined };
  }

  #proves(columns: DepthColumns, row: number): void {
    const { bid, ask } = this.#snapshot!;
    const known = { bid: bid ?? KNOWN_ALL_BIDS, ask: ask ?? KNOWN_ALL_ASKS };
    const sequence = columns.sequencePtr === 0 ? null : this.#slots.i64(columns.sequencePtr, row);
    const point = { tsRecv: this.#slots.i64(columns.tsRecvPtr, row), sequence };
    this.#applier.snapshotBegins(known, point);
  }

  /** The worst prices of the snapshot's rows so far are what it proves. */
  #widen(columns: DepthColumns, rowStart: number, rowEnd: number): void {
    const snapshot = this.#snapshot!;
    for (let row = rowStart; row < rowEnd; row++) {
      // Messages above the snapshot that are part of it prove nothing beyond it.
      if ((this.#slots.flags(columns, row) & FLAG_SNAPSHOT) === 0) return;
      if (this.#slots.i64(columns.qtyPtr, row) === 0n) continue;
      const price = this.#slots.i64(columns.pricePtr, row);
      if (this.#slots.isBid(columns, row)) {
        if (snapshot.bid === null || price < snapshot.bid) snapshot.bid = price;
      } else if (snapshot.ask === null || price > snapshot.ask) snapshot.ask = price;
    }
  }
}
