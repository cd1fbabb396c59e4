import { SIDE_ASK, SIDE_BID } from '../abi/book.js';
import { DIGEST_STATE_BYTES } from '../abi/digest.js';
import * as G from '../abi/generate.js';
import type { Core } from '../core/core.js';
import { DigestStream } from '../core/digest.js';
import { countOf } from '../core/kernel-error.js';
import { invariant } from '../errors/errors.js';
import type { TapeInstrument } from './instrument.js';

const INT64_MAX = 2n ** 63n - 1n;
/** Messages that the host can hold back at once: the one at hand and one more. */
const MESSAGE_COUNT = 2;
/** Ends no message that the kernels could think unfinished. */
const ALL_EMITTED = 2 ** 31 - 1;
const SECOND_NS = 1_000_000_000n;

/** What one message says of itself. */
export interface TapeMessage {
  readonly tsRecvNs: bigint;
  readonly first: bigint;
  readonly last: bigint;
  readonly rows: number;
}

export interface TapeDayStart {
  readonly startNs: bigint;
  /** Rows of the day, exactly. */
  readonly rows: number;
  readonly intervalUnitNs: bigint;
  /** Whether rows of Lake's `book` table are wanted. */
  readonly withBook: boolean;
}

/**
 * The market of one instrument, message by message: typed hands on the kernels in
 * assembly/generate/. It owns BYTES of the linear memory from `ptr` on, 64-byte aligned. Messages
 * are held in places 0 and 1; generateRun uses place 0. Works without a host.
 */
export class TapeStream {
  static readonly BYTES =
    G.GEN_STATE_BYTES +
    64 * Math.ceil((G.GEN_MESSAGE_BYTES * MESSAGE_COUNT) / 64) +
    DIGEST_STATE_BYTES +
    64 +
    // The sides, and room to list the levels of one of them: pages that are not touched cost nothing.
    G.GEN_TICKS * (4 + 4 + 16);

  readonly statePtr: number;
  readonly #core: Core;
  readonly #messagesPtr: number;
  readonly #digestPtr: number;
  readonly #levelsPtr: number;

  constructor(core: Core, ptr: number) {
    const sidesPtr = ptr + TapeStream.BYTES - G.GEN_TICKS * (4 + 4 + 16);
    this.#core = core;
    this.statePtr = ptr;
    this.#messagesPtr = ptr + G.GEN_STATE_BYTES;
    this.#digestPtr = sidesPtr - 64 - DIGEST_STATE_BYTES;
    this.#levelsPtr = sidesPtr + G.GEN_TICKS * 8;
    this.#setI32(G.GEN_BIDS_PTR, sidesPtr);
    this.#setI32(G.GEN_ASKS_PTR, sidesPtr + G.GEN_TICKS * 4);
  }

  /** Starts the tape of an instrument with its first book. The columns' addresses stay. */
  begin(instrument: TapeInstrument, options: { asDoubles: boolean }): void {
    this.#setI64(G.GEN_RANDOM, BigInt.asIntN(64, instrument.seed));
    this.#setI64(G.GEN_TICK_PIPS, instrument.tickPips);
    this.#setI64(G.GEN_LOT_PIPS, instrument.lotPips);
    this.#setI64(G.GEN_NEXT_ID, instrument.firstId);
    this.#setI64(G.GEN_NEXT_TRADE_ID, instrument.firstTradeId);
    for (const field of [G.GEN_LAST_RECV_NS, G.GEN_LAST_TRADE_RECV_NS, G.GEN_MESSAGES]) {
      this.#setI64(field, 0n);
    }
    this.#setI32(G.GEN_BID, instrument.bidTick);
    this.#setI32(G.GEN_BURST_LEFT, 0);
    this.#setI32(G.GEN_AS_DOUBLES, options.asDoubles ? 1 : 0);
    this.forgetMessages();
    countOf('generateSeed', this.#core.kernels.generateSeed(this.statePtr));
  }

  /** Starts a day; the book and the ids go on. The clock never goes back. */
  beginDay(day: TapeDayStart): void {
    this.#setI64(G.GEN_CLOCK_NS, day.startNs);
    if (this.#i64(G.GEN_LAST_RECV_NS) < day.startNs) this.#setI64(G.GEN_LAST_RECV_NS, day.startNs);
    this.#setI64(G.GEN_INTERVAL_UNIT_NS, day.intervalUnitNs);
    this.#setI64(G.GEN_LIMIT_ROWS, BigInt(day.rows));
    this.#setI64(G.GEN_NEXT_BOOK_NS, day.withBook ? day.startNs + SECOND_NS : INT64_MAX);
    // Without that table the kernels must not wait for room in it.
    if (!day.withBook) this.#setI32(G.GEN_BOOK_ROW_END, 1);
  }

  /** Rows that the day still has to come. */
  get rowsLeft(): number {
    return Number(this.#i64(G.GEN_LIMIT_ROWS));
  }

  /** Last id so far. */
  get lastId(): bigint {
    return this.#i64(G.GEN_NEXT_ID) - 1n;
  }

  /** Messages made so far, lost ones too. */
  get messageCount(): number {
    return Number(this.#i64(G.GEN_MESSAGES));
  }

  /**
   * Makes and writes messages until something stops it. `rowsUntilPause` counts rows of the market.
   * @returns GEN_STOP_...
   */
  run(rowsUntilPause: number): number {
    this.#setI64(G.GEN_PAUSE_ROWS, BigInt(rowsUntilPause));
    return countOf(
      'generateRun',
      this.#core.kernels.generateRun(this.statePtr, this.#messagePtr(0)),
    );
  }

  /** Makes the next message in `place`; null: trades or book columns have no room for it. */
  make(place: number): TapeMessage | null {
    const { kernels } = this.#core;
    const rows = kernels.generateMessage(this.statePtr, this.#messagePtr(place));
    invariant(rows !== 0, 'a message beyond the end of its day');
    return rows < 0 ? null : this.message(place);
  }

  message(place: number): TapeMessage {
    const at = this.#messagePtr(place);
    const { i64, i32 } = this.#core.views;
    return {
      tsRecvNs: i64[(at + G.GEN_MESSAGE_TS_RECV) / 8]!,
      first: i64[(at + G.GEN_MESSAGE_FIRST) / 8]!,
      last: i64[(at + G.GEN_MESSAGE_LAST) / 8]!,
      rows: i32[(at + G.GEN_MESSAGE_ROWS) / 4]!,
    };
  }

  setReceived(place: number, tsRecvNs: bigint): void {
    this.#core.views.i64[(this.#messagePtr(place) + G.GEN_MESSAGE_TS_RECV) / 8] = tsRecvNs;
  }

  /** Begins to write the message in `place`, whether it was written before or not. */
  beginEmit(): void {
    this.#setI32(G.GEN_EMITTED, 0);
  }

  /** Writes rows of that message to the depth slot; returns the rows still to come. */
  emit(place: number): number {
    const { kernels } = this.#core;
    return countOf('generateEmit', kernels.generateEmit(this.statePtr, this.#messagePtr(place)));
  }

  /** After messages were written one by one: generateRun begins with a new one. */
  forgetMessages(): void {
    this.#setI32(G.GEN_EMITTED, ALL_EMITTED);
  }

  /** Begins a snapshot of the book as it stands; it bears the last message's id. */
  beginSnapshot(): void {
    const at = this.#messagePtr(0);
    const { i64 } = this.#core.views;
    const recvNs = this.#i64(G.GEN_LAST_RECV_NS);
    i64[(at + G.GEN_MESSAGE_TS_RECV) / 8] = recvNs;
    i64[(at + G.GEN_MESSAGE_TS_EVENT) / 8] = recvNs - (recvNs % 1_000_000n);
    i64[(at + G.GEN_MESSAGE_FIRST) / 8] = this.lastId;
    i64[(at + G.GEN_MESSAGE_LAST) / 8] = this.lastId;
    this.#setI32(G.GEN_SNAPSHOT_LEFT, -1);
  }

  /** Writes rows of the snapshot to the depth slot; returns the rows still to come, -1: all. */
  emitSnapshot(): number {
    return this.#core.kernels.generateSnapshot(this.statePtr, this.#messagePtr(0));
  }

  /** Digest of the book as it stands: MODEL section 4. */
  digest(): string {
    const { kernels, views } = this.#core;
    const stream = new DigestStream(this.#core, this.#digestPtr);
    views.i32[this.#levelsPtr / 4] = kernels.generateLevelCount(this.statePtr, SIDE_BID);
    views.i32[this.#levelsPtr / 4 + 1] = kernels.generateLevelCount(this.statePtr, SIDE_ASK);
    stream.update(this.#levelsPtr, 8);
    for (const side of [SIDE_BID, SIDE_ASK]) {
      const levels = kernels.generateLevels(this.statePtr, side, this.#levelsPtr);
      stream.update(this.#levelsPtr, countOf('generateLevels', levels) * 16);
    }
    return stream.hex();
  }

  #messagePtr(place: number): number {
    return this.#messagesPtr + place * G.GEN_MESSAGE_BYTES;
  }

  #i64(field: number): bigint {
    return this.#core.views.i64[(this.statePtr + field) / 8]!;
  }

  #setI64(field: number, value: bigint): void {
    this.#core.views.i64[(this.statePtr + field) / 8] = value;
  }

  #setI32(field: number, value: number): void {
    this.#core.views.i32[(this.statePtr + field) / 4] = value;
  }
}
