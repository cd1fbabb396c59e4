import type { SequencePolicy } from '../dialects/types.js';

/** What a message says of its place in the stream. */
export interface MessageIds {
  readonly first: bigint;
  readonly last: bigint;
  /** null: the source has no such id. */
  readonly prev: bigint | null;
}

/** How many are kept; nobody waits for messages that are so old. */
const KEPT_MAX = 1_024;

/**
 * Messages that were received, and of which every row was refused: their levels are in doubt, but
 * nothing is lost, though their ids are missing among the rows.
 */
export class RefusedMessages {
  readonly #policy: SequencePolicy;
  readonly #messages: MessageIds[] = [];

  constructor(policy: SequencePolicy) {
    this.#policy = policy;
  }

  add(ids: MessageIds): void {
    if (this.#policy !== 'chain' && this.#policy !== 'contiguous') return;
    // It comes here with each of its rows.
    if (this.#messages.at(-1)?.last === ids.last) return;
    this.#messages.push(ids);
    if (this.#messages.length > KEPT_MAX) this.#messages.shift();
  }

  /** The ids fell to a new start: the old ones may come again. */
  restart(): void {
    this.#messages.length = 0;
  }

  /**
   * The id from which a stream that has come to `id` may go on: that of the last refused message of
   * those that follow it, or `id`.
   * @param isSnapshot a chain's first message behind a snapshot may name an id below the snapshot's
   */
  passedFrom(id: bigint, isSnapshot = false): bigint {
    let passed = id;
    for (;;) {
      const next = this.#messages.find((ids) => this.#follows(ids, passed, isSnapshot));
      if (next === undefined) return passed;
      passed = next.last;
    }
  }

  #follows({ first, last, prev }: MessageIds, id: bigint, isSnapshot: boolean): boolean {
    if (last <= id) return false;
    if (this.#policy === 'contiguous') return first <= id + 1n;
    return prev === id || (isSnapshot && prev !== null && prev < id);
  }
}
