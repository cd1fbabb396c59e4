import type { SequencePolicy } from '../dialects/types.js';
import type { HeldMessage, Verdict } from './message-verdicts.js';
import type { RefusedMessages } from './refused-messages.js';

type Hole<Rows> = Extract<Verdict<Rows>, { kind: 'hole' }>;

/** What the messages that a snapshot covers, and the one that joins it, must go on from. */
interface Seen {
  readonly id: bigint;
  /** null: whoever told of it knows. */
  readonly tsRecv: bigint | null;
  /** It is that of another snapshot, inside whose id a message of a chain may begin. */
  readonly isSnapshot: boolean;
}

/**
 * Messages that are dropped as part of a snapshot. What was lost in front of them does the book no
 * harm, but the recording: their ids must go on from the last one that was received before it.
 */
export class CoveredMessages<Rows> {
  readonly #policy: SequencePolicy;
  readonly #refused: RefusedMessages;
  #seen: Seen | null = null;
  #messages: HeldMessage<Rows>[] = [];

  constructor(policy: SequencePolicy, refused: RefusedMessages) {
    this.#policy = policy;
    this.#refused = refused;
  }

  /** The last message before the snapshot; null: none, or ids that prove nothing. */
  get seen(): Seen | null {
    return this.#seen;
  }

  /**
   * A snapshot comes, or a message has joined the last one.
   * @param id last one that was received before it; null: nothing is looked for
   */
  goOnFrom(id: bigint | null, isSnapshot = false): void {
    const proves = this.#policy === 'chain' || this.#policy === 'contiguous';
    this.#seen = id !== null && proves ? { id, tsRecv: null, isSnapshot } : null;
    if (id === null) this.#messages = [];
  }

  /** @returns whether it is kept: there is something to go on from */
  add(message: HeldMessage<Rows>): boolean {
    if (this.#seen === null) return false;
    this.#messages.push(message);
    return true;
  }

  /** Holes between what was seen and this message; null: the last covered one. */
  holesBefore(message: HeldMessage<Rows> | null): Hole<Rows>[] {
    const holes: Hole<Rows>[] = [];
    if (this.#seen === null) return holes;
    let { id, tsRecv, isSnapshot } = this.#seen;
    const covered = this.#messages.toSorted((a, b) => (a.last < b.last ? -1 : 1));
    for (const next of message === null ? covered : [...covered, message]) {
      if (next.last <= id) continue;
      const isChain = this.#policy === 'chain';
      id = this.#refused.passedFrom(id, isSnapshot);
      const isInside = isSnapshot && next.prev !== null && next.prev < id;
      if (isChain ? next.prev !== id && !isInside : next.first > id + 1n) {
        const missing = isChain ? null : next.first - id - 1n;
        holes.push({ kind: 'hole', message: next, sequenceBefore: id, missing, tsBefore: tsRecv });
      }
      id = next.last;
      tsRecv = next.tsRecv;
      isSnapshot = false;
    }
    return holes;
  }

  /** The holes up to the last covered message, from which on is looked from now on. */
  takeHoles(): Hole<Rows>[] {
    const holes = this.holesBefore(null);
    for (const { last, tsRecv } of this.#messages.splice(0)) {
      if (this.#seen === null || last <= this.#seen.id) continue;
      this.#seen = { id: last, tsRecv, isSnapshot: false };
    }
    return holes;
  }
}
