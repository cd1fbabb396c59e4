import { BOOK_LIVE, BOOK_SUSPECT, BOOK_UNSEEDED } from '../abi/book.js';
import { FLAG_LAST, FLAG_SNAPSHOT } from '../abi/flags.js';
import { type StreamPoint, Trust } from '../book/trust.js';
import { thinRowCount } from '../core/witness-rows.js';
import type { BookApplierParts, OpenMessage } from './book-applier-parts.js';
import type { ComparedWitnesses } from './compared-witnesses.js';
import { DepthParts } from './depth-parts.js';
import type { DepthColumns } from './depth-slots.js';
import { GapFindings } from './gap-findings.js';
import type { Segment } from './protocol.js';
import { RowDoubts } from './row-doubts.js';
import { StreamPlace } from './stream-place.js';
import type { MadeRow, SyntheticMessage } from './synthetic-rows.js';
import type { Uncrosser } from './uncrosser.js';
import { WitnessJudge } from './witness-judge.js';
import type { WitnessRow } from './witness-stream.js';

/**
 * Applies rows, already in their final order, to the book, and does what MODEL section 4 wants
 * between messages. Whatever changes the book is a row of `depth`, so that replaying it gives the
 * same book.
 */
export class BookApplier {
  readonly trust = new Trust();
  readonly findings: GapFindings;
  readonly judge: WitnessJudge;
  readonly compared: ComparedWitnesses | null;
  readonly doubts: RowDoubts;
  readonly place: StreamPlace;
  /** Counts the applied rows, synthetic ones too. */
  readonly depthParts: DepthParts;
  readonly #parts: BookApplierParts;
  #syntheticRows = 0;
  #messageOpen = false;
  #open: OpenMessage | null = null;

  constructor(parts: BookApplierParts) {
    this.#parts = parts;
    const { views, spec, slots, writer, keyframes, chunkOf, recent } = parts;
    this.place = new StreamPlace(writer, spec.ids.sequence);
    this.depthParts = new DepthParts(writer, keyframes);
    this.findings = new GapFindings(spec, chunkOf);
    this.doubts = new RowDoubts({
      slots,
      chunkOf,
      recent,
      idsProveLines: spec.idsProveLines,
      trust: this.trust,
      here: () => this.here,
      syncState: () => this.syncState(),
    });
    const { trust, findings } = this;
    const syncState = () => this.syncState();
    const judging = { views, spec, writer, trust, findings, syncState };
    const write = (message: SyntheticMessage) => this.#writeSynthetic(message);
    this.judge = new WitnessJudge({ ...judging, write, firstSnapshot: parts.firstSnapshot });
    this.compared = parts.openCompared({ ...judging, here: () => this.here, seeds: this.judge });
  }

  get syntheticRows(): number {
    return this.#syntheticRows;
  }

  /** The last complete message. */
  get here(): StreamPoint {
    return this.place.here;
  }

  /** Applies received rows. `firstRowMarks` go to the first row of the first message. */
  async apply(segment: Segment, firstRowMarks = 0): Promise<void> {
    const { slot } = segment;
    const { slots, witnesses, uncrosser } = this.#parts;
    const { compared } = this;
    const columns = slots.columns(slot);
    let marks = firstRowMarks;
    let row = segment.rowStart;
    while (row < segment.rowEnd) {
      if (compared !== null && !this.#messageOpen) {
        const done = compared.before(columns, row, { slot, row });
        if (done !== null) await done;
      }
      // Nothing is awaited where nothing has to be waited for: there is a witness each few hundred
      // rows, and a promise costs as much as applying thirty.
      let witness = witnesses.peekNow();
      if (witness === undefined) witness = await witnesses.peek();
      if (witness !== null && marks === 0 && this.trust.settled && this.#canFollow) {
        const followed = this.#follow({ ...segment, rowStart: row }, columns, witness);
        const reached = typeof followed === 'number' ? followed : await followed;
        if (reached > row) {
          row = reached;
          continue;
        }
        witness = witnesses.peekNow() ?? (await witnesses.peek());
      }
      if (witness !== null && !this.#messageOpen && this.#standsBefore(witness, columns, row)) {
        const used = this.#use(witness, slot, row);
        if (used !== null) await used;
        const gone = this.#parts.letGo();
        if (gone !== null) await gone;
        continue;
      }
      if (!this.trust.seeded) this.trust.begin(this.#pointOf(columns, row));
      this.doubts.castUpTo(slot, row);
      const rowEnd = this.#nextStop(columns, segment, row, witness);
      const applied = this.#applyRows({ slot, rowStart: row, rowEnd }, columns, marks);
      if (applied !== null) await applied;
      if (uncrosser !== null) await this.#uncross(uncrosser, { slot, rowStart: row, rowEnd });
      marks = 0;
      row = rowEnd;
    }
  }

  /** The input has ended: witnesses that came later still show what was lost behind it. */
  async useWitnessesLeft(): Promise<void> {
    const { witnesses } = this.#parts;
    for (let row = await witnesses.peek(); row !== null; row = await witnesses.peek()) {
      const used = this.judge.use(row, null);
      if (used !== null) await used;
      witnesses.advance();
      await this.#parts.letGo();
    }
    if (!this.#messageOpen) await this.compared?.finish();
  }

  /** Brings the book's state in line with what is known of it. */
  syncState(): void {
    const { head } = this.#parts.writer;
    if (!this.trust.seeded) head.state = BOOK_UNSEEDED;
    else head.state = this.trust.live ? BOOK_LIVE : BOOK_SUSPECT;
  }

  setKnown({ bid, ask }: { readonly bid: bigint; readonly ask: bigint }): void {
    this.#parts.writer.setKnown(bid, ask);
  }

  /** A full snapshot in the stream, whose rows follow, proves the prices between these bounds. */
  snapshotBegins(known: { bid: bigint; ask: bigint }, point: StreamPoint): void {
    this.setKnown(known);
    this.trust.prove(point);
    this.findings.settled();
    this.doubts.snapshotBegins(point);
    this.syncState();
    this.depthParts.snapshot();
  }

  /** Its own rows are applied, and none behind it. */
  snapshotWritten(point: StreamPoint): void {
    this.#parts.firstSnapshot.written(point);
  }

  /** All rows of the day are applied. */
  finish(): void {
    if (!this.#messageOpen) this.depthParts.finish();
  }

  #pointOf(columns: Pick<DepthColumns, 'tsRecvPtr' | 'sequencePtr'>, row: number): StreamPoint {
    const { slots, spec } = this.#parts;
    return {
      tsRecv: slots.i64(columns.tsRecvPtr, row),
      sequence: spec.ids.sequence ? slots.i64(columns.sequencePtr, row) : null,
    };
  }

  /** Nothing has to be looked at between the messages but the witnesses that stand there. */
  get #canFollow(): boolean {
    return this.#parts.uncrosser === null && this.compared === null;
  }

  /** Row before which something has to be done; behind `row`. */
  #nextStop(
    columns: DepthColumns,
    segment: Segment,
    row: number,
    witness: WitnessRow | null,
  ): number {
    const { slots, spec, uncrosser } = this.#parts;
    let stop = Math.min(segment.rowEnd, this.doubts.nextRow(segment.slot));
    if (uncrosser !== null) {
      const last = slots.nextFlag(columns, row, stop, FLAG_LAST);
      if (last !== -1) stop = last + 1;
    }
    if (witness !== null) {
      const due = spec.ids.sequence
        ? slots.firstAbove(columns.sequencePtr, row, stop, witness.sequence)
        : slots.firstAboveUnsorted(columns.tsRecvPtr, row, stop, witness.tsRecv);
      if (due > row) stop = due;
    }
    if (this.compared !== null) stop = this.compared.nextStop(columns, row, stop);
    stop = this.doubts.nextStop(columns, segment, row, stop);
    const messageFrom = Math.max(row + this.depthParts.rowsToEnd - 1, row);
    if (messageFrom < stop) {
      const last = slots.nextFlag(columns, messageFrom, stop, FLAG_LAST);
      if (last !== -1) stop = last + 1;
    }
    return stop;
  }

  /**
   * Applies rows across the witnesses between them, as far as nothing but plain agreement comes.
   * @returns the row reached; a promise when an output slot has to be waited for
   */
  #follow(segment: Segment, columns: DepthColumns, witness: WitnessRow): number | Promise<number> {
    const { views, writer, witnesses, witnessRows } = this.#parts;
    const { slot, rowStart } = segment;
    const messageFrom = rowStart + this.depthParts.rowsToEnd - 1;
    const rowEnd = Math.min(segment.rowEnd, this.doubts.nextRow(slot), messageFrom);
    if (rowEnd <= rowStart) return rowStart;
    const run = witnesses.run;
    witnessRows.set(run.columns, run.range);
    const crossedBefore = writer.head.crossedMessages;
    const messageStart = this.#messageStart(slot, rowStart);
    const range = { rowStart, rowEnd, messageStart, firstRowMarks: 0 };
    const followed = (firstMarks: number): number => {
      const reached = writer.rowReached;
      const used = witnessRows.row - run.range.row;
      if (used > 0) {
        const last = this.#pointOf(run.columns, witnessRows.row - 1);
        const thin = thinRowCount(views, run.columns, run.range.row, witnessRows.row);
        this.judge.agreed(witness.kind, { count: used, thin }, last);
        witnesses.advanceTo(witnessRows.row);
      }
      const applied = { slot, rowStart, rowEnd: reached };
      const at = { messageStart, crossedBefore, firstMarks };
      if (reached > rowStart) this.#applied(applied, columns, at);
      return reached;
    };
    const marks = writer.apply(columns, range, witnessRows);
    return typeof marks === 'number' ? followed(marks) : marks.then(followed);
  }

  /** First row, in this slot, of the message that a row is in. */
  #messageStart(slot: number, row: number): number {
    const open = this.#open;
    return open !== null && open.slot === slot && open.rowEnd === row ? open.messageStart : row;
  }

  /** @returns a promise when an output slot has to be waited for, else null: all is done */
  #applyRows(segment: Segment, columns: DepthColumns, firstRowMarks: number): Promise<void> | null {
    const { writer } = this.#parts;
    const { slot, rowStart, rowEnd } = segment;
    const messageStart = this.#messageStart(slot, rowStart);
    const crossedBefore = writer.head.crossedMessages;
    const range = { rowStart, rowEnd, messageStart, firstRowMarks };
    const applied = writer.apply(columns, range);
    if (typeof applied === 'number') {
      this.#applied(segment, columns, { messageStart, crossedBefore, firstMarks: applied });
      return null;
    }
    return applied.then((firstMarks) =>
      this.#applied(segment, columns, { messageStart, crossedBefore, firstMarks }),
    );
  }

  #applied(
    segment: Segment,
    columns: DepthColumns,
    at: { messageStart: number; crossedBefore: bigint; firstMarks: number },
  ): void {
    const { writer, output, slots } = this.#parts;
    const { slot, rowStart, rowEnd } = segment;
    const { messageStart, crossedBefore, firstMarks } = at;
    const openBefore = this.#open;
    const completeEnd = slots.behindLastMessage(columns, rowStart, rowEnd);
    output.append(segment, completeEnd, firstMarks);
    this.depthParts.add(rowEnd - rowStart);
    this.#messageOpen = completeEnd < rowEnd;
    if (!this.#messageOpen) this.#open = null;
    else if (openBefore !== null && completeEnd === rowStart) {
      this.#open = { ...openBefore, slot, messageStart, rowEnd };
    } else {
      const origin = this.findings.originOf({ slot, row: completeEnd });
      this.#open = { slot, messageStart: completeEnd, rowEnd, origin };
    }
    if (output.tailTooLong) output.flushTail(writer.stateMarks);
    if (completeEnd === rowStart) return;
    // Also a book that is suspect already: what heals its other doubts does not heal this one.
    const crossed = writer.suspectOnCross && writer.head.crossedMessages > crossedBefore;
    if (crossed && this.trust.seeded && !this.trust.has('crossed')) {
      this.#crossed(segment, openBefore);
    }
    this.trust.messageEnded(this.here);
    if (!this.#messageOpen) this.depthParts.messageEnded();
  }

  /** A crossed message end made the book suspect: on a feed without proof, a loss is suspected. */
  #crossed({ slot, rowStart }: Segment, openBefore: OpenMessage | null): void {
    const { writer, spec } = this.#parts;
    const { tsRecv, sequence, row } = writer.firstCross;
    const point = { tsRecv, sequence: spec.ids.sequence ? sequence : null };
    this.trust.doubt('crossed', point);
    const origin =
      openBefore !== null && row <= rowStart
        ? openBefore.origin
        : this.findings.originOf({ slot, row });
    const reason = 'the book is crossed (best bid above best ask)';
    this.findings.suspected(this.trust.lastProof, point, origin, reason);
  }

  /** Whether a witness stands behind the last message and before the one at `row`. */
  #standsBefore(witness: WitnessRow, columns: DepthColumns, row: number): boolean {
    const { slots, spec } = this.#parts;
    return spec.ids.sequence
      ? witness.sequence < slots.i64(columns.sequencePtr, row)
      : witness.tsRecv < slots.i64(columns.tsRecvPtr, row);
  }

  /** @returns a promise when something has to be waited for, else null: all is done */
  #use(witness: WitnessRow, slot: number, row: number): Promise<void> | null {
    const { witnesses } = this.#parts;
    // A message of which no row was left stood before the witness if its id says so.
    this.doubts.castUpTo(slot, row, witness);
    const used = this.judge.use(witness, { slot, row });
    if (used !== null) return used.then(() => witnesses.advance());
    witnesses.advance();
    return null;
  }

  /** Mends a book that the message of these rows, applied just now, has left crossed. */
  async #uncross(uncrosser: Uncrosser, rows: Segment): Promise<void> {
    uncrosser.note(rows);
    const message = this.#messageOpen ? null : uncrosser.messageEnded();
    if (message !== null) await this.#writeSynthetic(message);
  }

  /** Writes rows of our own, as they are, and applies them. */
  async applyMade(rows: readonly MadeRow[]): Promise<void> {
    await this.#applySynthetic(await this.#parts.synthetic.writeRows(rows));
  }

  async #writeSynthetic(message: SyntheticMessage): Promise<void> {
    const { synthetic } = this.#parts;
    if ((message.flags & FLAG_SNAPSHOT) !== 0) this.depthParts.snapshot();
    await this.#applySynthetic(await synthetic.write(message));
  }

  async #applySynthetic(segments: readonly Segment[]): Promise<void> {
    const { slots, uncrosser } = this.#parts;
    for (const segment of segments) {
      this.#syntheticRows += segment.rowEnd - segment.rowStart;
      const applied = this.#applyRows(segment, slots.columns(segment.slot), 0);
      if (applied !== null) await applied;
      if (uncrosser !== null) await this.#uncross(uncrosser, segment);
    }
  }
}
