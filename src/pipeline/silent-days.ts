import { later } from '../audit/missing-time.js';
import {
  findOutages,
  type Interval,
  type Outage,
  type QuietInterval,
  quietDuring,
} from '../audit/outages.js';
import { isNextDay } from '../dialects/time-units.js';
import type { InstrumentDay } from '../dialects/types.js';
import type { RowOrigin } from './gap-findings.js';
import { type DayQuiet, SILENCE_NS_MIN, type Silence } from './silences.js';

/** A booked day, and when no message of it came. */
export interface BookedDay {
  readonly day: Pick<InstrumentDay, 'exchange' | 'symbol' | 'dt' | 'lastDt'>;
  readonly quiet: DayQuiet;
}

/** What is said of a day; the row is that of this instrument which ended it. */
export interface DaySilences {
  readonly silences: readonly Silence[];
  readonly outages: readonly (Outage & { readonly origin: RowOrigin })[];
}

/** A quiet interval, and the day whose row ended it. */
interface DatedQuiet extends QuietInterval {
  readonly origin: RowOrigin;
  readonly index: number;
}

interface SilencesOptions {
  /** `--silence`; null: by each instrument's own intervals. */
  readonly silenceNs: bigint | null;
  /** All rows are read: then a day goes on where the one before ended. */
  readonly wholeDays: boolean;
}

/**
 * Silences within the days and from one day to the next, which belong to the day that ends them,
 * and what of them is an outage of the exchange.
 *
 * @param days of all instruments, those of one in order
 * @returns one for each day
 */
export function silencesOfDays(
  days: readonly BookedDay[],
  { silenceNs, wholeDays }: SilencesOptions,
): readonly DaySilences[] {
  const found = days.map(() => ({
    silences: [] as Silence[],
    outages: [] as DaySilences['outages'][number][],
  }));
  const shortestNs = silenceNs ?? SILENCE_NS_MIN;
  const exchanges = new Map<string, QuietInstrument[]>();
  for (const indexes of byInstrument(days)) {
    const instrument = new QuietInstrument(shortestNs);
    for (const index of indexes) instrument.add(days[index]!, index, wholeDays);
    for (const silence of instrument.silences) found[silence.index]!.silences.push(silence);
    const { exchange } = days[indexes[0]!]!.day;
    exchanges.set(exchange, [...(exchanges.get(exchange) ?? []), instrument]);
  }
  for (const instruments of exchanges.values()) {
    for (const outage of findOutages(instruments, shortestNs)) {
      for (const { quiet } of instruments) {
        const its = quietDuring(quiet, outage);
        if (its !== null) found[its.index]!.outages.push({ ...outage, origin: its.origin });
      }
    }
  }
  return found;
}

/** Indexes of the days of each instrument. */
function byInstrument(days: readonly BookedDay[]): Iterable<readonly number[]> {
  const instruments = new Map<string, number[]>();
  for (const [index, { day }] of days.entries()) {
    const key = JSON.stringify([day.exchange, day.symbol]);
    const indexes = instruments.get(key);
    if (indexes === undefined) instruments.set(key, [index]);
    else indexes.push(index);
  }
  return instruments.values();
}

/** An instrument over all its days. */
class QuietInstrument {
  readonly recorded: Interval[] = [];
  readonly quiet: DatedQuiet[] = [];
  readonly silences: DatedQuiet[] = [];
  readonly #shortestNs: bigint;
  #yesterday: BookedDay | null = null;

  constructor(shortestNs: bigint) {
    this.#shortestNs = shortestNs;
  }

  /** Days come in order. */
  add(today: BookedDay, index: number, wholeDays: boolean): void {
    const { limitNs, intervals, first, lastNs } = today.quiet;
    if (first === null || lastNs === null) return;
    const yesterday = this.#yesterday;
    this.#yesterday = today;
    let fromNs = first.atNs;
    if (wholeDays && yesterday !== null && isNextDay(yesterday.day, today.day)) {
      fromNs = this.recorded.pop()!.fromNs;
      const { quiet } = yesterday;
      const midnight = { fromNs: quiet.lastNs!, toNs: first.atNs, origin: first.origin };
      this.#note(midnight, index, later(limitNs, quiet.limitNs));
    }
    for (const interval of intervals) this.#note(interval, index, limitNs);
    // Where the recorder's clock was set back, the last row is not the latest.
    this.recorded.push({ fromNs, toNs: later(lastNs, this.quiet.at(-1)?.toNs ?? lastNs) });
  }

  #note(interval: Silence, index: number, limitNs: bigint): void {
    const { fromNs, toNs } = interval;
    const isSilence = toNs - fromNs >= limitNs;
    const quiet = { ...interval, index, isSilence };
    if (isSilence) this.silences.push(quiet);
    // The same time twice, behind such a clock, is no second quiet one.
    const isBehind = fromNs >= (this.quiet.at(-1)?.toNs ?? fromNs);
    if (isBehind && toNs - fromNs >= this.#shortestNs) this.quiet.push(quiet);
  }
}
