import { PipelineError } from '../errors/errors.js';
import { lastStamp, type PlanHost } from './probe.js';
import { dayAfter, dayOf } from './time-units.js';
import type { InstrumentDay } from './types.js';

/**
 * Finds on which day the files of a day end that state none, and may hold several (a week in one
 * file): only where the next day does not follow, since it takes a look at their last rows.
 *
 * @param days by instrument and day
 */
export async function withLastDays(
  days: readonly InstrumentDay[],
  host: PlanHost,
): Promise<InstrumentDay[]> {
  const found: InstrumentDay[] = [];
  for (const [index, day] of days.entries()) {
    const next = days[index + 1];
    const isOfOne = next?.exchange === day.exchange && next.symbol === day.symbol;
    found.push(isOfOne && next.dt > dayAfter(day.dt) ? await withLastDay(day, host) : day);
  }
  return found;
}

async function withLastDay(day: InstrumentDay, host: PlanHost): Promise<InstrumentDay> {
  let lastDt = day.dt;
  for (const file of Object.values(day.files).flat()) {
    if (file.dt !== null) continue;
    const lastNs = await lastStamp(file, host).catch((error: unknown) => {
      // The run reads all rows, and says then what is the matter with these.
      if (error instanceof PipelineError && error.code !== 'ERR_INVARIANT') return null;
      throw error;
    });
    if (lastNs !== null && dayOf(lastNs) > lastDt) lastDt = dayOf(lastNs);
  }
  return lastDt === day.dt ? day : { ...day, lastDt };
}
