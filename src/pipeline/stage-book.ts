import { STAMPS_BLOCK_BYTES } from '../abi/stamps.js';
import { WITNESSES_BYTES } from '../abi/witnesses.js';
import { RefusedMessages } from '../book/refused-messages.js';
import type { Core } from '../core/core.js';
import { latencyFigures, StampCounter } from '../core/stamps.js';
import { WitnessRows } from '../core/witness-rows.js';
import { depthLayout } from '../dialects/tables.js';
import type { Arena } from '../memory/arena.js';
import { BookApplier } from './book-applier.js';
import { bookLayout } from './book-columns.js';
import { BookWriter } from './book-writer.js';
import { carriedBook, endRows, takeOver } from './carried-book.js';
import { ChunkQueue } from './chunk-queue.js';
import { DepthOutput } from './depth-output.js';
import { type DepthColumns, DepthSlots } from './depth-slots.js';
import { fileBegins } from './file-begins.js';
import { FirstSnapshot } from './first-snapshot.js';
import { KeyframeWriter } from './keyframe-writer.js';
import { MessageScan } from './message-scan.js';
import { openCompared, openPlaced } from './open-witnesses.js';
import { OwnMessages } from './own-messages.js';
import type { BookResult, BookTask, Chunk, HostCalls, MemoryMap } from './protocol.js';
import { joinsById, ReceivedRows } from './received-rows.js';
import { RecentRows } from './recent-rows.js';
import { handRejectsBack, WhollyRefused } from './refused-rows.js';
import { Silences } from './silences.js';
import { SyntheticRows } from './synthetic-rows.js';
import { TimeChecks } from './time-checks.js';
import { Uncrosser } from './uncrosser.js';
import type { WitnessMerger } from './witness-stream.js';

/** Feeds with one stream for an instrument: there the first crossed message end is a loss. */
const SINGLE_FEED = /^(BINANCE|BYBIT|OKX|KRAKEN)/i;

const NO_KEYFRAMES = { segments: [], digests: [], done: [] } as const;

/** What the stage needs of its thread. */
export interface BookStageThread {
  readonly core: Core;
  readonly arena: Arena;
  readonly rows: MemoryMap['rows'];
  readonly host: HostCalls;
}

/** Books one instrument's day: MODEL sections 2 to 5. Runs on one thread from begin to end. */
export async function bookStage(thread: BookStageThread, task: BookTask): Promise<BookResult> {
  const stage = new BookStage(thread, task);
  try {
    return await stage.run();
  } finally {
    stage.free();
  }
}

class BookStage {
  readonly #thread: BookStageThread;
  readonly #task: BookTask;
  readonly #depth: ChunkQueue;
  readonly #slots: DepthSlots;
  readonly #writer: BookWriter;
  readonly #output: DepthOutput;
  readonly #synthetic: SyntheticRows;
  readonly #witnesses: WitnessMerger;
  readonly #witnessRows: WitnessRows;
  readonly #keyframes: KeyframeWriter | null;
  readonly #uncrosser: Uncrosser | null;
  readonly #firstSnapshot: FirstSnapshot;
  readonly #applier: BookApplier;
  readonly #scan: MessageScan;
  readonly #whollyRefused: WhollyRefused;
  readonly #received: ReceivedRows;
  readonly #own: OwnMessages;
  readonly #times: TimeChecks;
  readonly #silences: Silences;
  readonly #stampsPtr: number;
  readonly #stamps: StampCounter;
  readonly #chunks = new Map<number, Chunk>();
  #first: BookResult['first'] = null;
  #end: Awaited<ReturnType<typeof endRows>> | null = null;
  #tookWaiting = false;
  #messagesReported = 0;
  #emitted: Promise<void> = Promise.resolve();

  constructor(thread: BookStageThread, task: BookTask) {
    this.#thread = thread;
    this.#task = task;
    const { core, arena, rows, host } = thread;
    const { spec, job } = task;
    const acquireSlots = (count: number) => host.acquireSlots({ job, count });
    this.#depth = new ChunkQueue(() => host.nextChunks({ job, table: 'depth' }));
    this.#slots = new DepthSlots(core, depthLayout(spec.ids), rows);
    this.#output = new DepthOutput((segment, marks) => this.#slots.mark(segment, marks));
    const table = {
      hasSequence: spec.ids.sequence,
      hasAge: spec.bookEvery.kind === 'interval',
      depth: spec.bookDepth,
    };
    this.#writer = new BookWriter({
      core,
      arena,
      rows,
      bookLayout: spec.bookDepth === 0 ? null : bookLayout(table),
      depth: spec.bookDepth,
      cadence: spec.bookEvery,
      suspectOnCross: spec.crossed === 'reseed' || SINGLE_FEED.test(spec.exchange),
      acquireSlots,
    });
    this.#synthetic = new SyntheticRows(this.#slots, acquireSlots, (slot) =>
      this.#output.close(slot),
    );
    const onSlotDone = (slot: number) => this.#output.close(slot);
    const sources = { ...thread, task, onSlotDone };
    this.#witnesses = openPlaced(sources);
    this.#witnessRows = new WitnessRows(core.views, arena.allocate(WITNESSES_BYTES));
    this.#keyframes = spec.keyframes
      ? new KeyframeWriter({
          core,
          arena,
          rows,
          hasSequence: spec.ids.sequence,
          writer: this.#writer,
          acquireSlots,
        })
      : null;
    this.#firstSnapshot = new FirstSnapshot(thread, this.#writer, spec.follows);
    const refused = new RefusedMessages(spec.policy);
    this.#whollyRefused = new WhollyRefused(this.#slots, refused);
    const recent = joinsById(spec) ? new RecentRows(core, this.#slots, spec, refused) : null;
    this.#uncrosser =
      spec.crossed === 'uncross' ? new Uncrosser(core, arena, this.#writer, this.#slots) : null;
    this.#applier = new BookApplier({
      views: core.views,
      spec,
      slots: this.#slots,
      writer: this.#writer,
      output: this.#output,
      synthetic: this.#synthetic,
      witnesses: this.#witnesses,
      openCompared: (judging) => openCompared(sources, this.#slots, judging),
      witnessRows: this.#witnessRows,
      keyframes: this.#keyframes,
      recent,
      firstSnapshot: this.#firstSnapshot,
      uncrosser: this.#uncrosser,
      chunkOf: (slot) => this.#chunks.get(slot),
      letGo: () => (this.#output.hasManyDone ? this.#emit(false) : null),
    });
    this.#scan = new MessageScan(core, arena, spec);
    this.#received = new ReceivedRows({
      views: core.views,
      spec,
      slots: this.#slots,
      applier: this.#applier,
      output: this.#output,
      scan: this.#scan,
      recent,
      refused,
      whollyRefused: this.#whollyRefused,
      openChunks: () => new ChunkQueue(() => host.nextChunks({ job, table: 'snapshots' })),
      onChunk: (chunk) => this.#take(chunk),
    });
    this.#own = new OwnMessages(this.#slots, this.#applier, spec);
    this.#times = new TimeChecks(core, { table: 'depth', ...spec });
    this.#silences = new Silences(core, spec.silenceNs);
    this.#stampsPtr = arena.allocate(STAMPS_BLOCK_BYTES);
    this.#stamps = new StampCounter(core, this.#stampsPtr);
  }

  async run(): Promise<BookResult> {
    let { carried } = this.#task.spec;
    let fileIndex = -1;
    let chunk = await this.#depth.next();
    while (chunk !== null) {
      const [current, next] = handRejectsBack(this.#slots, chunk, await this.#depth.next());
      chunk = current;
      if (carried !== null) this.#tookWaiting = await takeOver(carried, chunk, this.#parts());
      carried = null;
      this.#begin(chunk, next);
      if (chunk.fileIndex !== fileIndex) await fileBegins(chunk, this.#parts());
      fileIndex = chunk.fileIndex;
      await this.#process(chunk);
      this.#applier.doubts.slotEnds(chunk.slot);
      this.#writer.retune();
      if (this.#depth.atUnitEnd) await this.#emit(false);
      chunk = next;
    }
    this.#end = await endRows(this.#thread, this.#parts(), this.#task.spec.carries);
    this.#output.flushTail(this.#writer.stateMarks);
    if (this.#task.spec.wholeDay) await this.#applier.useWitnessesLeft();
    this.#witnesses.close();
    this.#applier.compared?.close();
    this.#synthetic.finish();
    this.#applier.finish();
    await this.#writer.finish();
    await this.#emit(true);
    return this.#result();
  }

  #parts() {
    const { spec } = this.#task;
    const [applier, received] = [this.#applier, this.#received];
    return { spec, slots: this.#slots, applier, received, writer: this.#writer };
  }

  free(): void {
    this.#writer.free();
    this.#keyframes?.free();
    this.#uncrosser?.free();
    this.#scan.free();
    this.#applier.compared?.free();
    this.#thread.arena.free(this.#witnessRows.ptr, WITNESSES_BYTES);
    this.#thread.arena.free(this.#stampsPtr, STAMPS_BLOCK_BYTES);
  }

  #checkTimes({ slot, rowCount }: Chunk, columns: DepthColumns): void {
    const facts = this.#stamps.add(columns, rowCount);
    const originOf = (row: number) => this.#applier.findings.originOf({ slot, row });
    const rows = { columns, rowCount, facts, originOf };
    this.#times.check(rows);
    this.#silences.add(rows);
    // Without ids a message is what came at one time, and may be made of several events.
    if (this.#task.spec.ids.sequence) this.#times.checkMessages(rows);
  }

  /** Finds the messages of a chunk; the one behind it tells whether its last row ends one. */
  #begin(chunk: Chunk, next: Chunk | null): void {
    const columns = this.#slots.columns(chunk.slot);
    this.#take(chunk);
    this.#whollyRefused.begin(chunk, next);
    const nextColumns = next && this.#slots.columns(next.slot);
    this.#scan.mark(columns, chunk.rowCount, nextColumns);
    this.#checkTimes(chunk, columns);
    if (this.#task.spec.snapshots.inDepth) {
      this.#slots.endSnapshots(columns, chunk.rowCount, nextColumns);
    }
    this.#first ??= {
      ts_recv: this.#slots.i64(columns.tsRecvPtr, 0),
      ts_event: this.#slots.i64(columns.tsEventPtr, 0),
      sequence: columns.sequencePtr === 0 ? null : this.#slots.i64(columns.sequencePtr, 0),
    };
  }

  #take(chunk: Chunk): void {
    this.#chunks.set(chunk.slot, chunk);
    this.#output.open(chunk.slot, chunk.rowCount);
  }

  async #process({ slot, rowCount }: Chunk): Promise<void> {
    const columns = this.#slots.columns(slot);
    let row = 0;
    while (row < rowCount) {
      const ownRow = this.#own.isOpen ? row : this.#own.next(columns, row, rowCount);
      if (ownRow === row) row = await this.#applyOwn(slot, columns, row, rowCount);
      else {
        const stop = this.#own.receive({ slot, rowStart: row, rowEnd: ownRow }, columns);
        row = await this.#received.take(slot, columns, row, stop);
      }
    }
  }

  async #applyOwn(
    slot: number,
    columns: DepthColumns,
    rowStart: number,
    rowEnd: number,
  ): Promise<number> {
    await this.#received.closeWindow();
    const leftOut = this.#own.takeLeftOut({ slot, rowStart, rowEnd }, columns);
    if (leftOut !== null) return this.#received.dropSnapshot(leftOut);
    const { row, lastId, isJoined } = await this.#own.apply(slot, columns, rowStart, rowEnd);
    if (lastId !== null) await this.#received.goOnFrom(lastId, isJoined);
    return row;
  }

  async #emit(atEnd: boolean): Promise<void> {
    const depth = this.#output.take();
    const book = this.#writer.take();
    await this.#keyframes?.write();
    const keyframes = this.#keyframes?.take(atEnd) ?? NO_KEYFRAMES;
    for (const slot of depth.done) this.#chunks.delete(slot);
    const done = [...depth.done, ...book.done, ...keyframes.done];
    if (!atEnd && depth.segments.length + book.segments.length + done.length === 0) return;
    const messages = Number(this.#writer.head.messages);
    // One batch is on its way while the next is made.
    await this.#emitted;
    this.#emitted = this.#thread.host.emit({
      job: this.#task.job,
      depth: depth.segments,
      book: book.segments,
      keyframes: { segments: keyframes.segments, digests: keyframes.digests },
      done,
      messages: messages - this.#messagesReported,
    });
    this.#messagesReported = messages;
    // Seen at the next one, or at the end.
    this.#emitted.catch(() => undefined);
    if (atEnd) await this.#emitted;
  }

  #result(): BookResult {
    const applier = this.#applier;
    const { written } = applier.place;
    const end = this.#end!;
    const { head } = this.#writer;
    applier.trust.finish(written);
    const { carries, isFollowed } = this.#task.spec;
    const isWanted = carries || isFollowed;
    const lastBook = isWanted ? carriedBook(this.#thread, this.#parts(), end.waiting) : null;
    const last = {
      ts_recv: written.tsRecv,
      ts_event: head.lastTsEvent,
      sequence: written.sequence,
    };
    return {
      accounting: { dropped: this.#received.dropped, synthetic: applier.syntheticRows },
      first: this.#first,
      last: this.#first === null ? null : last,
      messages: Number(head.messages),
      rowsBooked: applier.depthParts.rowCount,
      gaps: applier.findings.gaps,
      gapsWaiting: end.gaps,
      tookWaiting: this.#tookWaiting,
      rowFaults: this.#times.faults,
      quiet: this.#silences.finish(Number(head.messages)),
      ...this.#received.counts,
      crossed: { messages: Number(head.crossedMessages), ns: head.crossedNs },
      locked: { messages: Number(head.lockedMessages), ns: head.lockedNs },
      witness: [...applier.judge.findings, ...(applier.compared?.findings ?? [])],
      deletes: Number(head.deletes),
      deletesUnknown: Number(head.deletesUnknown),
      latencyNs: latencyFigures(this.#stamps.latencies()),
      rowsTrusted: Number(head.rowsTrusted),
      depthUnknown: Number(head.depthUnknown),
      tickPips: head.tickPips,
      partDigests: applier.depthParts.digests,
      partKeyframes: this.#keyframes?.partKeyframes ?? [],
      digest: this.#writer.digest(),
      quality: applier.trust.intervals,
      reseeds: applier.judge.reseeds,
      carried: carries ? lastBook : null,
      lastBook: isFollowed ? lastBook : null,
      firstSnapshot: this.#firstSnapshot.book,
    };
  }
}
