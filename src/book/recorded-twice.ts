import { WINDOW_NS } from './message-order.js';

/** What of a message, or of a snapshot, tells that another recording holds it too. */
export interface Received {
  /** Its id, or the last one. */
  readonly last: bigint;
  readonly tsRecv: bigint;
  /** Of a message: where it stands in its own connection. Not there: a snapshot's. */
  readonly message?: {
    readonly first: bigint;
    readonly prev: bigint | null;
    /** null: the source has none, or one that cannot be believed. */
    readonly tsEvent: bigint | null;
    /** Others wait, which may be a new start. */
    readonly isAmongOthers: boolean;
  };
}

/** The message that was applied last. */
export interface StreamEnd {
  readonly lastId: bigint;
  readonly tsRecv: bigint;
  readonly tsEvent: bigint | null;
}

/** What the clocks of two recorders may be apart, and two copies of one connection. */
const SKEW_NS = 60_000_000_000n;

/**
 * Tells copies: what an overlapping recording, or a second connection in the same one, holds too.
 * Without it, ids that stay below for a second would be a new start. Ids that begin anew do so later
 * than all before them, or below the first one that there was; so these are copies:
 *
 * - in a recording that begins before the one in front of it ends, as where a recorder hands over to
 *   the next one, ids and time of receipt go back together, and then on to where the first one ended;
 * - where the event time goes back with the ids, by more than clocks of one exchange are apart;
 * - what goes on from a copy, as the connection does that lags behind, when the other one is silent.
 */
export class RecordedTwice {
  readonly #provesLoss: boolean;
  readonly #wasApplied: (id: bigint) => boolean;
  #firstId: bigint | null = null;
  /** ts_recv at which the recording that was booked first had come to its end; null: no copies. */
  #endNs: bigint | null = null;
  /** The last copy. */
  #copy: { readonly last: bigint; readonly tsRecv: bigint } | null = null;

  /**
   * @param provesLoss the ids tell what was never applied: all else below the last one is a copy
   * @param wasApplied whether a message with this id was, not long ago
   */
  constructor(provesLoss: boolean, wasApplied: (id: bigint) => boolean) {
    this.#provesLoss = provesLoss;
    this.#wasApplied = wasApplied;
  }

  /** A message with this id is applied: the first one, or the first of a new start. */
  begin(id: bigint, isNewStart: boolean): void {
    if (isNewStart) {
      this.#endNs = null;
      this.#copy = null;
    }
    if (isNewStart || this.#firstId === null) this.#firstId = id;
  }

  /** A message was dropped as a duplicate. */
  dropped({ last, tsRecv }: Received): void {
    this.#copy = { last, tsRecv };
  }

  holds(received: Received, end: StreamEnd): boolean {
    const { last, tsRecv } = received;
    if (last > end.lastId) this.#endNs = null;
    if (last > end.lastId || (this.#firstId !== null && last < this.#firstId)) return false;
    if (tsRecv < end.tsRecv && (this.#endNs === null || this.#endNs < end.tsRecv)) {
      this.#endNs = end.tsRecv;
    }
    if (this.#endNs !== null && tsRecv <= this.#endNs + SKEW_NS) return true;
    return this.#isOlder(received, end) || this.#followsCopy(received);
  }

  #isOlder({ last, message }: Received, { tsEvent }: StreamEnd): boolean {
    const eventOf = message?.tsEvent ?? null;
    if (eventOf === null || tsEvent === null || tsEvent - eventOf < WINDOW_NS) return false;
    return this.#provesLoss || this.#wasApplied(last);
  }

  #followsCopy({ last, tsRecv, message }: Received): boolean {
    const copy = this.#copy;
    if (message === undefined || message.isAmongOthers || copy === null) return false;
    if (last <= copy.last || tsRecv > copy.tsRecv + SKEW_NS) return false;
    const { first, prev } = message;
    const follows = prev === null ? first <= copy.last + 1n : prev === copy.last;
    return (this.#provesLoss && follows) || this.#wasApplied(last);
  }
}
