import { BOOK_UNSEEDED } from '../abi/book.js';
import { bookLevelsInto } from '../core/book.js';
import type { Arena } from '../memory/arena.js';
import type { BookWriter } from './book-writer.js';
import { type Keyframe, KeyframeRows, type KeyframeRowsOptions } from './keyframe-rows.js';
import type { BookOutput } from './protocol.js';

/** Rows of `depth` between keyframes, where their bytes allow it. */
const KEYFRAME_ROWS = 32_768;
/** Snapshots that follow each other sooner do not each get one. */
const KEYFRAME_ROWS_MIN = 4_096;

/*
 * Keyframes may take 5 % of the bytes of `depth`. What the encoder makes of either is known much
 * later, on other threads, so both are counted by estimates on the safe side (decision 0018): the
 * same rows then give the same keyframes, wherever they are computed.
 */
const DEPTH_SHARE = 0.05;
const DEPTH_ROW_BYTES = 6;
const LEVEL_BYTES = 9;
const KEYFRAME_BYTES = 64;

/** Where in `depth` a message ends. */
export interface MessagePlace {
  readonly part: number;
  /** The message's last row, in that part. */
  readonly row: number;
  /** Rows of the day up to and with it. */
  readonly rowCount: number;
  readonly endsPart: boolean;
}

export interface KeyframeWriterOptions extends KeyframeRowsOptions {
  readonly arena: Arena;
  readonly writer: BookWriter;
}

/**
 * Takes whole books at message ends, from which a reader goes on without the rows before: at the
 * end of each part, and behind snapshots and every 32,768 rows as far as 5 % of depth's bytes go.
 * A book without levels gets none: it has no row to stand in.
 */
export class KeyframeWriter {
  /** For each part that has ended: the keyframe at its end. */
  readonly partKeyframes: (number | null)[] = [];
  readonly #options: KeyframeWriterOptions;
  readonly #rows: KeyframeRows;
  /** Taken, and not yet in a slot. */
  readonly #pending: Keyframe[] = [];
  #digests: string[] = [];
  #count = 0;
  /** Rows of the day at which the next one is due, and those at the last one. */
  #dueRows = KEYFRAME_ROWS;
  #lastRows = -KEYFRAME_ROWS_MIN;
  #bytesSpent = 0;
  #scratch = { ptr: 0, byteLength: 0 };

  constructor(options: KeyframeWriterOptions) {
    this.#options = options;
    this.#rows = new KeyframeRows(options);
  }

  /** After how many rows more the next message end is one to be shown to messageEnded. */
  rowsToNext(rowCount: number): number {
    return Math.max(1, this.#dueRows - rowCount);
  }

  /** A snapshot follows, or is being applied: the end of its message is worth a keyframe. */
  snapshot(): void {
    this.#dueRows = Math.min(this.#dueRows, this.#lastRows + KEYFRAME_ROWS_MIN);
  }

  /** A message is complete: takes the book if one is due. */
  messageEnded(place: MessagePlace): void {
    const { rowCount, endsPart } = place;
    if (rowCount < this.#dueRows && !endsPart) return;
    const isTaken = this.#takeIfAllowed(place);
    if (endsPart) this.partKeyframes.push(isTaken ? this.#count - 1 : null);
  }

  /** Writes what was taken into slots. */
  async write(): Promise<void> {
    for (const keyframe of this.#pending.splice(0)) await this.#rows.write(keyframe);
  }

  /** What `write` has made ready since the last call. */
  take(atEnd: boolean): BookOutput['keyframes'] & { readonly done: readonly number[] } {
    const digests = this.#digests;
    this.#digests = [];
    return { ...this.#rows.take(atEnd), digests };
  }

  /** Gives the block back to the arena. */
  free(): void {
    const { ptr, byteLength } = this.#scratch;
    if (byteLength > 0) this.#options.arena.free(ptr, byteLength);
  }

  #takeIfAllowed(place: MessagePlace): boolean {
    const { rowCount, endsPart } = place;
    const { head } = this.#options.writer;
    const levelCount = head.bidCount + head.askCount;
    if (head.state === BOOK_UNSEEDED || levelCount === 0) {
      this.#dueRows = rowCount + KEYFRAME_ROWS;
      return false;
    }
    const bytes = this.#bytesSpent + KEYFRAME_BYTES + levelCount * LEVEL_BYTES;
    const allowedRows = Math.ceil(bytes / (DEPTH_ROW_BYTES * DEPTH_SHARE));
    if (rowCount < allowedRows && !endsPart) {
      this.#dueRows = allowedRows;
      return false;
    }
    this.#bytesSpent = bytes;
    this.#lastRows = rowCount;
    this.#dueRows = rowCount + KEYFRAME_ROWS;
    this.#take(place);
    return true;
  }

  #take({ part, row }: MessagePlace): void {
    const { core, writer } = this.#options;
    const { head } = writer;
    const { bidCount, askCount } = head;
    const levelCount = bidCount + askCount;
    const pricePtr = this.#scratchFor(levelCount * 16);
    const qtyPtr = pricePtr + levelCount * 8;
    const asks = bidCount * 8;
    bookLevelsInto(core, head.ptr, true, { pricePtr, qtyPtr, max: bidCount });
    bookLevelsInto(core, head.ptr, false, {
      pricePtr: pricePtr + asks,
      qtyPtr: qtyPtr + asks,
      max: askCount,
    });
    this.#pending.push({
      number: this.#count++,
      tsRecv: head.lastTsRecv,
      tsEvent: head.lastTsEvent,
      sequence: head.lastSequence,
      state: head.state,
      knownBidPips: head.knownBidPips,
      knownAskPips: head.knownAskPips,
      part,
      row,
      bidCount,
      prices: core.views.i64At(pricePtr, levelCount).slice(),
      qtys: core.views.i64At(qtyPtr, levelCount).slice(),
    });
    this.#digests.push(writer.digest());
  }

  #scratchFor(byteLength: number): number {
    if (byteLength > this.#scratch.byteLength) {
      const { arena } = this.#options;
      this.free();
      this.#scratch = { ptr: arena.allocate(byteLength), byteLength };
    }
    return this.#scratch.ptr;
  }
}
