import { daySpan, type RowsAround } from '../audit/day-span.js';
import type { DayFindings, GapFinding, InstrumentAudit } from '../audit/types.js';
import { isNextDay } from '../dialects/time-units.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import { dayReport } from '../pipeline/day-report.js';
import type { JobResult } from '../pipeline/instrument-job.js';
import type { RunOptions } from '../pipeline/options.js';
import { type DaySilences, silencesOfDays } from '../pipeline/silent-days.js';
import { tradeGap } from '../pipeline/trade-checks.js';

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
    const days = daysOf.get(nameOf(each.day)) ?? [];
    const beside = (other: FinishedDay | undefined): FinishedDay | null =>
      other !== undefined && nameOf(other.day) === nameOf(each.day) ? other : null;
    const [before, behind] = [beside(finished[index - 1]), beside(finished[index + 1])];
    const span = daySpan(each.day, days, selection, rowsAround(before, each, behind));
    const lost = wholeDays ? tradesLostBefore(before, each) : [];
    const gaps = [...lost, ...gapsLeft(each, behind)];
    const findings = { ...each.findings, gaps };
    const report = dayReport(findings, silences, { thresholds, span });
    return { ...each, silences, report };
  });
}

/**
 * The gaps of a day without those in front of messages that the next day waits with: there it shows
 * whether what was missing comes late, and whether it is one.
 */
function gapsLeft({ day, findings, result }: FinishedDay, behind: FinishedDay | null) {
  const isTaken = behind?.result.book.tookWaiting === true && isNextDay(day, behind.day);
  const { from, to } = result.book.gapsWaiting;
  return isTaken ? findings.gaps.filter((_, at) => at < from || at >= to) : findings.gaps;
}

function rowsAround(
  before: FinishedDay | null,
  { findings: { first, last } }: FinishedDay,
  behind: FinishedDay | null,
): RowsAround | null {
  if (first === null || last === null) return null;
  return {
    lastBeforeNs: before?.findings.last?.ts_recv ?? null,
    firstNs: first.ts_recv,
    lastNs: last.ts_recv,
    firstBehindNs: behind?.findings.first?.ts_recv ?? null,
  };
}

/** Trades that are lost between the last one of the day before and the first one of a day. */
function tradesLostBefore(before: FinishedDay | null, { day, result }: FinishedDay): GapFinding[] {
  if (before === null || !isNextDay(before.day, day)) return [];
  // Aggregates are counted by themselves.
  const isAggregate = ({ files }: InstrumentDay): boolean => files.trades[0]?.isAggregate === true;
  if (isAggregate(before.day) !== isAggregate(day)) return [];
  const last = before.result.tradeChecks.ends?.last ?? null;
  const first = result.tradeChecks.ends?.first ?? null;
  return last !== null && first !== null && first.id > last.id + 1n ? [tradeGap(last, first)] : [];
}
