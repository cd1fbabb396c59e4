import { daySpan } from '../audit/day-span.js';
import type { DayFindings, InstrumentAudit } from '../audit/types.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import { dayReport } from '../pipeline/day-report.js';
import type { JobResult } from '../pipeline/instrument-job.js';
import type { RunOptions } from '../pipeline/options.js';
import { type DaySilences, silencesOfDays } from '../pipeline/silent-days.js';

/** A day whose rows are written. */
export interface FinishedDay {
  readonly day: InstrumentDay;
  readonly scales: Scales;
  readonly result: JobResult;
  readonly findings: DayFindings;
}

/** The same, and what is known of it now that the others are done. */
export interface ClosedDay extends FinishedDay {
  readonly silences: DaySilences;
  readonly report: InstrumentAudit;
}

/**
 * What is said of each day once all are done: an outage shows only across the instruments of an
 * exchange, and with it how much of a day is missing, and its verdict.
 *
 * @param finished in the order of the plan
 * @param planned those that failed too
 */
export function closeDays(
  finished: readonly FinishedDay[],
  planned: readonly InstrumentDay[],
  { selection, thresholds, silenceNs }: Pick<RunOptions, 'selection' | 'thresholds' | 'silenceNs'>,
): ClosedDay[] {
  const booked = finished.map(({ day, result }) => ({ day, quiet: result.book.quiet }));
  const wholeDays = selection.limit === null;
  const found = silencesOfDays(booked, { silenceNs, wholeDays });
  const nameOf = ({ exchange, symbol }: InstrumentDay): string =>
    JSON.stringify([exchange, symbol]);
  const daysOf = new Map<string, InstrumentDay[]>();
  for (const day of planned) {
    const known = daysOf.get(nameOf(day));
    if (known === undefined) daysOf.set(nameOf(day), [day]);
    else known.push(day);
  }
  return finished.map((each, index) => {
    const silences = found[index]!;
    const span = daySpan(each.day, daysOf.get(nameOf(each.day)) ?? [], selection);
    const report = dayReport(each.findings, silences, { thresholds, span });
    return { ...each, silences, report };
  });
}
