import { FLAG_CLEAR, FLAG_MAYBE_BAD_BOOK, FLAG_UNSEEDED } from '../abi/flags.js';
import type { BookLevel } from '../core/book.js';
import type { Selection } from '../dialects/options.js';
import type { Scales } from '../dialects/types.js';
import { BookError, InputError, ParquetError } from '../errors/errors.js';
import { words } from '../parquet/column-words.js';
import { formatInstantNs } from '../units/instant.js';
import { type DepthPlace, rowGroupsWithin, StoredParts, timeSpan } from './depth-place.js';
import { findLastMessage, type LastMessage } from './last-message.js';
import { REPLAY_COLUMNS, ReplayBook } from './replay-book.js';
import { findStoredDays, type StoredDay } from './stored-days.js';
import type { StoredFile } from './stored-files.js';
import { findKeyframe, type StoredKeyframe } from './stored-keyframe.js';
import { StoredReader } from './stored-reader.js';

export interface BookAtRequest {
  /** An output folder with the table `depth`. */
  readonly out: string;
  readonly atNs: bigint;
  /** Levels a side, at most. */
  readonly depth: number;
  /** Must leave one instrument. */
  readonly selection: Selection;
}

/** A book at a moment. */
export interface BookMoment {
  readonly exchange: string;
  readonly symbol: string;
  /** Day of the message; of the first day there is, where the moment lies before all rows. */
  readonly dt: string;
  readonly scales: Scales;
  readonly atNs: bigint;
  readonly state: 'unseeded' | 'live' | 'suspect';
  /** null: nothing had been received. */
  readonly last: LastMessage | null;
  /** From the best on. */
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly bidCount: number;
  readonly askCount: number;
  readonly digest: string;
  /** The keyframe that it was made from, and the rows that were applied behind it. */
  readonly from: {
    readonly dt: string;
    readonly keyframe: number;
    /** Up to where its sides were known; null: whole. */
    readonly knownBidPips: bigint | null;
    readonly knownAskPips: bigint | null;
  } | null;
  readonly rowsReplayed: number;
}

const DAY_NS = 86_400_000_000_000n;
/** Room for books while they grow: some ten million levels. Only what they touch is used. */
const BOOK_BYTES_MAX = 1024 * 1024 * 1024;

/** A day whose tables are open. */
interface OpenDay {
  readonly day: StoredDay;
  readonly depth: StoredParts;
  readonly keyframes: StoredParts;
}

/**
 * The book as it was known at a moment: after the last message in front of the first row that was
 * received later. From the nearest keyframe before it, else from the beginning of the day.
 *
 * @throws InputError ERR_INPUT_NO_MATCH, ERR_INPUT_UNREADABLE, ERR_INPUT_SCHEMA; BookError ERR_BOOK_NO_START when a day
 *   goes on from one that is not there; UsageError ERR_USAGE when several instruments are selected;
 *   ParquetError
 */
export async function bookAt(request: BookAtRequest): Promise<BookMoment> {
  const { out, atNs, selection } = request;
  const stored = await findStoredDays(out, selection);
  const reader = new StoredReader(BOOK_BYTES_MAX);
  const days = stored.map((day) => ({
    day,
    depth: new StoredParts(day.depth, reader.footerTools),
    keyframes: new StoredParts(day.keyframes, reader.footerTools),
  }));
  try {
    return await new Seek(reader, days, request).moment(await dayOf(days, atNs));
  } finally {
    await reader.close();
  }
}

/** Index of the last day with a row at or before the moment; -1: none. */
async function dayOf(days: readonly OpenDay[], atNs: bigint): Promise<number> {
  // A vendor's day may begin before its midnight, never by a day.
  const latest = formatInstantNs(atNs + DAY_NS).slice(0, 10);
  for (let index = days.length - 1; index >= 0; index--) {
    const { day, depth } = days[index]!;
    if (day.dt > latest) continue;
    const file = await depth.file(0);
    if (file.footer.rowCount === 0) continue;
    const span = timeSpan(file, 0);
    if (span === null || span.min <= atNs) return index;
  }
  return -1;
}

/** Rows of a day that are replayed: those from `start` on, up to and with `last`. */
interface Stretch {
  readonly dayIndex: number;
  readonly start: DepthPlace;
  readonly last: DepthPlace;
}

/** What to read, oldest first. */
interface Plan {
  /** The last message, and its day; null where nothing was complete. */
  readonly end: { readonly dayIndex: number; readonly message: LastMessage } | null;
  readonly from: { readonly dayIndex: number; readonly keyframe: StoredKeyframe } | null;
  readonly stretches: readonly Stretch[];
}

class Seek {
  readonly #reader: StoredReader;
  readonly #days: readonly OpenDay[];
  readonly #request: BookAtRequest;

  constructor(reader: StoredReader, days: readonly OpenDay[], request: BookAtRequest) {
    this.#reader = reader;
    this.#days = days;
    this.#request = request;
  }

  async moment(dayIndex: number): Promise<BookMoment> {
    const { atNs, depth } = this.#request;
    const book = new ReplayBook(this.#reader.core, this.#reader.arena);
    const { end, from, stretches } = await this.#plan(dayIndex);
    if (from !== null) load(book, from.keyframe, this.#days[from.dayIndex]!.day);
    for (const stretch of stretches) await this.#replay(book, stretch);
    const ofDay = this.#days[end?.dayIndex ?? 0]!;
    const { exchange, symbol, dt } = ofDay.day;
    const scales = scalesOf(await ofDay.depth.file(0));
    const last = end?.message ?? null;
    return {
      exchange,
      symbol,
      dt,
      scales,
      atNs,
      state: stateOf(last),
      last,
      bids: book.levels(true, depth),
      asks: book.levels(false, depth),
      bidCount: book.bidCount,
      askCount: book.askCount,
      digest: book.digest(),
      from: from && {
        dt: this.#days[from.dayIndex]!.day.dt,
        keyframe: from.keyframe.number,
        knownBidPips: from.keyframe.knownBidPips,
        knownAskPips: from.keyframe.knownAskPips,
      },
      rowsReplayed: book.rowCount,
    };
  }

  /** Back to a keyframe, or to a day that begins without a book. */
  async #plan(lastDay: number): Promise<Plan> {
    const { atNs } = this.#request;
    const stretches: Stretch[] = [];
    let end: Plan['end'] = null;
    for (let dayIndex = lastDay; dayIndex >= 0; dayIndex--) {
      const { depth, keyframes } = this.#days[dayIndex]!;
      scalesOf(await depth.file(0));
      const message = await findLastMessage(this.#reader, depth, atNs);
      // Nothing of this day was complete: the moment belongs to the one before.
      if (message === null) continue;
      end ??= { dayIndex, message };
      const last = message.place;
      const keyframe = await findKeyframe(this.#reader, keyframes, last, atNs);
      if (keyframe !== null) {
        const { part, row } = keyframe.place;
        stretches.unshift({ dayIndex, start: { part, row: row + 1 }, last });
        return { end, from: { dayIndex, keyframe }, stretches };
      }
      stretches.unshift({ dayIndex, start: { part: 0, row: 0 }, last });
      if (!(await this.#goesOn(dayIndex))) break;
    }
    return { end, from: null, stretches };
  }

  /**
   * Whether the rows of a day change a book that the day before has left: a day that begins with
   * none says so in its first row, and one that begins with a snapshot clears it.
   * @throws BookError ERR_BOOK_NO_START when it goes on from a day that is not there
   */
  async #goesOn(dayIndex: number): Promise<boolean> {
    const { day, depth } = this.#days[dayIndex]!;
    let flags = 0;
    await this.#reader.read(await depth.file(0), 0, ['flags'], ({ columns }) => {
      flags = words(columns[0]!)[0]!;
      return false;
    });
    if ((flags & (FLAG_UNSEEDED | FLAG_CLEAR)) !== 0) return false;
    if (dayIndex > 0) return true;
    throw new BookError(
      'ERR_BOOK_NO_START',
      `The book of ${day.exchange} ${day.symbol} ${day.dt} goes on from the day before, which is ` +
        'not in this folder; write both days into one, or write the table keyframes too.',
      { details: { exchange: day.exchange, symbol: day.symbol, dt: day.dt } },
    );
  }

  async #replay(book: ReplayBook, { dayIndex, start, last }: Stretch): Promise<void> {
    const { depth } = this.#days[dayIndex]!;
    for (let part = start.part; part <= last.part; part++) {
      const file = await depth.file(part);
      const rowStart = part === start.part ? start.row : 0;
      const rowEnd = part === last.part ? last.row + 1 : file.footer.rowCount;
      for (const group of rowGroupsWithin(file, rowStart, rowEnd)) {
        await this.#reader.read(file, group.rowGroup, REPLAY_COLUMNS, (run) => {
          const row = group.firstRow + run.firstRow;
          const to = Math.min(run.rowCount, rowEnd - row);
          book.apply(run.columns, Math.max(0, rowStart - row), to);
          return row + run.rowCount < rowEnd;
        });
      }
    }
  }
}

/** Makes a fresh book the keyframe's, and makes sure that it is. */
function load(book: ReplayBook, keyframe: StoredKeyframe, day: StoredDay): void {
  book.load(keyframe.levels);
  const found = book.digest();
  if (found === keyframe.digest) return;
  const { exchange, symbol, dt } = day;
  throw new ParquetError(
    'ERR_PARQUET_CORRUPT',
    `Keyframe ${keyframe.number} of ${exchange} ${symbol} ${dt} gives a book with digest ${found}, ` +
      `but names ${keyframe.digest}. The file is damaged; write it again.`,
    {
      details: {
        exchange,
        symbol,
        dt,
        keyframe: keyframe.number,
        found,
        expected: keyframe.digest,
      },
    },
  );
}

/** @throws InputError ERR_INPUT_SCHEMA: a file without the scales of its pips, or without pips */
function scalesOf({ metadata, path }: StoredFile): Scales {
  if (metadata?.numbers === 'pips') return { price: metadata.priceScale, qty: metadata.qtyScale };
  const found = metadata === null ? 'no metadata of depthmill' : `--numbers ${metadata.numbers}`;
  throw new InputError(
    'ERR_INPUT_SCHEMA',
    `${path} has ${found}; a book is made from a table depth in pips, as depthmill run writes it.`,
    { details: { path } },
  );
}

function stateOf(last: LastMessage | null): BookMoment['state'] {
  if (last === null || (last.flags & FLAG_UNSEEDED) !== 0) return 'unseeded';
  return (last.flags & FLAG_MAYBE_BAD_BOOK) === 0 ? 'live' : 'suspect';
}
