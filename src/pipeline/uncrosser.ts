import { FLAG_SYNTHETIC } from '../abi/flags.js';
import { type BookLevel, bookBest, bookLevelsInto } from '../core/book.js';
import type { Core } from '../core/core.js';
import type { Arena } from '../memory/arena.js';
import type { BookWriter } from './book-writer.js';
import type { DepthSlots } from './depth-slots.js';
import type { Segment } from './protocol.js';
import type { SyntheticMessage } from './synthetic-rows.js';

/** Levels that are looked at; what is left of more goes at the next message end. */
const LEVELS_MAX = 4_096;
const SCRATCH_BYTES = LEVELS_MAX * 16;

/** Mends crossed books: what a message set last is believed, and what cannot be beside it goes. */
export class Uncrosser {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #writer: BookWriter;
  readonly #slots: DepthSlots;
  readonly #scratchPtr: number;

  constructor(core: Core, arena: Arena, writer: BookWriter, slots: DepthSlots) {
    this.#core = core;
    this.#arena = arena;
    this.#writer = writer;
    this.#slots = slots;
    this.#scratchPtr = arena.allocate(SCRATCH_BYTES);
  }

  /**
   * The message that removes the other side's levels at or through the one that stays.
   * @param segment rows of the message that left the book crossed, with its last one
   */
  mend(segment: Segment): SyntheticMessage {
    const { ptr, lastTsRecv: tsRecv, lastTsEvent: tsEvent, lastSequence } = this.#writer.head;
    const bid = bookBest(this.#core, ptr, true)!.pricePips;
    const ask = bookBest(this.#core, ptr, false)!.pricePips;
    const staysBid = this.#setBid(segment, bid, ask);
    const gone = this.#levels(!staysBid).filter(({ pricePips }) =>
      staysBid ? pricePips <= bid : pricePips >= ask,
    );
    const levels = gone.map(({ pricePips }) => ({ isBid: !staysBid, pricePips, qtyPips: 0n }));
    const flags = FLAG_SYNTHETIC;
    return { tsRecv, tsEvent, sequence: lastSequence, flags, clear: false, levels };
  }

  free(): void {
    this.#arena.free(this.#scratchPtr, SCRATCH_BYTES);
  }

  /** Whether the last row that set a level at or through the other side's best is a bid. */
  #setBid({ slot, rowStart, rowEnd }: Segment, bid: bigint, ask: bigint): boolean {
    const slots = this.#slots;
    const columns = slots.columns(slot);
    for (let row = rowEnd - 1; row >= rowStart; row--) {
      if (slots.i64(columns.qtyPtr, row) === 0n) continue;
      const pricePips = slots.i64(columns.pricePtr, row);
      const isBid = slots.isBid(columns, row);
      if (isBid ? pricePips >= ask : pricePips <= bid) return isBid;
    }
    return slots.isBid(columns, rowEnd - 1);
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
