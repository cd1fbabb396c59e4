import type { Selection } from '../dialects/options.js';
import { dayAfter, dayOf, dayStartNs } from '../dialects/time-units.js';
import type { InstrumentDay } from '../dialects/types.js';
import { type DaySpan, earlier, later } from './missing-time.js';

type DayKey = Pick<InstrumentDay, 'exchange' | 'symbol' | 'dt'>;

/** Where a day's rows lie, and those of its instrument's days beside it, ns; null: there are none. */
export interface RowsAround {
  readonly lastBeforeNs: bigint | null;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly firstBehindNs: bigint | null;
}

/**
 * The time that a day's rows should cover: the UTC day, as far as it is selected, except before the
 * instrument's first row and behind its last, since nobody says when a recording should have begun.
 * Recorders that begin a new file at another hour record a day's first hours under the name of the
 * day before: that time is the day before's up to its last row, and what is missing behind it is
 * this day's.
 */
export function daySpan(
  day: DayKey,
  days: readonly DayKey[],
  { fromNs, toNs }: Pick<Selection, 'fromNs' | 'toNs'>,
  rows: RowsAround | null = null,
): DaySpan {
  const same = days.filter(
    ({ exchange, symbol }) => exchange === day.exchange && symbol === day.symbol,
  );
  let start = dayStartNs(day.dt);
  let end = dayStartNs(dayAfter(day.dt));
  if (rows !== null) {
    const { lastBeforeNs, firstNs, lastNs, firstBehindNs } = rows;
    if (lastBeforeNs !== null) start = later(start, earlier(lastBeforeNs, firstNs));
    const lastDayEnd = dayStartNs(dayAfter(dayOf(lastNs)));
    const goesOnThatDay = firstBehindNs !== null && firstBehindNs < lastDayEnd;
    end = later(end, goesOnThatDay ? lastNs : lastDayEnd);
  }
  return {
    fromNs: same.some(({ dt }) => dt < day.dt) ? later(start, fromNs ?? start) : null,
    toNs: same.some(({ dt }) => dt > day.dt) ? earlier(end, toNs ?? end) : null,
  };
}
