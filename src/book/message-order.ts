import type { SequencePolicy } from '../dialects/types.js';
import { CoveredMessages } from './covered-messages.js';
import { LostIds } from './lost-ids.js';
import type { DropReason, HeldMessage, Verdict } from './message-verdicts.js';
import { type MessageIds, RefusedMessages } from './refused-messages.js';

/** MODEL section 2: the window ends with whichever comes first. */
export const WINDOW_MESSAGES = 1_000;
export const WINDOW_NS = 1_000_000_000n;
/** How many of the ids that were applied last are remembered, to tell a duplicate from a latecomer. */
const RECENT_IDS = 1_024;

export interface MessageOrderOptions {
  readonly refused?: RefusedMessages;
  readonly wasPassed?: (id: bigint) => boolean;
  readonly isSettled?: boolean;
}

/**
 * Decides what happens to messages whose ids do not continue the stream. While all is in order
 * nothing comes here; the first message that breaks the policy opens a window, and until it is
 * closed every message passes through `receive`.
 *
 * - A message that continues the stream is applied, and so are those that waited for it, in id
 *   order. Late are those that came after a message with a higher id.
 * - When the window ends, the ids between are lost: the lowest message that waits is applied as a
 *   gap. If everything that waits lies below what is applied, the ids were reset.
 * - Messages at or below what is applied are dropped as soon as the stream goes on.
 * - Behind a snapshot with id L, those up to L are dropped at once, until one above L joins: on a
 *   chain one that follows L or an id below it, since the exchange's snapshot may lie inside it.
 *   What was lost before L does the book no harm, but the recording: the ids of those that are
 *   dropped, and of the one that joins, must go on from the last one before the snapshot.
 *
 * Where the messages are settled, all that was done before: what is above the stream follows a gap,
 * what is not is a new start, and neither waits.
 */
export class MessageOrder<Rows> {
  readonly #policy: SequencePolicy;
  readonly #refused: RefusedMessages;
  #held: HeldMessage<Rows>[] = [];
  #lastId: bigint;
  readonly #lost = new LostIds();
  readonly #recent: bigint[] = [];
  readonly #wasPassed: (id: bigint) => boolean;
  readonly #isSettled: boolean;
  /** The highest id that has come. */
  #highest: bigint;
  readonly #late = new WeakSet<HeldMessage<Rows>>();
  /** A snapshot was taken, and no message has gone on from it yet. */
  #joining = false;
  /** Messages that the snapshot covers, dropped since. */
  readonly #covered: CoveredMessages<Rows>;

  /**
   * @param options.refused messages that will not come, though they are not lost
   * @param options.wasPassed whether a message with this id was applied without asking, not long ago
   * @param options.isSettled the messages come out of a table of ours: in order, each once
   */
  constructor(policy: SequencePolicy, lastId: bigint, options: MessageOrderOptions = {}) {
    this.#policy = policy;
    this.#wasPassed = options.wasPassed ?? (() => false);
    this.#refused = options.refused ?? new RefusedMessages(policy);
    this.#covered = new CoveredMessages(policy, this.#refused);
    this.#isSettled = options.isSettled ?? false;
    this.#lastId = lastId;
    this.#highest = lastId;
  }

  /** Id of the last message that was applied; the caller sets it when it applies without asking. */
  get lastId(): bigint {
    return this.#lastId;
  }

  set lastId(id: bigint) {
    this.#lastId = id;
    this.#highest = id;
  }

  /** The highest id that has come. */
  get highestId(): bigint {
    return this.#highest;
  }

  /** The first message that there is has this first id, and is applied without asking. */
  beginAt(first: bigint): void {
    this.#lost.beginAt(first);
  }

  /** Messages wait, or one is waited for; every further one must pass through `receive`. */
  get waiting(): boolean {
    return this.#held.length > 0 || this.#joining;
  }

  /** No message has gone on from the last snapshot yet. */
  get joining(): boolean {
    return this.#joining;
  }

  /** Last id that was received before the snapshot that is to be joined; null: as CoveredMessages. */
  get seen(): { readonly id: bigint; readonly tsRecv: bigint | null } | null {
    return this.#covered.seen;
  }

  /** Something is missing between the last snapshot and messages that wait, or is late. */
  get isBehindSnapshot(): boolean {
    return this.#joining && this.#covered.seen === null && this.#held.some((m) => this.#above(m));
  }

  /**
   * The stream goes on from a snapshot. Messages that wait above it go on waiting for what is missing.
   *
   * @param id last id that the book holds: the snapshot's, or that of the last message above it
   * @param lastReceived last id of the stream before it; null: none
   * @param isJoined a message above the snapshot's id has been applied to it already
   */
  joinAt(id: bigint, lastReceived: bigint | null, isJoined: boolean): Verdict<Rows>[] {
    const verdicts: Verdict<Rows>[] = [];
    this.#dropPassed(verdicts);
    if (lastReceived === null) this.#lost.addBefore(id);
    else if (id > lastReceived) this.#lost.add(lastReceived + 1n, id);
    // A second snapshot before any message has joined the first: still that message is the last,
    // though messages that the first one covers may be part of the second. Where there is none,
    // what waits behind the first one must go on from that.
    if (!this.#joining) this.#covered.goOnFrom(isJoined ? null : lastReceived);
    else if (this.isBehindSnapshot) this.#covered.goOnFrom(this.#lastId, true);
    this.#lastId = id;
    this.#joining = !isJoined || this.#covered.seen !== null;
    for (const message of this.#held.filter((held) => !this.#above(held))) {
      verdicts.push({ kind: 'drop', message, why: 'covered' });
      this.#covered.add(message);
    }
    this.#held = this.#held.filter((held) => this.#above(held));
    this.#highest = id;
    for (const { last } of this.#held) if (last > this.#highest) this.#highest = last;
    this.#drain(verdicts);
    return verdicts;
  }

  /**
   * Whether a message will not be applied though it never was: ids that only must not fall have
   * passed it by, and nothing waits for it.
   */
  isPassedBy({ last }: MessageIds): boolean {
    if (this.#policy !== 'monotonic' || this.#isSettled) return false;
    if (this.#joining || last > this.#lastId) return false;
    return !this.#wasApplied(last);
  }

  /** Whether it is one that was missed where a message stood before it. */
  isLost(message: MessageIds): boolean {
    return this.#lost.hasMissed(message);
  }

  /**
   * The messages that wait for one below them, in the order in which they came; none where another
   * thing decides: a snapshot that is to be joined, or ids that may have begun anew.
   */
  get waitingAbove(): readonly HeldMessage<Rows>[] {
    const isPlain = !this.#joining && this.#held.every((held) => this.#above(held));
    return isPlain ? this.#held : [];
  }

  /** Remembers ids that were applied without asking, newest last. */
  remember(ids: Iterable<bigint>): void {
    for (const id of ids) this.#recent.push(id);
    if (this.#recent.length > 2 * RECENT_IDS) {
      this.#recent.splice(0, this.#recent.length - RECENT_IDS);
    }
  }

  receive(message: HeldMessage<Rows>): Verdict<Rows>[] {
    if (this.#joining && !this.#isSettled && message.last <= this.#lastId) {
      const verdicts: Verdict<Rows>[] = [{ kind: 'drop', message, why: 'covered' }];
      if (!this.#covered.add(message)) return verdicts;
      this.#drain(verdicts);
      this.#forceOverdue(verdicts, message.tsRecv);
      return verdicts;
    }
    const verdicts: Verdict<Rows>[] = [];
    if (message.last < this.#highest) this.#late.add(message);
    else this.#highest = message.last;
    if (this.#continues(message)) {
      verdicts.push({ kind: 'apply', message, late: this.#late.has(message) });
      this.#applied(message);
      this.#drain(verdicts);
      return verdicts;
    }
    this.#held.push(message);
    this.#forceOverdue(verdicts, message.tsRecv);
    return verdicts;
  }

  #forceOverdue(verdicts: Verdict<Rows>[], now: bigint): void {
    while (this.#held.length > 0 && this.#isDecided(now)) this.#force(verdicts);
  }

  /** The end of the input: nothing more can come. */
  finish(): Verdict<Rows>[] {
    const verdicts: Verdict<Rows>[] = [];
    while (this.#held.length > 0) this.#force(verdicts, true);
    verdicts.push(...this.#covered.takeHoles());
    return verdicts;
  }

  #continues(message: HeldMessage<Rows>): boolean {
    return this.#covered.holesBefore(message).length === 0 && this.#follows(message);
  }

  /** The book as it is now may go on with this message. */
  #follows(message: HeldMessage<Rows>): boolean {
    const { first, last, prev } = message;
    if (last <= this.#lastId) return false;
    const passed = this.#refused.passedFrom(this.#lastId, this.#joining);
    if (this.#policy === 'chain') {
      return this.#joining ? prev !== null && prev <= passed : prev === passed;
    }
    return this.#policy !== 'contiguous' || first <= passed + 1n;
  }

  #above(message: HeldMessage<Rows>): boolean {
    return message.last > this.#lastId;
  }

  #applied(message: HeldMessage<Rows>): void {
    this.#lastId = message.last;
    this.#joining = false;
    this.#covered.goOnFrom(null);
    this.remember([message.last]);
  }

  /** Applies what continues now, in id order, and drops what the stream has passed. */
  #drain(verdicts: Verdict<Rows>[]): void {
    for (;;) {
      this.#dropPassed(verdicts);
      const next = this.#held.find((held) => this.#continues(held));
      if (next === undefined) return;
      this.#held.splice(this.#held.indexOf(next), 1);
      verdicts.push({ kind: 'apply', message: next, late: this.#late.has(next) });
      this.#applied(next);
    }
  }

  #wasApplied(id: bigint): boolean {
    return this.#recent.includes(id) || this.#wasPassed(id);
  }

  /** What waits and is not above the stream any more will never be applied. */
  #dropPassed(verdicts: Verdict<Rows>[]): void {
    for (const message of this.#held.filter((held) => !this.#above(held))) {
      verdicts.push({ kind: 'drop', message, why: this.#whyDropped(message) });
    }
    this.#held = this.#held.filter((held) => this.#above(held));
  }

  #whyDropped(message: HeldMessage<Rows>): DropReason {
    if (this.#wasApplied(message.last)) return 'duplicate';
    if (this.#policy === 'monotonic') return 'stale';
    return this.#lost.has(message) ? 'stale' : 'duplicate';
  }

  /**
   * Whether what waits, all of it below the stream, is one: messages that follow one another, none of
   * which was applied or lost before.
   */
  #isNewStart(): boolean {
    const isChain = this.#policy === 'chain';
    if ((!isChain && this.#policy !== 'contiguous') || this.#held.length < 2) return false;
    return this.#held.every((message, index) => {
      const { first, last, prev } = message;
      if (this.#wasApplied(last) || this.#lost.hasMissed(message)) return false;
      const before = this.#held[index - 1]?.last;
      if (before === undefined) return true;
      return isChain ? prev === before : first === before + 1n;
    });
  }

  /** Nothing that comes now can change what becomes of those that wait. */
  #isDecided(now: bigint): boolean {
    if (this.#isSettled) return true;
    const oldest = this.#held[0]!;
    return this.#held.length >= WINDOW_MESSAGES || now - oldest.tsRecv >= WINDOW_NS;
  }

  /** The window has ended: the lowest message above the stream follows a gap, or ids were reset. */
  #force(verdicts: Verdict<Rows>[], atEnd = false): void {
    const above = this.#held.filter((held) => this.#above(held));
    if (above.length > 0) {
      const message = above.reduce((low, held) => (held.first < low.first ? held : low));
      this.#held.splice(this.#held.indexOf(message), 1);
      verdicts.push(...this.#covered.takeHoles());
      const late = this.#late.has(message);
      if (this.#follows(message)) {
        const holes = this.#covered.holesBefore(message);
        const mark = holes.length > 0 && ({ isBehindHole: true } as const);
        verdicts.push(...holes, { kind: 'apply', message, late, ...mark });
        this.#applied(message);
        this.#drain(verdicts);
        return;
      }
      const sequenceBefore = this.#covered.seen?.id ?? this.#refused.passedFrom(this.#lastId);
      // On a chain the range is known, but its length is no number of messages.
      const contiguous = this.#policy === 'contiguous';
      const missing = contiguous ? message.first - sequenceBefore - 1n : null;
      this.#lost.add(sequenceBefore + 1n, message.first - 1n);
      verdicts.push({ kind: 'gap', message, late, sequenceBefore, missing });
      this.#applied(message);
      this.#drain(verdicts);
      return;
    }
    if (atEnd && this.#held.length < WINDOW_MESSAGES && !this.#isNewStart()) {
      // Latecomers at the very end.
      for (const message of this.#held.splice(0)) {
        verdicts.push({ kind: 'drop', message, why: this.#whyDropped(message) });
      }
      return;
    }
    const message = this.#held.shift()!;
    verdicts.push({ kind: 'reset', message, sequenceBefore: this.#lastId });
    // What comes now is measured against the new start.
    this.#lost.beginAt(message.first);
    this.#highest = message.last;
    for (const held of this.#held) this.#late.delete(held);
    this.#applied(message);
    this.#drain(verdicts);
  }
}
