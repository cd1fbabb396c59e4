import { FLAG_LAST, FLAG_SNAPSHOT } from '../abi/flags.js';
import type { RefusedMessages } from '../book/refused-messages.js';
import type { StreamPoint } from '../book/trust.js';
import type { SequencePolicy } from '../dialects/types.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { BookApplier } from './book-applier.js';
import type { ChunkQueue } from './chunk-queue.js';
import type { DepthOutput } from './depth-output.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { LastSnapshot } from './last-snapshot.js';
import type { MessageScan } from './message-scan.js';
import type { BookSpec, Chunk, Segment } from './protocol.js';
import type { RecentRows } from './recent-rows.js';
import type { WhollyRefused } from './refused-rows.js';
import { ReorderWindow } from './reorder-window.js';
import { SnapshotJoin } from './snapshot-join.js';
import { SnapshotStream } from './snapshot-stream.js';
import type { WaitingMessage } from './waiting-messages.js';

export interface ReceivedRowsParts {
  readonly views: MemoryViews;
  readonly spec: BookSpec;
  readonly slots: DepthSlots;
  readonly applier: BookApplier;
  readonly output: DepthOutput;
  readonly scan: MessageScan;
  /** Set where joinsById says so, else null. */
  readonly recent: RecentRows | null;
  readonly refused: RefusedMessages;
  readonly whollyRefused: WhollyRefused;
  /** The chunks of the table of snapshots; asked for once, where there is one. */
  readonly openChunks: () => ChunkQueue;
  /** A chunk of that table is here. */
  readonly onChunk: (chunk: Chunk) => void;
}

/** Policies whose ids tell where in the stream a snapshot belongs. */
const JOINING = new Set<SequencePolicy>(['chain', 'contiguous', 'monotonic']);

/** Whether the ids of the stream go on from that of a snapshot which the exchange sends by itself. */
function goesOnFrom({ snapshots, ids, policy }: BookSpec): boolean {
  return snapshots.bySocket && ids.sequence && JOINING.has(policy);
}

export function joinsById({ snapshots, ids, policy }: BookSpec): boolean {
  const areAskedFor = (snapshots.inDepth || snapshots.inTable) && !snapshots.bySocket;
  return areAskedFor && ids.sequence && JOINING.has(policy);
}

/**
 * Brings received rows and snapshots into the order in which they are applied: what the ids say
 * comes in, what they do not is left to the window, and snapshots stand where they were received.
 */
export class ReceivedRows {
  readonly #parts: ReceivedRowsParts;
  readonly #window: ReorderWindow;
  readonly #join: SnapshotJoin;
  readonly #snapshots: SnapshotStream | null;
  /** A message was taken. */
  #hasBegun = false;
  /** The last row that was taken ended its message. */
  #atMessageStart = true;

  constructor(parts: ReceivedRowsParts) {
    this.#parts = parts;
    const { views, spec, slots, applier, output, recent, refused } = parts;
    this.#window = new ReorderWindow(spec, slots, applier, output, recent, refused, views);
    const goesOn = goesOnFrom(spec);
    this.#join = new SnapshotJoin({ spec, slots, applier, window: this.#window, recent, goesOn });
    this.#snapshots = spec.snapshots.inTable ? this.#openSnapshots() : null;
  }

  /** Rows that were not applied, by reason. */
  get dropped(): Record<string, number> {
    return this.#window.dropped;
  }

  get counts(): { duplicates: number; outOfOrder: number; resets: number; reconnects: number } {
    const { resets, ...counts } = this.#window.counts;
    const { reconnects, resets: snapshotResets } = this.#join;
    return { ...counts, resets: resets + snapshotResets, reconnects };
  }

  /** A snapshot was taken, and no message has gone on from it yet. */
  get isJoining(): boolean {
    return this.#window.isJoining;
  }

  /** The last snapshot that was taken; null: none. */
  get lastSnapshot(): LastSnapshot | null {
    return this.#join.last;
  }

  /** As CutSnapshot.dayBegins. */
  dayBegins(begun: LastSnapshot, hasRest: boolean): void {
    this.#join.cut.dayBegins(begun, hasRest);
  }

  /** What the stream has come to is a snapshot, or rows of one. */
  get endsWithSnapshot(): boolean {
    return this.#join.endsWithSnapshot;
  }

  /**
   * Rows are missing here, as a finding says.
   * @returns whether they may be of a snapshot that is coming in, which is in doubt then
   */
  lacksRows(reason: string): boolean {
    if (this.#join.isOpen) this.#join.cut.lacks(reason, true);
    return this.#join.isOpen;
  }

  /** Takes rows from [rowStart, rowEnd), one or more; returns the row behind them. */
  take(slot: number, columns: DepthColumns, rowStart: number, rowEnd: number): Promise<number> {
    const { inDepth, inTable } = this.#parts.spec.snapshots;
    return inDepth || inTable
      ? this.#besideSnapshots(slot, columns, rowStart, rowEnd)
      : this.#inOrder(slot, columns, rowStart, rowEnd);
  }

  /** Nothing more can come for what waits: something that is no received message does. */
  async closeWindow(): Promise<void> {
    if (!this.#window.isOpen) return;
    await this.#window.close();
    this.#parts.scan.lastId = this.#window.lastId;
  }

  /** Rows of a snapshot of ours that is not to be applied; returns the row behind them. */
  dropSnapshot(segment: Segment): number {
    this.#window.dropRows([segment], 'stale');
    return segment.rowEnd;
  }

  /** As ReorderWindow has it. */
  get seen(): StreamPoint | null {
    return this.#window.seen;
  }

  /**
   * The stream goes on behind rows of our own; not `isJoined`: from a snapshot with this id.
   * @param seen what was received last before that snapshot; null: nothing, or nobody knows
   */
  async goOnFrom(
    lastId: bigint,
    isJoined: boolean,
    seen: StreamPoint | null = null,
  ): Promise<void> {
    const { scan, spec } = this.#parts;
    scan.lastId = lastId;
    // What the snapshot holds is dropped, and the first message above it need not name its id.
    const joins = !isJoined && (spec.policy === 'chain' || spec.messageKey !== 'flags');
    // The window may still look for the message that joins the snapshot before.
    if (!joins && !this.#window.isOpen) return;
    const snapshot = { tsRecv: 0n, sequence: lastId };
    const replaced = seen === null ? null : { isLive: false, before: seen, snapshot };
    await this.#window.joinAt(lastId, seen?.sequence ?? null, !joins, replaced);
  }

  /** Ids say where among the messages a snapshot belongs: it may be older than what is known. */
  get joinsById(): boolean {
    return this.#parts.recent !== null;
  }

  /** As RecentRows.goOnFrom. */
  rowsAreCarried(to: bigint, from: bigint | null): void {
    this.#parts.recent?.goOnFrom(to, from);
  }

  /** The day begins with a snapshot, and the stream of the day before ended with this id. */
  snapshotFollows(lastId: bigint): void {
    const { recent, scan, spec } = this.#parts;
    // Ids that go on from the snapshot's own tell what is missing only where they count messages.
    if (recent !== null || spec.policy === 'contiguous') scan.lastId = lastId;
  }

  /** The end of the depth rows; snapshots behind them count too, also for what still waits. */
  async rowsEnd(): Promise<void> {
    await this.#takeSnapshots(null);
  }

  /** As ReorderWindow has it, behind the last row. */
  get waiting(): WaitingMessage[] {
    return this.#window.waiting;
  }

  /** Messages of the day before wait behind the one with which it went on, as ReorderWindow has it. */
  async goOnWaiting(messages: readonly WaitingMessage[], tsRecv: bigint): Promise<void> {
    this.#window.open(this.#parts.scan.lastId);
    await this.#window.goOnWaiting(messages, tsRecv);
  }

  /** Nothing more can come in this day for what waits. */
  async finish(): Promise<void> {
    await this.closeWindow();
    this.#window.finish();
  }

  #openSnapshots(): SnapshotStream {
    const { spec, slots, openChunks, onChunk } = this.#parts;
    const depthFileCount = spec.files.length - spec.snapshotFileCount;
    return new SnapshotStream({
      chunks: openChunks(),
      slots,
      holesBehind: spec.holesBehindSnapshots,
      onChunk: (chunk) => onChunk({ ...chunk, fileIndex: depthFileCount + chunk.fileIndex }),
    });
  }

  /** As far as they are in order, or else one message. */
  async #inOrder(
    slot: number,
    columns: DepthColumns,
    rowStart: number,
    rowEnd: number,
  ): Promise<number> {
    const { scan, applier, recent, whollyRefused } = this.#parts;
    if (this.#window.isOpen) {
      whollyRefused.cameTo(rowStart, this.#window.highestId);
      const row = await this.#window.collect(slot, columns, rowStart, rowEnd);
      if (!this.#window.isOpen) scan.lastId = this.#window.lastId;
      return row;
    }
    if (!this.#hasBegun) {
      if (scan.lastIdIfAny === null) this.#window.begin(columns, rowStart);
      this.#hasBegun = true;
    }
    const stop = scan.scan(columns, rowStart, rowEnd);
    const segment = { slot, rowStart, rowEnd: stop };
    if (stop > rowStart) {
      this.#window.passed(columns, rowStart, stop);
      recent?.add(segment, false);
      await applier.apply(segment);
    }
    if (stop === rowEnd) return stop;
    whollyRefused.cameTo(stop, scan.lastId);
    this.#window.open(scan.lastId);
    return stop;
  }

  /** The same where snapshots stand among the rows, or come out of a table of their own. */
  async #besideSnapshots(
    slot: number,
    columns: DepthColumns,
    rowStart: number,
    rowEnd: number,
  ): Promise<number> {
    const { slots, spec, scan, whollyRefused } = this.#parts;
    const segment = { slot, rowStart, rowEnd };
    if (this.#join.isOpen) return this.#collectSnapshot(segment, columns);
    const highest = this.#window.isOpen ? this.#window.highestId : scan.lastIdIfAny;
    whollyRefused.cameTo(rowStart, highest);
    if (this.#atMessageStart) await this.#takeSnapshots(slots.i64(columns.tsRecvPtr, rowStart));
    // The window takes one message at a time: no need to look further.
    const end = this.#window.isOpen ? this.#messageEnd(columns, rowStart, rowEnd) : rowEnd;
    const { inDepth } = spec.snapshots;
    const found = inDepth ? slots.nextFlag(columns, rowStart, end, FLAG_SNAPSHOT) : -1;
    if (found === rowStart) return this.#collectSnapshot(segment, columns);
    const stop = await this.#rowOfNextSnapshot(columns, rowStart, found === -1 ? end : found);
    const row = await this.#inOrder(slot, columns, rowStart, stop);
    if (row === rowStart) return row;
    this.#join.changesCame(slots.i64(columns.tsRecvPtr, rowStart));
    this.#atMessageStart = slots.endsMessage(columns, row - 1);
    return row;
  }

  async #collectSnapshot(segment: Segment, columns: DepthColumns): Promise<number> {
    if (!this.#join.isOpen) await this.#snapshotComes();
    const taken = await this.#join.collect(segment, columns, this.#lastIdIfAny);
    this.#atMessageStart = taken.isTaken;
    if (taken.isJoined) this.#goOn();
    return taken.row;
  }

  /** One that its id joins may be anywhere in the stream; any other ends all that was before it. */
  async #snapshotComes(): Promise<void> {
    if (this.#parts.recent === null) await this.closeWindow();
  }

  /** Takes the snapshots of the table that were received by `tsRecv`; null: all that are left. */
  async #takeSnapshots(tsRecv: bigint | null): Promise<void> {
    const { applier } = this.#parts;
    if (this.#snapshots === null) return;
    for (;;) {
      const next = await this.#snapshots.peek();
      if (next === null || (tsRecv !== null && next > tsRecv)) return;
      await this.#snapshotComes();
      const { segments, endsSlots, hole } = await this.#snapshots.take();
      if (hole !== null) this.#join.cut.lacks(hole, false);
      if (await this.#join.take(segments, this.#lastIdIfAny)) this.#goOn();
      for (const slot of endsSlots) applier.doubts.slotEnds(slot);
    }
  }

  /** Row behind the last message that stands before the next snapshot of the table. */
  async #rowOfNextSnapshot(
    columns: DepthColumns,
    rowStart: number,
    rowEnd: number,
  ): Promise<number> {
    const { slots } = this.#parts;
    const next = this.#snapshots === null ? null : await this.#snapshots.peek();
    if (next === null) return rowEnd;
    const row = slots.firstAboveUnsorted(columns.tsRecvPtr, rowStart, rowEnd, next - 1n);
    if (row > rowStart && slots.endsMessage(columns, row - 1)) return row;
    return this.#messageEnd(columns, row, rowEnd);
  }

  #messageEnd(columns: DepthColumns, row: number, rowEnd: number): number {
    const last = this.#parts.slots.nextFlag(columns, row, rowEnd, FLAG_LAST);
    return last === -1 ? rowEnd : last + 1;
  }

  /** Id of the last message that was applied; null: none. */
  get #lastIdIfAny(): bigint | null {
    return this.#window.isOpen ? this.#window.lastId : this.#parts.scan.lastIdIfAny;
  }

  /** Messages above the snapshot were applied with it: the stream goes on from the last of them. */
  #goOn(): void {
    if (!this.#window.isOpen) this.#parts.scan.lastId = this.#window.lastId;
  }
}
