import { FLAG_BAD_TS, FLAG_GAP_BEFORE, FLAG_LAST } from '../abi/flags.js';
import { MessageOrder } from '../book/message-order.js';
import type { DropReason, HeldMessage, Verdict } from '../book/message-verdicts.js';
import { type Received, RecordedTwice } from '../book/recorded-twice.js';
import type { RefusedMessages } from '../book/refused-messages.js';
import type { StreamPoint } from '../book/trust.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { BookApplier } from './book-applier.js';
import type { DepthOutput } from './depth-output.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { BookSpec, Segment } from './protocol.js';
import { RecentIds } from './recent-ids.js';
import type { RecentRows } from './recent-rows.js';
import { SnapshotAhead } from './snapshot-ahead.js';
import {
  asMessage,
  type HeldRows,
  heldMessage,
  type WaitingMessage,
  waitingMessage,
} from './waiting-messages.js';

/** What a snapshot that is joined has replaced. */
interface Replaced {
  readonly isLive: boolean;
  /** The last message before the snapshot, and the snapshot. */
  readonly before: StreamPoint;
  readonly snapshot: StreamPoint;
}

/**
 * Takes the messages from the first that does not continue the stream until all is in order again:
 * holds their slots, lets MessageOrder decide, and does what it says.
 */
export class ReorderWindow {
  readonly #slots: DepthSlots;
  readonly #applier: BookApplier;
  readonly #output: DepthOutput;
  readonly #order: MessageOrder<HeldRows>;
  readonly #recent: RecentRows | null;
  readonly #refused: RefusedMessages;
  readonly #recentIds: RecentIds;
  readonly #twice: RecordedTwice;
  readonly #isSettled: boolean;
  /** Rows of the message that is coming in, until its last one has come. */
  #collecting: Segment[] | null = null;
  #replaced: Replaced | null = null;
  #duplicates = 0;
  #outOfOrder = 0;
  #resets = 0;
  /** Of the snapshot which the stream is to go on from. */
  readonly #ahead = new SnapshotAhead();
  /** Messages above the last snapshot were part of it. */
  #isJoined = false;
  /** Event time of the row that was applied last; null: none, or none to believe. */
  #appliedEventNs: bigint | null = null;
  /** A message was applied to a book that was there. */
  #hasBooked = false;
  /** Rows that were not applied, by reason. */
  readonly dropped: Record<string, number> = {};

  /** @param recent told of all rows in the order in which they are applied; null: nobody asks */
  constructor(
    spec: BookSpec,
    slots: DepthSlots,
    applier: BookApplier,
    output: DepthOutput,
    recent: RecentRows | null,
    refused: RefusedMessages,
    views: MemoryViews,
  ) {
    this.#recent = recent;
    this.#recentIds = new RecentIds(views);
    this.#slots = slots;
    this.#applier = applier;
    this.#output = output;
    this.#refused = refused;
    const wasPassed = (id: bigint): boolean => this.#recentIds.has(id);
    this.#isSettled = spec.isSettled;
    const provesLoss = spec.policy === 'chain' || spec.policy === 'contiguous';
    this.#twice = new RecordedTwice(provesLoss, wasPassed);
    const options = { refused, wasPassed, isSettled: this.#isSettled };
    this.#order = new MessageOrder(spec.policy, 0n, options);
  }

  /** Every message must come through here. */
  get isOpen(): boolean {
    return this.#collecting !== null || this.#order.waiting;
  }

  get isJoining(): boolean {
    return this.#order.joining && !this.#isJoined;
  }

  /** The last message that was received before a snapshot which is to be joined; null: none. */
  get seen(): StreamPoint | null {
    const { seen } = this.#order;
    const tsRecv = seen?.tsRecv ?? this.#replaced?.before.tsRecv ?? 0n;
    return seen === null ? null : { tsRecv, sequence: seen.id };
  }

  /** Id of the last message that was applied; what the scan goes on from. */
  get lastId(): bigint {
    return this.#order.lastId;
  }

  /** The highest id that has come, while messages wait. */
  get highestId(): bigint {
    return this.#order.highestId;
  }

  get counts(): { duplicates: number; outOfOrder: number; resets: number } {
    return { duplicates: this.#duplicates, outOfOrder: this.#outOfOrder, resets: this.#resets };
  }

  /** The first message of all begins at this row. */
  begin({ sequencePtr, sequenceFirstPtr }: DepthColumns, row: number): void {
    const ptr = sequenceFirstPtr === 0 ? sequencePtr : sequenceFirstPtr;
    if (ptr !== 0) this.#order.beginAt(this.#slots.i64(ptr, row));
  }

  /** Rows of a slot were applied without asking. */
  passed(columns: DepthColumns, rowStart: number, rowEnd: number): void {
    const { sequencePtr } = columns;
    if (sequencePtr !== 0) {
      this.#appliedEventNs = this.#eventNs(columns, rowEnd - 1);
      this.#recentIds.add(sequencePtr, rowStart, rowEnd);
      this.#twice.begin(this.#slots.i64(sequencePtr, rowStart), false);
    }
    if (this.#applier.trust.seeded) this.#hasBooked = true;
  }

  /** The message that comes next does not follow `lastId`. */
  open(lastId: bigint): void {
    this.#order.lastId = lastId;
    this.#collecting = [];
  }

  /** Goes on from a snapshot: see MessageOrder.joinAt. */
  async joinAt(
    id: bigint,
    lastReceived: bigint | null,
    isJoined: boolean,
    replaced: Replaced | null = null,
  ): Promise<void> {
    // Nothing has joined the one before: this one replaces what it did, or what is lost behind it.
    if (!this.#order.joining || this.#order.isBehindSnapshot) this.#replaced = replaced;
    for (const verdict of this.#order.joinAt(id, lastReceived, isJoined)) await this.#obey(verdict);
    this.#ahead.begin();
    this.#isJoined = isJoined;
  }

  /** Takes the rows of one message from [rowStart, rowEnd); returns the row behind them. */
  async collect(
    slot: number,
    columns: DepthColumns,
    rowStart: number,
    rowEnd: number,
  ): Promise<number> {
    const last = this.#slots.nextFlag(columns, rowStart, rowEnd, FLAG_LAST);
    const taken = last === -1 ? rowEnd : last + 1;
    this.#collecting ??= [];
    this.#collecting.push({ slot, rowStart, rowEnd: taken });
    if (last !== -1) await this.#collected();
    return taken;
  }

  /** Messages that may be in their place once the next day has begun. */
  get waiting(): WaitingMessage[] {
    if ((this.#collecting?.length ?? 0) > 0) return [];
    return this.#order.waitingAbove.map((held) => waitingMessage(this.#slots, held));
  }

  /** Those of the day before. @param tsRecv of the first row of this day, as `heldMessage` has it */
  async goOnWaiting(messages: readonly WaitingMessage[], tsRecv: bigint): Promise<void> {
    for (const message of messages) {
      for (const verdict of this.#order.receive(heldMessage(message, tsRecv))) {
        await this.#obey(verdict);
      }
    }
  }

  /** Nothing more can come in its place: the end of the input, or a snapshot. */
  async close(): Promise<void> {
    if ((this.#collecting?.length ?? 0) > 0) await this.#collected();
    this.#collecting = null;
    for (const verdict of this.#order.finish()) await this.#obey(verdict);
  }

  async #collected(): Promise<void> {
    const rows = this.#collecting!;
    this.#collecting = null;
    const message = this.#held(rows);
    const { slot, rowStart } = rows[0]!;
    const tsEvent = this.#eventNs(this.#slots.columns(slot), rowStart);
    const received = {
      ...message,
      message: { ...message, tsEvent, isAmongOthers: this.#order.waiting },
    };
    if (this.isRecordedTwice(received, this.#order.lastId)) {
      this.#drop(message, this.#order.isLost(message) ? 'stale' : 'duplicate');
      return;
    }
    if (this.#order.isPassedBy(message)) this.#applier.doubts.castStale(rows);
    for (const verdict of this.#order.receive(message)) await this.#obey(verdict);
  }

  /** Whether a message or a snapshot is a copy of what an overlapping recording has told. */
  isRecordedTwice(received: Received, lastId: bigint): boolean {
    if (this.#order.joining || this.#isSettled) return false;
    const { tsRecv } = this.#applier.here;
    return this.#twice.holds(received, { lastId, tsRecv, tsEvent: this.#appliedEventNs });
  }

  /** null: there is none, or none to believe. */
  #eventNs(columns: DepthColumns, row: number): bigint | null {
    const isBad = (this.#slots.flags(columns, row) & FLAG_BAD_TS) !== 0;
    return isBad ? null : this.#slots.i64(columns.tsEventPtr, row);
  }

  #held(segments: readonly Segment[]): HeldMessage<HeldRows> {
    const { slot, rowStart } = segments[0]!;
    const columns = this.#slots.columns(slot);
    const last = this.#slots.i64(columns.sequencePtr, rowStart);
    const optional = (ptr: number): bigint | null =>
      ptr === 0 ? null : this.#slots.i64(ptr, rowStart);
    const origin = this.#applier.findings.originOf({ slot, row: rowStart });
    return {
      first: optional(columns.sequenceFirstPtr) ?? last,
      last,
      prev: optional(columns.sequencePrevPtr),
      tsRecv: this.#slots.i64(columns.tsRecvPtr, rowStart),
      rows: { segments, made: null, origin },
    };
  }

  async #obey(verdict: Verdict<HeldRows>): Promise<void> {
    if (verdict.kind === 'drop') return this.#drop(verdict.message, verdict.why);
    if (verdict.kind === 'hole') return this.#missed(verdict);
    if (verdict.kind === 'reset') this.#resets++;
    else if (verdict.late) this.#outOfOrder++;
    if (verdict.kind !== 'apply') this.#lost(verdict);
    if (verdict.kind === 'reset') {
      this.#twice.begin(verdict.message.first, true);
      this.#recent?.restart();
      this.#refused.restart();
    }
    const isBehindHole = verdict.kind === 'apply' && verdict.isBehindHole === true;
    let marks = verdict.kind === 'gap' || isBehindHole ? FLAG_GAP_BEFORE : 0;
    const { segments, made } = verdict.message.rows;
    this.#remember(verdict.message, marks !== 0);
    if (made !== null) await this.#applier.applyMade(asMessage(made, marks));
    for (const segment of segments) {
      this.passed(this.#slots.columns(segment.slot), segment.rowStart, segment.rowEnd);
      await this.#applier.apply(segment, marks);
      marks = 0;
    }
  }

  #remember(message: HeldMessage<HeldRows>, isBehindGap: boolean): void {
    const recent = this.#recent;
    if (recent === null) return;
    let gapBefore = isBehindGap || !recent.isFollowedBy(message);
    for (const segment of message.rows.segments) {
      recent.add(segment, gapBefore);
      gapBefore = false;
    }
  }

  /** The end of the input: whether the stream came up with the snapshot that it was to join. */
  finish(): void {
    const { here, findings } = this.#applier;
    if (!this.isJoining) return;
    this.#ahead.report(findings, { here, lastId: this.#order.lastId, hasBooked: this.#hasBooked });
  }

  #drop(message: HeldMessage<HeldRows>, why: DropReason): void {
    if (why === 'covered') this.#cover(message);
    // It was counted where it was received.
    if (message.rows.made !== null) return;
    if (why === 'duplicate') {
      this.#duplicates++;
      this.#twice.dropped(message);
    } else if (why === 'stale') this.#outOfOrder++;
    this.dropRows(message.rows.segments, why === 'duplicate' ? why : 'stale');
  }

  #cover(message: HeldMessage<HeldRows>): void {
    // One that comes late left a hole in front of those behind it: those do not join without it.
    if (this.#recent?.reaches(message.last) === false) this.#remember(message, false);
    this.#ahead.cover(message);
  }

  /** Counts rows that are not applied, and gives them up. */
  dropRows(rows: readonly Segment[], why: 'duplicate' | 'stale'): void {
    for (const segment of rows) {
      const rowCount = segment.rowEnd - segment.rowStart;
      this.dropped[why] = (this.dropped[why] ?? 0) + rowCount;
      this.#output.drop(segment);
    }
  }

  /** A loss that the ids prove, or a new start: the book is suspect from here on. */
  #lost(verdict: Extract<Verdict<HeldRows>, { kind: 'gap' | 'reset' }>): void {
    const { trust, findings, here } = this.#applier;
    const { kind, message, sequenceBefore } = verdict;
    const gap = {
      kind,
      sequence_before: sequenceBefore,
      sequence_after: message.first,
      missing: kind === 'gap' ? verdict.missing : null,
      reason: kind === 'gap' ? 'the ids do not continue' : 'the ids fell to a new start',
    };
    const between = { before: here.tsRecv, after: message.tsRecv };
    findings.provenAt(gap, between, message.rows.origin);
    trust.doubt(kind === 'gap' ? 'loss' : 'reset', here, here);
    this.#applier.syncState();
  }

  /** A loss that a snapshot has healed since: the recording lacks it, the book does not. */
  #missed(verdict: Extract<Verdict<HeldRows>, { kind: 'hole' }>): void {
    const { trust, findings } = this.#applier;
    const { message, sequenceBefore, missing, tsBefore } = verdict;
    const replaced = this.#replaced;
    const gap = {
      kind: 'gap',
      sequence_before: sequenceBefore,
      sequence_after: message.first,
      missing,
      reason: 'the ids do not continue; a snapshot has made up for it',
    } as const;
    const before = tsBefore ?? replaced?.before.tsRecv ?? null;
    findings.provenAt(gap, { before, after: message.tsRecv }, message.rows.origin);
    findings.settled();
    if (replaced?.isLive !== true) return;
    trust.wasWrong('loss', replaced.before, replaced.snapshot);
    this.#replaced = { ...replaced, isLive: false };
  }
}
