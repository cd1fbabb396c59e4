import { FLAG_CLEAR } from '#src/abi/flags.js';
import type { BookMessage } from '../oracle/lake-book.js';
import type { DepthRow } from '../oracle/lake-rows.js';
import { type BookLines, type DepthColumns, levelsLine } from './outputs.js';

/** The first few of the places where found and expected part, for a failure that can be read. */
export class Differences {
  readonly first: string[] = [];
  count = 0;

  compare(place: string, found: string, expected: string): void {
    if (found === expected) return;
    this.count++;
    if (this.first.length < 5) this.first.push(`${place}: ${found} for ${expected}`);
  }
}

/**
 * Compares the tables `depth` (unless it is null) and `book` with what the oracle says, row by row,
 * mark by mark.
 */
export function compareWithOracle(
  messages: Iterable<BookMessage>,
  depth: DepthColumns | null,
  book: BookLines,
  bookDepth: number,
): Differences {
  const differences = new Differences();
  let depthRow = 0;
  let bookRow = 0;
  for (const message of messages) {
    for (const expected of message.rows) {
      if (depth !== null) {
        const found = depthRow < depth.flags.length ? depthRowAt(depth, depthRow) : null;
        const line = found === null ? 'nothing' : depthLine(found);
        differences.compare(`depth row ${depthRow}`, line, depthLine(expected));
      }
      depthRow++;
    }
    const { tsRecv, tsEvent, sequence, flags, bids, asks } = message.book;
    differences.compare(
      `book row ${bookRow}`,
      `${book.tsRecv[bookRow]} ${book.tsEvent[bookRow]} ${book.sequence[bookRow]} ` +
        `flags ${book.flags[bookRow]} ${book.levels[bookRow]}`,
      `${tsRecv} ${tsEvent} ${sequence} flags ${flags} ${levelsLine(bids, asks, bookDepth)}`,
    );
    bookRow++;
  }
  if (depth !== null) {
    differences.compare('rows of depth', String(depth.flags.length), String(depthRow));
  }
  differences.compare('rows of book', String(book.flags.length), String(bookRow));
  return differences;
}

/** A row of depth in one line. What is_bid says of a CLEAR row means nothing. */
function depthLine(row: DepthRow): string {
  const side = (row.flags & FLAG_CLEAR) !== 0 ? 'all' : row.isBid ? 'bid' : 'ask';
  const { tsRecv, tsEvent, sequence, pricePips, qtyPips, flags } = row;
  return `${tsRecv} ${tsEvent} ${sequence} ${side} ${pricePips} ${qtyPips} flags ${flags}`;
}

function depthRowAt(depth: DepthColumns, row: number): DepthRow {
  return {
    tsRecv: depth.tsRecv[row]!,
    tsEvent: depth.tsEvent[row]!,
    sequence: depth.sequence[row]!,
    isBid: depth.isBid[row]!,
    pricePips: depth.pricePips[row]!,
    qtyPips: depth.qtyPips[row]!,
    flags: depth.flags[row]!,
  };
}
