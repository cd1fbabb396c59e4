import type { HeldMessage } from '../book/message-verdicts.js';
import type { StreamPoint } from '../book/trust.js';
import type { GapFindings, RowOrigin } from './gap-findings.js';
import type { HeldRows } from './waiting-messages.js';

/** A snapshot that was asked for comes so long before the messages that it holds, at most. */
const AHEAD_NS_MAX = 5_000_000_000n;

interface Covered {
  readonly count: number;
  /** The first row of the first of them. */
  readonly origin: RowOrigin;
  readonly lastId: bigint;
  readonly lastNs: bigint;
}

/**
 * The messages that are dropped as part of the snapshot which the stream is to go on from. A reply may
 * be some moments ahead of the stream; where the stream never comes up with it, the two do not belong
 * together, and nothing was booked on it.
 */
export class SnapshotAhead {
  /** null: none so far. */
  #covered: Covered | null = null;

  /** The stream is to go on from another snapshot. */
  begin(): void {
    this.#covered = null;
  }

  cover({ rows, last, tsRecv }: HeldMessage<HeldRows>): void {
    const origin = this.#covered?.origin ?? rows.origin;
    const count = (this.#covered?.count ?? 0) + 1;
    this.#covered = { count, origin, lastId: last, lastNs: tsRecv };
  }

  /** At the end of the input, where no message has joined the snapshot. */
  report(
    findings: GapFindings,
    stream: { readonly here: StreamPoint; readonly lastId: bigint; readonly hasBooked: boolean },
  ): void {
    const covered = this.#covered;
    if (covered === null) return;
    const { here, hasBooked } = stream;
    const { count, origin, lastId, lastNs } = covered;
    if (hasBooked && lastNs - here.tsRecv < AHEAD_NS_MAX) return;
    const gap = {
      kind: 'gap',
      sequence_before: stream.lastId,
      sequence_after: lastId,
      missing: null,
      reason:
        `the snapshot is ahead of all that follows: ${count} messages up to id ${lastId} are` +
        ' dropped as part of it, and none was booked on it',
    } as const;
    findings.provenAt(gap, { before: here.tsRecv, after: lastNs }, origin);
  }
}
