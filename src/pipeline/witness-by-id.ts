import { FLAG_LAST } from '../abi/flags.js';
import { WITNESS_INVALID } from '../dialects/tables.js';
import type { Arena } from '../memory/arena.js';
import type { ComparedJudge, ComparedJudgeParts } from './compared-judge.js';
import type { ComparedWitness } from './compared-witnesses.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { RowPlace } from './gap-findings.js';
import type { WitnessStream } from './witness-stream.js';
import { WitnessWindow } from './witness-window.js';

const I64_MIN = -(2n ** 63n);

export interface WitnessByIdParts extends ComparedJudgeParts {
  readonly slots: DepthSlots;
  readonly arena: Arena;
  readonly stream: WitnessStream;
  readonly judge: ComparedJudge;
}

/**
 * Rows whose ids are those of single changes, as Binance's bookTicker: a message holds many of them,
 * [first id, last id], and the book behind it is what the last row up to its last id says. Rows
 * before that one show states that no message end has; they are passed.
 */
export class WitnessById implements ComparedWitness {
  readonly judge: ComparedJudge;
  readonly #parts: WitnessByIdParts;
  /** Holds the row that is to be compared: it outlives its slot. */
  readonly #kept: WitnessWindow;
  /** Last id of the last message for which rows were taken. */
  #upTo = I64_MIN;

  constructor(parts: WitnessByIdParts) {
    this.#parts = parts;
    this.judge = parts.judge;
    this.#kept = new WitnessWindow(parts.views, parts.arena, 1, 1);
  }

  before(columns: DepthColumns, row: number, place: RowPlace): Promise<void> | null {
    const tsRecv = this.#parts.slots.i64(columns.tsRecvPtr, row);
    if (this.#takeNow()) return this.#compare(tsRecv, place);
    return this.#take().then(() => this.#compare(tsRecv, place) ?? undefined);
  }

  /** Behind the message that the next row lies in. */
  nextStop(columns: DepthColumns, row: number, stop: number): number {
    const { slots, stream } = this.#parts;
    const next = stream.peekNow();
    if (next === null) return stop;
    const first =
      next === undefined
        ? row
        : slots.firstAbove(columns.sequencePtr, row, stop, next.sequence - 1n);
    const last = slots.nextFlag(columns, first, stop, FLAG_LAST);
    return last === -1 ? stop : last + 1;
  }

  async finish(): Promise<void> {
    await this.#take();
    this.#compare(null, null);
    if (this.#keptRow() !== null) this.judge.finding.passed++;
    if (this.#parts.writer.head.messages > 0n) await this.judge.judgeLeft(this.#parts.stream);
  }

  close(): void {
    this.#parts.stream.close();
  }

  free(): void {
    this.#kept.free();
  }

  async #take(): Promise<void> {
    while (!this.#takeNow()) await this.#parts.stream.peek();
  }

  /** Takes the rows up to the last message's id; false: some are not here yet. */
  #takeNow(): boolean {
    const { stream, writer } = this.#parts;
    const { lastSequence, lastTsRecv, messages } = writer.head;
    if (messages === 0n) return stream.peekNow() !== undefined;
    // The ids began anew: those of the old count are over.
    const fell = lastSequence < this.#upTo;
    for (;;) {
      const next = stream.peekNow();
      if (next === undefined) return false;
      if (next === null) return true;
      if (next.sequence > lastSequence && !(fell && next.tsRecv <= lastTsRecv)) return true;
      this.#keep(next.bidCount);
      stream.advance();
    }
  }

  #keep(bidCount: number): void {
    const { stream, writer, judge } = this.#parts;
    const row = stream.peekNow()!;
    if (bidCount < 0) {
      if (bidCount === WITNESS_INVALID) judge.finding.invalid++;
      else judge.finding.passed++;
      return;
    }
    const kept = this.#keptRow();
    const isLate = row.sequence <= this.#upTo || row.sequence > writer.head.lastSequence;
    if (isLate || (kept !== null && kept.sequence > row.sequence)) {
      judge.finding.passed++;
      return;
    }
    if (kept !== null) judge.finding.passed++;
    this.#kept.add(row, row.tsRecv);
  }

  #keptRow() {
    const { first, end } = this.#kept;
    return first === end ? null : this.#kept.row(first);
  }

  /** @param tsRecv of the message that comes next; null: none does */
  #compare(tsRecv: bigint | null, place: RowPlace): null {
    const { writer, trust, judge } = this.#parts;
    // Until there is a book the last row waits for it.
    if (!trust.seeded) return null;
    this.#upTo = writer.head.lastSequence;
    const row = this.#keptRow();
    if (row === null) return null;
    this.#kept.dropFirst();
    const found = judge.compare(row);
    if (found.agrees) {
      judge.agreed(row);
      if (tsRecv === null || row.tsRecv <= tsRecv) judge.proves(row, found);
    } else judge.disagreed(row, trust.lastProof, place, found.isDoubt);
    return null;
  }
}
