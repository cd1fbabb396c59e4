import type { Selection } from '../dialects/options.js';
import { dayAfter, dayStartNs } from '../dialects/time-units.js';
import type { InstrumentDay } from '../dialects/types.js';
import { type DaySpan, earlier, later } from './missing-time.js';

type DayKey = Pick<InstrumentDay, 'exchange' | 'symbol' | 'dt'>;

/**
 * The time that a day's rows should cover: the UTC day, as far as it is selected, except before the
 * instrument's first row and behind its last, since nobody says when a recording should have begun.
 */
export function daySpan(
  day: DayKey,
  days: readonly DayKey[],
  { fromNs, toNs }: Pick<Selection, 'fromNs' | 'toNs'>,
): DaySpan {
  const same = days.filter(
    ({ exchange, symbol }) => exchange === day.exchange && symbol === day.symbol,
  );
  const start = dayStartNs(day.dt);
  const end = dayStartNs(dayAfter(day.dt));
  return {
    fromNs: same.some(({ dt }) => dt < day.dt) ? later(start, fromNs ?? start) : null,
    toNs: same.some(({ dt }) => dt > day.dt) ? earlier(end, toNs ?? end) : null,
  };
}
