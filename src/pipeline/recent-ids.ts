import type { MemoryViews } from '../memory/shared-memory.js';

/** Rows whose ids are kept: hundreds of messages. A copy that comes later is called stale. */
const RECENT_ID_ROWS = 4_096;

/**
 * Ids of the rows that were applied last, to tell a duplicate from a latecomer. They are counted in
 * rows, so that it does not depend on where slots were cut.
 */
export class RecentIds {
  readonly #views: MemoryViews;
  readonly #ids = new BigInt64Array(RECENT_ID_ROWS);
  /** Rows added so far; the id of row r lies at r modulo RECENT_ID_ROWS. */
  #end = 0;

  constructor(views: MemoryViews) {
    this.#views = views;
  }

  /** @param sequencePtr int64 ids of a slot, 8-byte aligned */
  add(sequencePtr: number, rowStart: number, rowEnd: number): void {
    let row = Math.max(rowStart, rowEnd - RECENT_ID_ROWS);
    const base = sequencePtr >>> 3;
    while (row < rowEnd) {
      const at = this.#end % RECENT_ID_ROWS;
      const count = Math.min(rowEnd - row, RECENT_ID_ROWS - at);
      this.#ids.set(this.#views.i64.subarray(base + row, base + row + count), at);
      this.#end += count;
      row += count;
    }
  }

  has(id: bigint): boolean {
    const kept = Math.min(this.#end, RECENT_ID_ROWS);
    return this.#ids.subarray(0, kept).includes(id);
  }
}
