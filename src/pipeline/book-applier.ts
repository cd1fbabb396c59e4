import { BOOK_LIVE, BOOK_SUSPECT, BOOK_UNSEEDED } from '../abi/book.js';
import { FLAG_LAST, FLAG_SNAPSHOT, FLAG_SYNTHETIC, FLAG_WITNESS_OFF } from '../abi/flags.js';
import { PART_ROWS } from '../abi/limits.js';
import type { GapFinding, WitnessFinding } from '../audit/types.js';
import { type StreamPoint, Trust } from '../book/trust.js';
import { KNOWN_ALL_ASKS, KNOWN_ALL_BIDS } from '../core/book.js';
import type { RowReject } from '../dialects/decode-target.js';
import { WITNESS_INVALID } from '../dialects/tables.js';
import type { MemoryViews } from '../memory/shared-memory.js';
import type { BookWriter } from './book-writer.js';
import type { DepthOutput } from './depth-output.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { BookSpec, Chunk, Segment } from './protocol.js';
import type { SyntheticLevel, SyntheticRows } from './synthetic-rows.js';
import type { WitnessMerger, WitnessRow } from './witness-stream.js';

export interface BookApplierParts {
  readonly views: MemoryViews;
  readonly spec: BookSpec;
  readonly slots: DepthSlots;
  readonly writer: BookWriter;
  readonly output: DepthOutput;
  readonly synthetic: SyntheticRows;
  readonly witnesses: WitnessMerger;
  /** The chunk whose rows lie in a slot; undefined for rows that were made here. */
  readonly chunkOf: (slot: number) => Chunk | undefined;
}

/** For findings behind the last row of the input. */
const NO_SLOT = -1;

/**
 * Applies rows, already in their final order, to the book, and does what MODEL section 4 wants
 * between messages: seeds and compares with witnesses, keeps the state, dates the doubts. Whatever
 * changes the book is a row of `depth`, so that replaying it gives the same book.
 */
export class BookApplier {
  readonly trust = new Trust();
  readonly gaps: GapFinding[] = [];
  readonly partDigests: string[] = [];
  readonly #parts: BookApplierParts;
  readonly #witnessFindings = new Map<WitnessRow['kind'], WitnessFinding>();
  readonly #rejectsDone = new Map<number, number>();
  #syntheticRows = 0;
  #reseeds = 0;
  #partRows = 0;
  #messageOpen = false;
  /** Where, in the slot last applied, the open message began. */
  #openAt: { slot: number; messageStart: number; rowEnd: number } | null = null;
  /** A crossing has been reported since the last proof: the witness that follows adds nothing. */
  #suspicionOpen: GapFinding | null = null;

  constructor(parts: BookApplierParts) {
    this.#parts = parts;
  }

  get syntheticRows(): number {
    return this.#syntheticRows;
  }

  get reseeds(): number {
    return this.#reseeds;
  }

  get witnessFindings(): WitnessFinding[] {
    return [...this.#witnessFindings.values()];
  }

  /** The last complete message. */
  get here(): StreamPoint {
    const { writer, spec } = this.#parts;
    return {
      tsRecv: writer.head.lastTsRecv,
      sequence: spec.ids.sequence ? writer.head.lastSequence : null,
    };
  }

  #pointOf(columns: DepthColumns, row: number): StreamPoint {
    const { slots, spec } = this.#parts;
    return {
      tsRecv: slots.i64(columns.tsRecvPtr, row),
      sequence: spec.ids.sequence ? slots.i64(columns.sequencePtr, row) : null,
    };
  }

  /** File and row, from 0, of a row in a slot. */
  origin(slot: number, row: number): { file: string; row: number } {
    const chunk = this.#parts.chunkOf(slot);
    if (chunk === undefined) return { file: '', row: 0 };
    const file = this.#parts.spec.files[chunk.fileIndex] ?? '';
    return { file, row: chunk.fileRows?.[row] ?? chunk.fileRow + row };
  }

  /** Applies received rows. `firstRowMarks` go to the first row of the first message. */
  async apply(segment: Segment, firstRowMarks = 0): Promise<void> {
    const columns = this.#parts.slots.columns(segment.slot);
    let marks = firstRowMarks;
    let row = segment.rowStart;
    while (row < segment.rowEnd) {
      if (!this.#messageOpen) await this.#witnessesBefore(segment.slot, columns, row);
      if (!this.trust.seeded) this.trust.begin(this.#pointOf(columns, row));
      this.#takeRejects(segment.slot, row);
      const rowEnd = await this.#nextStop(columns, segment, row);
      await this.#applyRows({ slot: segment.slot, rowStart: row, rowEnd }, columns, marks);
      marks = 0;
      row = rowEnd;
    }
  }

  /** The input has ended: witnesses that came later still show what was lost behind it. */
  async useWitnessesLeft(): Promise<void> {
    const { witnesses } = this.#parts;
    for (let row = await witnesses.peek(); row !== null; row = await witnesses.peek()) {
      await this.#useWitness(row, NO_SLOT, 0);
      witnesses.advance();
    }
  }

  /** Ids or a snapshot in the stream say something about the whole book. */
  syncState(): void {
    const { writer } = this.#parts;
    if (!this.trust.seeded) writer.head.state = BOOK_UNSEEDED;
    else writer.head.state = this.trust.live ? BOOK_LIVE : BOOK_SUSPECT;
  }

  /** A full snapshot in the stream, whose rows follow, proves the prices between these bounds. */
  snapshotBegins(known: { bid: bigint; ask: bigint }, point: StreamPoint): void {
    this.#parts.writer.setKnown(known.bid, known.ask);
    this.trust.prove(point);
    this.#suspicionOpen = null;
    this.syncState();
  }

  /** The rows that were refused behind the last applied row of a slot that is now through. */
  slotEnds(slot: number): void {
    this.#takeRejects(slot, Number.MAX_SAFE_INTEGER);
    this.#rejectsDone.delete(slot);
  }

  /** Rejects in front of `row` put the book, or a level of it, in doubt. */
  #takeRejects(slot: number, row: number): void {
    const rejects = this.#parts.chunkOf(slot)?.rejects;
    if (rejects === undefined || rejects.length === 0) return;
    let index = this.#rejectsDone.get(slot) ?? 0;
    for (; index < rejects.length && this.#standsAt(slot, rejects[index]!) <= row; index++) {
      const { isBid, pricePips, at } = rejects[index]!;
      if (isBid === null || pricePips === null) {
        this.trust.doubt('rejected_row', this.here);
      } else {
        this.trust.doubtLevel({ isBid, pricePips, slot, row: at }, this.here);
      }
      this.syncState();
    }
    this.#rejectsDone.set(slot, index);
  }

  /**
   * The row at which a reject must be known. One that followed the last row of its message counts
   * for that message: it must be known before that row ends it.
   */
  #standsAt(slot: number, { at, tsRecv, sequence }: RowReject): number {
    if (at === 0) return 0;
    const { slots, spec } = this.#parts;
    const columns = slots.columns(slot);
    const sameStamp = slots.i64(columns.tsRecvPtr, at - 1) === tsRecv;
    const sameId = !spec.ids.sequence || slots.i64(columns.sequencePtr, at - 1) === sequence;
    return sameStamp && sameId ? at - 1 : at;
  }

  /** Row before which something has to be done; behind `row`. */
  async #nextStop(columns: DepthColumns, segment: Segment, row: number): Promise<number> {
    const { slots, witnesses, spec } = this.#parts;
    let stop = segment.rowEnd;
    const reject = this.#parts.chunkOf(segment.slot)?.rejects[
      this.#rejectsDone.get(segment.slot) ?? 0
    ];
    if (reject !== undefined) stop = Math.min(stop, this.#standsAt(segment.slot, reject));
    const witness = await witnesses.peek();
    if (witness !== null) {
      const due = spec.ids.sequence
        ? slots.firstAbove(columns.sequencePtr, row, stop, witness.sequence)
        : slots.firstAboveUnsorted(columns.tsRecvPtr, row, stop, witness.tsRecv);
      if (due > row) stop = due;
    }
    for (const level of [...this.trust.levels]) {
      const from = level.slot === segment.slot ? Math.max(row, level.row) : row;
      const set = slots.findLevel(columns, from, stop, level);
      if (set > row) stop = set;
      else if (set === row) {
        this.trust.levelSet(level);
        this.syncState();
        // Whether that heals the book shows at the end of this message.
        const last = slots.nextFlag(columns, row, stop, FLAG_LAST);
        if (last !== -1) stop = last + 1;
      }
    }
    const partEnd = row + PART_ROWS - this.#partRows - 1;
    if (partEnd < stop) {
      const last = slots.nextFlag(columns, Math.max(partEnd, row), stop, FLAG_LAST);
      if (last !== -1) stop = last + 1;
    }
    return stop;
  }

  async #applyRows(segment: Segment, columns: DepthColumns, firstRowMarks: number): Promise<void> {
    const { writer, output, slots } = this.#parts;
    const { slot, rowStart, rowEnd } = segment;
    const open = this.#openAt;
    const continues = open !== null && open.slot === slot && open.rowEnd === rowStart;
    const messageStart = continues ? open.messageStart : rowStart;
    const crossedBefore = writer.head.crossedMessages;
    const firstMarks = await writer.apply(columns, {
      rowStart,
      rowEnd,
      messageStart,
      firstRowMarks,
    });
    const completeEnd = slots.behindLastMessage(columns, rowStart, rowEnd);
    output.append(segment, completeEnd, firstMarks);
    this.#partRows += rowEnd - rowStart;
    this.#messageOpen = completeEnd < rowEnd;
    if (!this.#messageOpen) this.#openAt = null;
    else {
      const start = completeEnd > rowStart ? completeEnd : messageStart;
      this.#openAt = { slot, messageStart: start, rowEnd };
      if (output.tailTooLong) output.flushTail(writer.stateMarks);
    }
    if (completeEnd === rowStart) return;
    // Also a book that is suspect already: what heals its other doubts does not heal this one.
    const crossed = writer.suspectOnCross && writer.head.crossedMessages > crossedBefore;
    if (crossed && this.trust.seeded && !this.trust.has('crossed')) this.#crossed(columns, segment);
    else this.trust.messageEnded(this.here);
    if (!this.#messageOpen && this.#partRows >= PART_ROWS) {
      this.partDigests.push(writer.digest());
      this.#partRows = 0;
    }
  }

  /** A crossed message end made the book suspect: on a feed without proof, a loss is suspected. */
  #crossed(columns: DepthColumns, segment: Segment): void {
    const { writer, slots, spec } = this.#parts;
    const first = writer.takeFirstCross();
    const point =
      first === null
        ? this.here
        : { tsRecv: first.tsRecv, sequence: spec.ids.sequence ? first.sequence : null };
    this.trust.doubt('crossed', point);
    const { sequence } = point;
    const row =
      sequence === null
        ? segment.rowStart
        : slots.firstAbove(columns.sequencePtr, segment.rowStart, segment.rowEnd, sequence - 1n);
    const at = Math.min(row, segment.rowEnd - 1);
    this.#suspect(segment.slot, at, point, 'the book is crossed (best bid above best ask)');
  }

  /** Notes that messages may be missing between the last proof and `point`. */
  #suspect(slot: number, row: number, point: StreamPoint, reason: string): void {
    if (this.#suspicionOpen !== null) {
      this.#suspicionOpen.reason += `; ${reason}`;
      return;
    }
    const before = this.trust.lastProof;
    this.#suspicionOpen = {
      kind: 'gap',
      proven: false,
      sequence_before: before?.sequence ?? null,
      sequence_after: point.sequence,
      missing: null,
      ts_recv_before: before?.tsRecv ?? null,
      ts_recv_after: point.tsRecv,
      ...this.origin(slot, row),
      reason,
    };
    this.gaps.push(this.#suspicionOpen);
  }

  /** Uses the witnesses that stand behind the last message and before the one at `row`. */
  async #witnessesBefore(slot: number, columns: DepthColumns, row: number): Promise<void> {
    const { witnesses, slots, spec } = this.#parts;
    const bySequence = spec.ids.sequence;
    const key = slots.i64(bySequence ? columns.sequencePtr : columns.tsRecvPtr, row);
    for (;;) {
      const witness = await witnesses.peek();
      if (witness === null) return;
      if ((bySequence ? witness.sequence : witness.tsRecv) >= key) return;
      await this.#useWitness(witness, slot, row);
      witnesses.advance();
    }
  }

  async #useWitness(witness: WitnessRow, slot: number, row: number): Promise<void> {
    const { writer, spec } = this.#parts;
    const finding = this.#finding(witness.kind);
    if (witness.bidCount === WITNESS_INVALID) {
      finding.invalid++;
      return;
    }
    const point = {
      tsRecv: witness.tsRecv,
      sequence: spec.ids.sequence ? witness.sequence : null,
    };
    const { crossState, crossSince } = writer.head;
    const crossedLong = crossState === 1 && witness.tsRecv - crossSince >= spec.crossedAfterNs;
    const lost = this.trust.has('loss') || this.trust.has('reset');
    if (!this.trust.seeded || lost || crossedLong) {
      await this.#seed(witness, point);
      return;
    }
    const limits = limitsOf(witness, this.#parts.views);
    const diff = writer.diff(witness, limits);
    if (diff === null) {
      await this.#seed(witness, point);
      return;
    }
    finding.compared++;
    const agreed = diff.insideKnown === 0;
    if (agreed) finding.agreed++;
    else {
      const since = this.trust.lastProof?.tsRecv ?? witness.tsRecv;
      const stretch = witness.tsRecv - since;
      if (stretch > finding.worst_ns) finding.worst_ns = stretch;
      // Where the ids prove that nothing was lost, it is the witness that is wrong.
      if (spec.policy === 'chain' || spec.policy === 'contiguous') return;
      this.#suspect(slot, row, point, `a ${witness.kind} row disagrees with the book`);
    }
    const widened = agreed && this.trust.live;
    if (widened) writer.widenKnown(limits.bid, limits.ask);
    else writer.setKnown(limits.bid, limits.ask);
    if (agreed) this.trust.prove(point);
    else this.trust.mended(point);
    this.#suspicionOpen = null;
    this.syncState();
    const flags = FLAG_SYNTHETIC | (agreed ? 0 : FLAG_WITNESS_OFF);
    if (diff.levels.length > 0) await this.#write(witness, flags, false, diff.levels);
  }

  /** Replaces the whole book by a witness row. */
  async #seed(witness: WitnessRow, point: StreamPoint): Promise<void> {
    const { writer, views } = this.#parts;
    if (this.trust.seeded) this.#reseeds++;
    const limits = limitsOf(witness, this.#parts.views);
    writer.setKnown(limits.bid, limits.ask);
    this.trust.prove(point);
    this.#suspicionOpen = null;
    this.syncState();
    const levels: SyntheticLevel[] = [];
    for (const isBid of [true, false]) {
      const count = isBid ? witness.bidCount : witness.askCount;
      let ptr = isBid ? witness.bidPtr : witness.askPtr;
      for (let level = 0; level < count; level++, ptr += witness.levelStride) {
        const pricePips = views.i64[ptr / 8]!;
        levels.push({ isBid, pricePips, qtyPips: views.i64[(ptr + witness.qtyOffset) / 8]! });
      }
    }
    await this.#write(witness, FLAG_SYNTHETIC | FLAG_SNAPSHOT, true, levels);
  }

  async #write(
    witness: WitnessRow,
    flags: number,
    clear: boolean,
    levels: readonly SyntheticLevel[],
  ): Promise<void> {
    const { synthetic, slots } = this.#parts;
    const { tsRecv, tsEvent, sequence } = witness;
    const message = { tsRecv, tsEvent, sequence, flags, clear, levels };
    for (const segment of await synthetic.write(message)) {
      this.#syntheticRows += segment.rowEnd - segment.rowStart;
      await this.#applyRows(segment, slots.columns(segment.slot), 0);
    }
  }

  #finding(kind: WitnessRow['kind']): WitnessFinding {
    let finding = this.#witnessFindings.get(kind);
    if (finding === undefined) {
      finding = { kind, compared: 0, agreed: 0, invalid: 0, worst_ns: 0n };
      this.#witnessFindings.set(kind, finding);
    }
    return finding;
  }
}

/** The prices that a witness row proves: to its worst level, or all where a side is shorter. */
function limitsOf(
  witness: WitnessRow,
  views: MemoryViews,
): { readonly bid: bigint; readonly ask: bigint } {
  const { bidCount, askCount, levelCount, bidPtr, askPtr, levelStride } = witness;
  const priceAt = (ptr: number, level: number): bigint =>
    views.i64[(ptr + level * levelStride) / 8]!;
  return {
    bid: bidCount < levelCount ? KNOWN_ALL_BIDS : priceAt(bidPtr, bidCount - 1),
    ask: askCount < levelCount ? KNOWN_ALL_ASKS : priceAt(askPtr, askCount - 1),
  };
}
