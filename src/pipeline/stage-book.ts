import {
  FLAG_CLEAR,
  FLAG_GAP_BEFORE,
  FLAG_LAST,
  FLAG_SNAPSHOT,
  FLAG_SYNTHETIC,
} from '../abi/flags.js';
import { LATENCY_BLOCK_BYTES } from '../abi/latency.js';
import type { GapFinding } from '../audit/types.js';
import { type HeldMessage, MessageOrder, type Verdict } from '../book/message-order.js';
import { KNOWN_ALL_ASKS, KNOWN_ALL_BIDS } from '../core/book.js';
import type { Core } from '../core/core.js';
import { LatencyCounter, latencyPercentile } from '../core/latency.js';
import type { RowReject } from '../dialects/decode-target.js';
import { depthLayout, witnessLayout } from '../dialects/tables.js';
import type { Arena } from '../memory/arena.js';
import { BookApplier } from './book-applier.js';
import { bookLayout } from './book-columns.js';
import { BookWriter } from './book-writer.js';
import { DepthOutput } from './depth-output.js';
import { type DepthColumns, DepthSlots } from './depth-slots.js';
import { MessageScan } from './message-scan.js';
import type { BookResult, BookTask, Chunk, HostCalls, MemoryMap, Segment } from './protocol.js';
import { SyntheticRows } from './synthetic-rows.js';
import { WitnessMerger, type WitnessRow, WitnessStream } from './witness-stream.js';

/** Rows of our own tables that stand outside the sequence of received messages. */
const OWN_ROWS = FLAG_SYNTHETIC | FLAG_SNAPSHOT | FLAG_CLEAR;
/** How many ids before a break are looked at to tell a duplicate from a latecomer. */
const RECENT_MESSAGES = 256;
/** Feeds with one stream for an instrument: there the first crossed message end is a loss. */
const SINGLE_FEED = /^(BINANCE|BYBIT|OKX|KRAKEN)/;

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

/** The rows of a message that waits, and whether its last one has come. */
type HeldRows = Segment[];

class BookStage {
  readonly #thread: BookStageThread;
  readonly #task: BookTask;
  readonly #slots: DepthSlots;
  readonly #writer: BookWriter;
  readonly #output: DepthOutput;
  readonly #synthetic: SyntheticRows;
  readonly #witnesses: WitnessMerger;
  readonly #applier: BookApplier;
  readonly #scan: MessageScan;
  readonly #order: MessageOrder<HeldRows>;
  readonly #latencyPtr: number;
  readonly #latency: LatencyCounter;
  readonly #chunks = new Map<number, Chunk>();
  readonly #witnessDone: number[] = [];
  /** Rows of a message that goes through `#order`, until its last one has come. */
  #collecting: HeldRows | null = null;
  /** A message of our own tables (snapshot, synthetic) is under way. */
  #inOwnMessage = false;
  #snapshot: { bid: bigint | null; ask: bigint | null } | null = null;
  #first: BookResult['first'] = null;
  #outOfOrder = 0;
  #resets = 0;
  #messagesReported = 0;
  readonly #dropped: Record<string, number> = {};
  #duplicates = 0;

  constructor(thread: BookStageThread, task: BookTask) {
    this.#thread = thread;
    this.#task = task;
    const { core, arena, rows, host } = thread;
    const { spec, job } = task;
    const acquireSlots = (count: number) => host.acquireSlots({ job, count });
    this.#slots = new DepthSlots(core.views, depthLayout(spec.ids), rows);
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
      suspectOnCross: spec.bookLevels + spec.deepBookLevels > 0 || SINGLE_FEED.test(spec.exchange),
      acquireSlots,
    });
    this.#synthetic = new SyntheticRows(this.#slots, acquireSlots, (slot) =>
      this.#output.close(slot),
    );
    this.#witnesses = this.#openWitnesses();
    this.#applier = new BookApplier({
      views: core.views,
      spec,
      slots: this.#slots,
      writer: this.#writer,
      output: this.#output,
      synthetic: this.#synthetic,
      witnesses: this.#witnesses,
      chunkOf: (slot) => this.#chunks.get(slot),
    });
    this.#scan = new MessageScan(core, arena, spec);
    this.#order = new MessageOrder(spec.policy, 0n);
    this.#latencyPtr = arena.allocate(LATENCY_BLOCK_BYTES);
    this.#latency = new LatencyCounter(core, this.#latencyPtr);
  }

  async run(): Promise<BookResult> {
    let chunk = await this.#nextChunk();
    while (chunk !== null) {
      const [current, next] = this.#handRejectsBack(chunk, await this.#nextChunk());
      chunk = current;
      this.#begin(chunk, next);
      await this.#process(chunk);
      this.#applier.slotEnds(chunk.slot);
      this.#writer.retune();
      await this.#emit(false);
      chunk = next;
    }
    if (this.#collecting !== null) await this.#collected(this.#collecting);
    for (const verdict of this.#order.finish()) await this.#obey(verdict);
    this.#output.flushTail(this.#writer.stateMarks);
    if (this.#task.spec.wholeDay) await this.#applier.useWitnessesLeft();
    this.#witnesses.close();
    this.#synthetic.finish();
    await this.#writer.finish();
    await this.#emit(true);
    return this.#result();
  }

  free(): void {
    this.#writer.free();
    this.#scan.free();
    this.#thread.arena.free(this.#latencyPtr, LATENCY_BLOCK_BYTES);
  }

  #openWitnesses(): WitnessMerger {
    const { core, rows, host } = this.#thread;
    const { spec, job } = this.#task;
    const streams: WitnessStream[] = [];
    const open = (
      table: 'book' | 'deep_book',
      kind: WitnessRow['kind'],
      levelCount: number,
    ): void => {
      if (levelCount === 0) return;
      const nextChunk = () => host.nextChunk({ job, table });
      const source = { kind, layout: witnessLayout(levelCount), levelCount, nextChunk };
      streams.push(new WitnessStream(core, source, rows, (slot) => this.#witnessDone.push(slot)));
    };
    open('deep_book', 'deep_book_1m', spec.deepBookLevels);
    open('book', 'book', spec.bookLevels);
    return new WitnessMerger(streams, (row) => (spec.ids.sequence ? row.sequence : row.tsRecv));
  }

  #nextChunk(): Promise<Chunk | null> {
    return this.#thread.host.nextChunk({ job: this.#task.job, table: 'depth' });
  }

  /** Rejects in front of the next chunk that were part of this one's last message belong here. */
  #handRejectsBack(chunk: Chunk, next: Chunk | null): [Chunk, Chunk | null] {
    if (next === null || next.rejects[0]?.at !== 0) return [chunk, next];
    const columns = this.#slots.columns(chunk.slot);
    const row = chunk.rowCount - 1;
    const tsRecv = this.#slots.i64(columns.tsRecvPtr, row);
    const sequence = columns.sequencePtr === 0 ? null : this.#slots.i64(columns.sequencePtr, row);
    const isOwn = (reject: RowReject): boolean =>
      reject.at === 0 && reject.tsRecv === tsRecv && reject.sequence === sequence;
    const own = next.rejects.filter(isOwn).map((reject) => ({ ...reject, at: chunk.rowCount }));
    const rejects = next.rejects.filter((reject) => !isOwn(reject));
    return [
      { ...chunk, rejects: [...chunk.rejects, ...own] },
      { ...next, rejects },
    ];
  }

  /** Finds the messages of a chunk; the one behind it tells whether its last row ends one. */
  #begin(chunk: Chunk, next: Chunk | null): void {
    const columns = this.#slots.columns(chunk.slot);
    this.#chunks.set(chunk.slot, chunk);
    this.#output.open(chunk.slot, chunk.rowCount);
    this.#scan.mark(columns, chunk.rowCount, next && this.#slots.columns(next.slot));
    this.#latency.add(columns.tsRecvPtr, columns.tsEventPtr, chunk.rowCount);
    this.#first ??= {
      ts_recv: this.#slots.i64(columns.tsRecvPtr, 0),
      ts_event: this.#slots.i64(columns.tsEventPtr, 0),
      sequence: columns.sequencePtr === 0 ? null : this.#slots.i64(columns.sequencePtr, 0),
    };
  }

  async #process(chunk: Chunk): Promise<void> {
    const columns = this.#slots.columns(chunk.slot);
    const { slot, rowCount } = chunk;
    const own = this.#task.spec.messageKey === 'flags';
    let row = 0;
    while (row < rowCount) {
      if (this.#inOwnMessage) {
        row = await this.#ownMessage(slot, columns, row, rowCount);
        continue;
      }
      if (this.#collecting !== null || this.#order.waiting) {
        row = await this.#collect(slot, columns, row, rowCount);
        continue;
      }
      const limit = own ? this.#ownRowsFrom(columns, row, rowCount) : rowCount;
      const stop = this.#scan.scan(columns, row, limit);
      if (stop > row) await this.#applier.apply({ slot, rowStart: row, rowEnd: stop });
      if (stop < limit) this.#brokeAt(columns, row, stop);
      else if (limit < rowCount) this.#inOwnMessage = true;
      row = stop;
    }
  }

  #ownRowsFrom(columns: DepthColumns, row: number, rowCount: number): number {
    const found = this.#slots.nextFlag(columns, row, rowCount, OWN_ROWS);
    return found === -1 ? rowCount : found;
  }

  /** The message at `stop` does not continue the stream: it and what follows go through #order. */
  #brokeAt(columns: DepthColumns, row: number, stop: number): void {
    const recent: bigint[] = [];
    for (let back = stop - 1; back >= row && recent.length < RECENT_MESSAGES; back--) {
      if ((this.#slots.flags(columns, back) & FLAG_LAST) !== 0) {
        recent.push(this.#slots.i64(columns.sequencePtr, back));
      }
    }
    this.#order.lastId = this.#scan.lastId;
    this.#order.remember(recent.reverse());
    this.#collecting = [];
  }

  /** Takes the rows of one message for #order; returns the row behind them. */
  async #collect(
    slot: number,
    columns: DepthColumns,
    row: number,
    rowCount: number,
  ): Promise<number> {
    const last = this.#slots.nextFlag(columns, row, rowCount, FLAG_LAST);
    const rowEnd = last === -1 ? rowCount : last + 1;
    this.#collecting ??= [];
    this.#collecting.push({ slot, rowStart: row, rowEnd });
    if (last !== -1) {
      const rows = this.#collecting;
      this.#collecting = null;
      await this.#collected(rows);
    }
    return rowEnd;
  }

  /** A whole message has come while others wait, or because it broke the order. */
  async #collected(rows: HeldRows): Promise<void> {
    for (const verdict of this.#order.receive(this.#held(rows))) await this.#obey(verdict);
    if (!this.#order.waiting) this.#scan.lastId = this.#order.lastId;
  }

  #held(rows: HeldRows): HeldMessage<HeldRows> {
    const first = rows[0]!;
    const columns = this.#slots.columns(first.slot);
    const row = first.rowStart;
    const last = this.#slots.i64(columns.sequencePtr, row);
    const optional = (ptr: number): bigint | null => (ptr === 0 ? null : this.#slots.i64(ptr, row));
    return {
      first: optional(columns.sequenceFirstPtr) ?? last,
      last,
      prev: optional(columns.sequencePrevPtr),
      tsRecv: this.#slots.i64(columns.tsRecvPtr, row),
      rows,
    };
  }

  async #obey(verdict: Verdict<HeldRows>): Promise<void> {
    const { message } = verdict;
    if (verdict.kind === 'drop') {
      this.#drop(message, verdict.why);
      return;
    }
    let marks = 0;
    if (verdict.kind !== 'reset' && verdict.late) this.#outOfOrder++;
    if (verdict.kind === 'gap') {
      marks = FLAG_GAP_BEFORE;
      this.#lost('gap', verdict.sequenceBefore, message, verdict.missing);
    }
    if (verdict.kind === 'reset') {
      this.#resets++;
      this.#lost('reset', verdict.sequenceBefore, message, null);
    }
    for (const segment of message.rows) {
      await this.#applier.apply(segment, marks);
      marks = 0;
    }
  }

  #drop(message: HeldMessage<HeldRows>, why: 'duplicate' | 'stale'): void {
    if (why === 'duplicate') this.#duplicates++;
    else this.#outOfOrder++;
    let rows = 0;
    for (const segment of message.rows) {
      rows += segment.rowEnd - segment.rowStart;
      this.#output.drop(segment);
    }
    this.#dropped[why] = (this.#dropped[why] ?? 0) + rows;
  }

  /** A loss that the ids prove, or a new start: the book is suspect from here on. */
  #lost(
    kind: GapFinding['kind'],
    sequenceBefore: bigint,
    message: HeldMessage<HeldRows>,
    missing: bigint | null,
  ): void {
    const here = this.#applier.here;
    const first = message.rows[0]!;
    this.#applier.gaps.push({
      kind,
      proven: true,
      sequence_before: sequenceBefore,
      sequence_after: message.first,
      missing,
      ts_recv_before: here.tsRecv,
      ts_recv_after: message.tsRecv,
      ...this.#applier.origin(first.slot, first.rowStart),
      reason: kind === 'gap' ? 'the ids do not continue' : 'the ids fell to a new start',
    });
    const doubt = kind === 'gap' ? 'loss' : 'reset';
    this.#applier.trust.doubt(doubt, here, here);
    this.#applier.syncState();
  }

  /** Rows of a snapshot or of depthmill's own, in our own tables: applied as they stand. */
  async #ownMessage(
    slot: number,
    columns: DepthColumns,
    row: number,
    rowCount: number,
  ): Promise<number> {
    const last = this.#slots.nextFlag(columns, row, rowCount, FLAG_LAST);
    const rowEnd = last === -1 ? rowCount : last + 1;
    const clears = (this.#slots.flags(columns, row) & FLAG_CLEAR) !== 0;
    if (clears) this.#snapshot = { bid: null, ask: null };
    if (this.#snapshot !== null) {
      this.#widenSnapshot(columns, row, rowEnd);
      const { bid, ask } = this.#snapshot;
      const known = { bid: bid ?? KNOWN_ALL_BIDS, ask: ask ?? KNOWN_ALL_ASKS };
      const sequence = columns.sequencePtr === 0 ? null : this.#slots.i64(columns.sequencePtr, row);
      const point = { tsRecv: this.#slots.i64(columns.tsRecvPtr, row), sequence };
      this.#applier.snapshotBegins(known, point);
      if (sequence !== null) this.#scan.lastId = sequence;
    }
    await this.#applier.apply({ slot, rowStart: row, rowEnd });
    if (last !== -1) {
      this.#inOwnMessage = false;
      this.#snapshot = null;
    }
    return rowEnd;
  }

  /** The worst prices of the snapshot's rows so far are what it proves. */
  #widenSnapshot(columns: DepthColumns, rowStart: number, rowEnd: number): void {
    const snapshot = this.#snapshot!;
    for (let row = rowStart; row < rowEnd; row++) {
      if (this.#slots.i64(columns.qtyPtr, row) === 0n) continue;
      const price = this.#slots.i64(columns.pricePtr, row);
      if (this.#slots.isBid(columns, row)) {
        if (snapshot.bid === null || price < snapshot.bid) snapshot.bid = price;
      } else if (snapshot.ask === null || price > snapshot.ask) snapshot.ask = price;
    }
  }

  async #emit(atEnd: boolean): Promise<void> {
    const depth = this.#output.take();
    const book = this.#writer.take();
    for (const slot of depth.done) this.#chunks.delete(slot);
    const done = [...depth.done, ...book.done, ...this.#witnessDone.splice(0)];
    if (!atEnd && depth.segments.length + book.segments.length + done.length === 0) return;
    const messages = Number(this.#writer.head.messages);
    await this.#thread.host.emit({
      job: this.#task.job,
      depth: depth.segments,
      book: book.segments,
      done,
      messages: messages - this.#messagesReported,
    });
    this.#messagesReported = messages;
  }

  #latencyNs(): BookResult['latencyNs'] {
    const summary = this.#latency.summary();
    const { min, max, negative } = summary;
    const p50 = latencyPercentile(summary, 0.5);
    const p99 = latencyPercentile(summary, 0.99);
    if (min === null || max === null || p50 === null || p99 === null) return null;
    return { min, p50, p99, max, negative: Number(negative) };
  }

  #result(): BookResult {
    const applier = this.#applier;
    const { here } = applier;
    const { head } = this.#writer;
    applier.trust.finish(here);
    const last = { ts_recv: here.tsRecv, ts_event: head.lastTsEvent, sequence: here.sequence };
    return {
      accounting: { dropped: this.#dropped, synthetic: applier.syntheticRows },
      first: this.#first,
      last: this.#first === null ? null : last,
      messages: Number(head.messages),
      gaps: applier.gaps,
      duplicates: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      resets: this.#resets,
      crossed: { messages: Number(head.crossedMessages), ns: head.crossedNs },
      locked: { messages: Number(head.lockedMessages), ns: head.lockedNs },
      witness: applier.witnessFindings,
      deletes: Number(head.deletes),
      deletesUnknown: Number(head.deletesUnknown),
      latencyNs: this.#latencyNs(),
      rowsTrusted: Number(head.rowsTrusted),
      depthUnknown: Number(head.depthUnknown),
      tickPips: head.tickPips,
      partDigests: applier.partDigests,
      digest: this.#writer.digest(),
      quality: applier.trust.intervals,
      reseeds: applier.reseeds,
    };
  }
}
