import { FLAG_BAD_TS, FLAG_LAST, FLAG_SYNTHETIC } from '../abi/flags.js';
import type { HeldMessage } from '../book/message-verdicts.js';
import type { DepthSlots } from './depth-slots.js';
import type { RowOrigin } from './gap-findings.js';
import type { Segment } from './protocol.js';
import type { MadeRow } from './synthetic-rows.js';

/** The rows of a message, and the input's row that is the first of them. */
export interface HeldRows {
  readonly segments: readonly Segment[];
  /** Those of a message of the day before, once more; null: it was received on this day. */
  readonly made: readonly MadeRow[] | null;
  readonly origin: RowOrigin;
}

/**
 * A message at the end of a day that waits for one with an id below its own: small disorder knows
 * no midnight. It is written on its day, where the other one had not come, and goes on waiting on
 * the next one.
 */
export interface WaitingMessage extends HeldMessage<null> {
  readonly made: readonly MadeRow[];
  readonly origin: RowOrigin;
}

/** A message that is held, as the next day can take it: its rows, and no slots. */
export function waitingMessage(slots: DepthSlots, held: HeldMessage<HeldRows>): WaitingMessage {
  const { first, last, prev, tsRecv, rows } = held;
  const made = rows.segments.flatMap(({ slot, rowStart, rowEnd }) => {
    const columns = slots.columns(slot);
    return Array.from({ length: rowEnd - rowStart }, (_, index) => {
      const row = rowStart + index;
      return {
        tsRecv,
        tsEvent: slots.i64(columns.tsEventPtr, row),
        sequence: last,
        sequenceFirst: first,
        sequencePrev: prev ?? last,
        isBid: slots.isBid(columns, row),
        pricePips: slots.i64(columns.pricePtr, row),
        qtyPips: slots.i64(columns.qtyPtr, row),
        flags: FLAG_SYNTHETIC | (slots.flags(columns, row) & FLAG_BAD_TS),
      };
    });
  });
  return { first, last, prev, tsRecv, rows: null, made: rows.made ?? made, origin: rows.origin };
}

/** The same as a message that is held. @param tsRecv stamp of its rows, which are ours here */
export function heldMessage(
  { made, origin, ...message }: WaitingMessage,
  tsRecv: bigint,
): HeldMessage<HeldRows> {
  const rows = made.map((row) => ({ ...row, tsRecv }));
  return { ...message, rows: { segments: [], made: rows, origin } };
}

/** Its rows as one message. @param firstMarks go to the first of them */
export function asMessage(rows: readonly MadeRow[], firstMarks: number): MadeRow[] {
  const last = rows.length - 1;
  return rows.map((row, index) => {
    const marks = (index === 0 ? firstMarks : 0) | (index === last ? FLAG_LAST : 0);
    return { ...row, flags: row.flags | marks };
  });
}
