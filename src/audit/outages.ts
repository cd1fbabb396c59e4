/** A stretch of time, ns, between two messages of an instrument. */
export interface Interval {
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

/** A time without a message, long enough to be of interest. */
export interface QuietInterval extends Interval {
  /** It is a silence by the instrument's own measure too. */
  readonly isSilence: boolean;
}

/** When an instrument was recorded, and when no message of it came. Each list ascends by `fromNs`. */
export interface QuietTimes {
  /** From a first to a last message, days that follow one another in one piece. Disjoint. */
  readonly recorded: readonly Interval[];
  readonly quiet: readonly QuietInterval[];
}

/** A time in which all instruments of an exchange that were recorded were silent together. */
export interface Outage extends Interval {
  /** How many they were. */
  readonly instrumentCount: number;
}

/** What happens at a moment to the number of instruments that are in some state. */
interface Step {
  readonly atNs: bigint;
  readonly recorded: number;
  readonly quiet: number;
  readonly silent: number;
}

/** With fewer, nobody can tell an exchange that is down from an instrument that nobody trades. */
const INSTRUMENTS_MIN = 2;

/**
 * The outages of one exchange: the intersections of its instruments' quiet intervals where no
 * recorded instrument has a message, and two or more of them are silent by their own measure: for
 * one that is seldom traded, some minutes without a message are nothing, but do not speak against
 * it either. An instrument says nothing of the time before its first and behind its last message.
 *
 * @param shortestNs shorter intersections are chance, and left out
 * @returns ascending, disjoint
 */
export function findOutages(instruments: readonly QuietTimes[], shortestNs: bigint): Outage[] {
  const steps = instruments.flatMap(stepsOf);
  steps.sort((a, b) => (a.atNs < b.atNs ? -1 : a.atNs > b.atNs ? 1 : 0));
  const outages: Outage[] = [];
  let [recorded, quiet, silent] = [0, 0, 0];
  for (const [index, step] of steps.entries()) {
    recorded += step.recorded;
    quiet += step.quiet;
    silent += step.silent;
    const next = steps[index + 1];
    // Every step is a message of some instrument: no outage goes on beyond the next one.
    if (next === undefined || next.atNs - step.atNs < shortestNs) continue;
    if (silent < INSTRUMENTS_MIN || quiet < recorded) continue;
    outages.push({ fromNs: step.atNs, toNs: next.atNs, instrumentCount: recorded });
  }
  return outages;
}

/**
 * The quiet interval that an outage is part of; null: the instrument was not recorded then.
 * @param quiet ascending, disjoint
 */
export function quietDuring<Quiet extends Interval>(
  quiet: readonly Quiet[],
  { fromNs, toNs }: Interval,
): Quiet | null {
  // The last one that begins no later than the outage.
  let [low, high] = [0, quiet.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (quiet[middle]!.fromNs <= fromNs) low = middle + 1;
    else high = middle;
  }
  const found = quiet[low - 1];
  return found !== undefined && found.toNs >= toNs ? found : null;
}

function stepsOf({ recorded, quiet }: QuietTimes): Step[] {
  const none = { recorded: 0, quiet: 0, silent: 0 };
  const steps: Step[] = [];
  const add = ({ fromNs, toNs }: Interval, counts: Omit<Step, 'atNs'>): void => {
    const { recorded, quiet, silent } = counts;
    steps.push({ atNs: fromNs, ...counts });
    steps.push({ atNs: toNs, recorded: -recorded, quiet: -quiet, silent: -silent });
  };
  for (const span of recorded) add(span, { ...none, recorded: 1 });
  for (const each of quiet) add(each, { ...none, quiet: 1, silent: each.isSilence ? 1 : 0 });
  return steps;
}
