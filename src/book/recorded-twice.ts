/** What of a message, or of a snapshot, tells that another recording holds it too. */
interface Received {
  /** Its id, or the last one. */
  readonly last: bigint;
  readonly tsRecv: bigint;
}

/** What the clocks of two recorders may be apart. */
const SKEW_NS = 60_000_000_000n;

/**
 * Tells copies in a recording that begins before the one in front of it ends, as where a recorder
 * hands over to the next one: the ids and the time of receipt go back together, and then on, up to
 * where the first one ended. Without it, ids that stay below would be a new start. Ids that begin
 * anew do so later than all before them, or below the first one that there was.
 */
export class RecordedTwice {
  #firstId: bigint | null = null;
  /** ts_recv at which the recording that was booked first had come to its end; null: no copies. */
  #endNs: bigint | null = null;

  /** A message with this id is applied: the first one, or the first of a new start. */
  begin(id: bigint, isNewStart: boolean): void {
    if (isNewStart) this.#endNs = null;
    if (isNewStart || this.#firstId === null) this.#firstId = id;
  }

  /**
   * @param lastId of the stream, as far as it is booked
   * @param appliedNs ts_recv of what was applied last
   */
  holds({ last, tsRecv }: Received, lastId: bigint, appliedNs: bigint): boolean {
    if (last > lastId) this.#endNs = null;
    if (last > lastId || (this.#firstId !== null && last < this.#firstId)) return false;
    if (tsRecv < appliedNs && (this.#endNs === null || this.#endNs < appliedNs)) {
      this.#endNs = appliedNs;
    }
    return this.#endNs !== null && tsRecv <= this.#endNs + SKEW_NS;
  }
}
