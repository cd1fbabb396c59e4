import type { InputPlan } from '../dialects/plan.js';
import { isNextDay } from '../dialects/time-units.js';
import type { InstrumentDay } from '../dialects/types.js';
import type { CarriedBook } from '../pipeline/carried-book.js';
import type { JobOptions } from '../pipeline/job-host.js';
import { breakOf } from '../pipeline/truncated-inputs.js';

/** What a day's book waits for, and who waits for it. */
interface Handover {
  readonly book: Promise<CarriedBook | null>;
  readonly give: (book: CarriedBook | null) => void;
  /** The last file of depth of the day that is waited for. */
  readonly lastFile: string;
}

/**
 * Hands the book of each day to the day that follows it: MODEL section 7. Days are started in
 * order, so whoever waits does so for one that runs.
 */
export class CarriedBooks {
  /** By the index of the day that is waited for. */
  readonly #handovers = new Map<number, Handover>();
  /** Books that days begin with though no day of this run came before them, by the day's index. */
  readonly #warm: ReadonlyMap<number, CarriedBook>;

  /** @param days in the order in which they are started */
  constructor(
    days: readonly { readonly day: InstrumentDay }[],
    holes: InputPlan['holes'],
    warm: ReadonlyMap<number, CarriedBook>,
  ) {
    this.#warm = warm;
    for (const [index, { day }] of days.entries()) {
      const next = days[index + 1]?.day;
      if (next === undefined || !follows(day, next, holes)) continue;
      let give: Handover['give'] = () => undefined;
      const book = new Promise<CarriedBook | null>((resolve) => {
        give = resolve;
      });
      this.#handovers.set(index, { book, give, lastFile: day.files.depth.at(-1)!.path });
    }
  }

  /** What the booking of a day is told of the days beside it. */
  of(index: number): Pick<JobOptions, 'carried' | 'carries' | 'depthBefore'> {
    const depthBefore = this.#handovers.get(index - 1)?.lastFile ?? null;
    return { carried: this.#before(index), carries: this.#handovers.has(index), depthBefore };
  }

  /** The book that a day begins with; null: none. */
  async #before(index: number): Promise<CarriedBook | null> {
    return (await this.#handovers.get(index - 1)?.book) ?? this.#warm.get(index) ?? null;
  }

  /** A day is over; null: it failed, or has no book. */
  finished(index: number, book: CarriedBook | null): void {
    this.#handovers.get(index)?.give(book);
  }
}

/** Whether a day goes on where the other ended, and has no better source of a book. */
function follows(day: InstrumentDay, next: InstrumentDay, holes: InputPlan['holes']): boolean {
  const ofOne = (other: { exchange: string; symbol: string }): boolean =>
    other.exchange === next.exchange && other.symbol === next.symbol;
  if (!ofOne(day) || !isNextDay(day, next)) return false;
  const isWhole = !holes.some(
    (hole) => ofOne(hole) && (hole.dt === day.dt || hole.dt === next.dt) && hole.table === 'depth',
  );
  // Our own depth begins each day with its book; a witness table seeds one in its first second,
  // and its days can be booked side by side.
  const seedsItself =
    next.messageKey === 'flags' || next.files.book.length + next.files.deep_book.length > 0;
  const isSameStream =
    day.policy === next.policy &&
    day.messageKey === next.messageKey &&
    day.ids.sequence === next.ids.sequence;
  const last = day.files.depth.at(-1);
  const idsProve = day.policy === 'chain' || day.policy === 'contiguous';
  const isCut = last !== undefined && !idsProve && breakOf(last) !== null;
  const hasDepth = day.files.depth.length > 0 && next.files.depth.length > 0;
  return isWhole && !isCut && isSameStream && hasDepth && !seedsItself;
}
