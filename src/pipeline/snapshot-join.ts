import { FLAG_CLEAR, FLAG_LAST, FLAG_SNAPSHOT, FLAG_SYNTHETIC } from '../abi/flags.js';
import { KNOWN_ALL_ASKS, KNOWN_ALL_BIDS } from '../core/book.js';
import type { BookApplier } from './book-applier.js';
import { CutSnapshot } from './cut-snapshot.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import { type LastSnapshot, rangeOf, type SnapshotSpan, spanOf } from './last-snapshot.js';
import type { BookSpec, Segment } from './protocol.js';
import type { RecentRows, RefusedLevel, RowsAbove } from './recent-rows.js';
import type { ReorderWindow } from './reorder-window.js';
import type { SlotReject } from './row-doubts.js';
import type { MadeRow } from './synthetic-rows.js';

export interface SnapshotJoinParts {
  readonly spec: BookSpec;
  readonly slots: DepthSlots;
  readonly applier: BookApplier;
  readonly window: ReorderWindow;
  /** null: no ids tell where a snapshot belongs, so it stands where it was received. */
  readonly recent: RecentRows | null;
  /** Such a snapshot has an id all the same, and the ids behind it go on from that. */
  readonly goesOn: boolean;
}

/** Closer together, with nothing between, two are one that was sent twice; longer is a silence. */
const TWICE_NS = 5_000_000_000n;

/** So soon behind the first change of a day its snapshot is the one with which the day begins. */
const TOP_OF_DAY_NS = 5_000_000_000n;

/** A whole snapshot as it was received. */
interface Received {
  readonly segments: readonly Segment[];
  readonly columns: DepthColumns;
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  /** 0 without ids. */
  readonly sequence: bigint;
  /** It begins with a CLEAR row of its own. */
  readonly isCleared: boolean;
  /** Rows of it that were refused: it proves nothing of their levels. */
  readonly refused: readonly SlotReject[];
  readonly isInTable: boolean;
}

/**
 * Takes full snapshots: MODEL section 4, "Joining a snapshot". The book is replaced, and the
 * messages above the snapshot's id that were received before it follow once more, so that book and
 * stream go on together; all of that is one message.
 */
export class SnapshotJoin {
  readonly #parts: SnapshotJoinParts;
  /** What files that break in the middle of a snapshot make of it. */
  readonly cut: CutSnapshot;
  readonly #collected: Segment[] = [];
  readonly #refused: SlotReject[] = [];
  #taken = 0;
  /** ts_recv of the snapshot before. */
  #takenAt = 0n;
  /** The feed sends changes, not snapshots alone; and one has come since the snapshot before. */
  #sendsChanges = false;
  #changesSince = false;
  /** ts_recv of the first row that is none of a snapshot; null: none has come. */
  #changesFrom: bigint | null = null;
  #reconnects = 0;
  #resets = 0;

  constructor(parts: SnapshotJoinParts) {
    this.#parts = parts;
    this.cut = new CutSnapshot(parts);
  }

  /** Snapshots that show a new connection; one at the top of a day shows none. */
  get reconnects(): number {
    return this.#reconnects;
  }

  /** Snapshots that begin the ids anew. */
  get resets(): number {
    return this.#resets;
  }

  /** The rows of a snapshot in the stream are coming in. */
  get isOpen(): boolean {
    return this.#collected.length > 0;
  }

  /** The last snapshot that was taken; null: none. */
  get last(): LastSnapshot | null {
    return this.cut.last(!this.#changesSince);
  }

  /** What the stream has come to is a snapshot, or rows of one. */
  get endsWithSnapshot(): boolean {
    return this.isOpen || (!this.#changesSince && this.cut.isInStream);
  }

  /** Rows that are none of a snapshot stood in the stream. @param tsRecv of the first of them */
  changesCame(tsRecv: bigint): void {
    this.#changesFrom ??= tsRecv;
    this.#sendsChanges = true;
    this.#changesSince = true;
  }

  /**
   * Collects the rows of a snapshot that stands in the stream; takes it with its last row.
   * @param lastId id of the last message before it, null: none
   * @returns the row behind the rows that are its; isJoined as of `take`
   */
  async collect(
    segment: Segment,
    columns: DepthColumns,
    lastId: bigint | null,
  ): Promise<{ row: number; isTaken: boolean; isJoined: boolean }> {
    const { slot, rowStart, rowEnd } = segment;
    const last = this.#parts.slots.nextFlag(columns, rowStart, rowEnd, FLAG_LAST);
    const row = last === -1 ? rowEnd : last + 1;
    this.#collect({ slot, rowStart, rowEnd: row });
    if (last === -1) return { row, isTaken: false, isJoined: false };
    const isJoined = await this.#take(lastId, false);
    return { row, isTaken: true, isJoined };
  }

  /**
   * Takes a snapshot; no message is open.
   * @param lastId as for `collect`
   * @returns whether the ids of the stream go on from it: the window knows the last one
   */
  take(segments: readonly Segment[], lastId: bigint | null): Promise<boolean> {
    for (const segment of segments) this.#collect(segment);
    return this.#take(lastId, true);
  }

  /** Refused rows are taken along at once: their slot may be through before the snapshot is. */
  #collect(segment: Segment): void {
    this.#collected.push(segment);
    this.#refused.push(...this.#parts.applier.doubts.takeOwn(segment));
  }

  async #take(lastId: bigint | null, isInTable: boolean): Promise<boolean> {
    const { recent, goesOn, window } = this.#parts;
    const collected = { segments: this.#collected.splice(0), refused: this.#refused.splice(0) };
    const snapshot = this.#received({ ...collected, isInTable });
    if (await this.cut.takesRest(snapshot)) return false;
    const received = { last: snapshot.sequence, tsRecv: snapshot.tsRecv };
    const isCopy = lastId !== null && window.isRecordedTwice(received, lastId);
    if (isCopy && goesOn) {
      window.dropRows(snapshot.segments, 'stale');
      return false;
    }
    const isFirst = this.#taken++ === 0;
    if (recent === null) {
      const from = goesOn ? lastId : null;
      if (!isFirst || !this.#isTopOfDay(snapshot, from)) this.#reconnected(snapshot, from);
      this.#takenAt = snapshot.tsRecv;
      await this.#replace(snapshot, []);
      if (goesOn) await window.joinAt(snapshot.sequence, lastId, true);
      return goesOn;
    }
    const above = recent.above(snapshot.sequence);
    if (above.joins) await this.#join(snapshot, above, recent, lastId);
    else await this.#leaveOut(snapshot, above);
    return above.joins;
  }

  #received(collected: Pick<Received, 'segments' | 'refused' | 'isInTable'>): Received {
    const { slots } = this.#parts;
    const { segments } = collected;
    const { slot, rowStart: row } = segments[0]!;
    const columns = slots.columns(slot);
    const { tsRecvPtr, tsEventPtr, sequencePtr } = columns;
    const isCleared = this.#markEmpty(segments);
    return {
      ...collected,
      columns,
      tsRecv: slots.i64(tsRecvPtr, row),
      tsEvent: slots.i64(tsEventPtr, row),
      sequence: sequencePtr === 0 ? 0n : slots.i64(sequencePtr, row),
      isCleared,
    };
  }

  /**
   * What has neither price nor quantity is no level: an empty snapshot is said this way. Without ids
   * it may stand behind another one of the same stamp, and empties that.
   * @returns whether the first row says so
   */
  #markEmpty(segments: readonly Segment[]): boolean {
    const { slots } = this.#parts;
    let isFirst = false;
    for (const [index, { slot, rowStart, rowEnd }] of segments.entries()) {
      const { pricePtr, qtyPtr } = slots.columns(slot);
      for (let row = rowStart; row < rowEnd; row++) {
        if (slots.i64(pricePtr, row) !== 0n || slots.i64(qtyPtr, row) !== 0n) continue;
        slots.mark({ slot, rowStart: row, rowEnd: row + 1 }, FLAG_CLEAR);
        if (index === 0 && row === rowStart) isFirst = true;
      }
    }
    return isFirst;
  }

  async #join(
    snapshot: Received,
    above: RowsAbove,
    recent: RecentRows,
    lastId: bigint | null,
  ): Promise<void> {
    const { window, applier } = this.#parts;
    const { tsRecv, sequence } = snapshot;
    const { here: before, trust } = applier;
    const replaced = { isLive: trust.live, before, snapshot: { tsRecv, sequence } };
    const rows = recent.rowsOf(above, tsRecv);
    const doubts = recent.refusedAbove(sequence, rows);
    await this.#replace(snapshot, rows, doubts);
    const last = rows.at(-1);
    await window.joinAt(last?.sequence ?? sequence, lastId, last !== undefined, replaced);
  }

  /** The book becomes the snapshot, and then what `rows` make of it. */
  async #replace(
    snapshot: Received,
    rows: readonly MadeRow[],
    doubts: readonly RefusedLevel[] = [],
  ): Promise<void> {
    const { applier, slots, spec } = this.#parts;
    const { segments, tsRecv, sequence, refused } = snapshot;
    const span = this.#parts.recent === null ? null : spanOf(slots, segments);
    this.cut.took(snapshot, span, snapshot.isInTable);
    this.#changesSince = false;
    const point = { tsRecv, sequence: spec.ids.sequence ? sequence : null };
    applier.snapshotBegins(this.#knownBy(span), point);
    applier.doubts.castOwn(refused);
    this.cut.castHole(snapshot);
    // A level that only the rows above set anew must not be healed by the snapshot's own.
    const isHealable = (level: RefusedLevel): boolean => level !== null && rows.length > 0;
    for (const level of doubts) if (!isHealable(level)) applier.doubts.castLevel(null);
    const { slot, rowEnd } = segments.at(-1)!;
    if (rows.length > 0) slots.unmark(slots.columns(slot), rowEnd - 1, FLAG_LAST);
    await this.#write(snapshot);
    applier.snapshotWritten(point);
    for (const level of doubts) if (isHealable(level)) applier.doubts.castLevel(level);
    const last = rows.length - 1;
    await applier.applyMade(
      rows.map((row, index) => (index === last ? { ...row, flags: row.flags | FLAG_LAST } : row)),
    );
  }

  /** The snapshot's own rows, behind a row that clears the book. */
  async #write({ segments, tsRecv, tsEvent, sequence, isCleared }: Received): Promise<void> {
    const { applier } = this.#parts;
    if (!isCleared) {
      const flags = FLAG_CLEAR | FLAG_SNAPSHOT | FLAG_SYNTHETIC;
      const ids = { sequence, sequenceFirst: sequence, sequencePrev: sequence };
      const level = { isBid: false, pricePips: 0n, qtyPips: 0n };
      await applier.applyMade([{ tsRecv, tsEvent, ...ids, ...level, flags }]);
    }
    for (const segment of segments) await applier.apply(segment);
  }

  /**
   * Between the snapshot and the stream something is lost. A book that is there is better than an
   * older one that is not joined; where there is none, the rows are written and build none.
   */
  async #leaveOut(snapshot: Received, { holeBefore }: RowsAbove): Promise<void> {
    const { applier, window, spec } = this.#parts;
    const { segments, sequence, tsRecv } = snapshot;
    if (applier.trust.seeded) {
      window.dropRows(segments, 'stale');
      return;
    }
    if (holeBefore !== null) {
      const missing = spec.policy === 'contiguous' ? holeBefore - sequence - 1n : null;
      const { slot, rowStart: row } = segments[0]!;
      applier.findings.proven(
        {
          kind: 'gap',
          sequence_before: sequence,
          sequence_after: holeBefore,
          missing,
          reason: 'the messages above the snapshot do not join it',
        },
        { before: tsRecv, after: tsRecv },
        { slot, row },
      );
    }
    await this.#write(snapshot);
  }

  /**
   * Nothing but snapshots stands between: the feed sends no changes at all (Tardis' Bitget), or sent
   * its snapshot twice (OKX does, at its start). Neither shows a new connection.
   */
  #isRepeated(tsRecv: bigint): boolean {
    if (this.#changesSince) return false;
    return !this.#sendsChanges || tsRecv - this.#takenAt < TWICE_NS;
  }

  /**
   * Whether the first snapshot of a day says nothing of the connection: there was no book that it
   * replaces, or it is the one with which a source without ids begins its day. Ids that count
   * messages say in any case what is missing in front of it.
   */
  #isTopOfDay({ tsRecv, sequence }: Received, lastId: bigint | null): boolean {
    const { applier, spec } = this.#parts;
    if (lastId !== null && spec.policy === 'contiguous' && sequence > lastId) return false;
    if (!applier.trust.seeded || this.#changesFrom === null) return true;
    return lastId === null && tsRecv - this.#changesFrom < TOP_OF_DAY_NS;
  }

  /**
   * Without ids a snapshot in the middle is all that shows a new connection. With them it shows
   * none where it repeats the last id (Bybit does so every 3 s), or is the message that follows.
   * @param lastId of the stream that goes on from the snapshot's; null: there is none
   */
  #reconnected({ segments, tsRecv, sequence }: Received, lastId: bigint | null): void {
    const { applier, spec } = this.#parts;
    const { here } = applier;
    const { slot, rowStart: row } = segments[0]!;
    if (lastId !== null && (sequence === lastId || sequence === lastId + 1n)) return;
    const isReset = lastId !== null && sequence < lastId;
    const isCounted = lastId !== null && spec.policy === 'contiguous' && !isReset;
    if (!isReset && !isCounted && this.#isRepeated(tsRecv)) return;
    if (isReset) this.#resets++;
    else this.#reconnects++;
    applier.findings.proven(
      {
        kind: isReset ? 'reset' : 'reconnect',
        sequence_before: lastId,
        sequence_after: lastId === null ? null : sequence,
        missing: isCounted ? sequence - lastId - 1n : null,
        reason: isReset
          ? 'the ids fell to a new start, with a snapshot'
          : 'a snapshot in the middle of the stream: the recorder had to connect again',
      },
      { before: here.tsRecv, after: tsRecv },
      { slot, row },
    );
    applier.trust.doubt('reconnect', here, here);
  }

  /**
   * What the snapshot proves. One that was asked for (joined by id: a REST reply) ends at its worst
   * levels. One that the exchange sent by itself is the whole book.
   */
  #knownBy(span: SnapshotSpan | null): { bid: bigint; ask: bigint } {
    return span === null ? { bid: KNOWN_ALL_BIDS, ask: KNOWN_ALL_ASKS } : rangeOf(span);
  }
}
