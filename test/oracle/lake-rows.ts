import type { Level } from './price-levels.js';

/** When and where a row stands in its source. Times in ns since the epoch. */
export interface Stamp {
  readonly tsRecv: bigint;
  readonly tsEvent: bigint;
  readonly sequence: bigint;
}

/** One row of `book_delta_v2`. */
export interface DeltaRow extends Stamp {
  readonly isBid: boolean;
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
  /**
   * Set on a row that the pipeline must reject. `level`: side and price can be read, so the doubt
   * ends when that level is set again; `unknown`: they cannot, any level may be wrong.
   */
  readonly refused?: 'level' | 'unknown';
}

/** One row of `book` or `deep_book_1m` that passed `isValidWitness`. Levels from the best. */
export interface WitnessRow extends Stamp {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Levels a side that the table has columns for: a side with fewer is known whole. */
  readonly depth: number;
}

/** One row as `depth` must hold it. */
export interface DepthRow extends Stamp {
  readonly isBid: boolean;
  readonly pricePips: bigint;
  readonly qtyPips: bigint;
  flags: number;
}

/** One row as `book` must hold it. A side with fewer levels than asked for is NULL from there on. */
export interface BookRow extends Stamp {
  readonly flags: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** Rows that follow each other with the same receipt time and sequence are one message. */
export function* messagesOf(rows: Iterable<DeltaRow>): Generator<DeltaRow[]> {
  let message: DeltaRow[] = [];
  for (const row of rows) {
    const first = message[0];
    if (first !== undefined && (first.tsRecv !== row.tsRecv || first.sequence !== row.sequence)) {
      yield message;
      message = [];
    }
    message.push(row);
  }
  if (message.length > 0) yield message;
}

/** Two-sided, positive, monotone, uncrossed: the only rows that a book may be seeded from. */
export function isValidWitness(row: WitnessRow): boolean {
  const { bids, asks } = row;
  const bestBid = bids[0];
  const bestAsk = asks[0];
  if (bestBid === undefined || bestAsk === undefined) return false;
  if (bestBid.pricePips > bestAsk.pricePips) return false;
  if ([...bids, ...asks].some((level) => level.pricePips <= 0n || level.qtyPips <= 0n))
    return false;
  const falls = bids.every((level, i) => i === 0 || level.pricePips < bids[i - 1]!.pricePips);
  const rises = asks.every((level, i) => i === 0 || level.pricePips > asks[i - 1]!.pricePips);
  return falls && rises;
}
