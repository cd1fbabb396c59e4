import type { InputOptions } from '../dialects/options.js';
import type { InstrumentDay, Scales } from '../dialects/types.js';
import { InputError } from '../errors/errors.js';
import { type CarriedBook, rescaledBook } from '../pipeline/carried-book.js';
import type { JobOptions } from '../pipeline/job-host.js';
import { planRun, type RunPlan } from './plan-run.js';

/** A day of another output or file, whose last book a day of this run begins with. */
export interface WarmDay {
  /** Of the day of this run. */
  readonly index: number;
  readonly day: InstrumentDay;
  readonly scales: Scales;
  readonly target: { readonly day: InstrumentDay; readonly scales: Scales };
}

/** The plan of a run, and what its days begin with. */
export interface WarmRunPlan extends RunPlan {
  readonly warm: readonly WarmDay[];
}

interface ScaledDay {
  readonly day: InstrumentDay;
  readonly scales: Scales;
}

/**
 * Finds what `--warm-start` gives the first day of each instrument: its last day there that is not
 * after it; null: the option was not given. One instrument there and one here belong together
 * whatever they are called, since each vendor has names of its own.
 *
 * @throws InputError ERR_INPUT_NO_MATCH when no instrument of the run is there, and what planRun does
 */
export async function planWarmStart(
  path: string | null,
  options: InputOptions,
  days: readonly ScaledDay[],
): Promise<WarmDay[]> {
  if (path === null) return [];
  const selection = { exchanges: [], symbols: [], fromNs: null, toNs: null, limit: null };
  const there = await planRun({
    ...options,
    inputs: [path],
    dialect: null,
    map: {},
    policy: null,
    selection,
  });
  const targets = firstOfEach(days);
  const isOnlyPair = firstOfEach(there.days).length === 1 && targets.length === 1;
  const found = targets.flatMap(({ index, target }) => {
    const isSame = (day: InstrumentDay): boolean =>
      isOnlyPair || nameOf(day) === nameOf(target.day);
    const source = there.days.findLast(({ day }) => isSame(day) && endsBefore(day, target.day));
    if (source === undefined) return [];
    // Trades need no book, and a book none of them.
    const day = { ...source.day, files: { ...source.day.files, trades: [] } };
    return [{ index, day, scales: source.scales, target }];
  });
  if (found.length > 0) return found;
  const names = (of: readonly ScaledDay[]): string =>
    [...new Set(of.map(({ day }) => `${nameOf(day)} ${day.dt}`))].join(', ');
  throw new InputError(
    'ERR_INPUT_NO_MATCH',
    `--warm-start ${path} holds no instrument of this run on a day before: it has ` +
      `${names(there.days) || 'none'}, the inputs begin with ` +
      `${names(targets.map(({ target }) => target))}.`,
    { details: { path } },
  );
}

/**
 * Whether the last book of `day` was there when `target` began. Of the same day snapshots may be
 * given, but no changes: the book behind them is the one that the day ends with.
 */
function endsBefore({ dt, files }: InstrumentDay, target: InstrumentDay): boolean {
  return dt < target.dt || (dt === target.dt && files.depth.length === 0);
}

/** The files that the books come from, each once. */
export function filesOfWarmStart(warm: readonly WarmDay[]): string[] {
  const files = warm.flatMap(({ day }) => Object.values(day.files).flat());
  return [...new Set(files.map(({ path }) => path))].sort();
}

/** Nothing of a warm day is written, and all of it is read. */
export function warmJobOptions(options: JobOptions): JobOptions {
  return {
    ...options,
    selection: { ...options.selection, fromNs: null, toNs: null, limit: null },
    tables: new Set(),
    grids: false,
    carried: Promise.resolve(null),
    carries: true,
    depthBefore: null,
  };
}

/**
 * The books that days begin with, by the days' indexes.
 * @param book books a warm day; null: it ended without one. Errors as its own, and warmBook's
 */
export async function warmBooks(
  path: string,
  warm: readonly WarmDay[],
  book: (day: WarmDay, position: number) => Promise<CarriedBook | null>,
): Promise<Map<number, CarriedBook>> {
  const books = new Map<number, CarriedBook>();
  for (const [position, each] of warm.entries()) {
    books.set(each.index, warmBook(path, each, await book(each, position)));
  }
  return books;
}

/**
 * The book that a warm day ended with, at the scales of the day that begins with it.
 * @throws InputError ERR_INPUT_NO_MATCH when it ended without one, ERR_SCALE when its values do not
 *   fit
 */
function warmBook(path: string, warm: WarmDay, book: CarriedBook | null): CarriedBook {
  const { day, scales, target } = warm;
  const where = `--warm-start ${path}: ${nameOf(day)} ${day.dt}`;
  if (book === null) {
    throw new InputError(
      'ERR_INPUT_NO_MATCH',
      `${where} ends without a book: no snapshot or seed is in it. Give a day that has one.`,
      { details: { path } },
    );
  }
  const rescaled = rescaledBook(book, scales, target.scales);
  if (rescaled !== null) return rescaled;
  throw new InputError(
    'ERR_SCALE',
    `${where} has values that the scales of ${nameOf(target.day)} (price ${target.scales.price},` +
      ` quantity ${target.scales.qty}) do not hold; say larger ones with --price-scale and --qty-scale.`,
    { details: { path } },
  );
}

const nameOf = ({ exchange, symbol }: InstrumentDay): string => `${exchange} ${symbol}`;

function firstOfEach(days: readonly ScaledDay[]): { index: number; target: ScaledDay }[] {
  const seen = new Set<string>();
  return days.flatMap((target, index) => {
    const name = nameOf(target.day);
    if (seen.has(name)) return [];
    seen.add(name);
    return [{ index, target }];
  });
}
