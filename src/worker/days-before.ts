import { type BookAt, compareDays } from '../audit/day-before.js';
import type { DayBefore } from '../audit/types.js';
import { isNextDay } from '../dialects/time-units.js';
import type { InstrumentDay } from '../dialects/types.js';
import type { FinishedDay } from './close-days.js';

/** What a day that is done leaves for the comparison. */
interface DayBooks {
  readonly lastBook: BookAt | null;
  readonly firstSnapshot: BookAt | null;
}

/**
 * Compares the first snapshot of each day with the last book of the day before, whichever is done
 * first; a book is kept only until the other one is here.
 */
export class DaysBefore {
  /** Indexes of days whose day before is part of the run, too. */
  readonly #following: ReadonlySet<number>;
  readonly #lastBooks = new Map<number, BookAt>();
  readonly #firstSnapshots = new Map<number, BookAt>();
  readonly #found = new Map<number, DayBefore>();

  /** @param days by instrument and day */
  constructor(days: readonly { readonly day: InstrumentDay }[]) {
    const following = days.flatMap(({ day }, index) => {
      const before = days[index - 1]?.day;
      const isNext =
        before?.exchange === day.exchange && before.symbol === day.symbol && isNextDay(before, day);
      return isNext ? [index] : [];
    });
    this.#following = new Set(following);
  }

  /** What the booking of a day is asked for. */
  asks(index: number): { readonly follows: boolean; readonly isFollowed: boolean } {
    const follows = this.#following.has(index);
    return { follows, isFollowed: this.#following.has(index + 1) };
  }

  finished(index: number, { lastBook, firstSnapshot }: DayBooks): void {
    if (lastBook !== null) this.#lastBooks.set(index + 1, lastBook);
    if (firstSnapshot !== null) this.#firstSnapshots.set(index, firstSnapshot);
    this.#compare(index);
    this.#compare(index + 1);
  }

  /** Days by their indexes, in order, with what was found of each. */
  told(days: ReadonlyMap<number, FinishedDay>): FinishedDay[] {
    const ordered = [...days].sort(([a], [b]) => a - b);
    return ordered.map(([index, day]) => {
      const day_before = this.#found.get(index) ?? null;
      return { ...day, findings: { ...day.findings, day_before } };
    });
  }

  #compare(index: number): void {
    const last = this.#lastBooks.get(index);
    const first = this.#firstSnapshots.get(index);
    if (last === undefined || first === undefined) return;
    this.#found.set(index, compareDays(last, first));
    this.#lastBooks.delete(index);
    this.#firstSnapshots.delete(index);
  }
}
