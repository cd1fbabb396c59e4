import { FLAG_SYNTHETIC } from '../abi/flags.js';
import { type BookLevel, bookBest, bookLevelsInto } from '../core/book.js';
import type { Core } from '../core/core.js';
import type { Arena } from '../memory/arena.js';
import type { BookWriter } from './book-writer.js';
import type { DepthSlots } from './depth-slots.js';
import type { Segment } from './protocol.js';
import type { SyntheticLevel, SyntheticMessage } from './synthetic-rows.js';

/** Levels that one message removes; what is left of more goes with the next one. */
const LEVELS_MAX = 4_096;
const SCRATCH_BYTES = LEVELS_MAX * 16;

/** Mends crossed books: what a message set last is believed, and what cannot be beside it goes. */
export class Uncrosser {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #writer: BookWriter;
  readonly #slots: DepthSlots;
  readonly #scratchPtr: number;
  /** The rows of the message under way; copies, since it may be longer than a slot. */
  readonly #rows: SyntheticLevel[] = [];
  /** Whether the bids stayed the last time. */
  #staysBid = true;

  constructor(core: Core, arena: Arena, writer: BookWriter, slots: DepthSlots) {
    this.#core = core;
    this.#arena = arena;
    this.#writer = writer;
    this.#slots = slots;
    this.#scratchPtr = arena.allocate(SCRATCH_BYTES);
  }

  /** Rows were applied; all are of one message. */
  note({ slot, rowStart, rowEnd }: Segment): void {
    const slots = this.#slots;
    const columns = slots.columns(slot);
    for (let row = rowStart; row < rowEnd; row++) {
      this.#rows.push({
        isBid: slots.isBid(columns, row),
        pricePips: slots.i64(columns.pricePtr, row),
        qtyPips: slots.i64(columns.qtyPtr, row),
      });
    }
  }

  /**
   * That message has ended.
   * @returns the message that removes the other side's levels at or through the one that stays;
   *   null: the book is not crossed
   */
  messageEnded(): SyntheticMessage | null {
    const rows = this.#rows.splice(0);
    const { ptr, crossState, lastTsRecv: tsRecv, lastTsEvent: tsEvent } = this.#writer.head;
    if (crossState !== 1) return null;
    const bid = bookBest(this.#core, ptr, true)!.pricePips;
    const ask = bookBest(this.#core, ptr, false)!.pricePips;
    const staysBid = bidsStay(rows, bid, ask) ?? this.#staysBid;
    this.#staysBid = staysBid;
    const gone = this.#levels(!staysBid).filter(({ pricePips }) =>
      staysBid ? pricePips <= bid : pricePips >= ask,
    );
    const levels = gone.map(({ pricePips }) => ({ isBid: !staysBid, pricePips, qtyPips: 0n }));
    const { lastSequence: sequence } = this.#writer.head;
    return { tsRecv, tsEvent, sequence, flags: FLAG_SYNTHETIC, clear: false, levels };
  }

  free(): void {
    this.#arena.free(this.#scratchPtr, SCRATCH_BYTES);
  }

  #levels(isBid: boolean): BookLevel[] {
    const pricePtr = this.#scratchPtr;
    const qtyPtr = pricePtr + LEVELS_MAX * 8;
    const { ptr } = this.#writer.head;
    const count = bookLevelsInto(this.#core, ptr, isBid, { pricePtr, qtyPtr, max: LEVELS_MAX });
    const { i64 } = this.#core.views;
    return Array.from({ length: count }, (_, level) => ({
      pricePips: i64[pricePtr / 8 + level]!,
      qtyPips: i64[qtyPtr / 8 + level]!,
    }));
  }
}

/**
 * Whether the last row that set a level at or through the other side's best, and was not followed
 * by another row of that level, is a bid; null: no row of the message did.
 */
function bidsStay(rows: readonly SyntheticLevel[], bid: bigint, ask: bigint): boolean | null {
  const written = { bids: new Set<bigint>(), asks: new Set<bigint>() };
  for (const { isBid, pricePips, qtyPips } of rows.toReversed()) {
    if (isBid ? pricePips < ask : pricePips > bid) continue;
    const later = isBid ? written.bids : written.asks;
    if (!later.has(pricePips) && qtyPips > 0n) return isBid;
    later.add(pricePips);
  }
  return null;
}
