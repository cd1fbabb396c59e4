import { FLAG_LAST } from '../abi/flags.js';
import type { StreamPoint } from '../book/trust.js';
import { bookLevelsInto } from '../core/book.js';
import type { Core } from '../core/core.js';
import { WITNESS_INVALID } from '../dialects/tables.js';
import type { Arena } from '../memory/arena.js';
import {
  type ComparedJudge,
  type ComparedJudgeParts,
  type Comparison,
  STILL_NS,
} from './compared-judge.js';
import type { ComparedWitness } from './compared-witnesses.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { RowPlace } from './gap-findings.js';
import type { WitnessJudge } from './witness-judge.js';
import type { WitnessRow, WitnessStream } from './witness-stream.js';
import { WitnessWindow } from './witness-window.js';

/** States of the book and of a witness without ids may be so far apart: MODEL section 4. */
export const WITNESS_TOLERANCE_NS = 100_000_000n;

const I64_MIN = -(2n ** 63n);
/** Best bid and ask, price and quantity each. */
const BEST_BYTES = 32;

export interface WitnessByTimeParts extends ComparedJudgeParts {
  readonly core: Core;
  readonly slots: DepthSlots;
  readonly arena: Arena;
  readonly stream: WitnessStream;
  readonly judge: ComparedJudge;
  /** Seeds from the rows of tables with more than one level. */
  readonly seeds: WitnessJudge;
  readonly levelCount: number;
  /** Both tables have exchange times. */
  readonly hasEventTimes: boolean;
}

/** A row that no state of the book has agreed with yet. */
interface Pending {
  readonly index: number;
  readonly row: WitnessRow;
  readonly lastProof: StreamPoint | null;
  /** It differs where the book is known. */
  readonly isDoubt: boolean;
  /** Of the message that it was first compared behind. */
  readonly stateTsRecv: bigint;
}

/** What the rows around a state say of it. */
interface Agreement {
  readonly agrees: boolean;
  readonly proof: { readonly row: WitnessRow; readonly found: Comparison } | null;
}

const NOTHING: Agreement = { agrees: false, proof: null };
const SAME: Comparison = { agrees: true, isWhole: true, isDoubt: false };

/**
 * Rows without ids: a state of the book and a row's state may be one if both held within 100 ms of
 * each other. A message is compared if rows came since the one before, with the last of them up to
 * its time: what the rows between said no message end shows (streams of changes are sent in batches).
 * It agrees if the book behind the message equals any row that held within 100 ms, or the row any
 * state of the book that did. On the recordings of Binance that is every message whose tickers are
 * all there, while the row alone is matched by 96 to 99 %.
 */
export class WitnessByTime implements ComparedWitness {
  readonly judge: ComparedJudge;
  readonly #parts: WitnessByTimeParts;
  readonly #window: WitnessWindow;
  readonly #bestPtr: number;
  /** null: not told yet. */
  #byEvent: boolean | null;
  /** Time of the last message, never going back. */
  #time = I64_MIN;
  #rowTime = I64_MIN;
  /** The first row that no message was compared with. */
  #untaken = 0;
  #pending: Pending[] = [];
  /** The last row of a long pause, and whether one before it disagreed. */
  #still: { readonly row: WitnessRow; readonly found: Comparison } | null = null;
  #isStillOff = false;

  constructor(parts: WitnessByTimeParts) {
    this.#parts = parts;
    this.judge = parts.judge;
    this.#window = new WitnessWindow(parts.views, parts.arena, parts.levelCount);
    this.#bestPtr = parts.arena.allocate(BEST_BYTES);
    this.#byEvent = parts.hasEventTimes ? null : false;
  }

  before(columns: DepthColumns, row: number, place: RowPlace): Promise<void> | null {
    const tsRecv = this.#parts.slots.i64(columns.tsRecvPtr, row);
    if (this.#byEvent === null) {
      const first = this.#parts.stream.peekNow();
      if (first === undefined) {
        return this.#parts.stream.peek().then(() => this.before(columns, row, place) ?? undefined);
      }
      // A vendor writes its own time where the exchange sends none (Tardis).
      this.#byEvent = first !== null && first.tsEvent !== first.tsRecv;
    }
    this.#moveOn();
    const until = this.#timeOf(columns, row);
    if (this.#pullNow(until)) return this.#between(until, tsRecv, place);
    return this.#pull(until).then(() => this.#between(until, tsRecv, place) ?? undefined);
  }

  nextStop(columns: DepthColumns, row: number, stop: number): number {
    const { slots, stream } = this.#parts;
    const next = stream.peekNow();
    let first = row;
    if (this.#pending.length === 0 && this.#untaken === this.#window.end) {
      if (next === null) return stop;
      if (next !== undefined) {
        const clockPtr = this.#byEvent ? columns.tsEventPtr : columns.tsRecvPtr;
        const from = this.#clockOf(next) - WITNESS_TOLERANCE_NS - 1n;
        const near = slots.firstAboveUnsorted(clockPtr, row, stop, from);
        first = near === stop ? stop : slots.behindLastMessage(columns, row, near);
        if (first > row) return first;
      }
    }
    const last = slots.nextFlag(columns, row, stop, FLAG_LAST);
    return last === -1 ? stop : last + 1;
  }

  async finish(): Promise<void> {
    this.#moveOn();
    await this.#pull(this.#time);
    this.#judgeState(this.#time, null, null);
    const { finding } = this.judge;
    finding.passed += this.#pending.length + this.#window.end - this.#untaken;
    this.#pending = [];
    if (this.#parts.writer.head.messages > 0n) await this.judge.judgeLeft(this.#parts.stream);
  }

  close(): void {
    this.#parts.stream.close();
  }

  free(): void {
    this.#window.free();
    this.#parts.arena.free(this.#bestPtr, BEST_BYTES);
  }

  /** The last message's time is that of the book's state. */
  #moveOn(): void {
    const { messages, lastTsEvent, lastTsRecv } = this.#parts.writer.head;
    if (messages === 0n) return;
    // Equal stamps: it has no exchange time of its own.
    if (this.#byEvent && lastTsEvent === lastTsRecv) return;
    const time = this.#byEvent ? lastTsEvent : lastTsRecv;
    if (time > this.#time) this.#time = time;
  }

  /** Up to when the present state held: the next message's time. */
  #timeOf(columns: DepthColumns, row: number): bigint {
    const { slots } = this.#parts;
    const tsRecv = slots.i64(columns.tsRecvPtr, row);
    const tsEvent = slots.i64(columns.tsEventPtr, row);
    const isTold = !this.#byEvent || tsEvent !== tsRecv;
    const time = this.#byEvent ? tsEvent : tsRecv;
    return isTold && time > this.#time ? time : this.#time;
  }

  #clockOf({ tsEvent, tsRecv }: WitnessRow): bigint {
    return this.#byEvent ? tsEvent : tsRecv;
  }

  async #pull(until: bigint): Promise<void> {
    while (!this.#pullNow(until)) await this.#parts.stream.peek();
  }

  /** Takes the rows that a state up to then may be; false: some are not here yet. */
  #pullNow(until: bigint): boolean {
    const { stream, spec } = this.#parts;
    const { finding } = this.judge;
    const limit = until + WITNESS_TOLERANCE_NS;
    for (;;) {
      const next = stream.peekNow();
      if (next === undefined) return false;
      if (next === null) return true;
      const { tsRecv, tsEvent, bidCount } = next;
      const apart = tsRecv > tsEvent ? tsRecv - tsEvent : tsEvent - tsRecv;
      if (bidCount === WITNESS_INVALID || apart > spec.latencyMaxNs) finding.invalid++;
      else if (bidCount < 0) finding.passed++;
      else {
        const time = this.#clockOf(next);
        if (time > limit) return true;
        if (time > this.#rowTime) this.#rowTime = time;
        this.#window.add(next, this.#rowTime);
        if (time > this.#time + STILL_NS && time < until - STILL_NS) this.#compareStill(next);
      }
      stream.advance();
    }
  }

  /**
   * A row of a long pause between two messages: there is one state only that it can be. The last of
   * them is left to the message that comes next.
   */
  #compareStill(row: WitnessRow): void {
    if (!this.#parts.trust.seeded || this.#time === I64_MIN) return;
    const { judge } = this;
    if (this.#still !== null) {
      const { row: before, found } = this.#still;
      // It is in the window too, and will be passed there.
      judge.finding.passed--;
      if (found.agrees) judge.agreed(before);
      else judge.differed(before, this.#parts.trust.lastProof);
      if (found.isDoubt && !found.agrees) this.#isStillOff = true;
    }
    this.#still = { row, found: judge.compare(row) };
  }

  /** @param tsRecv of the message that comes next */
  #between(until: bigint, tsRecv: bigint, place: RowPlace): Promise<void> | null {
    const seed = this.#seedBefore(tsRecv);
    const isOff = this.#isStillOff;
    this.#still = null;
    this.#isStillOff = false;
    if (seed !== null) return this.#parts.seeds.seed(seed);
    this.#judgeState(until, tsRecv, place);
    // What agreed with the state did so before the pause.
    if (isOff) this.judge.doubts(this.judge.finding, place);
    return null;
  }

  /** The row to seed from, if the book wants one: it was received behind the last message. */
  #seedBefore(tsRecv: bigint): WitnessRow | null {
    const { seeds, levelCount, writer } = this.#parts;
    if (levelCount === 1) return null;
    const { lastTsRecv, lastSequence } = writer.head;
    for (let index = this.#window.end - 1; index >= this.#window.first; index--) {
      const row = this.#window.row(index);
      if (row.tsRecv < lastTsRecv) return null;
      if (row.tsRecv >= tsRecv) continue;
      return seeds.wantsSeed(row) ? { ...row, sequence: lastSequence } : null;
    }
    return null;
  }

  /** The state of the book held from the last message's time until then. */
  #judgeState(until: bigint, tsRecv: bigint | null, place: RowPlace): void {
    const window = this.#window;
    const { trust, writer } = this.#parts;
    const isBook = trust.seeded && writer.head.messages > 0n;
    this.#dropPast();
    const { agrees, proof } = isBook ? this.#agreeing(tsRecv) : NOTHING;
    const taken = this.#takeRow();
    const isCompared = isBook && (taken !== null || this.#pending.length > 0);
    const { lastProof } = trust;
    if (isCompared && proof !== null) this.judge.proves(proof.row, proof.found);
    if (taken !== null) {
      const row = window.row(taken);
      if (!isBook) this.judge.finding.passed++;
      else if (agrees || window.isMatched(taken)) this.judge.agreed(row);
      else this.#pending.push(this.#wait(taken, lastProof));
    }
    this.#settle(until, place);
  }

  /** Lets rows go that held no more within the tolerance of the present state. */
  #dropPast(): void {
    const window = this.#window;
    const from = this.#time - WITNESS_TOLERANCE_NS;
    while (window.first + 1 < window.end && window.timeAt(window.first + 1) < from) {
      window.dropFirst();
    }
  }

  /**
   * Marks all rows that the book agrees with. The proof is by a row that was received before
   * `tsRecv`: nothing is known ahead.
   */
  #agreeing(tsRecv: bigint | null): Agreement {
    const { levelCount } = this.#parts;
    const window = this.#window;
    const isKnown = this.#readBest();
    let proof: Agreement['proof'] = null;
    let agrees = false;
    for (let index = window.first; index < window.end; index++) {
      // What differs beyond the known range says nothing.
      if (isKnown && !window.hasBest(index, this.#bestPtr)) continue;
      const row = window.row(index);
      const found = isKnown && levelCount === 1 ? SAME : this.judge.compare(row);
      if (!found.agrees) continue;
      window.setMatched(index);
      agrees = true;
      if (tsRecv === null || row.tsRecv <= tsRecv) proof = { row, found };
    }
    return { agrees, proof };
  }

  /** Puts the best levels where rows are compared with them; false: they are not known. */
  #readBest(): boolean {
    const { core, writer, views } = this.#parts;
    const { ptr, knownBidPips, knownAskPips } = writer.head;
    const at = this.#bestPtr;
    const bid = { pricePtr: at, qtyPtr: at + 8, max: 1 };
    const ask = { pricePtr: at + 16, qtyPtr: at + 24, max: 1 };
    if (bookLevelsInto(core, ptr, true, bid) === 0) return false;
    if (bookLevelsInto(core, ptr, false, ask) === 0) return false;
    return views.i64[at / 8]! >= knownBidPips && views.i64[at / 8 + 2]! <= knownAskPips;
  }

  /** The last row up to the state's time that no state was compared with. */
  #takeRow(): number | null {
    const window = this.#window;
    const { finding } = this.judge;
    if (this.#untaken < window.first) {
      finding.passed += window.first - this.#untaken;
      this.#untaken = window.first;
    }
    let index = window.end - 1;
    while (index >= this.#untaken && window.timeAt(index) > this.#time) index--;
    if (index < this.#untaken) return null;
    finding.passed += index - this.#untaken;
    this.#untaken = index + 1;
    return index;
  }

  #wait(index: number, lastProof: StreamPoint | null): Pending {
    const row = this.#window.row(index);
    const { isDoubt } = this.judge.compare(row);
    return { index, row, lastProof, isDoubt, stateTsRecv: this.#parts.here().tsRecv };
  }

  /** Decides of the rows that wait: a state was found, or none can come any more. */
  #settle(until: bigint, place: RowPlace): void {
    if (this.#pending.length === 0) return;
    const window = this.#window;
    this.#pending = this.#pending.filter(({ index, row, lastProof, isDoubt, stateTsRecv }) => {
      if (index < window.first) this.judge.finding.passed++;
      else if (window.isMatched(index)) this.judge.agreed(row);
      else if (window.timeAt(index) + WITNESS_TOLERANCE_NS < until) {
        // That state, or a later one, may have been proven right, by this table or another.
        const proof = this.#parts.trust.lastProof;
        const isProven = proof !== null && proof.tsRecv >= stateTsRecv;
        this.judge.disagreed(row, lastProof, place, isDoubt && !isProven);
      } else return true;
      return false;
    });
  }
}
