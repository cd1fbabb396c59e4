/** An interval in which the book could not be trusted: the table `quality`. */
export interface QualityInterval {
  ts_recv_from: bigint;
  ts_recv_to: bigint;
  state: 'unseeded' | 'suspect';
  reason: string;
  sequence_from: bigint | null;
  sequence_to: bigint | null;
}

/** A point of the stream: the message that ended there. */
export interface StreamPoint {
  readonly tsRecv: bigint;
  readonly sequence: bigint | null;
}

/** Why a book is suspect: MODEL section 4 "States". */
export type Doubt =
  /** The ids prove a loss. */
  | 'loss'
  /** The ids fell to a new start. */
  | 'reset'
  /** The recorder was away: a snapshot in the middle of a stream without ids. */
  | 'reconnect'
  /** A message end was crossed on a feed where that is a loss. */
  | 'crossed'
  /** A witness disagreed, and does not mend the book. */
  | 'witness_off'
  /** A row whose price cannot be read was refused. */
  | 'rejected_row'
  /** A row was refused; its level is wrong until it is set again. */
  | 'rejected_level'
  /** A message that came too late was not applied, and sets more levels than are kept in mind. */
  | 'stale_message'
  /** The same; what it sets is wrong until it is set again. */
  | 'stale_level'
  /** The input is an output of depthmill, whose marks say so: the run that wrote it knew why. */
  | 'earlier_run';

/** A price level that a row which was not applied left wrong. */
export interface DoubtfulLevel {
  readonly why: 'rejected_level' | 'stale_level';
  /** The refused row stood in front of this row of this slot; an earlier one says nothing of it. */
  readonly slot: number;
  readonly row: number;
  readonly isBid: boolean;
  readonly pricePips: bigint;
}

/**
 * Keeps the reasons for which a book cannot be trusted, and dates each doubt from the last proof
 * (seed, agreeing witness, message before a proven loss) to the recovery: the table `quality`.
 */
export class Trust {
  readonly intervals: QualityInterval[] = [];
  readonly #doubts = new Set<Doubt>();
  readonly #levels: DoubtfulLevel[] = [];
  #seeded = false;
  #isHalfProven = false;
  #lastProof: StreamPoint | null = null;
  /** Where the present doubt, or the time before the seed, began. */
  #since: StreamPoint | null = null;
  #reason = '';
  /** The last doubt went in this message; whether the book is trusted shows at its end. */
  #healing = false;
  /** The present doubt began in the message that is under way. */
  #fresh = false;
  #isLossAhead = false;
  /** The book was still wrong then, behind the last message. */
  #wrongAt: StreamPoint | null = null;

  get seeded(): boolean {
    return this.#seeded;
  }

  get live(): boolean {
    return this.#seeded && this.#doubts.size === 0;
  }

  /** Live, and no doubt went in the message that is under way: another proof only moves lastProof. */
  get settled(): boolean {
    return this.live && !this.#healing;
  }

  get lastProof(): StreamPoint | null {
    return this.#lastProof;
  }

  /** The last doubt ended with the range that a witness proves: what lies beyond may still be wrong. */
  get isHalfProven(): boolean {
    return this.#isHalfProven;
  }

  /** A loss was told and no message behind it has ended: the book is still the one before it. */
  get isLossAhead(): boolean {
    return this.#isLossAhead;
  }

  /** Why the book cannot be trusted. */
  get doubts(): Doubt[] {
    return [...this.#doubts];
  }

  /** Levels that rows which were not applied left wrong, oldest first. */
  get levels(): readonly DoubtfulLevel[] {
    return this.#levels;
  }

  has(doubt: Doubt): boolean {
    return this.#doubts.has(doubt);
  }

  /** The first message of the stream: from here on there is something to trust or not. */
  begin(point: StreamPoint): void {
    if (!this.#seeded) this.#since ??= point;
  }

  /** Something happened that makes the book suspect. `from` overrides the last proof. */
  doubt(doubt: Doubt, here: StreamPoint, from: StreamPoint | null = null): void {
    if (!this.#seeded) return;
    if ((this.#doubts.size === 0 && !this.#healing) || this.#isToldAlone) {
      this.#since = from ?? this.#lastProof ?? here;
      this.#reason = doubt;
      this.#fresh = true;
    }
    this.#healing = false;
    if (doubt === 'loss' || doubt === 'reset') this.#isLossAhead = true;
    this.#doubts.add(doubt);
  }

  doubtLevel(level: DoubtfulLevel, here: StreamPoint): void {
    if (!this.#seeded) return;
    this.doubt(level.why, here);
    this.#levels.push(level);
  }

  /** The marks of an earlier run end here; what this one has found out itself stays. */
  earlierRunEnds(): void {
    if (this.#doubts.delete('earlier_run')) this.#healing = this.#doubts.size === 0;
  }

  /** In the message that is under way nothing but the marks of an earlier run speaks of a doubt. */
  get #isToldAlone(): boolean {
    return this.#fresh && this.#doubts.size === 1 && this.#doubts.has('earlier_run');
  }

  /** A level that was in doubt has been set again, by a row of the message that is under way. */
  levelSet(level: DoubtfulLevel): void {
    const index = this.#levels.indexOf(level);
    if (index !== -1) this.#levels.splice(index, 1);
    const { why } = level;
    if (this.#levels.some((left) => left.why === why) || !this.#doubts.delete(why)) return;
    this.#healing = this.#doubts.size === 0;
  }

  /** A message has ended. A doubt that began and went in it was none: nobody saw that book. */
  messageEnded(here: StreamPoint): void {
    if (this.#healing && !this.#fresh) this.#close('suspect', this.#reason, here);
    this.#healing = false;
    this.#fresh = false;
    this.#isLossAhead = false;
  }

  /** A snapshot, a validated seed or an agreeing witness: nothing is in doubt any more. */
  prove(here: StreamPoint): void {
    if (!this.#seeded) {
      if (this.#since !== null) this.#close('unseeded', 'no snapshot yet', here);
      this.#seeded = true;
    } else if (this.#doubts.size > 0 || this.#healing) {
      this.#close('suspect', this.#reason, here);
    }
    this.#healing = false;
    this.#isHalfProven = false;
    this.#doubts.clear();
    this.#levels.length = 0;
    this.#lastProof = here;
  }

  /** As `prove`, by a witness that leaves the book as it is. */
  proveHalf(here: StreamPoint, wasHalf = this.#isHalfProven): void {
    const isHalf = wasHalf || this.#doubts.size > 0;
    this.prove(here);
    this.#isHalfProven = isHalf;
  }

  /** A witness disagreed and mended the book: it was wrong since the last proof at most. */
  mended(here: StreamPoint): void {
    if (this.#doubts.size === 0 && !this.#healing) {
      this.#since = this.#lastProof ?? here;
      this.#reason = 'witness_off';
      this.#close('suspect', this.#reason, here);
    }
    this.prove(here);
  }

  /** Between a trusted message and the proof behind it the book was wrong, as is known only now. */
  wasWrong(doubt: Doubt, from: StreamPoint, to: StreamPoint): void {
    this.intervals.push(intervalOf('suspect', doubt, from, to));
  }

  /** The stream has ended at `here`, but the market has not: the book is not that of `to`. */
  outlived(here: StreamPoint, to: StreamPoint): void {
    this.doubt('witness_off', here, here);
    this.#wrongAt = to;
  }

  /** The end of the stream: what is still in doubt stays so to the last message, or longer. */
  finish(last: StreamPoint): void {
    if (!this.#seeded) {
      if (this.#since !== null) this.#close('unseeded', 'no snapshot in the input', last);
    } else if (this.#doubts.size > 0) {
      this.#close('suspect', this.#reason, this.#wrongAt ?? last);
    }
  }

  #close(state: QualityInterval['state'], reason: string, here: StreamPoint): void {
    this.intervals.push(intervalOf(state, reason, this.#since ?? here, here));
    this.#since = null;
  }
}

function intervalOf(
  state: QualityInterval['state'],
  reason: string,
  from: StreamPoint,
  to: StreamPoint,
): QualityInterval {
  return {
    ts_recv_from: from.tsRecv,
    ts_recv_to: to.tsRecv,
    state,
    reason,
    sequence_from: from.sequence,
    sequence_to: to.sequence,
  };
}
