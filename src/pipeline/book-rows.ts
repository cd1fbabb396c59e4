import type { InstrumentDay } from '../dialects/types.js';
import { type BookTableOptions, bookLayout } from './book-columns.js';
import type { BookCadence } from './options.js';
import type { RowTable } from './output-tables.js';

/** Rows of best prices that a day's book makes: for the table `book`, and to compare trades with. */
export interface BookRows {
  /** Levels a side; 0: there are none. */
  readonly depth: number;
  readonly every: BookCadence;
  /** Trades are compared with them: each state of the best prices has a row. */
  readonly hasTrades: boolean;
}

export function bookRowsOf(
  { files }: Pick<InstrumentDay, 'files'>,
  options: {
    readonly tables: ReadonlySet<RowTable>;
    readonly bookDepth: number;
    readonly bookEvery: BookCadence;
  },
): BookRows {
  const { tables, bookDepth: depth, bookEvery: every } = options;
  const hasTrades = files.trades.length > 0 && files.depth.length > 0;
  if (tables.has('book')) {
    return { depth, every, hasTrades: hasTrades && every.kind !== 'interval' };
  }
  return hasTrades
    ? { depth: 1, every: { kind: 'change' }, hasTrades }
    : { depth: 0, every, hasTrades };
}

export function bookTableOf({ ids }: Pick<InstrumentDay, 'ids'>, rows: BookRows): BookTableOptions {
  return { hasSequence: ids.sequence, hasAge: rows.every.kind === 'interval', depth: rows.depth };
}

export const bookRowsLayout = (day: InstrumentDay, rows: BookRows) =>
  bookLayout(bookTableOf(day, rows));
