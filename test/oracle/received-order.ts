import type { StreamMessage, StreamPolicy } from './stream-rows.js';

export type ReceivedMessage = StreamMessage;

export interface Verdict {
  /** `hole`: lost in front of the message, but part of a snapshot that was taken since. */
  readonly kind: 'apply' | 'gap' | 'hole' | 'reset' | 'duplicate' | 'stale' | 'covered';
  readonly message: ReceivedMessage;
  /** It came after a message with a higher id. */
  readonly isLate: boolean;
  /** The last id before it; null: none. */
  readonly idBefore: bigint | null;
  /** apply: a hole stands directly in front of it. */
  readonly isBehindHole?: boolean;
}

const WINDOW_MESSAGES = 1_000;
const WINDOW_NS = 1_000_000_000n;

/** MODEL section 2, "File order is canonical", and section 4, what a snapshot makes of it. */
export class Received {
  readonly #policy: StreamPolicy;
  #waiting: { readonly message: ReceivedMessage; readonly isLate: boolean }[] = [];
  #lastId: bigint | null = null;
  #highest: bigint | null = null;
  #isJoining = false;
  /** The last id before the snapshot that nothing has joined yet, where ids prove losses. */
  #idBeforeSnapshot: bigint | null = null;
  #covered: ReceivedMessage[] = [];
  readonly #seen = new Set<string>();
  /** `isFirst`: those before the message or the snapshot with which the stream begins. */
  readonly #lost: { from: bigint; to: bigint; isFirst?: boolean }[] = [];

  constructor(policy: StreamPolicy) {
    this.#policy = policy;
  }

  /** The book goes on from a snapshot: `id` is the last that it holds. */
  joinAt(id: bigint, isJoined: boolean): Verdict[] {
    const verdicts: Verdict[] = [];
    this.#dropPassed(verdicts);
    if (this.#lastId === null || id > this.#lastId) {
      this.#lost.push({ from: (this.#lastId ?? -1n) + 1n, to: id, isFirst: this.#lastId === null });
    }
    const proves = this.#policy === 'chain' || this.#policy === 'contiguous';
    if (!this.#isJoining) this.#idBeforeSnapshot = proves && !isJoined ? this.#lastId : null;
    this.#lastId = id;
    // Messages that the snapshot before covers say nothing of what was lost in front of it.
    this.#isJoining = !isJoined || this.#idBeforeSnapshot !== null;
    const covered = this.#waiting.filter(({ message }) => message.last <= id);
    for (const { message, isLate } of covered) {
      verdicts.push({ kind: 'covered', message, isLate, idBefore: id });
      if (this.#idBeforeSnapshot !== null) this.#covered.push(message);
    }
    this.#waiting = this.#waiting.filter(({ message }) => message.last > id);
    this.#highest = [id, ...this.#waiting.map(({ message }) => message.last)].reduce(
      (most, last) => (last > most ? last : most),
    );
    this.#drain(verdicts);
    return verdicts;
  }

  /** It will not be applied, and never was: nothing waits where ids only must not fall. */
  isPassedBy({ last }: ReceivedMessage): boolean {
    if (this.#policy !== 'monotonic' || this.#isJoining || this.#lastId === null) return false;
    return last <= this.#lastId && !this.#seen.has(`${last}`);
  }

  receive(message: ReceivedMessage): Verdict[] {
    if (this.#policy === 'snapshot') {
      return [{ kind: 'apply', message, isLate: false, idBefore: null }];
    }
    if (this.#isJoining && message.last <= this.#lastId!) {
      const idBefore = this.#lastId;
      const covered: Verdict[] = [{ kind: 'covered', message, isLate: false, idBefore }];
      this.#covered.push(message);
      this.#drain(covered);
      while (this.#hasWaitedTooLong(message.tsRecv)) this.#giveUp(covered);
      return covered;
    }
    const isLate = this.#highest !== null && message.last < this.#highest;
    if (!isLate) this.#highest = message.last;
    const verdicts: Verdict[] = [];
    if (this.#follows(message)) {
      verdicts.push(this.#apply('apply', message, isLate));
      this.#drain(verdicts);
      return verdicts;
    }
    this.#waiting.push({ message, isLate });
    while (this.#hasWaitedTooLong(message.tsRecv)) this.#giveUp(verdicts);
    return verdicts;
  }

  /** Nothing more will come for those that wait. */
  finish(): Verdict[] {
    const verdicts: Verdict[] = [];
    while (this.#waiting.some(({ message }) => message.last > this.#lastId!)) {
      this.#giveUp(verdicts);
    }
    if (this.#isNewStart()) this.#giveUp(verdicts);
    for (const { message, isLate } of this.#waiting.splice(0)) {
      verdicts.push(this.#drop(message, isLate));
    }
    this.#tellCovered(verdicts);
    return verdicts;
  }

  /** Two messages or more that follow one another, and that were never here nor missed. */
  #isNewStart(): boolean {
    if (this.#policy === 'monotonic' || this.#waiting.length < 2) return false;
    return this.#waiting.every(({ message: { first, last, prev } }, i) => {
      if (this.#seen.has(`${last}`)) return false;
      const missed = this.#lost.filter(({ isFirst = false }) => !isFirst);
      if (missed.some(({ from, to }) => last >= from && first <= to)) return false;
      const before = this.#waiting[i - 1]?.message.last;
      if (before === undefined) return true;
      return this.#policy === 'chain' ? prev === before : first === before + 1n;
    });
  }

  /** From the last id before the snapshot on: messages that do not follow the one before them. */
  #holes(messages: readonly ReceivedMessage[]): Verdict[] {
    let id = this.#idBeforeSnapshot;
    if (id === null) return [];
    const holes: Verdict[] = [];
    for (const message of messages.toSorted((a, b) => Number(a.last - b.last))) {
      const { first, prev, last } = message;
      if (last <= id) continue;
      const follows = this.#policy === 'chain' ? prev === id : first <= id + 1n;
      if (!follows) holes.push({ kind: 'hole', message, isLate: false, idBefore: id });
      id = last;
    }
    return holes;
  }

  #tellCovered(verdicts: Verdict[]): void {
    verdicts.push(...this.#holes(this.#covered));
    if (this.#idBeforeSnapshot === null) return;
    for (const { last } of this.#covered) {
      if (last > this.#idBeforeSnapshot) this.#idBeforeSnapshot = last;
    }
    this.#covered = [];
  }

  #hasWaitedTooLong(now: bigint): boolean {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return false;
    return this.#waiting.length >= WINDOW_MESSAGES || now - oldest.message.tsRecv >= WINDOW_NS;
  }

  #follows(message: ReceivedMessage): boolean {
    return this.#goesOn(message) && this.#holes([...this.#covered, message]).length === 0;
  }

  /** The book can go on with it. */
  #goesOn({ first, last, prev }: ReceivedMessage): boolean {
    if (this.#lastId === null) return true;
    if (last <= this.#lastId) return false;
    if (this.#policy === 'chain') {
      return this.#isJoining ? prev <= this.#lastId : prev === this.#lastId;
    }
    return this.#policy !== 'contiguous' || first <= this.#lastId + 1n;
  }

  #apply(kind: Verdict['kind'], message: ReceivedMessage, isLate: boolean): Verdict {
    const idBefore = this.#lastId;
    // Nothing below the first message, or that of a new start, was ever here.
    if (idBefore === null || kind === 'reset') {
      this.#lost.splice(0, Infinity, { from: 0n, to: message.first - 1n, isFirst: true });
    }
    this.#lastId = message.last;
    this.#isJoining = false;
    this.#idBeforeSnapshot = null;
    this.#covered = [];
    this.#seen.add(`${message.last}`);
    return { kind, message, isLate, idBefore };
  }

  #drain(verdicts: Verdict[]): void {
    for (;;) {
      this.#dropPassed(verdicts);
      const next = this.#waiting.find(({ message }) => this.#follows(message));
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      verdicts.push(this.#apply('apply', next.message, next.isLate));
    }
  }

  #dropPassed(verdicts: Verdict[]): void {
    for (const { message, isLate } of this.#waiting) {
      if (message.last <= this.#lastId!) verdicts.push(this.#drop(message, isLate));
    }
    this.#waiting = this.#waiting.filter(({ message }) => message.last > this.#lastId!);
  }

  #drop(message: ReceivedMessage, isLate: boolean): Verdict {
    const isLost = this.#lost.some(({ from, to }) => message.last >= from && message.first <= to);
    const wasSeen = this.#seen.has(`${message.last}`);
    const kind = !wasSeen && (isLost || this.#policy === 'monotonic') ? 'stale' : 'duplicate';
    return { kind, message, isLate, idBefore: this.#lastId };
  }

  #giveUp(verdicts: Verdict[]): void {
    const above = this.#waiting.filter(({ message }) => message.last > this.#lastId!);
    if (above.length > 0) {
      const next = above.reduce((low, each) =>
        each.message.first < low.message.first ? each : low,
      );
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.#tellCovered(verdicts);
      const before = this.#idBeforeSnapshot ?? this.#lastId!;
      if (this.#goesOn(next.message)) {
        const holes = this.#holes([next.message]);
        const applied = this.#apply('apply', next.message, next.isLate);
        verdicts.push(...holes, { ...applied, isBehindHole: holes.length > 0 });
      } else {
        this.#lost.push({ from: before + 1n, to: next.message.first - 1n });
        verdicts.push({ ...this.#apply('gap', next.message, next.isLate), idBefore: before });
      }
    } else {
      const next = this.#waiting.shift()!;
      verdicts.push(this.#apply('reset', next.message, false));
      this.#highest = next.message.last;
      this.#waiting = this.#waiting.map(({ message }) => ({ message, isLate: false }));
    }
    this.#drain(verdicts);
  }
}
