import { FLAG_BAD_TS, FLAG_SYNTHETIC } from '../abi/flags.js';
import type { MessageIds, RefusedMessages } from '../book/refused-messages.js';
import type { Core } from '../core/core.js';
import type { RowReject } from '../dialects/decode-target.js';
import type { IdColumns, SequencePolicy } from '../dialects/types.js';
import type { DepthSlots } from './depth-slots.js';
import type { Segment } from './protocol.js';
import type { MadeRow } from './synthetic-rows.js';

/**
 * Received rows that are kept for a snapshot that arrives after them: a minute of a busy market.
 * Rows and not slots, so that what is kept does not depend on where chunks were cut.
 */
export const RECENT_ROWS = 65_536;
/** Refused rows that are kept with them. */
const RECENT_REFUSED = 1_024;

/** The messages above a snapshot's id: positions [start, end) of their rows. */
export interface RowsAbove {
  readonly start: number;
  readonly end: number;
  /** They go on from the snapshot, and from one another, without a hole. */
  readonly joins: boolean;
  /** First id of the first message, where ids prove a hole in front of it; else null. */
  readonly holeBefore: bigint | null;
}

/** What of a row that is not among those that were added says which level is wrong. */
export type NotApplied = Pick<RowReject, 'sequence' | 'isBid' | 'pricePips'>;

/** A level that a refused row left wrong; null: any level may be. */
export type RefusedLevel = { readonly isBid: boolean; readonly pricePips: bigint } | null;

/**
 * Copies of the received rows in the order of their ids, as far back as RECENT_ROWS: those that were
 * applied, and those that a snapshot covers, since the next one may be older than that.
 * A snapshot with id L is joined by the messages above L, and some of them were received before it.
 */
export class RecentRows {
  readonly #core: Core;
  readonly #slots: DepthSlots;
  readonly #policy: SequencePolicy;
  readonly #gone: RefusedMessages;
  readonly #tsEvent = new BigInt64Array(RECENT_ROWS);
  readonly #sequence = new BigInt64Array(RECENT_ROWS);
  readonly #first: BigInt64Array | null;
  readonly #prev: BigInt64Array | null;
  readonly #price = new BigInt64Array(RECENT_ROWS);
  readonly #qty = new BigInt64Array(RECENT_ROWS);
  readonly #isBid = new Uint8Array(RECENT_ROWS);
  readonly #flags = new Int32Array(RECENT_ROWS);
  readonly #refused: NotApplied[] = [];
  /** Id of the newest refused row that is no longer kept. */
  #refusedBefore: bigint | null = null;
  /** Rows added so far; the row at position p lies at p modulo RECENT_ROWS. */
  #end = 0;
  /** Rows before this position belong to other ids. */
  #start = 0;
  /** Position of the last message that follows a loss. */
  #lastGap = -1;
  /** Ids of the messages that are in the book which the day went on from, and not kept: [from, to). */
  #carried: { readonly from: bigint; readonly to: bigint } | null = null;

  /** @param gone messages that were refused as a whole: no row of theirs is added */
  constructor(
    core: Core,
    slots: DepthSlots,
    { ids, policy }: { readonly ids: IdColumns; readonly policy: SequencePolicy },
    gone: RefusedMessages,
  ) {
    this.#core = core;
    this.#slots = slots;
    this.#policy = policy;
    this.#gone = gone;
    this.#first = ids.sequenceFirst ? new BigInt64Array(RECENT_ROWS) : null;
    this.#prev = ids.sequencePrev ? new BigInt64Array(RECENT_ROWS) : null;
  }

  /** @param gapBefore a loss stands before the first row */
  add({ slot, rowStart, rowEnd }: Segment, gapBefore: boolean): void {
    if (gapBefore) this.#lastGap = this.#end;
    for (let row = rowStart; row < rowEnd; ) {
      const at = this.#end % RECENT_ROWS;
      const count = Math.min(rowEnd - row, RECENT_ROWS - at);
      this.#copy(slot, row, count, at);
      this.#end += count;
      row += count;
    }
  }

  #copy(slot: number, row: number, count: number, at: number): void {
    const columns = this.#slots.columns(slot);
    const { u8, i32, i64 } = this.#core.views;
    const copy = (ptr: number, to: BigInt64Array | null): void => {
      const from = (ptr >>> 3) + row;
      to?.set(i64.subarray(from, from + count), at);
    };
    copy(columns.tsEventPtr, this.#tsEvent);
    copy(columns.sequencePtr, this.#sequence);
    copy(columns.sequenceFirstPtr, this.#first);
    copy(columns.sequencePrevPtr, this.#prev);
    copy(columns.pricePtr, this.#price);
    copy(columns.qtyPtr, this.#qty);
    const flags = (columns.flagsPtr >>> 2) + row;
    this.#flags.set(i32.subarray(flags, flags + count), at);
    for (let bit = row; bit < row + count; bit++) {
      this.#isBid[at + bit - row] = (u8[columns.isBidPtr + (bit >> 3)]! >> (bit & 7)) & 1;
    }
  }

  /** Rows that were refused, or came too late; they are missing among those that were added. */
  refuse(rejects: readonly NotApplied[]): void {
    this.#refused.push(...rejects.filter(({ sequence }) => sequence !== null));
    const surplus = this.#refused.length - RECENT_REFUSED;
    if (surplus > 0) this.#refusedBefore = this.#refused.splice(0, surplus).at(-1)!.sequence;
  }

  /** The newest message that is kept has this id, or a higher one. */
  reaches(id: bigint): boolean {
    return this.#end > this.#start && this.#sequence[(this.#end - 1) % RECENT_ROWS]! >= id;
  }

  /** Whether a message goes on from the newest one that is kept, as far as ids can tell. */
  isFollowedBy({ first, last, prev }: MessageIds): boolean {
    if (this.#end === this.#start) return true;
    if (this.reaches(last)) return false;
    const newest = this.#gone.passedFrom(this.#sequence[(this.#end - 1) % RECENT_ROWS]!);
    if (this.#policy === 'chain') return prev === newest;
    return this.#policy !== 'contiguous' || first <= newest + 1n;
  }

  /**
   * The messages up to id `to` were received on the day before: their rows are not here.
   * @param from id of that day's last snapshot; a lower one is of ids that fell to a new start
   */
  goOnFrom(to: bigint, from: bigint | null): void {
    this.#carried = { from: from ?? 0n, to };
  }

  /** The ids fell to a new start: what came before says nothing of what comes. */
  restart(): void {
    this.#start = this.#end;
    this.#carried = null;
    this.#lastGap = -1;
    this.#refused.length = 0;
    this.#refusedBefore = null;
  }

  /** A snapshot with this id is older than the book which the day went on from. */
  #isOfDayBefore(id: bigint): boolean {
    return this.#carried !== null && id >= this.#carried.from && id < this.#carried.to;
  }

  /** The messages above `id`, and whether they join a snapshot with this id. */
  above(id: bigint): RowsAbove {
    const oldest = Math.max(this.#start, this.#end - RECENT_ROWS);
    const end = this.#end;
    let start = end;
    while (start > oldest && this.#sequence[(start - 1) % RECENT_ROWS]! > id) start--;
    if (this.#isOfDayBefore(id)) return { start, end, joins: false, holeBefore: null };
    if (start === end) return { start, end, joins: true, holeBefore: null };
    const isCut = start === oldest && oldest > this.#start;
    if (isCut || this.#lastGap > start) return { start, end, joins: false, holeBefore: null };
    const at = start % RECENT_ROWS;
    const first = (this.#first ?? this.#sequence)[at]!;
    const joins = this.#joins(id, first, this.#prev?.[at] ?? null);
    return { start, end, joins, holeBefore: joins ? null : first };
  }

  #joins(id: bigint, first: bigint, prev: bigint | null): boolean {
    const passed = this.#gone.passedFrom(id, true);
    if (this.#policy === 'chain') return prev !== null && prev <= passed;
    return this.#policy !== 'contiguous' || first <= passed + 1n;
  }

  /** Those rows once more, as depthmill's own, received at `tsRecv`. */
  rowsOf({ start, end }: RowsAbove, tsRecv: bigint): MadeRow[] {
    return Array.from({ length: end - start }, (_, index) => {
      const at = (start + index) % RECENT_ROWS;
      const sequence = this.#sequence[at]!;
      return {
        tsRecv,
        tsEvent: this.#tsEvent[at]!,
        sequence,
        sequenceFirst: this.#first?.[at] ?? sequence,
        sequencePrev: this.#prev?.[at] ?? sequence,
        isBid: this.#isBid[at] === 1,
        pricePips: this.#price[at]!,
        qtyPips: this.#qty[at]!,
        flags: FLAG_SYNTHETIC | (this.#flags[at]! & FLAG_BAD_TS),
      };
    });
  }

  /** Levels that are wrong after those rows, because rows above `id` were refused. */
  refusedAbove(id: bigint, rows: readonly MadeRow[]): RefusedLevel[] {
    const levels: RefusedLevel[] = [];
    if (this.#refusedBefore !== null && this.#refusedBefore > id) levels.push(null);
    for (const { sequence, isBid, pricePips } of this.#refused) {
      if (sequence === null || sequence <= id) continue;
      const isSetAgain = rows.some(
        (row) => row.sequence > sequence && row.isBid === isBid && row.pricePips === pricePips,
      );
      if (isBid === null || pricePips === null) levels.push(null);
      else if (!isSetAgain) levels.push({ isBid, pricePips });
    }
    return levels;
  }
}
