import { FLAG_LAST } from '../abi/flags.js';
import type { StreamPoint, Trust } from '../book/trust.js';
import type { RowReject } from '../dialects/decode-target.js';
import type { DepthColumns, DepthSlots } from './depth-slots.js';
import type { Chunk, Segment } from './protocol.js';
import type { RecentRows, RefusedLevel } from './recent-rows.js';
import { RefusedRows } from './refused-rows.js';

export interface RowDoubtsParts {
  readonly slots: DepthSlots;
  readonly chunkOf: (slot: number) => Chunk | undefined;
  readonly recent: RecentRows | null;
  /** As BookSpec has it: then a damaged line casts no doubt, since its ids will be missing. */
  readonly idsProveLines: boolean;
  readonly trust: Trust;
  /** The last complete message. */
  readonly here: () => StreamPoint;
  /** Brings the book's state in line with `trust`. */
  readonly syncState: () => void;
}

/** The first row behind a loss that no id proves. */
interface LossAhead {
  readonly fileIndex: number;
  readonly tsRecv: bigint;
}

/** Levels in doubt that are looked for among the rows, one by one: more are not worth it. */
const STALE_LEVELS_MAX = 256;

/** A refused row, and the slot whose rows it stood among. */
export interface SlotReject {
  readonly slot: number;
  readonly reject: RowReject;
}

/**
 * Refused rows put the book, or a level of it, in doubt, until that level is set again; rows that
 * are missing in front of a file do so until the book behind them is proven right.
 */
export class RowDoubts {
  readonly #parts: RowDoubtsParts;
  readonly #refused: RefusedRows;
  #lossAhead: LossAhead | null = null;

  constructor(parts: RowDoubtsParts) {
    this.#parts = parts;
    this.#refused = new RefusedRows(parts.slots, parts.chunkOf);
  }

  /** Rows that were refused in front of `row` cast their doubt; `behind` as RefusedRows has it. */
  castUpTo(
    slot: number,
    row: number,
    behind: { readonly tsRecv: bigint; readonly sequence: bigint } | null = null,
  ): void {
    if (behind === null && this.#isBehindLoss(slot)) {
      this.#lossAhead = null;
      this.#castLoss();
    }
    this.#cast(slot, this.#refused.takeUpTo(slot, row, behind));
  }

  /**
   * Rows are missing in front of the file that begins: that is doubted at once, and again at its
   * first row. What proves the book right between the two says nothing of what was lost behind it.
   */
  lossBefore(loss: LossAhead): void {
    this.#lossAhead = loss;
    this.#castLoss();
  }

  /** A full snapshot of that time: one that stands behind the loss makes up for it. */
  snapshotBegins({ tsRecv }: StreamPoint): void {
    if (this.#lossAhead !== null && tsRecv >= this.#lossAhead.tsRecv) this.#lossAhead = null;
  }

  /**
   * Takes the refused rows of a snapshot from among its rows, for `castOwn`; those of messages
   * before it cast their doubt. What it replaces is no longer wrong for theirs, but it is for its own.
   */
  takeOwn({ slot, rowStart, rowEnd }: Segment): SlotReject[] {
    const isOwn = (reject: RowReject): boolean => this.#refused.isOfMessage(slot, rowStart, reject);
    const taken = this.#refused.takeUpTo(slot, rowEnd - 1);
    const before = taken.filter((reject) => !isOwn(reject));
    this.#cast(slot, before);
    return taken.filter(isOwn).map((reject) => ({ slot, reject }));
  }

  /** The snapshot that lacks these rows is the book from here on, and its rows follow. */
  castOwn(rejects: readonly SlotReject[]): void {
    for (const { slot, reject } of rejects) this.#doubt(slot, [reject]);
  }

  /** A slot is through: so do those behind its last row. */
  slotEnds(slot: number): void {
    this.#cast(slot, this.#refused.takeLast(slot));
  }

  /** A refused row is missing among those that a snapshot was joined with; null: any level. */
  castLevel(level: RefusedLevel): void {
    const { trust, here, syncState } = this.#parts;
    if (level === null) trust.doubt('rejected_row', here());
    else trust.doubtLevel({ ...level, why: 'rejected_level', slot: -1, row: 0 }, here());
    syncState();
  }

  /** The rows of a message that came too late to be applied. */
  castStale(segments: readonly Segment[]): void {
    const { slots, recent, trust, here, syncState } = this.#parts;
    const levels = segments.flatMap(({ slot, rowStart, rowEnd }) => {
      const columns = slots.columns(slot);
      return Array.from({ length: rowEnd - rowStart }, (_, index) => ({
        sequence: slots.i64(columns.sequencePtr, rowStart + index),
        isBid: slots.isBid(columns, rowStart + index),
        pricePips: slots.i64(columns.pricePtr, rowStart + index),
      }));
    });
    recent?.refuse(levels);
    if (trust.levels.length + levels.length > STALE_LEVELS_MAX) {
      trust.doubt('stale_message', here());
    } else {
      const stale = { why: 'stale_level', slot: -1, row: 0 } as const;
      for (const level of levels) trust.doubtLevel({ ...stale, ...level }, here());
    }
    syncState();
  }

  /** Row of the slot before which a doubt must be cast; Infinity: there is none. */
  nextRow(slot: number): number {
    return this.#isBehindLoss(slot) ? 0 : this.#refused.nextRow(slot);
  }

  /** Row, up to `stop`, before which a level in doubt is set; notes those that `row` sets. */
  nextStop(columns: DepthColumns, { slot }: Segment, row: number, stop: number): number {
    const { slots, trust, syncState } = this.#parts;
    let first = stop;
    for (const level of trust.levels.slice()) {
      const from = level.slot === slot ? Math.max(row, level.row) : row;
      const set = slots.findLevel(columns, from, first, level);
      if (set > row) first = set;
      else if (set === row) {
        trust.levelSet(level);
        syncState();
      }
    }
    if (!trust.live || trust.settled) return first;
    // What heals the book does so at the end of its message, which may be in the slot behind.
    const last = slots.nextFlag(columns, row, first, FLAG_LAST);
    return last === -1 ? first : last + 1;
  }

  #isBehindLoss(slot: number): boolean {
    if (this.#lossAhead === null) return false;
    return this.#parts.chunkOf(slot)?.fileIndex === this.#lossAhead.fileIndex;
  }

  #castLoss(): void {
    const { trust, here, syncState } = this.#parts;
    trust.doubt('loss', here(), here());
    syncState();
  }

  #cast(slot: number, all: readonly RowReject[]): void {
    const { recent, idsProveLines } = this.#parts;
    const rejects = idsProveLines ? all.filter(({ reason }) => reason !== 'ERR_ROW_FIELDS') : all;
    if (rejects.length === 0) return;
    recent?.refuse(rejects);
    this.#doubt(slot, rejects);
  }

  #doubt(slot: number, rejects: readonly RowReject[]): void {
    const { trust, here, syncState } = this.#parts;
    for (const { isBid, pricePips, at } of rejects) {
      if (isBid === null || pricePips === null) trust.doubt('rejected_row', here());
      else trust.doubtLevel({ why: 'rejected_level', isBid, pricePips, slot, row: at }, here());
    }
    syncState();
  }
}
